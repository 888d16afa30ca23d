/** What the measurements compare by: fingerprints, or the encoder of a bundle or of a model. */
import type { Command } from 'commander';
import { readModel } from '../bundle/index.ts';
import { ChemPool } from '../chem/index.ts';
import { IsoLensError, l2Normalise, matrixOf } from '../core/index.ts';
import { METHODS } from '../evaluate/index.ts';
import type { EmbedMolecules, EmbeddedItems, MethodServices } from '../evaluate/index.ts';
import { openEncoder } from '../ingest/index.ts';
import type { SearchEngine } from '../search/index.ts';
import { withEngine } from './bundles.ts';
import type { Context } from './context.ts';

export interface MethodFlags {
  readonly bundle?: string;
  readonly model?: string;
  readonly data: string;
  readonly method: string;
  readonly json?: boolean;
}

export function methodOptions(command: Command, data = 'the protocol\'s molecules: JSON, plain or gzipped'): Command {
  return command
    .requiredOption('--data <file>', data)
    .requiredOption('--method <method>', METHODS.map((method) => `${method.id} (${method.summary})`).join('; '))
    .option('--bundle <name>', 'the bundle whose encoder embeds')
    .option('--model <folder>', 'the model whose encoder embeds, where no bundle was made with it yet')
    .option('--json', 'print one JSON object');
}

/** Fingerprints need no encoder: one is opened only where it is named. */
export async function withMethod(context: Context, flags: MethodFlags, work: (context: Context, services: MethodServices) => Promise<void>): Promise<void> {
  const { progress, signal } = context;
  if (!METHODS.some((method) => method.id === flags.method)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a method (${METHODS.map((method) => method.id).join(', ')}) but received "${flags.method}".`);
  }
  if (flags.bundle !== undefined && flags.model !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected one of --bundle and --model but received both.');
  if (flags.bundle !== undefined) {
    return withEngine(context, flags.bundle, { chemWorkers: context.threads }, ({ engine, chem }) => work(context, { chem, progress, signal, embed: embedWith(engine, 'molecule') }));
  }
  const chem = new ChemPool({ workers: context.threads });
  try {
    if (flags.model === undefined) await work(context, { chem, progress, signal });
    else await withModel(flags.model, chem, (embed) => work(context, { chem, progress, signal, embed }));
  } finally {
    await chem.close();
  }
}

export function embedWith(engine: SearchEngine, tower: string): (items: readonly (string | Uint8Array)[]) => Promise<EmbeddedItems> {
  return (items) => engine.embed(tower, items);
}

/** Opens the tower of a model that embeds libraries, for the time of `work`. */
async function withModel(folder: string, chem: ChemPool, work: (embed: EmbedMolecules) => Promise<void>): Promise<void> {
  const encoder = await openEncoder(await readModel(folder));
  try {
    await work(async (smiles) => {
      const batch = await chem.featurise(smiles, encoder.request);
      const vectors = matrixOf(batch.rows.length === 0 ? new Float32Array(0) : await encoder.encode(batch), encoder.dimension);
      return { rows: batch.rows, vectors: l2Normalise(vectors), errors: batch.errors, molecules: batch.molecules };
    });
  } finally {
    await encoder.close();
  }
}
