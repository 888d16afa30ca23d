import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { makeModel } from '../ingest/model.ts';

const BIN = fileURLToPath(new URL('../../bin/isolens.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Outcome>;
  /** Resolves with what was written so far once it matches; rejects if the process ends before. */
  said(pattern: RegExp): Promise<string>;
}

/** A folder with an untrained model, in which bundles are made by the program that is built. */
export interface World {
  readonly folder: string;
  readonly model: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  start(args: readonly string[], stdin?: string | Uint8Array): Running;
  run(args: readonly string[], stdin?: string | Uint8Array): Promise<Outcome>;
  remove(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const model = join(folder, 'model');
  await makeModel(model);
  const path = (name: string): string => join(folder, name);
  const start = (args: readonly string[], stdin?: string | Uint8Array): Running => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: 'pipe', env: { ...process.env, ISOLENS_INDEXES: join(folder, 'indexes') } });
    let stdout = '';
    let stderr = '';
    const watchers = new Set<() => void>();
    child.stdout.on('data', (data: Buffer) => { stdout += data.toString(); for (const watch of watchers) watch(); });
    child.stderr.on('data', (data: Buffer) => { stderr += data.toString(); for (const watch of watchers) watch(); });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    const said = (pattern: RegExp): Promise<string> => new Promise((resolve, reject) => {
      const watch = (): void => {
        if (!pattern.test(stdout + stderr)) return;
        watchers.delete(watch);
        resolve(stdout + stderr);
      };
      watchers.add(watch);
      watch();
      void ended.then(() => reject(new Error(`It ended before it said ${String(pattern)}: ${stdout}${stderr}`)));
    });
    return { child, ended, said };
  };
  return {
    folder, model, path, start,
    run: (args, stdin) => start(args, stdin).ended,
    write: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The code in an `error CODE: message` line, which must be the only thing on stderr besides progress. */
export function errorCode({ stderr }: Outcome): string | undefined {
  return /^error ([A-Z_]+): \S/m.exec(stderr)?.[1];
}
