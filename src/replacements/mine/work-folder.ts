/** Results of finished stages, one file a part, each written whole or not at all: what lets a run go on after it was killed. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { IsoLensError } from '../../core/index.ts';

const PLAN_FILE = 'plan.json';

export class WorkFolder {
  private readonly folder: string;

  /** `plan` says what is mined from what: parts of another plan are refused. */
  constructor(folder: string, plan: Readonly<Record<string, unknown>>) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, PLAN_FILE);
    const text = `${JSON.stringify(plan, null, 1)}\n`;
    if (existsSync(path) && readFileSync(path, 'utf8') !== text) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected parts of the same input and settings in ${folder} but they were made from others; name another folder with --work, or remove it.`);
    }
    this.write(PLAN_FILE, text);
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  load(name: string): unknown {
    return deserialize(readFileSync(join(this.folder, name)));
  }

  save(name: string, value: unknown): void {
    this.write(name, serialize(value));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(name: string, data: string | Uint8Array): void {
    const path = join(this.folder, name);
    writeFileSync(`${path}.tmp`, data);
    renameSync(`${path}.tmp`, path);
  }
}
