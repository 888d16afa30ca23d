import { Option } from 'commander';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import {
  FEW_SHOT_SPLITS, cliffsTable, drawingsTable, evaluateCliffs, evaluateDrawings, evaluateFewShot, evaluateHopsBy, evaluatePictures, evaluateReading, evaluateScreeningBy, failuresTable, fewShotTable, hopsTable, picturesTable, readingTable, screeningTable,
} from '../../evaluate/index.ts';
import { ALTERATIONS } from '../../image/index.ts';
import type { DrawingReader } from '../../reading/index.ts';
import type { EmbeddedItems, EvaluatedReader, FewShotSplit, PictureAnswer, Table } from '../../evaluate/index.ts';
import { PICTURE_VIAS } from '../../search/index.ts';
import type { PictureVia, SearchEngine } from '../../search/index.ts';
import { trainedKeys } from '../../train/index.ts';
import { withEngine } from '../with-engine.ts';
import type { Context } from '../context.ts';
import { methodIds, methodOptions, withMethod } from '../methods.ts';
import type { MethodFlags } from '../methods.ts';
import { bundleOption, wholeNumber } from '../options.ts';
import { productsOf } from '../products.ts';
import { openReader, osraReader, ownReader } from '../reading.ts';
import { tableText } from '../table.ts';
import type { Register } from './define.ts';
import { registerCells } from './evaluate-cells.ts';
import { registerMining } from './evaluate-mine.ts';
import { registerProfiles } from './evaluate-profiles.ts';

interface DrawingsFlags {
  readonly bundle: string;
  readonly labels: string;
  readonly pool: string;
  readonly relatives?: string[];
  readonly perSet?: number;
  readonly ranks?: boolean;
  readonly json?: boolean;
}

interface PicturesFlags {
  readonly bundle: string;
  readonly labels: string;
  readonly via: string;
  readonly perSet?: number;
  readonly json?: boolean;
}

interface ReadingFlags {
  readonly labels: string;
  readonly model?: string;
  readonly peer?: string;
  readonly altered?: string;
  readonly perSet?: number;
  readonly parallel: number;
  readonly each?: boolean;
  readonly json?: boolean;
}

interface FewShotFlags extends MethodFlags {
  readonly reference: string;
  readonly support: number;
  readonly split: FewShotSplit;
  readonly seeds: number;
}

interface CliffsFlags extends MethodFlags {
  readonly neighbours: number;
  readonly trained?: string;
}

