/**
 * Activity cliffs (MoleculeACE: van Tilborg et al. 2022, doi:10.1021/acs.jcim.2c01073): pairs of molecules that look alike and differ tenfold
 * in potency. Each molecule's potency is estimated from its nearest neighbours among the training molecules, the pair itself left
 * out; the share of pairs whose estimates stand in the right order says whether closeness means acting alike. Equal estimates
 * count half.
 */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ECFP4 } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, createRng } from '../core/index.ts';
import { readColumns } from './activity.ts';
import { checkSignal, formatShare } from './define.ts';
import type { Similarities, Table } from './define.ts';
import { bootstrapInterval, meanOf } from './metrics.ts';
import type { Interval } from './metrics.ts';
import { methodById, prepareMethods } from './similarity.ts';
import type { MethodServices } from './similarity.ts';
import { BitTable } from './tables.ts';
import { isWithinEdits } from './text-distance.ts';

export interface CliffsResult {
  readonly method: string;
  /** Of each set: pairs, and the share in the right order by the nearest and by the `neighbours` nearest molecules. */
  readonly sets: Readonly<Record<string, { readonly pairs: number; readonly nearest: number; readonly several: number }>>;
  readonly neighbours: number;
  /** Means over sets, with 95 % intervals by resampling sets. */
  readonly nearest: number;
  readonly several: number;
  readonly nearestInterval: Interval;
  readonly severalInterval: Interval;
  readonly pairs: number;
  readonly unreadable: number;
}

export interface CliffsOptions extends MethodServices {
  /** Folder of tables with the columns smiles, y, cliff_mol and split. */
  readonly data: string;
  readonly method: string;
  /** Neighbours in the second estimate, weighted by their ranks' similarity. */
  readonly neighbours: number;
  /** By the first block of an InChIKey: pairs count where neither molecule was trained on. */
  readonly isTrainedOn?: ((connectivityKey: string) => boolean) | undefined;
}

interface Measured {
  readonly smiles: string;
  /** Negative logarithm of the potency: larger is more potent. */
  readonly potency: number;
  readonly isCliff: boolean;
  readonly isTraining: boolean;
}

/** Tenfold. */
const MIN_DIFFERENCE = 1;
/** Alike by any of: fingerprints of the molecules, of their scaffolds, or their texts. */
const MIN_LIKENESS = 0.9;

