/** From rows with hashes to the columns of a table file. */
import type { CutFragment, FragmentIonisation, Surroundings } from '../../chem/index.ts';
import { IONISATION_CLASSES, RADII } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { encodeTable } from '../format.ts';
import type { Column } from '../format.ts';
import { SCALE, TPSA_SCALE } from '../scales.ts';
import type { ReplacementRow, Strength } from './aggregate.ts';
import type { CutStore } from './molecules.ts';

/** Texts of one-point environments up to this radius are stored. */
const NAMED_RADIUS = 1;

/** Texts of the fragments to what they are in water. */
export type Ionise = (fragments: readonly string[]) => Promise<readonly Readonly<Record<Surroundings, FragmentIonisation>>[]>;

export async function tableBytes(rows: readonly ReplacementRow[], strength: Strength, store: CutStore, ionise: Ionise): Promise<Uint8Array> {
  const { fragments, names } = textsOf(rows, store);
  const texts = [...fragments.values()].sort((a, b) => (a.smiles < b.smiles ? -1 : 1));
  const ionised = await ionise(texts.map(({ smiles }) => smiles));
  const classOf = (surroundings: Surroundings): Uint8Array => Uint8Array.from(ionised, (one) => IONISATION_CLASSES.indexOf(one[surroundings].ionisation));
  const placesOf = (surroundings: Surroundings): Uint16Array => Uint16Array.from(ionised, (one) => one[surroundings].places.reduce((packed, bonds, point) => packed | (bonds << (4 * point)), 0));
  const place = new Map(texts.map((fragment, i) => [fragment.hash, i]));
  const placeOf = (hash: number): number => place.get(hash)!;
  const sorted = [...rows].sort((a, b) => placeOf(a.from) - placeOf(b.from) || placeOf(a.to) - placeOf(b.to) || a.mapping - b.mapping);
  const u16 = (value: (row: ReplacementRow) => number): Uint16Array => Uint16Array.from(sorted, (row) => Math.min(65_535, Math.round(value(row))));
  const i16 = (value: (row: ReplacementRow) => number): Int16Array => Int16Array.from(sorted, (row) => Math.max(-32_768, Math.min(32_767, Math.round(value(row)))));
  const offsets = new Uint32Array(texts.length + 1);
  for (const row of sorted) offsets[placeOf(row.from) + 1]!++;
  for (let i = 0; i < texts.length; i++) offsets[i + 1]! += offsets[i]!;
  const columns: Record<string, Column> = {
    fragments: bytesOf(texts.map((fragment) => fragment.smiles)),
    symmetries: Uint8Array.from(texts, (fragment) => fragment.symmetries),
    fromOffsets: offsets,
    to: Uint32Array.from(sorted, (row) => placeOf(row.to)),
    mapping: Uint8Array.from(sorted, (row) => row.mapping),
    pairs: u16((row) => row.pairs), assays: u16((row) => row.assays), contexts: u16((row) => row.contexts), exact: u16((row) => row.exact),
    kept: u16((row) => row.kept), lost: u16((row) => row.lost), gained: u16((row) => row.gained),
    mean: i16((row) => row.mean * SCALE), sd: u16((row) => row.sd * SCALE), q10: i16((row) => row.q10 * SCALE), q50: i16((row) => row.q50 * SCALE), q90: i16((row) => row.q90 * SCALE),
    histogram: Uint8Array.from(sorted.flatMap(({ counts }) => counts), (count) => Math.min(255, count)),
    neededFrom: u16((row) => row.neededFrom), neededFromKept: u16((row) => row.neededFromKept), neededTo: u16((row) => row.neededTo), neededToKept: u16((row) => row.neededToKept),
    ionisationSaturated: classOf('saturated'), ionisationConjugated: classOf('conjugated'), placesSaturated: placesOf('saturated'), placesConjugated: placesOf('conjugated'),
    logP: i16((row) => row.logP * SCALE), tpsa: i16((row) => row.tpsa * TPSA_SCALE),
    nameKeys: Uint32Array.from(names.keys()), names: bytesOf([...names.values()]),
  };
  for (let radius = 0; radius < RADII; radius++) Object.assign(columns, environmentColumns(sorted, radius));
  return encodeTable({ ...strength, neededShares: neededShares(rows, new Map(texts.map(({ hash }, i) => [hash, ionised[i]!]))) }, columns);
}

