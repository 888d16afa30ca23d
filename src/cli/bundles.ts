/** Finding bundles on this disk from the command line. */
import { basename, dirname, resolve } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import type { Context } from './context.ts';

/** Of a bundle on this disk. */
export interface BundlePlace {
  readonly root: string;
  readonly name: string;
}

/** Whether a text is meant as an address of a database, right or wrong. */
export function isDatabaseAddress(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** A bare name is looked for among the indexes; anything with a separator is the path of a bundle's folder. ARGUMENT_INVALID for an address, which may hold a password. */
export function bundlePlace(context: Context, bundle: string): BundlePlace {
  if (isDatabaseAddress(bundle)) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a bundle on this disk but received the address of a database; "isolens bundle pull" writes its library to this disk.');
  if (!/[/\\]/.test(bundle)) return { root: context.indexes, name: bundle };
  const path = resolve(bundle);
  return { root: dirname(path), name: basename(path) };
}