export async function evaluateCliffs(options: CliffsOptions): Promise<CliffsResult> {
  const { data, progress, chem, neighbours } = options;
  const method = methodById(options.method);
  const files = (await readdir(data).catch((thrown: unknown) => { throw new IsoLensError('FILE_NOT_FOUND', `Expected a folder of tables in ${data} but it cannot be read; check the path.`, { cause: thrown }); }))
    .filter((name) => /\.csv(\.gz)?$/.test(name)).sort();
  if (files.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected tables (*.csv, *.csv.gz) in ${data} but there is none.`);
  const sets: Record<string, { pairs: number; nearest: number; several: number }> = {};
  let unreadable = 0;
  progress.start(`cliffs by ${method.id}`, files.length);
  for (const [i, file] of files.entries()) {
    checkSignal(options.signal);
    const molecules = await readMolecules(join(data, file));
    const [similarities] = (await prepareMethods([method], molecules.map(({ smiles }) => smiles), 'parent', options)) as [Similarities];
    unreadable += similarities.failed;
    const pairs = (await cliffPairs(molecules, chem, options.isTrainedOn)).filter((pair) => pair.every((one) => similarities.isKnown(one)));
    if (pairs.length > 0) {
      const estimate = estimator(molecules, similarities);
      sets[basename(file).replace(/\.csv(\.gz)?$/, '')] = { pairs: pairs.length, nearest: shareInOrder(molecules, pairs, estimate, 1), several: shareInOrder(molecules, pairs, estimate, neighbours) };
    }
    progress.update(i + 1, file);
  }
  const all = Object.values(sets);
  const [nearest, several] = [meanOf(all.map((one) => one.nearest)), meanOf(all.map((one) => one.several))];
  progress.finish(`${formatShare(nearest)} by the nearest`);
  return {
    method: method.id, sets, neighbours, nearest, several,
    nearestInterval: bootstrapInterval(all.map((one) => [one.nearest]), createRng(1)),
    severalInterval: bootstrapInterval(all.map((one) => [one.several]), createRng(1)),
    pairs: all.reduce((sum, one) => sum + one.pairs, 0),
    unreadable,
  };
}

async function readMolecules(path: string): Promise<Measured[]> {
  return (await readColumns(path, ['smiles', 'y', 'cliff_mol', 'split'])).map((row) => {
    const potency = Number(row.y);
    if (row.y === '' || !Number.isFinite(potency)) throw new IsoLensError('DATASET_INVALID', `Expected a number in the column y of ${path} but received ${JSON.stringify(row.y)}.`);
    return { smiles: row.smiles, potency, isCliff: Number(row.cliff_mol) === 1, isTraining: row.split === 'train' };
  });
}

/** Pairs of cliff molecules, at least one of the test split, that are alike and differ tenfold. */
async function cliffPairs(molecules: readonly Measured[], chem: ChemPool, isTrainedOn: CliffsOptions['isTrainedOn']): Promise<[number, number][]> {
  const smiles = molecules.map((one) => one.smiles);
  const { rows, bits, scaffolds, molecules: read } = await chem.featurise(smiles, { bits: { ecfp4: ECFP4 }, scaffold: true });
  const whole = new BitTable(molecules.length, ECFP4.bits);
  const cores = new BitTable(molecules.length, ECFP4.bits);
  const column = bits['ecfp4']!;
  rows.forEach((index, row) => whole.set(index, column.data.subarray(row * column.bytes, (row + 1) * column.bytes)));
  const withScaffold = Array.from(rows.keys()).filter((row) => scaffolds![row] !== '');
  const scaffoldBits = await chem.fingerprint(withScaffold.map((row) => scaffolds![row]!), ECFP4);
  scaffoldBits.rows.forEach((at, row) => cores.set(rows[withScaffold[at]!]!, scaffoldBits.bits.data.subarray(row * scaffoldBits.bits.bytes, (row + 1) * scaffoldBits.bits.bytes)));
  const trainedOn = new Set(Array.from(rows).filter((_, row) => isTrainedOn?.(read[row]!.connectivityKey) === true));
  const cliffs = Array.from(molecules.keys()).filter((i) => molecules[i]!.isCliff && !trainedOn.has(i));
  const pairs: [number, number][] = [];
  for (const [at, a] of cliffs.entries()) {
    for (const b of cliffs.slice(at + 1)) {
      const [one, other] = [molecules[a]!, molecules[b]!];
      if ((one.isTraining && other.isTraining) || Math.abs(one.potency - other.potency) < MIN_DIFFERENCE) continue;
      const alike = whole.between(a, b) >= MIN_LIKENESS || cores.between(a, b) >= MIN_LIKENESS
        || isWithinEdits(one.smiles, other.smiles, Math.floor((1 - MIN_LIKENESS) * Math.max(one.smiles.length, other.smiles.length)));
      if (alike) pairs.push([a, b]);
    }
  }
  return pairs;
}

/** Mean potency of the k training molecules nearest to `item`, weighted by similarity, with `item` and `partner` left out. */
type Estimator = (item: number, partner: number, k: number) => number;

function estimator(molecules: readonly Measured[], similarities: Similarities): Estimator {
  const training = Array.from(molecules.keys()).filter((i) => molecules[i]!.isTraining && similarities.isKnown(i));
  const ranked = new Map<number, { place: number; similarity: number }[]>();
  const rank = (item: number): { place: number; similarity: number }[] => {
    const found = ranked.get(item) ?? training.map((place) => ({ place, similarity: similarities.between(item, place) })).sort((a, b) => b.similarity - a.similarity || a.place - b.place);
    ranked.set(item, found);
    return found;
  };
  return (item, partner, k) => {
    let [weight, sum, taken] = [0, 0, 0];
    for (const { place, similarity } of rank(item)) {
      // The same molecule may stand in the table twice under other spellings; only the pair itself is known to be the question.
      if (place === item || place === partner) continue;
      const share = Math.max(1e-6, similarity);
      weight += share;
      sum += share * molecules[place]!.potency;
      if (++taken === k) break;
    }
    return weight === 0 ? 0 : sum / weight;
  };
}

function shareInOrder(molecules: readonly Measured[], pairs: readonly (readonly [number, number])[], estimate: Estimator, k: number): number {
  return meanOf(pairs.map(([a, b]) => {
    const difference = estimate(a, b, k) - estimate(b, a, k);
    if (Math.abs(difference) < 1e-12) return 0.5;
    return (difference > 0) === (molecules[a]!.potency > molecules[b]!.potency) ? 1 : 0;
  }));
}

export function cliffsTable(result: CliffsResult): Table {
  const between = ([low, high]: Interval): string => `${low.toFixed(3)} to ${high.toFixed(3)}`;
  return [
    ['set', 'pairs', 'by the nearest', `by the ${result.neighbours} nearest`],
    ...Object.entries(result.sets).map(([name, { pairs, nearest, several }]) => [name, String(pairs), formatShare(nearest), formatShare(several)]),
    ['mean', String(result.pairs), formatShare(result.nearest), formatShare(result.several)],
    ['95 % interval', '', between(result.nearestInterval), between(result.severalInterval)],
  ];
}
