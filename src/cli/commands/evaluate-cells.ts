import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { addToCard } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError, createRng, l2Normalise, matrixOf, meanOfRows, rowOf, stackRows } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import { cellsFact, cellsRetrieval, cellsTable } from '../../evaluate/index.ts';
import type { CellsFold } from '../../evaluate/index.ts';
import { prepareFor, readImageTable, readProfiles } from '../../ingest/index.ts';
import type { ReadProfiles } from '../../ingest/index.ts';
import { CellsModel, compoundKeys } from '../cells-model.ts';
import type { Context } from '../context.ts';
import { readText } from '../files.ts';
import { foldersOf } from '../named-model.ts';
import { repeated, wholeNumber } from '../options.ts';
import { tableText } from '../table.ts';

interface CellsFlags {
  readonly model: readonly string[];
  readonly profiles?: readonly string[];
  readonly images?: string;
  readonly file: string;
  readonly smilesColumn: string;
  readonly folds: number;
  readonly decoys?: string;
  readonly decoyNumber: number;
  readonly card?: boolean;
  readonly json?: boolean;
}

export function registerCells(evaluate: Command, contextOf: () => Context): void {
  evaluate.command('cells')
    .description('Retrieval of structures by what cells looked like, and of cells by structures: top 1, 5 and 10 among the compounds that a model has not seen, and among 1 right structure and 99 decoys.')
    .requiredOption('--model <folder>', 'a model of cells and structures; {fold} in it stands for the models that were each trained without one fold', repeated)
    .option('--profiles <table>', 'a table of profiles of wells; may be repeated, one a setting of the microscope', repeated)
    .option('--images <table>', 'a table of sites instead, with a column of files and one of SMILES')
    .option('--file <column>', 'with --images: the column of files, relative to the table', 'file')
    .option('--smiles-column <column>', 'with --images: the column of SMILES', 'smiles')
    .option('--folds <number>', 'so many models where --model holds {fold}', wholeNumber(2, 100), 5)
    .option('--decoys <file>', 'SMILES, one a line, plain or gzipped, among which the right structure is to be found, such as drug-like molecules that no one treated cells with')
    .option('--decoy-number <number>', 'so many of them, drawn evenly', wholeNumber(99, 100_000), 1000)
    .option('--card', 'write the result into the card (model.json) of each model; bundles that are made with it tell it with every answer')
    .option('--json', 'print one JSON object')
    .action(async (flags: CellsFlags) => {
      const context = contextOf();
      if ((flags.profiles === undefined) === (flags.images === undefined)) {
        throw new IsoLensError('ARGUMENT_INVALID', `Expected either --profiles or --images but received ${flags.images === undefined ? 'neither' : 'both'}.`);
      }
      const chem = new ChemPool({ workers: context.threads });
      try {
        const seen = flags.images === undefined ? await profileSettings(flags.profiles!) : imageSettings(flags.images, flags);
        const keyOf = await compoundKeys(chem, seen.smiles);
        const decoys = flags.decoys === undefined ? [] : await decoySmiles(chem, flags.decoys, flags.decoyNumber, new Set(keyOf.values()));
        const folds: CellsFold[] = [];
        const folders = flags.model.flatMap((folder) => foldersOf(folder, flags.folds));
        const bad = seen.smiles.length - keyOf.size;
        const remarks = bad === 0 ? [] : [`Left out, their molecule cannot be read: ${bad}.`];
        context.progress.start('retrieval', folders.length);
        for (const [done, folder] of folders.entries()) {
          const model = await CellsModel.open(folder, { chem });
          try {
            folds.push(await foldOf(model, seen, keyOf, decoys, remarks));
          } finally {
            await model.close();
          }
          context.progress.update(done + 1);
        }
        const rows = cellsRetrieval(folds, 1);
        context.progress.finish(`${folders.length} models`);
        if (flags.card === true) for (const folder of folders) await addToCard(resolve(folder), { cellsRetrieval: cellsFact(rows) });
        if (flags.json === true) return context.print(JSON.stringify({ rows, decoys: decoys.length, remarks: [...new Set(remarks)] }));
        context.print(`${tableText(cellsTable(rows))}\n`);
        for (const remark of new Set(remarks)) context.print(remark);
      } finally {
        await chem.close();
      }
    });
}

/** What was seen of treated cells: by setting, of each SMILES the embedding of all its wells or sites. */
interface Seen {
  readonly smiles: readonly string[];
  /** Rows (SMILES, embedding) of one setting that this model can embed, for the wanted SMILES. */
  embed(model: CellsModel, wanted: (smiles: string) => boolean): Promise<readonly { readonly setting: string; readonly smiles: readonly string[]; readonly vectors: Matrix }[]>;
}

