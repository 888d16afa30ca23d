/**
 * Results of finished stages, one file a part, each written whole or not at all: what lets a run go on after it was killed. A part's
 * name tells what it was made from, so that parts of other data or settings are never taken for it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';

export class WorkFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  load(name: string): unknown {
    return deserialize(readFileSync(join(this.folder, name)));
  }

  save(name: string, value: unknown): void {
    const path = join(this.folder, name);
    writeFileSync(`${path}.tmp`, serialize(value));
    renameSync(`${path}.tmp`, path);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A short name for everything that a part depends on. */
export function digestOf(...facts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
}
