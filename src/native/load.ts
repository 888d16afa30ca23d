/** Finds the built addon and refuses one that this processor cannot run: an illegal instruction would end the process. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { IsoLensError, toIsoLensError } from '../core/index.ts';

/** The package's build folder: two levels up both from src/native and from dist/native. */
export const BUILD_FOLDER = fileURLToPath(new URL('../../build/', import.meta.url));

const require = createRequire(import.meta.url);

const ADVICE = 'Run `npm run build:native` on this machine and try again.';

/** Compile-time macro -> flag of /proc/cpuinfo, where lower-casing alone does not give it. */
const FLAG_OF: Readonly<Record<string, string>> = {
  __SSE3__: 'pni',
  __SSE4_1__: 'sse4_1',
  __SSE4_2__: 'sse4_2',
  __BMI__: 'bmi1',
  __SHA__: 'sha_ni',
  __AVX512BF16__: 'avx512_bf16',
  __AVX512VBMI2__: 'avx512_vbmi2',
  __AVX512VNNI__: 'avx512_vnni',
  __AVX512BITALG__: 'avx512_bitalg',
  __AVX512VPOPCNTDQ__: 'avx512_vpopcntdq',
  __AVX512FP16__: 'avx512_fp16',
  __AVX512VP2INTERSECT__: 'avx512_vp2intersect',
  __AVXVNNI__: 'avx_vnni',
  __AVXIFMA__: 'avx_ifma',
  __AMX_TILE__: 'amx_tile',
  __AMX_INT8__: 'amx_int8',
  __AMX_BF16__: 'amx_bf16',
};

/**
 * Some virtual machines leave these out of /proc/cpuinfo although the processor has them. They need no check of their own: the
 * compiler never emits SSE4a by itself, and every processor with BMI1 has LZCNT.
 */
const HIDDEN: ReadonlySet<string> = new Set(['__SSE4A__', '__LZCNT__']);

/** Instruction sets that the build uses and this processor lacks; `cpuinfo` is the text of /proc/cpuinfo. */
export function missingInstructions(target: unknown, cpuinfo: string): string[] {
  const macros = typeof target === 'object' && target !== null && 'macros' in target && Array.isArray(target.macros) ? target.macros : [];
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1];
  if (line === undefined) return [];
  const flags = new Set(line.split(/\s+/));
  const missing: string[] = [];
  for (const macro of macros) {
    // "..._MATH__" and the Arm feature macros describe the compiler, not the processor.
    if (typeof macro !== 'string' || macro.includes('_MATH') || macro.startsWith('__ARM_') || HIDDEN.has(macro)) continue;
    const flag = FLAG_OF[macro] ?? macro.replaceAll('__', '').toLowerCase();
    if (!flags.has(flag)) missing.push(flag);
  }
  return missing;
}

/** Loads `isolens.node` from `folder`; the module system keeps one instance for each thread. */
export function loadAddon(folder: string = BUILD_FOLDER): unknown {
  const path = `${folder}isolens.node`;
  // Looked at once a thread: that it suits this processor takes a millisecond to see.
  const loaded = require.cache[path];
  if (loaded !== undefined) return loaded.exports;
  if (!existsSync(path)) {
    throw new IsoLensError('NATIVE_UNAVAILABLE', `Expected the native engine at ${path} but there is none. ${ADVICE}`);
  }
  const missing = missingInstructions(readJson(`${folder}target.json`), readCpuInfo());
  if (missing.length > 0) {
    throw new IsoLensError('NATIVE_UNAVAILABLE', `Expected a native engine for this processor but it was built for one with ${missing.slice(0, 6).join(', ')}. ${ADVICE}`);
  }
  try {
    return require(path) as unknown;
  } catch (thrown) {
    const reason = toIsoLensError(thrown).message;
    throw new IsoLensError('NATIVE_UNAVAILABLE', `Expected the native engine at ${path} to load, but: ${reason}. ${ADVICE}`, { cause: thrown });
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    throw new IsoLensError('NATIVE_UNAVAILABLE', `Expected ${path}, written with the native engine, but it cannot be read. ${ADVICE}`);
  }
}

/** Empty on systems without /proc: there the addon is taken to be built where it runs. */
function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
