/** Data files of a recipe of profiles: wells of all tables, prepared by their own controls, with the molecules they were treated with. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { IsoLensError, meanOfRows, stackRows } from '../core/index.ts';
import type { Progress } from '../core/index.ts';
import { activeGroups, foldsOf, prepareTables, readProfiles } from '../ingest/index.ts';
import type { ReadProfiles } from '../ingest/index.ts';
import { modalityById, modalityConfig } from '../modalities/index.ts';
import type { ProfileModality } from '../modalities/index.ts';
import type { Recipe } from '../recipes/index.ts';
import { columnsOf } from './columns.ts';
import type { Dataset } from './dataset.ts';
import { CLASS_COLUMN } from './images.ts';
import { writeSafetensors } from './safetensors.ts';
import { splitTreated, treatmentsOf } from './treatments.ts';
import type { Treated, TreatmentChemistry, Treatments } from './treatments.ts';

/** The tables of a recipe, prepared, and the recipe whose towers know their features. */
export interface TrainingProfiles {
  readonly recipe: Recipe;
  readonly tables: readonly ReadProfiles[];
}

export interface ProfileCounts {
  readonly tables: readonly string[];
  readonly features: number;
  readonly wells: number;
  readonly controls: number;
  /** Wells that hold no control and name no SMILES. */
  readonly withoutSmiles: number;
  /** Rows by the code of what is wrong with their molecule. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** Rows and compounds (first InChIKey block) of the fold that is left out. */
  readonly leftOut: number;
  readonly leftOutGroups: readonly string[];
  readonly heldOut: number;
  /** Rows of compounds that look like nothing in their table, where they are left out. */
  readonly inactive: number;
  readonly alsoInValidation: number;
  readonly train: number;
  readonly validation: number;
}

