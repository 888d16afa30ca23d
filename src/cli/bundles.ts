/** Finding and opening bundles from the command line. */
import { basename, dirname, resolve } from 'node:path';
import { ChemPool } from '../chem/index.ts';
import { SearchEngine } from '../search/index.ts';
import type { Context } from './context.ts';
import { shippedReplacements } from './evidence.ts';
import type { LazyReplacements } from './evidence.ts';

export interface BundlePlace {
  readonly root: string;
  readonly name: string;
}

/** A bare name is looked for among the indexes; anything with a separator is the path of a bundle's folder. */
export function bundlePlace(context: Context, bundle: string): BundlePlace {
  if (!/[/\\]/.test(bundle)) return { root: context.indexes, name: bundle };
  const path = resolve(bundle);
  return { root: dirname(path), name: basename(path) };
}

export interface EngineOptions {
  /** Chemistry threads; one answers single queries, more pay for long lists. */
  readonly chemWorkers: number;
  readonly encoderWorkers?: number;
  /** Limit for one molecule, where a person waits for it. */
  readonly moleculeTimeoutMs?: number;
}

export interface OpenEngine {
  readonly engine: SearchEngine;
  readonly chem: ChemPool;
  readonly replacements: LazyReplacements;
}

/** Opens a bundle for the time of `work`. */
export async function withEngine<Result>(context: Context, bundle: string, options: EngineOptions, work: (open: OpenEngine) => Promise<Result>): Promise<Result> {
  const chem = new ChemPool({ workers: options.chemWorkers, ...(options.moleculeTimeoutMs === undefined ? {} : { itemTimeoutMs: options.moleculeTimeoutMs }) });
  try {
    const { root, name } = bundlePlace(context, bundle);
    const { table, evidence } = shippedReplacements(context);
    const engine = await SearchEngine.open(root, name, {
      chem, evidence, inference: { workers: options.encoderWorkers ?? 1 }, now: context.now,
    });
    try {
      return await work({ engine, chem, replacements: table });
    } finally {
      await engine.close();
    }
  } finally {
    await chem.close();
  }
}
