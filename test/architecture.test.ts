/** The plan of the house, held against the files: layers, vendors, ambient state, sizes, and what a repository must not hold. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENCODERS } from '../src/encoders/index.ts';
import { MODALITIES } from '../src/modalities/index.ts';
import { OBJECTIVES } from '../src/objectives/index.ts';
import { LAYERS, NATIVE_LAYERS, PAGE_VENDORS, SHARED_VENDORS, VENDORS } from './architecture/layers.ts';
import { filesBelow, findCycle, folderOf, importsOf, includesOf, repositoryFiles, ROOT, textOf } from './architecture/sources.ts';

const FILES = repositoryFiles();
const SOURCES = FILES.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));
const NATIVE = FILES.filter((path) => path.startsWith('src/native/') && /\.(cpp|h|cu|cuh)$/.test(path));
const IMPORTS = SOURCES.flatMap((path) => importsOf(path));
const INCLUDES = NATIVE.flatMap((path) => includesOf(path));

/** `src/native/ops/add/add_cpu.cpp` -> `ops`. */
const nativeFolderOf = (path: string): string => path.split('/')[2]!;

/** Lines that hold `pattern` outside of comments. */
const holding = (pattern: RegExp, files: readonly string[]): string[] => files.flatMap((path) => (
  textOf(path).split('\n').flatMap((line, i) => (pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []))
));

describe('TypeScript', () => {
  test('the files were seen', () => {
    expect(SOURCES.length).toBeGreaterThan(100);
    expect(IMPORTS.length).toBeGreaterThan(SOURCES.length);
    const found = (kind: string): number => IMPORTS.filter((one) => one.kind === kind).length;
    for (const kind of ['file', 'package', 'node']) expect(found(kind), kind).toBeGreaterThan(20);
  });

  test('no folder of sources is taken for something built, by these tests or by lint', () => {
    const here = filesBelow('src').filter((path) => path.endsWith('.ts'));
    expect(SOURCES.filter((path) => !here.includes(path))).toEqual([]);
    const { ignorePatterns } = JSON.parse(textOf('.oxlintrc.json')) as { ignorePatterns: string[] };
    expect(ignorePatterns.length).toBeGreaterThan(0);
    // A pattern without a leading stroke is looked for at every depth.
    expect(ignorePatterns.filter((pattern) => !pattern.startsWith('/'))).toEqual([]);
  });

  test('imports are read in every form', () => {
    const text = [
      "import a from 'x';", "import type { B,\n  C } from '@s/y/z';", "export * from './d.ts';", "import 'node:fs';",
      "const e = await import('./e.ts');", "// import f from 'f';", "/* import g from 'g'; */", "export type { H } from '../h/index.ts';",
    ].join('\n');
    expect(importsOf('src/a/b.ts', text).map(({ target, isType }) => `${target}${isType ? ' type' : ''}`)).toEqual([
      'x', '@s/y type', 'src/a/d.ts', 'node:fs', 'src/h/index.ts type', 'src/a/e.ts',
    ]);
  });

  test('every folder of src has a row, and rows name only rows above them', () => {
    const folders = [...new Set(SOURCES.map(folderOf))].sort();
    expect(Object.keys(LAYERS).sort()).toEqual(folders);
    const rows = Object.keys(LAYERS);
    for (const [folder, { imports, types = [] }] of Object.entries(LAYERS)) {
      for (const used of [...imports, ...types]) {
        expect(rows.indexOf(used), `${folder} -> ${used}`).toBeLessThan(rows.indexOf(folder));
        expect(rows, `${folder} -> ${used}`).toContain(used);
      }
    }
  });

  test('folders import what their row allows', () => {
    const broken = IMPORTS.filter((one) => {
      if (one.kind !== 'file') return false;
      if (!one.target.startsWith('src/')) return true;
      const [from, to] = [folderOf(one.from), folderOf(one.target)];
      const { imports, types = [] } = LAYERS[from]!;
      return from !== to && !imports.includes(to) && !(one.isType && types.includes(to));
    });
    expect(broken.map((one) => `${one.from} imports ${one.target}`)).toEqual([]);
  });

  test('folders are entered by their index', () => {
    const broken = IMPORTS.filter((one) => one.kind === 'file' && folderOf(one.from) !== folderOf(one.target) && one.target !== `src/${folderOf(one.target)}/index.ts`);
    expect(broken.map((one) => `${one.from} imports ${one.target}`)).toEqual([]);
  });

  test('no file imports itself in a circle, not even for a type', () => {
    const edges = new Map(SOURCES.map((path) => [path, IMPORTS.filter((one) => one.from === path && one.kind === 'file').map((one) => one.target)]));
    expect(findCycle(edges)).toBeUndefined();
    expect(findCycle(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]))).toEqual(['b', 'c', 'b']);
  });

  test('shared code never names a plugin: ids stand in the file that defines them', () => {
    const ids = [...ENCODERS, ...OBJECTIVES, ...MODALITIES].map(({ id }) => id);
    const comparison = new RegExp(`(?:[!=]==\\s*|case\\s+|includes\\(\\s*)'(?:${ids.join('|')})'`);
    expect(ids.length).toBeGreaterThan(8);
    expect(holding(comparison, SOURCES)).toEqual([]);
  });

  test('one vendor, one folder', () => {
    const broken = IMPORTS.filter((one) => one.kind === 'package' && !SHARED_VENDORS.includes(one.target) && !one.from.startsWith(`src/${VENDORS[one.target] ?? 'nowhere'}/`));
    expect(broken.map((one) => `${one.from} imports ${one.target}`)).toEqual([]);
  });

  test('every dependency of the package has its folder', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).sort()).toEqual([...Object.keys(VENDORS), ...SHARED_VENDORS].sort());
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('the page knows the client of the HTTP API, its types and nothing else', () => {
    const page = FILES.filter((path) => path.startsWith('web/') && /\.tsx?$/.test(path));
    expect(page.length).toBeGreaterThan(20);
    const isKnown = (one: (typeof IMPORTS)[number]): boolean => one.target.startsWith('web/') || one.target === 'src/client/index.ts' || (one.isType && one.target === 'src/api/index.ts')
      || (one.kind === 'package' && PAGE_VENDORS.some((vendor) => one.target === vendor || one.target.startsWith(`${vendor}/`))) || one.from === 'web/vite.config.ts';
    const broken = page.flatMap((path) => importsOf(path)).filter((one) => !isKnown(one));
    expect(broken.map((one) => `${one.from} imports ${one.target}`)).toEqual([]);
  });
});