/** undefined for recipes without profiles. The towers of profiles must agree on how profiles are prepared. */
export async function readTrainingProfiles(recipe: Recipe, dataFolder: string): Promise<TrainingProfiles | undefined> {
  if (recipe.profiles === undefined) return undefined;
  const readers = recipe.towers.filter((tower) => modalityById(tower.modality).source === 'table');
  const settings = readers.map(({ modality, modalityConfig: config }) => JSON.stringify([modality, config]));
  if (readers.length === 0 || settings.some((one) => one !== settings[0])) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected towers of profiles, with one modality and one "modalityConfig", in a recipe of "profiles" but received ${readers.length === 0 ? 'none' : 'several'}.`);
  }
  const modality = modalityById(readers[0]!.modality) as ProfileModality;
  const preparation = modality.preparation(modalityConfig<unknown>(modality, readers[0]!.modalityConfig));
  const read: ReadProfiles[] = [];
  for (const table of recipe.profiles.tables) read.push(await readProfiles(join(dataFolder, table)));
  const tables = prepareTables(read, preparation);
  const { features } = tables[0]!;
  const towers = recipe.towers.map((tower) => (readers.includes(tower) ? { ...tower, modalityConfig: { ...tower.modalityConfig, features: [...features] } } : tower));
  return { recipe: { ...recipe, towers }, tables };
}

/** Column of the data file. */
const PROFILE = 'profile';

export interface ProfileDatasetOptions {
  readonly profiles: TrainingProfiles;
  readonly molecules: TreatmentChemistry;
  /** Where the data files go. */
  readonly folder: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** A row of training: a well, or the wells of one compound in one table. */
interface ProfileItem extends Treated {
  readonly smiles: string;
  readonly table: number;
  readonly rows: readonly number[];
}

export async function prepareProfiles({ profiles: { recipe, tables }, molecules, folder, progress, signal }: ProfileDatasetOptions): Promise<Dataset<ProfileCounts>> {
  const { tables: names, level, folds, leaveOut } = recipe.profiles!;
  mkdirSync(folder, { recursive: true });
  progress.start('preparing profiles', 1);
  const items = tables.flatMap((table, t) => itemsOf(table, t, level));
  const treatments = await treatmentsOf(items, molecules, signal);
  const active = recipe.profiles!.activeOnly ? withoutInactive(treatments.items, tables, recipe.training.seed) : treatments.items;
  const foldOf = foldsOf(treatments.items.map((item) => ({ ...item, class: '' })), folds);
  const isLeftOut = ({ group }: Treated): boolean => foldOf.get(group) === leaveOut;
  const { validation, train, alsoInValidation } = splitTreated(active.filter((item) => !isLeftOut(item)), recipe.validationMolecules, recipe.training.seed, `the set of tables (${names.join(', ')})`);
  const classes = [...new Set(treatments.items.map((item) => item.class))].sort();
  const files = ([['train', train], ['validation', validation]] as const).map(([name, some]) => write(join(folder, `${name}.safetensors`), some, tables, treatments, classes));
  const isBare = (table: ReadProfiles): number => table.wells.filter(({ isControl, smiles }) => !isControl && smiles === null).length;
  const sum = (count: (table: ReadProfiles) => number): number => tables.reduce((total, table) => total + count(table), 0);
  const counts: ProfileCounts = {
    tables: names, features: tables[0]!.features.length, wells: sum(({ wells }) => wells.length), controls: sum(({ wells }) => wells.filter(({ isControl }) => isControl).length),
    withoutSmiles: sum(isBare), unreadable: treatments.unreadable, leftOut: treatments.items.filter(isLeftOut).length,
    leftOutGroups: [...foldOf].filter(([, fold]) => fold === leaveOut).map(([name]) => name).sort(), heldOut: treatments.heldOut, inactive: treatments.items.length - active.length, alsoInValidation, train: train.length, validation: validation.length,
  };
  progress.finish(
    `${counts.train} profiles of ${counts.features} features to train on, ${counts.validation} for validation; left out ${counts.leftOut} of fold ${leaveOut}, ${counts.heldOut} of held-out molecules and `
      + `${counts.inactive} of inactive compounds and ${counts.alsoInValidation} more of molecules in validation, dropped ${counts.withoutSmiles} wells without a SMILES and ${Object.values(counts.unreadable).reduce((total, count) => total + count, 0)} of unreadable molecules`,
  );
  return { train: [files[0]!], validation: files[1]!, measurements: undefined, counts };
}

/** Every compound is judged by all of its wells in a table. */
function withoutInactive(items: readonly ProfileItem[], tables: readonly ReadProfiles[], seed: number): ProfileItem[] {
  return tables.flatMap((table, t) => {
    const own = items.filter((item) => item.table === t);
    const groups = new Map<string, number[]>();
    for (const { group, rows } of own) groups.set(group, [...(groups.get(group) ?? []), ...rows]);
    const active = activeGroups(table, [...groups.values()], seed);
    const kept = new Set([...groups.keys()].filter((_, i) => active[i]!));
    return own.filter(({ group }) => kept.has(group));
  });
}

function itemsOf({ wells }: ReadProfiles, table: number, level: 'well' | 'compound'): ProfileItem[] {
  const treated = wells.flatMap(({ isControl, smiles }, row) => (isControl || smiles === null ? [] : [{ smiles, row }]));
  const itemOf = (smiles: string, rows: readonly number[]): ProfileItem => ({ smiles, group: '', class: '', table, rows });
  if (level === 'well') return treated.map(({ smiles, row }) => itemOf(smiles, [row]));
  const rowsOf = new Map<string, number[]>();
  for (const { smiles, row } of treated) rowsOf.set(smiles, [...(rowsOf.get(smiles) ?? []), row]);
  return [...rowsOf].map(([smiles, rows]) => itemOf(smiles, rows));
}

/** Written anew every time: it takes less than a second. */
function write(path: string, items: readonly ProfileItem[], tables: readonly ReadProfiles[], { batch, rowOf }: Treatments<ProfileItem>, classes: readonly string[]): string {
  const width = tables[0]!.features.length;
  const { data } = stackRows(items.map(({ table, rows }) => meanOfRows(tables[table]!.matrix, rows)));
  const labels = Int32Array.from(items, (item) => classes.indexOf(item.class));
  const fingerprint = createHash('sha256').update(data).update(labels).digest('hex');
  writeSafetensors(path, {
    [PROFILE]: { data, shape: [items.length, width] }, [CLASS_COLUMN]: { data: labels, shape: [items.length] }, ...columnsOf(batch, items.map(({ smiles }) => rowOf.get(smiles)!)),
  }, { rows: String(items.length), fingerprint });
  return path;
}