/** As many replacements as the usual share is worth where few of a kind were seen. */
const PRIOR_REPLACEMENTS = 10;

/**
 * Mean share of pairs that keep the activity where `from` is needed, by the classes of ionisation of both, [from][to]: every replacement
 * counts once in each direction. Groups whose class depends on what they hang on are left out.
 */
function neededShares(rows: readonly ReplacementRow[], ionised: ReadonlyMap<number, Readonly<Record<Surroundings, FragmentIonisation>>>): number[][] {
  const sums = IONISATION_CLASSES.map(() => IONISATION_CLASSES.map(() => ({ share: 0, count: 0 })));
  const total = { share: 0, count: 0 };
  const classOf = (hash: number): number | undefined => {
    const { saturated, conjugated } = ionised.get(hash)!;
    return saturated.ionisation === conjugated.ionisation ? IONISATION_CLASSES.indexOf(saturated.ionisation) : undefined;
  };
  for (const { from, to, neededFrom, neededFromKept, neededTo, neededToKept } of rows) {
    const [a, b] = [classOf(from), classOf(to)];
    if (a === undefined || b === undefined) continue;
    for (const [one, other, pairs, kept] of [[a, b, neededFrom, neededFromKept], [b, a, neededTo, neededToKept]] as const) {
      if (pairs === 0) continue;
      for (const sum of [sums[one]![other]!, total]) {
        sum.share += kept / pairs;
        sum.count++;
      }
    }
  }
  const usual = total.count === 0 ? 0.5 : total.share / total.count;
  return sums.map((line) => line.map(({ share, count }) => (share + PRIOR_REPLACEMENTS * usual) / (count + PRIOR_REPLACEMENTS)));
}

function environmentColumns(rows: readonly ReplacementRow[], radius: number): Record<string, Column> {
  const all = rows.flatMap((row) => row.environments[radius]!);
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.environments[radius]!.length));
  return {
    [`environmentOffsets${radius}`]: offsets,
    [`environmentKeys${radius}`]: Uint32Array.from(all, (one) => one.key),
    [`environmentPairs${radius}`]: Uint16Array.from(all, (one) => Math.min(65_535, one.pairs)),
    [`environmentKept${radius}`]: Uint16Array.from(all, (one) => Math.min(65_535, one.kept)),
    [`environmentMean${radius}`]: Int16Array.from(all, (one) => Math.round(one.mean * SCALE)),
  };
}

/** The texts behind the hashes that are kept; a hash of two texts would be a false statement, so it ends the run. */
function textsOf(rows: readonly ReplacementRow[], store: CutStore): { fragments: ReadonlyMap<number, CutFragment>; names: ReadonlyMap<number, string> } {
  const wanted = new Set(rows.flatMap((row) => [row.from, row.to]));
  const wantedNames = new Set(rows.flatMap((row) => row.environments.slice(0, NAMED_RADIUS + 1).flatMap((list) => list.map((one) => one.key))));
  const fragments = new Map<number, CutFragment>();
  const names = new Map<number, string>();
  for (let shard = 0; shard < store.shards; shard++) {
    const batch = store.shard(shard);
    for (const fragment of batch.fragments) {
      if (!wanted.has(fragment.hash)) continue;
      const known = fragments.get(fragment.hash);
      if (known !== undefined && known.smiles !== fragment.smiles) throw new IsoLensError('INTERNAL', `Expected one fragment for a hash but found ${known.smiles} and ${fragment.smiles}.`);
      fragments.set(fragment.hash, fragment);
    }
    for (const [key, text] of batch.names) if (wantedNames.has(key)) names.set(key, text);
  }
  return { fragments, names };
}

function bytesOf(lines: readonly string[]): Uint8Array {
  return new Uint8Array(Buffer.from(lines.join('\n'), 'utf8'));
}
