import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { IsoLensError, systemErrorCode } from '../core/index.ts';

const LOCK_FILE = '.lock';

const ownerSchema = z.object({ token: z.string(), pid: z.int(), started: z.string(), host: z.string() });
type Owner = z.output<typeof ownerSchema>;

/**
 * One writer a bundle. The lock names its process and when that process started, so that a lock left behind by a killed
 * writer is recognised even if its number has been given to another process since.
 */
export class WriterLock {
  private readonly path: string;
  private readonly owner: Owner;

  private constructor(path: string, owner: Owner) {
    this.path = path;
    this.owner = owner;
  }

  /** Takes the lock of a bundle's directory or refuses with BUNDLE_BUSY. */
  static async take(directory: string): Promise<WriterLock> {
    await mkdir(directory, { recursive: true });
    const path = join(directory, LOCK_FILE);
    const owner = { token: randomUUID(), pid: process.pid, started: processStart(process.pid), host: hostname() };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await create(path, owner)) return new WriterLock(path, owner);
      const other = await readOwner(path);
      if (other !== undefined && isAlive(other)) throw busy(directory, other);
      await moveAway(path, other);
    }
    throw busy(directory, await readOwner(path));
  }

  async release(): Promise<void> {
    const current = await readOwner(this.path);
    if (current?.token === this.owner.token) await rm(this.path, { force: true });
  }
}

/** Whether a living process is writing the bundle. */
export async function isBeingWritten(directory: string): Promise<boolean> {
  const owner = await readOwner(join(directory, LOCK_FILE));
  return owner !== undefined && isAlive(owner);
}

/** Written aside and then linked, so that the lock never exists without its content. */
async function create(path: string, owner: Owner): Promise<boolean> {
  const draft = `${path}.${owner.token}`;
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Renames a stale lock away: of two processes that try, one succeeds. A lock that turns out to be another one is put back. */
async function moveAway(path: string, stale: Owner | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readOwner(aside);
  if (taken !== undefined && taken.token !== stale?.token && !existsSync(path)) await rename(aside, path);
  else await rm(aside, { force: true });
}

function isAlive(owner: Owner): boolean {
  // Another machine's processes cannot be seen: a shared disk's lock is trusted.
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return false;
  }
  return processStart(owner.pid) === owner.started;
}

/** When a process started, in the kernel's clock ticks; '' where the system does not tell. */
function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may itself hold blanks and brackets; field 22 is the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function busy(directory: string, owner: Owner | undefined): IsoLensError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid}${owner.host === hostname() ? '' : ` on ${owner.host}`}`;
  return new IsoLensError('BUNDLE_BUSY', `Expected to be the only writer of ${directory}, but ${who} is writing it; wait for it to finish, or end it.`);
}
