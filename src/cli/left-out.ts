/** What a run must not learn from: the held-out list, and the actives of screening protocols that it will be judged by. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { ChemPool } from '../chem/index.ts';
import { readActives } from '../evaluate/index.ts';
import { NOTHING_HELD_OUT, readHeldOut } from '../train/index.ts';
import type { HeldOut } from '../train/index.ts';
import type { Context } from './context.ts';

export interface LeftOut extends HeldOut {
  readonly name: string;
}

/** The list given, that of the data folder, or with "none" an empty one. */
export function heldOutList(given: string | undefined, dataFolder: string): LeftOut {
  const list = given === 'none' ? NOTHING_HELD_OUT : readHeldOut(given ?? join(dataFolder, 'heldout.txt.gz'));
  return { ...list, name: 'the held-out list' };
}

/** The actives of a screening protocol, counter-ions included and without; "none": nothing. */
export async function screeningActives({ progress, signal }: Pick<Context, 'progress' | 'signal'>, chem: ChemPool, path: string): Promise<LeftOut> {
  const name = `the actives of ${basename(path)}`;
  if (path === 'none') return { ...NOTHING_HELD_OUT, name };
  const actives = await readActives(path);
  progress.start('screening actives', actives.length);
  const { molecules, inputKeys = [] } = await chem.featurise(actives, { inputKey: true }, { signal });
  progress.finish();
  const keys = new Set([...molecules.map(({ connectivityKey }) => connectivityKey), ...inputKeys.map((key) => key.slice(0, 14))]);
  const digest = createHash('sha256').update([...keys].sort().join('\n')).digest('hex');
  return { name, size: keys.size, digest, has: (given) => given.some((key) => keys.has(key.slice(0, 14))) };
}

/** What any of the lists leaves out. */
export function anyOf(lists: readonly HeldOut[]): HeldOut {
  const digest = createHash('sha256').update(lists.map((list) => list.digest).join('\n')).digest('hex');
  return { size: lists.reduce((sum, { size }) => sum + size, 0), digest: lists.length === 1 ? lists[0]!.digest : digest, has: (keys) => lists.some((list) => list.has(keys)) };
}
