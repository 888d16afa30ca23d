/** Opening what a command searches. */
import { ChemPool } from '../chem/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import type { SearchEngine } from '../search/index.ts';
import type { Context } from './context.ts';
import { shippedReplacements } from './evidence.ts';
import type { LazyReplacements } from './evidence.ts';
import { openShippedReader } from './reading.ts';
import { searchSource } from './search-source.ts';
import type { SearchSource } from './search-source.ts';

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

/** Opens a library for the time of `work`. bundle: see `searchSource`. */
export async function withEngine<Result>(context: Context, bundle: string, options: EngineOptions, work: (open: OpenEngine) => Promise<Result>): Promise<Result> {
  const chem = new ChemPool({ workers: options.chemWorkers, ...(options.moleculeTimeoutMs === undefined ? {} : { itemTimeoutMs: options.moleculeTimeoutMs }) });
  let reader: DrawingReader | undefined;
  chem.start();
  let source: SearchSource | undefined;
  try {
    source = await searchSource(context, bundle);
    const { table, evidence } = shippedReplacements(context);
    reader = options.reads === true ? await openShippedReader(context, READ_TIMEOUT_MS) : undefined;
    const engine = await source.open({ chem, evidence, reader, inference: { workers: options.encoderWorkers ?? 1 }, now: context.now });
    try {
      return await work({ engine, chem, replacements: table, reader });
    } finally {
      await engine.close();
    }
  } finally {
    await reader?.close();
    await chem.close();
    await source?.close();
  }
}
