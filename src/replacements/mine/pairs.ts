/** Stage 2: within each assay, molecules that share a constant part and differ in the variable one form pairs. */
import type { CutFragment } from '../../chem/index.ts';
import { HYDROGEN, RADII, environmentKey, mappingsBetween, normalForm } from '../../chem/index.ts';
import { median } from '../../core/index.ts';
import type { Progress } from '../../core/index.ts';
import { ACTIVE_FROM, KEPT_WITHIN, NEEDED_BY } from '../define.ts';
import type { MeasurementTable } from './measurements.ts';
import type { CutMolecule, CutStore } from './molecules.ts';
import { ObservationWriter } from './observations.ts';
import type { Observation, Outcome } from './observations.ts';
import type { WorkFolder } from './work-folder.ts';

export const PARTITIONS = 32;

export interface PairCounts {
  /** Measurements of molecules that could be read and are not left out. */
  measurements: number;
  /** Pairs of molecules and cuts that say whether activity was kept. */
  pairs: number;
  /** Pairs of compounds that are both too weak to tell. */
  inactive: number;
  /** Pairs of two bounds, or of a bound that decides nothing. */
  undecided: number;
}

export interface PairOptions {
  readonly table: MeasurementTable;
  /** Of all that the pairs depend on. */
  readonly digest: string;
  readonly store: CutStore;
  /** Assays a block. */
  readonly size: number;
  /** 1 for molecules that must not be used. */
  readonly leftOut: Uint8Array;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Written when all parts of a block are. */
function countsName(digest: string, block: number): string {
  return `counts-${digest}-${String(block).padStart(5, '0')}.bin`;
}

function partName(digest: string, block: number, part: number): string {
  return `pairs-${digest}-${String(block).padStart(5, '0')}-${String(part).padStart(2, '0')}.bin`;
}

export function blockCount(table: MeasurementTable, size: number): number {
  return Math.ceil(table.assays.length / size);
}

/** Returns the counts of all blocks, those of an earlier run among them. */
export async function pairAll(work: WorkFolder, options: PairOptions): Promise<PairCounts> {
  const { table, digest, size, progress, signal } = options;
  const total: PairCounts = { measurements: 0, pairs: 0, inactive: 0, undecided: 0 };
  progress.start('pairing within assays', table.assays.length);
  for (let block = 0; block < blockCount(table, size); block++) {
    const name = countsName(digest, block);
    if (!work.has(name)) work.save(name, pairBlock(work, block, options));
    const counts = work.load(name) as PairCounts;
    total.measurements += counts.measurements;
    total.pairs += counts.pairs;
    total.inactive += counts.inactive;
    total.undecided += counts.undecided;
    progress.update(Math.min(table.assays.length, (block + 1) * size), `${total.pairs} pairs`);
    // So that an interruption is heard between two blocks.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  progress.finish(`${total.pairs} pairs`);
  return total;
}

export function loadPart(work: WorkFolder, digest: string, block: number, part: number): Uint8Array {
  return work.load(partName(digest, block, part)) as Uint8Array;
}

function pairBlock(work: WorkFolder, block: number, options: PairOptions): PairCounts {
  const writer = new ObservationWriter(PARTITIONS);
  const counts: PairCounts = { measurements: 0, pairs: 0, inactive: 0, undecided: 0 };
  const last = Math.min(options.table.assays.length, (block + 1) * options.size);
  for (let assay = block * options.size; assay < last; assay++) pairAssay(assay, options, writer, counts);
  writer.take().forEach((bytes, part) => work.save(partName(options.digest, block, part), bytes));
  return counts;
}

/** What is known of one compound in one assay: between `low` and `high`. */
interface Measured {
  readonly molecule: CutMolecule;
  readonly low: number;
  readonly high: number;
}

/** One cut of one compound of the assay. */
interface Variant {
  readonly measured: Measured;
  readonly cut: number;
}

function pairAssay(assay: number, options: PairOptions, writer: ObservationWriter, counts: PairCounts): void {
  const groups = new Map<number, Variant[]>();
  for (const measured of compoundsOf(assay, options, counts)) {
    const { batch, at } = measured.molecule;
    const seen = new Set<string>();
    for (let cut = batch.cutOffsets[at]!; cut < batch.cutOffsets[at + 1]!; cut++) {
      const constant = batch.constant[cut]!;
      // Equivalent positions give the same variant twice.
      const key = `${constant} ${batch.fragment[cut]!}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const group = groups.get(constant);
      if (group === undefined) groups.set(constant, [{ measured, cut }]);
      else group.push({ measured, cut });
    }
  }
  for (const [constant, group] of groups) {
    const without = activityWithout(group);
    const isNeeded = ({ measured }: Variant): boolean => measured.low - without >= NEEDED_BY;
    for (let i = 1; i < group.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [group[j]!.measured, group[i]!.measured];
        if (a.low <= ACTIVE_FROM && b.low <= ACTIVE_FROM) {
          counts.inactive++;
          continue;
        }
        const { outcome, delta } = outcomeOf(a, b);
        if (outcome === undefined) {
          counts.undecided++;
          continue;
        }
        const observed = observe(assay, constant, group[j]!, group[i]!, outcome, delta, isNeeded);
        if (observed === undefined) continue;
        counts.pairs++;
        writer.add(partitionOf(observed), observed);
      }
    }
  }
}

/** The largest activity, as far as known, of this constant part with a hydrogen or a methyl in the place; Infinity where neither was measured. */
function activityWithout(group: readonly Variant[]): number {
  const without = group.filter((one) => NOTHING_THERE.has(fragmentOf(one).smiles)).map(({ measured }) => measured.high);
  return without.length === 0 ? Infinity : Math.max(...without);
}

const NOTHING_THERE = new Set([HYDROGEN, '[*:1]C']);

function partitionOf({ from, to }: Observation): number {
  return (((from % 65_521) * 31 + (to % 65_521)) >>> 0) % PARTITIONS;
}

/** Records of one compound (same InChIKey) are one: the median of exact values, or else the narrowest bounds. */
function compoundsOf(assay: number, { table, store, leftOut }: PairOptions, counts: PairCounts): Measured[] {
  const byKey = new Map<string, { molecule: CutMolecule; exact: number[]; low: number; high: number }>();
  for (let row = table.rowOffsets[assay]!; row < table.rowOffsets[assay + 1]!; row++) {
    const number = table.molecule[row]!;
    const molecule = leftOut[number] ? undefined : store.get(number);
    if (molecule === undefined) continue;
    counts.measurements++;
    const key = molecule.batch.inchiKeys[molecule.at]!;
    const known = byKey.get(key) ?? { molecule, exact: [], low: -Infinity, high: Infinity };
    byKey.set(key, known);
    const value = table.activity[row]!;
    if (table.bound[row] === 0) known.exact.push(value);
    else if (table.bound[row] === -1) known.high = Math.min(known.high, value);
    else known.low = Math.max(known.low, value);
  }
  return [...byKey.values()].map(({ molecule, exact, low, high }) => {
    if (exact.length === 0) return { molecule, low, high };
    const middle = median(exact);
    return { molecule, low: middle, high: middle };
  });
}

function outcomeOf(a: Measured, b: Measured): { outcome: Outcome | undefined; delta: number } {
  if (a.low === a.high && b.low === b.high) return { outcome: 'exact', delta: b.low - a.low };
  if (b.high - a.low <= -KEPT_WITHIN) return { outcome: 'lost', delta: 0 };
  if (b.low - a.high >= KEPT_WITHIN) return { outcome: 'gained', delta: 0 };
  return { outcome: undefined, delta: 0 };
}

const TURNED: Readonly<Record<Outcome, Outcome>> = { exact: 'exact', lost: 'gained', gained: 'lost' };

/** Undefined where both have the same variable part: stereoisomers. */
function observe(assay: number, constant: number, a: Variant, b: Variant, outcome: Outcome, delta: number, isNeeded: (one: Variant) => boolean): Observation | undefined {
  const [first, second] = [fragmentOf(a), fragmentOf(b)];
  if (second.hash < first.hash) return observe(assay, constant, b, a, TURNED[outcome], -delta, isNeeded);
  const mappings = mappingsBetween(piecesOf(a), piecesOf(b));
  // Two constant parts of equal hash and unequal pieces: a collision, and no pair.
  if (mappings.length === 0) return undefined;
  const { mapping, orders } = normalForm(mappings[0]!.length, mappings, first.symmetries, second.symmetries);
  if (mapping === 0 && first.hash === second.hash) return undefined;
  const [one, other] = [a.measured.molecule, b.measured.molecule];
  return {
    from: first.hash, to: second.hash, mapping, constant, assay, outcome, delta, needed: { from: isNeeded(a), to: isNeeded(b) },
    logP: other.batch.logP[other.at]! - one.batch.logP[one.at]!,
    tpsa: other.batch.tpsa[other.at]! - one.batch.tpsa[one.at]!,
    environments: Array.from({ length: RADII }, (_, radius) => environmentKey(environmentsOf(a, radius), orders)),
  };
}

function fragmentOf({ measured: { molecule: { batch } }, cut }: Variant): CutFragment {
  return batch.fragments[batch.fragment[cut]!]!;
}

function piecesOf({ measured: { molecule: { batch } }, cut }: Variant): Float64Array {
  return batch.pieces.subarray(batch.pointOffsets[cut], batch.pointOffsets[cut + 1]);
}

function environmentsOf({ measured: { molecule: { batch } }, cut }: Variant, radius: number): number[] {
  const keys: number[] = [];
  for (let point = batch.pointOffsets[cut]!; point < batch.pointOffsets[cut + 1]!; point++) keys.push(batch.environments[point * RADII + radius]!);
  return keys;
}