describe('no ambient state', () => {
  const outsideCli = SOURCES.filter((path) => !path.startsWith('src/cli/'));

  test('environment, arguments, exit and standard streams belong to the command line', () => {
    expect(holding(/\bprocess\.(env|argv|exit|exitCode|cwd|chdir|stdout|stderr|stdin)\b|\bconsole\./, outsideCli)).toEqual([]);
  });

  test('clock and chance come in as arguments', () => {
    expect(holding(/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/, outsideCli)).toEqual([]);
  });

  test('modules hold no variables, but for the entry of a worker thread, which is one object', () => {
    expect(holding(/^(export )?(let|var) /, SOURCES.filter((path) => !path.endsWith('/worker.ts')))).toEqual([]);
  });
});

describe('C++', () => {
  test('the files were seen', () => {
    expect(NATIVE.length).toBeGreaterThan(100);
    expect(INCLUDES.filter((one) => !one.isSystem).length).toBeGreaterThan(100);
    expect([...new Set(NATIVE.map(nativeFolderOf))].filter((folder) => NATIVE_LAYERS[folder] === undefined)).toEqual([]);
  });

  test('folders include what their row allows, and files that exist', () => {
    const broken = INCLUDES.filter(({ from, target, isSystem }) => {
      if (isSystem) return false;
      if (!existsSync(join(ROOT, target))) return true;
      const [own, other] = [nativeFolderOf(from), nativeFolderOf(target)];
      const header = target.slice('src/native/'.length);
      return own !== other && !NATIVE_LAYERS[own]!.some((allowed) => allowed === other || allowed === header);
    });
    expect(broken.map(({ from, target }) => `${from} includes ${target}`)).toEqual([]);
  });

  test('no header includes itself in a circle', () => {
    const edges = new Map(NATIVE.map((path) => [path, INCLUDES.filter((one) => one.from === path && !one.isSystem).map((one) => one.target)]));
    expect(findCycle(edges)).toBeUndefined();
  });

  test('Node-API stays in the addon, CUDA and vector instructions behind the kernels', () => {
    const broken = INCLUDES.filter(({ from, target, isSystem }) => {
      if (!isSystem) return false;
      if (/^(napi|node|node_api|js_native_api|uv|v8)\b/.test(target)) return nativeFolderOf(from) !== 'addon';
      if (/^(cuda|cub\/|thrust\/|mma|cooperative_groups)/.test(target)) return !/\.(cu|cuh)$/.test(from) && from !== 'src/native/cuda/device.h';
      // The pool's spin loop needs the processor's pause.
      return target === 'immintrin.h' && nativeFolderOf(from) !== 'kernels' && from !== 'src/native/core/thread_pool.cpp';
    });
    expect(broken.map(({ from, target }) => `${from} includes <${target}>`)).toEqual([]);
  });

  test('no exception, exit or abort crosses the engine', () => {
    // The emulation is a test bench: a kernel that no thread of can go on ends it.
    const engine = NATIVE.filter((path) => nativeFolderOf(path) !== 'standalone' && !path.includes('/bench/') && !path.includes('/emulation/'));
    const broken = engine.filter((path) => /^(?!\s*\/\/).*(\bthrow\b|\b(std::)?(abort|exit|_exit|terminate)\(|\bassert\()/m.test(textOf(path)));
    expect(broken).toEqual([]);
  });
});

describe('the repository', () => {
  const LINES = 400;
  /** Longer files, each with its reason. */
  const LONG: Readonly<Record<string, string>> = {};

  test(`files have at most ${LINES} lines`, () => {
    const code = FILES.filter((path) => /^(src|web|scripts|test|bin)\/.*\.(ts|mjs|js|cpp|h|cu|cuh|py|css|html)$/.test(path));
    const long = code.filter((path) => textOf(path).split('\n').length - 1 > LINES);
    expect(long).toEqual(Object.keys(LONG));
  });

  test('names are kebab-case, in C++ snake_case', () => {
    const broken = FILES.filter((path) => /^(src|web|scripts|test|bin)\//.test(path)).filter((path) => {
      const name = path.split('/').at(-1)!;
      if (/^[A-Z]+\.md$/.test(name) || /^[A-Z][a-z]+file$/.test(name)) return false;
      const isNative = path.startsWith('src/native/') && /\.(cpp|h|cu|cuh|py|inc)$/.test(name);
      return !(isNative ? /^[a-z0-9_]+\.[a-z]+$/ : /^[a-z0-9-_]+(\.[a-z0-9]+)*$/).test(name);
    });
    expect(broken).toEqual([]);
  });

  test('every folder of src says what it is for', () => {
    const missing = Object.keys(LAYERS).filter((folder) => !existsSync(join(ROOT, 'src', folder, 'README.md')));
    expect(missing).toEqual([]);
  });

  const text = FILES.filter((path) => !/\.(gz|onnx|png|jpe?g|webp|tiff?|bin|safetensors|sqlite|inc)$/.test(path));

  test('no path of a machine', () => {
    // The first letter in brackets: this file is searched too.
    const places = /\/[w]ork\/|\/[r]oot\/|\/[h]ome\/|\/[U]sers\/|\.\.\/[s]hared|'[s]hared', 'data'/;
    expect(text.flatMap((path) => textOf(path).split('\n').flatMap((line, i) => (places.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])))).toEqual([]);
  });

  test('addresses are references and local ones: nothing is downloaded but by npm', () => {
    const KNOWN = /^(www\.w3\.org|doi\.org|arxiv\.org|127\.0\.0\.1|localhost|keepachangelog\.com|semver\.org|json-schema\.org|spec\.openapis\.org|www\.rfc-editor\.org|isolens\.invalid|example\.(org|com|invalid))$/;
    const addresses = text.filter((path) => path !== 'package-lock.json').flatMap((path) => [...textOf(path).matchAll(/\bhttps?:\/\/([A-Za-z0-9.-]+)/g)].map((match) => `${path}: ${match[1]!}`));
    expect(addresses.filter((one) => !KNOWN.test(one.split(': ')[1]!))).toEqual([]);
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "https?:/);
  });
});