async function profileSettings(paths: readonly string[]): Promise<Seen> {
  const tables: ReadProfiles[] = [];
  for (const path of paths) tables.push(await readProfiles(path));
  const treated = (table: ReadProfiles): { smiles: string; row: number }[] => table.wells.flatMap(({ isControl, smiles }, row) => (isControl || smiles === null ? [] : [{ smiles, row }]));
  return {
    smiles: [...new Set(tables.flatMap((table) => treated(table).map(({ smiles }) => smiles)))],
    embed: async (model, wanted) => {
      const { features, ...preparation } = model.preparation;
      const settings = [];
      for (const table of tables) {
        const { matrix } = prepareFor(table, features, preparation);
        const rowsOf = grouped(treated(table).filter(({ smiles }) => wanted(smiles)).map(({ smiles, row }) => [smiles, row] as const));
        const means = [...rowsOf.values()].map((rows) => meanOfRows(matrix, rows));
        settings.push({ setting: basename(table.path).replace(/\.(csv|tsv)(\.gz)?$/i, ''), smiles: [...rowsOf.keys()], vectors: await model.embedCells(means) });
      }
      return settings;
    },
  };
}

function imageSettings(path: string, { file, smilesColumn }: CellsFlags): Seen {
  const { images } = readImageTable(path, { file, smiles: smilesColumn });
  return {
    smiles: [...new Set(images.map(({ smiles }) => smiles!))],
    embed: async (model, wanted) => {
      const own = images.filter(({ smiles }) => wanted(smiles!));
      const rowsOf = grouped(own.map(({ smiles }, row) => [smiles!, row] as const));
      const items = await Promise.all(own.map(({ paths }) => Promise.all(paths.map((one) => readFile(one)))));
      const sites = await model.embedCells(items);
      const means = [...rowsOf.values()].map((rows) => meanOfRows(sites, rows));
      return [{ setting: basename(path), smiles: [...rowsOf.keys()], vectors: l2Normalise(stackRows(means)) }];
    },
  };
}

async function decoySmiles(chem: ChemPool, path: string, number: number, known: ReadonlySet<string>): Promise<string[]> {
  const lines = (await readText(path, 'a list of molecules')).split(/\r?\n/).map((line) => line.split(/[\s,;]/)[0]!).filter((line) => line !== '');
  const drawn = createRng(1).shuffle(lines).slice(0, number);
  const { molecules, rows } = await chem.featurise(drawn, {});
  const usable = molecules.flatMap(({ connectivityKey }, row) => (known.has(connectivityKey) ? [] : [drawn[rows[row]!]!]));
  if (usable.length < 99) throw new IsoLensError('DATASET_INVALID', `Expected at least 99 readable molecules in ${path} for decoys but it has ${usable.length}.`);
  return usable;
}

async function foldOf(model: CellsModel, seen: Seen, keyOf: ReadonlyMap<string, string>, decoys: readonly string[], remarks: string[]): Promise<CellsFold> {
  const { leftOut } = model;
  if (leftOut === undefined) remarks.push(`The card of ${model.folder} does not say what was left out of training: all compounds were asked, some of which it may know.`);
  const isAsked = (smiles: string): boolean => keyOf.has(smiles) && (leftOut === undefined || leftOut.has(keyOf.get(smiles)!));
  const settings = await seen.embed(model, isAsked);
  const keys = [...new Set(settings.flatMap(({ smiles }) => smiles.map((one) => keyOf.get(one)!)))];
  const smilesOf = new Map(settings.flatMap(({ smiles }) => smiles.map((one) => [keyOf.get(one)!, one] as const)));
  if (keys.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected compounds that ${model.folder} was trained without but none is in the given data; give the tables that it was trained on.`);
  // Two spellings of one skeleton are one compound: the first row of a setting stands for it.
  const rows = settings.flatMap(({ setting, smiles, vectors }) => {
    const firstOf = new Map([...smiles.keys()].reverse().map((row) => [keyOf.get(smiles[row]!)!, row] as const));
    return [...firstOf].map(([key, row]) => ({ setting, compound: keys.indexOf(key), vector: rowOf(vectors, row) }));
  });
  return {
    structures: await model.embedStructures(keys.map((key) => smilesOf.get(key)!)), queries: stackRows(rows.map(({ vector }) => vector)),
    compoundOf: rows.map(({ compound }) => compound), settingOf: rows.map(({ setting }) => setting),
    decoys: decoys.length === 0 ? matrixOf(new Float32Array(0), 1) : await model.embedStructures(decoys),
  };
}

function grouped(pairs: readonly (readonly [string, number])[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [name, row] of pairs) rows.set(name, [...(rows.get(name) ?? []), row]);
  return rows;
}
