import type { Command } from 'commander';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError, toIsoLensError } from '../../core/index.ts';
import { METHODS, drawingsTable, evaluateDrawings, evaluateHops, evaluateScreening, hopsTable, screeningTable } from '../../evaluate/index.ts';
import type { EmbeddedItems, MethodServices, Products, Table } from '../../evaluate/index.ts';
import { nativeInfo, nativeProducts } from '../../native/index.ts';
import type { SearchEngine } from '../../search/index.ts';
import { withEngine } from '../bundles.ts';
import type { Context } from '../context.ts';
import { bundleOption, wholeNumber } from '../options.ts';
import { formatTable } from '../table.ts';
import type { Register } from './index.ts';

interface DrawingsFlags {
  readonly bundle: string;
  readonly labels: string;
  readonly pool: string;
  readonly perSet?: number;
  readonly ranks?: boolean;
  readonly json?: boolean;
}

interface MethodFlags {
  readonly bundle?: string;
  readonly data: string;
  readonly method: string;
  readonly json?: boolean;
}

export const registerEvaluate: Register = (program, contextOf) => {
  const evaluate = program.command('evaluate').description('Measure a model: retrieval by drawings, virtual screening, scaffold hops.');

  bundleOption(evaluate.command('drawings').description('Real drawings as queries against a pool of molecules: recall at 1, 5, 10 and mean reciprocal rank.'))
    .requiredOption('--labels <file>', 'table with the columns file (relative to it), smiles and set')
    .requiredOption('--pool <file>', 'library of molecules to search; those of the labels are added')
    .option('--per-set <number>', 'measure on this many images of each set, evenly spread', wholeNumber(1))
    .option('--ranks', 'also print the rank of every image, a line each, on the error stream')
    .option('--json', 'print one JSON object')
    .action(async (flags: DrawingsFlags) => {
      const context = contextOf();
      await withEngine(context, flags.bundle, { chemWorkers: context.threads, encoderWorkers: context.threads }, async ({ engine, chem }) => {
        const result = await evaluateDrawings({
          labels: flags.labels,
          pool: flags.pool,
          perSet: flags.perSet,
          chem,
          progress: context.progress,
          signal: context.signal,
          embedMolecules: embedWith(engine, 'molecule'),
          embedImages: embedWith(engine, 'image'),
          products: productsOf(context),
          onRank: flags.ranks === true ? (file, set, rank) => context.note(`${file}\t${set}\t${rank ?? '-'}`) : undefined,
        });
        report(context, flags, result, drawingsTable(result));
      });
    });

  methodOptions(evaluate.command('screening').description('Rank actives before decoys by their likeness to a few known actives: AUC, enrichment, BEDROC.'))
    .action((flags: MethodFlags) => withMethod(contextOf(), flags, async (context, services) => {
      const result = await evaluateScreening({ ...services, data: flags.data, method: flags.method });
      report(context, flags, result, screeningTable(result));
    }));

  methodOptions(evaluate.command('hops').description('Find the other active of a scaffold hop among decoys: top-k, mean rank, AUC.'))
    .action((flags: MethodFlags) => withMethod(contextOf(), flags, async (context, services) => {
      const result = await evaluateHops({ ...services, data: flags.data, method: flags.method });
      report(context, flags, result, hopsTable(result));
    }));
};

function methodOptions(command: Command): Command {
  return command
    .requiredOption('--data <file>', 'the protocol\'s molecules: JSON, plain or gzipped')
    .requiredOption('--method <method>', METHODS.map((method) => `${method.id} (${method.summary})`).join('; '))
    .option('--bundle <name>', 'the bundle whose encoder embeds, for the method embedding')
    .option('--json', 'print one JSON object');
}

/** Fingerprints need no bundle: one is opened only where it is named. */
async function withMethod(context: Context, flags: MethodFlags, work: (context: Context, services: MethodServices) => Promise<void>): Promise<void> {
  const { progress, signal } = context;
  if (!METHODS.some((method) => method.id === flags.method)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a method (${METHODS.map((method) => method.id).join(', ')}) but received "${flags.method}".`);
  }
  if (flags.bundle !== undefined) {
    return withEngine(context, flags.bundle, { chemWorkers: context.threads }, ({ engine, chem }) => work(context, { chem, progress, signal, embed: embedWith(engine, 'molecule') }));
  }
  const chem = new ChemPool({ workers: context.threads });
  try {
    await work(context, { chem, progress, signal });
  } finally {
    await chem.close();
  }
}

function embedWith(engine: SearchEngine, tower: string): (items: readonly (string | Uint8Array)[]) => Promise<EmbeddedItems> {
  return (items) => engine.embed(tower, items);
}

/** The engine's matrix product; without an engine, which measuring does not need, the slower one. */
function productsOf({ threads, progress }: Context): Products | undefined {
  try {
    nativeInfo();
    return nativeProducts(threads);
  } catch (thrown) {
    progress.warn(`Ranking in JavaScript, which takes minutes for a large pool. ${toIsoLensError(thrown).message}`);
    return undefined;
  }
}

function report(context: Context, flags: { readonly json?: boolean }, result: object, [head, ...rows]: Table): void {
  if (flags.json === true) context.print(JSON.stringify(result));
  else context.print(formatTable((head ?? []).map((title, i) => ({ title, align: i === 0 ? 'left' as const : 'right' as const, cell: (row: readonly string[]) => row[i] ?? '' })), rows));
}
