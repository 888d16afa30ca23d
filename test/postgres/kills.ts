/** kill -9 of whoever takes part in a push: the program that pushes, the server, one of its processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SILENT_PROGRESS } from '../../src/core/index.ts';
import type { Progress } from '../../src/core/index.ts';
import { ask } from './cluster.ts';
import type { Cluster } from './cluster.ts';

const BIN = fileURLToPath(new URL('../../bin/isolens.js', import.meta.url));
const SESSIONS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'isolens'";

/** What a generation holds. */
export interface SchemaCounts {
  readonly rows: number;
  readonly distinct: number;
  readonly identifiers: number;
  readonly state: string;
}

/** Of the library's latest generation. */
export async function countsOf(url: string, name: string): Promise<SchemaCounts | undefined> {
  const [found] = await ask<{ schema: string; state: string }>(url, 'SELECT schema_name AS schema, state FROM isolens.generations WHERE library = $1 ORDER BY created DESC LIMIT 1', [name]);
  if (found === undefined) return undefined;
  const [counts] = await ask<Omit<SchemaCounts, 'state'>>(url, `SELECT count(*)::int AS rows, count(DISTINCT row)::int AS distinct,
    (SELECT count(*)::int FROM ${found.schema}.identifiers) AS identifiers FROM ${found.schema}.molecules`);
  return { ...counts!, state: found.state };
}

/** Parts of files and thousands of rows that are committed; -1 where nothing was begun. */
async function committed(url: string, name: string): Promise<number> {
  const [catalogue] = await ask<{ there: boolean }>(url, "SELECT to_regclass('isolens.generations') IS NOT NULL AS there");
  if (catalogue?.there !== true) return -1;
  const [found] = await ask<{ schema: string; rows: number }>(url, 'SELECT schema_name AS schema, rows_done AS rows FROM isolens.generations WHERE library = $1', [name]);
  if (found === undefined) return -1;
  const [parts] = await ask<{ count: number }>(url, `SELECT count(*)::int AS count FROM ${found.schema}.parts`);
  return parts!.count + found.rows / 1000;
}

/** Starts a push and kills it once it has committed something, again and again; between them the rows are those that the catalogue counts. */
export async function killPushers(bundle: string, url: string, name: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const before = await committed(url, name);
    const child = spawn(process.execPath, [BIN, 'bundle', 'push', bundle, '--to', url], { stdio: 'ignore' });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    while ((await committed(url, name)) <= before) {
      if (child.exitCode !== null) throw new Error(`Expected push ${i} to commit something but it ended with ${child.exitCode}.`);
      await pause(10);
    }
    await pause(25 * i);
    child.kill('SIGKILL');
    const [code, signal] = await ended;
    if (signal !== 'SIGKILL') throw new Error(`Expected push ${i} to be killed but it ended with ${code}.`);
    while ((await ask(url, SESSIONS)).length > 0) await pause(20);
    await checkRows(url, name);
  }
}

async function checkRows(url: string, name: string): Promise<void> {
  const [found] = await ask<{ schema: string; rows: number }>(url, 'SELECT schema_name AS schema, rows_done AS rows FROM isolens.generations WHERE library = $1', [name]);
  const counts = await countsOf(url, name);
  if (counts?.rows !== found?.rows || counts?.rows !== counts?.identifiers) throw new Error(`Expected ${found?.rows} rows but received ${JSON.stringify(counts)}.`);
}

/** False where it ended by itself meanwhile. */
function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

export interface Killer {
  readonly progress: Progress;
  readonly counts: () => { readonly kills: number; readonly lost: number };
  /** Resolves when the server runs again; throws where it could not be killed or started. */
  settled(): Promise<void>;
}

/** Kills, in turn, the whole server and the process that serves the push: in the stage of files, evenly over the rows, and while indexes are built. */
export function killServers(cluster: Cluster, url: string, wanted: { readonly files: number; readonly rows: number; readonly indexes: number }, rows: number): Killer {
  const port = Number(new URL(url).port);
  const done = { files: 0, rows: 0, indexes: 0 };
  let stage: keyof typeof done = 'files';
  let acknowledged = 0;
  let lost = 0;
  let killing: Promise<void> | undefined;
  const failures: Error[] = [];
  const killServer = async (): Promise<void> => {
    await cluster.kill(port);
    await cluster.start(port);
  };
  const killProcess = async (): Promise<void> => {
    for (let tries = 100; tries > 0; tries--) {
      const sessions = await ask<{ pid: number }>(url, SESSIONS);
      if (sessions.filter(({ pid }) => isKilled(pid)).length > 0) return;
    }
    throw new Error('Expected a session of the push to kill but received none.');
  };
  const kill = (): void => {
    if (killing !== undefined || done[stage] >= wanted[stage]) return;
    const isServer = (done.files + done.rows + done.indexes) % 2 === 0;
    done[stage]++;
    killing = (isServer ? killServer() : killProcess()).catch((error: unknown) => void failures.push(error as Error)).finally(() => { killing = undefined; });
  };
  const update = (count: number, note?: string): void => {
    if (stage === 'rows') {
      // The first of a new try is what the database holds: all that was acknowledged.
      if (count < acknowledged) lost += acknowledged - count;
      acknowledged = Math.max(acknowledged, count);
      if (count >= ((done.rows + 0.5) * rows) / (wanted.rows + 1)) kill();
    } else if (stage === 'files') kill();
    else if (note === 'molecules_charge') setTimeout(kill, 200);
  };
  const start = (name: string): void => { stage = name === 'files' ? 'files' : name.startsWith('molecules') ? 'rows' : 'indexes'; };
  return {
    progress: { ...SILENT_PROGRESS, start, update },
    counts: () => ({ kills: done.files + done.rows + done.indexes, lost }),
    settled: async () => {
      await killing;
      for (const failure of failures) throw failure;
    },
  };
}