export const registerEvaluate: Register = (program, contextOf) => {
  const evaluate = program.command('evaluate').description('Measure a model: retrieval by drawings, virtual screening, scaffold hops, few-shot probes, activity cliffs, cell profiles.');

  bundleOption(evaluate.command('drawings').description('Real drawings as queries against a pool of molecules: recall at 1, 5, 10 and mean reciprocal rank.'))
    .requiredOption('--labels <file>', 'table with the columns file (relative to it), smiles and set')
    .requiredOption('--pool <file>', 'library of molecules to search; those of the labels are added')
    .option('--relatives <files...>', 'the hard pool: add the 50 nearest relatives of each drawn molecule from these libraries')
    .option('--per-set <number>', 'measure on this many images of each set, evenly spread', wholeNumber(1))
    .option('--ranks', 'also print the rank of every image, a line each, on the error stream')
    .option('--json', 'print one JSON object')
    .action(async (flags: DrawingsFlags) => {
      const context = contextOf();
      await withEngine(context, flags.bundle, { chemWorkers: context.threads, encoderWorkers: context.threads }, async ({ engine, chem }) => {
        const result = await evaluateDrawings({
          labels: flags.labels,
          pool: flags.pool,
          relativesFrom: flags.relatives,
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

  bundleOption(evaluate.command('pictures').description('Real drawings asked of a bundle: recall, whether the chance told comes true, and drawings that it does not hold.'))
    .requiredOption('--labels <file>', 'table with the columns file (relative to it), smiles and set')
    .option('--via <ways>', 'what of a picture is asked, separated by commas: embedding, both', 'embedding,both')
    .option('--per-set <number>', 'measure on this many images of each set, evenly spread', wholeNumber(1))
    .option('--json', 'print one JSON object')
    .action(async (flags: PicturesFlags) => {
      const context = contextOf();
      const ways = flags.via.split(',').map((name) => PICTURE_VIAS.find((via) => via === name) ?? refuseVia(name));
      await withEngine(context, flags.bundle, { chemWorkers: context.threads, reads: true }, async ({ engine, chem }) => {
        const result = await evaluatePictures({
          labels: flags.labels, perSet: flags.perSet, chem, now: context.now, progress: context.progress, signal: context.signal,
          holds: (key) => engine.molecules.holdsConnectivity(key),
          ways: ways.map((via) => ({ name: via, ask: (bytes) => askPicture(engine, bytes, via) })),
        });
        report(context, flags, result, picturesTable(result));
      });
    });

  evaluate.command('reading').description('Read real drawings: share of exact molecules, stereo, likeness, and what goes wrong.')
    .requiredOption('--labels <file>', 'table with the columns file (relative to it), smiles and set')
    .option('--model <folder>', 'a trained reader (default: the shipped one)')
    .option('--peer <program>', 'also read by this program: osra')
    .option('--per-set <number>', 'measure on this many images of each set, evenly spread', wholeNumber(1))
    .option('--altered <names>', `also read so, separated by commas: ${ALTERATIONS.map(({ id, summary }) => `${id} (${summary})`).join(', ')}; or all`)
    .option('--parallel <number>', 'images read at a time; 1 for times', wholeNumber(1, 64), 1)
    .option('--each', 'also print what became of every image, a line each, on the error stream')
    .option('--json', 'print one JSON object')
    .action(async (flags: ReadingFlags) => {
      const context = contextOf();
      if (flags.peer !== undefined && flags.peer !== 'osra') throw new IsoLensError('ARGUMENT_INVALID', `Expected --peer osra but received "${flags.peer}".`);
      const chem = new ChemPool({ workers: context.threads });
      const reader = await openReader(context, flags.model, flags.parallel);
      try {
        const results = await evaluateReading([ownReader(reader), ...alteredReaders(reader, flags.altered), ...(flags.peer === undefined ? [] : [osraReader()])], {
          labels: flags.labels, perSet: flags.perSet, parallel: flags.parallel, chem, now: context.now, progress: context.progress, signal: context.signal,
          onRead: flags.each === true ? (...fields) => context.note(fields.join('\t')) : undefined,
        });
        if (flags.json === true) context.print(JSON.stringify(results));
        else for (const table of [readingTable(results), failuresTable(results)]) report(context, {}, results, table);
      } finally {
        await reader.close();
        await chem.close();
      }
    });

  methodOptions(evaluate.command('screening').description('Rank actives before decoys by their likeness to a few known actives: AUC, enrichment, BEDROC.'))
    .action((flags: MethodFlags) => withMethod(contextOf(), flags, async (context, services) => {
      for (const result of await evaluateScreeningBy(methodIds(flags.method), { ...services, data: flags.data })) report(context, flags, result, screeningTable(result), result.method);
    }));

  methodOptions(evaluate.command('hops').description('Find the other active of a scaffold hop among decoys: top-k, mean rank, AUC.'))
    .action((flags: MethodFlags) => withMethod(contextOf(), flags, async (context, services) => {
      for (const result of await evaluateHopsBy(methodIds(flags.method), { ...services, data: flags.data })) report(context, flags, result, hopsTable(result), result.method);
    }));

  methodOptions(evaluate.command('fewshot').description('Learn from a few actives and inactives of an assay on frozen features, rank the rest: delta AUPRC.'), 'table with the columns assay, smiles and active')
    .option('--reference <method>', 'what it is compared with, on the same splits', 'ecfp4')
    .option('--support <number>', 'actives, and as many inactives, to learn from', wholeNumber(2, 256), 16)
    .option('--seeds <number>', 'random splits of each assay', wholeNumber(1, 1000), 10)
    .addOption(new Option('--split <by>', 'examples are drawn molecule by molecule, or by whole scaffolds: none that is ranked has that of an example').choices(FEW_SHOT_SPLITS).default('molecule'))
    .action((flags: FewShotFlags) => withMethod(contextOf(), flags, async (context, services) => {
      const { data, method, reference, support, split, seeds } = flags;
      const result = await evaluateFewShot({ ...services, data, methods: methodIds(method), reference, support, split, seeds });
      report(context, flags, result, fewShotTable(result));
    }));

  methodOptions(evaluate.command('cliffs').description('Order activity cliffs by the potencies of the nearest neighbours: share of pairs in the right order.'), 'folder of tables with the columns smiles, y, cliff_mol and split')
    .option('--neighbours <number>', 'neighbours in the second estimate', wholeNumber(1, 1000), 5)
    .option('--trained <folder>', 'count only pairs of molecules that were not trained on: the data folder of "isolens train", as in runs/bioactivity/data')
    .action((flags: CliffsFlags) => withMethod(contextOf(), flags, async (context, services) => {
      const trained = flags.trained === undefined ? undefined : trainedKeys(flags.trained);
      const isTrainedOn = trained === undefined ? undefined : (key: string): boolean => trained.has(key);
      const result = await evaluateCliffs({ ...services, data: flags.data, method: flags.method, neighbours: flags.neighbours, isTrainedOn });
      report(context, flags, result, cliffsTable(result));
    }));

  registerProfiles(evaluate, contextOf);
  registerCells(evaluate, contextOf);
  registerMining(evaluate, contextOf);
};

function alteredReaders(reader: DrawingReader, names: string | undefined): EvaluatedReader[] {
  if (names === undefined) return [];
  const wanted = names === 'all' ? ALTERATIONS : names.split(',').map((name) => {
    const found = ALTERATIONS.find(({ id }) => id === name);
    if (found === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected --altered ${ALTERATIONS.map(({ id }) => id).join(', ')} or all but received "${name}".`);
    return found;
  });
  return wanted.map(({ id, alter }) => ({ ...ownReader(reader), name: `isolens, ${id}`, alter }));
}

const ASKED_HITS = 10;

async function askPicture(engine: SearchEngine, bytes: Uint8Array, via: PictureVia): Promise<PictureAnswer> {
  const { hits, query } = await engine.search({ kind: 'image', bytes, via }, { k: ASKED_HITS, reasons: 'none' });
  return { hits: hits.map(({ inchiKey }) => inchiKey.slice(0, 14)), chance: query.chance };
}

function refuseVia(name: string): never {
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --via ${PICTURE_VIAS.join(', ')} but received ${JSON.stringify(name)}.`);
}

function embedWith(engine: SearchEngine, tower: string): (items: readonly (string | Uint8Array)[]) => Promise<EmbeddedItems> {
  return (items) => engine.embed(tower, items);
}

/** `method` stands in the table's corner, where several tables follow each other. */
function report(context: Context, flags: { readonly json?: boolean }, result: object, [first, ...rows]: Table, method?: string): void {
  const head = method === undefined ? first : [`${method}: ${first?.[0] ?? ''}`, ...(first ?? []).slice(1)];
  if (flags.json === true) context.print(JSON.stringify(result));
  else context.print(tableText([head ?? [], ...rows]));
}
