/** Finding and opening bundles from the command line. */
import { basename, dirname, resolve } from 'node:path';
import { ChemPool } from '../chem/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { SearchEngine } from '../search/index.ts';
import type { Context } from './context.ts';
import { shippedReplacements } from './evidence.ts';
import type { LazyReplacements } from './evidence.ts';
import { openShippedReader } from './reading.ts';

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
  /** Pictures are read, not only compared. */
  readonly reads?: boolean;
}

export interface OpenEngine {
  readonly engine: SearchEngine;
  readonly chem: ChemPool;
  readonly replacements: LazyReplacements;
  readonly reader: DrawingReader | undefined;
}

const READ_TIMEOUT_MS = 30_000;

/** Opens a bundle for the time of `work`. */
export async function withEngine<Result>(context: Context, bundle: string, options: EngineOptions, work: (open: OpenEngine) => Promise<Result>): Promise<Result> {
  const chem = new ChemPool({ workers: options.chemWorkers, ...(options.moleculeTimeoutMs === undefined ? {} : { itemTimeoutMs: options.moleculeTimeoutMs }) });
  let reader: DrawingReader | undefined;
  chem.start();
  try {
    const { root, name } = bundlePlace(context, bundle);
    const { table, evidence } = shippedReplacements(context);
    reader = options.reads === true ? await openShippedReader(context, READ_TIMEOUT_MS) : undefined;
    const engine = await SearchEngine.open(root, name, {
      chem, evidence, reader, inference: { workers: options.encoderWorkers ?? 1 }, now: context.now,
    });
    try {
      return await work({ engine, chem, replacements: table, reader });
    } finally {
      await engine.close();
    }
  } finally {
    await reader?.close();
    await chem.close();
  }
}
