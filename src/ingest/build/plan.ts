import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../bundle/index.ts';

const PLAN_FILE = 'plan.json';

/**
 * Prepares the work directory. What it holds is kept only if it was made by the same plan: same input, same model, same
 * rules; otherwise it is emptied. Returns whether anything can be resumed.
 */
export async function preparePlan(directory: string, plan: Readonly<Record<string, unknown>> | null, fresh: boolean): Promise<boolean> {
  const text = JSON.stringify(plan);
  const found = await readFile(join(directory, PLAN_FILE), 'utf8').catch(() => undefined);
  if (plan !== null && !fresh && found === text) return true;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeAtomic(join(directory, PLAN_FILE), text);
  return false;
}
