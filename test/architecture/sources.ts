/** The repository's files and what they import, read as text. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Of the root alone: a folder of sources may have such a name. */
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'build', 'runs', 'data']);

/** Paths from the root, with `/`: what git tracks or would; every file where git cannot say (a copy, another owner). */
export function repositoryFiles(): string[] {
  const { status, stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const listed = status === 0 ? stdout.split('\0') : filesBelow('');
  return [...new Set(listed)].filter((path) => path !== '' && existsSync(join(ROOT, path))).sort();
}

/** Every file of ours below a folder, whether git knows it or not. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.filter(({ name }) => name !== 'node_modules' && !(folder === '' && NOT_OURS.has(name))).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export interface ImportOf {
  readonly from: string;
  /** As written. */
  readonly specifier: string;
  /** A path from the root, or a package's name. */
  readonly target: string;
  readonly kind: 'file' | 'package' | 'node';
  readonly isType: boolean;
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'/gm;
const CALL = /\b(?:import|require|require\.resolve)\(\s*'([^']+)'\s*\)/g;

export function importsOf(path: string, text: string = textOf(path)): ImportOf[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = [...code.matchAll(STATEMENT)].map((match) => ({ specifier: match[2] ?? match[3]!, isType: match[1] !== undefined }));
  const calls = [...code.matchAll(CALL)].map((match) => ({ specifier: match[1]!, isType: false }));
  return [...statements, ...calls].map(({ specifier, isType }) => ({ from: path, specifier, isType, ...resolve(path, specifier) }));
}

function resolve(path: string, specifier: string): Pick<ImportOf, 'target' | 'kind'> {
  if (specifier.startsWith('.')) return { kind: 'file', target: posix.join(posix.dirname(path), specifier) };
  if (specifier.startsWith('node:')) return { kind: 'node', target: specifier };
  const parts = specifier.split('/');
  return { kind: 'package', target: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}

/** `src/graph/onnx/writer.ts` -> `graph`. */
export function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

export interface IncludeOf {
  readonly from: string;
  /** A path from the root for `"..."`, the name for `<...>`. */
  readonly target: string;
  readonly isSystem: boolean;
}

export function includesOf(path: string): IncludeOf[] {
  return [...textOf(path).matchAll(/^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)/gm)].map(([, local, system]) => (
    local === undefined ? { from: path, target: system!, isSystem: true } : { from: path, target: posix.join(posix.dirname(path), local), isSystem: false }
  ));
}

/** A chain of nodes that ends where it began, if there is one. */
export function findCycle(edges: ReadonlyMap<string, Iterable<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, trail: readonly string[]): string[] | undefined => {
    const at = trail.indexOf(node);
    if (at >= 0) return [...trail.slice(at), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...trail, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
