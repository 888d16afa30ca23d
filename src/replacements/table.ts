/** A table of replacements in memory, and what can be asked of it. */
import { readFileSync } from 'node:fs';
import { IONISATION_CLASSES, PERMUTATIONS, RADII, environmentKey, invert, normalForm, pointsOf, renumber } from '../chem/index.ts';
import type { Permutation, StructuralChange, Surroundings } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { HISTOGRAM } from './define.ts';
import type { EnvironmentEvidence, ReplacementEvidence } from './define.ts';
import { decodeTable } from './format.ts';
import type { Column, TableFile } from './format.ts';
import { byRank, expectation } from './rank.ts';
import { shapeOf, sizeChange } from './shape.ts';
import { TEXTBOOK } from './textbook.ts';
import type { FragmentShape } from './shape.ts';
import type { Observed, RankParameters } from './rank.ts';
import { SCALE, TPSA_SCALE } from './scales.ts';

export const TABLE_FILE = 'replacements.bin.gz';

/** Surroundings of the cuts as the chemistry workers give them: `[radius][point of from]`. */
export type EnvironmentHashes = readonly (readonly number[])[];

/** A row, seen from one of its two fragments. */
interface Sight {
  readonly row: number;
  /** The row says to -> from of what was asked. */
  readonly turned: boolean;
  /** Points of the asked `from` -> points of the other fragment, as that fragment numbers them. */
  readonly mapping: Permutation;
}

export class Replacements {
  /** Distinct replacements. */
  readonly count: number;
  private readonly fragments: readonly string[];
  private readonly places: ReadonlyMap<string, number>;
  private readonly columns: TableFile['columns'];
  private readonly parameters: RankParameters & Pick<TableFile['header'], 'neededShares'>;
  /** Row -> position of its `from`. */
  private readonly fromOf: Uint32Array;
  /** Rows by `to`: backRows[backOffsets[f] .. backOffsets[f + 1]]. */
  private readonly backOffsets: Uint32Array;
  private readonly backRows: Uint32Array;
  private readonly shapes = new Map<string, FragmentShape>();
  private readonly textbookRows: ReadonlySet<number>;

  private constructor({ header, columns }: TableFile) {
    this.columns = columns;
    this.parameters = header;
    this.fragments = textOf(columns['fragments']!).split('\n');
    this.places = new Map(this.fragments.map((fragment, i) => [fragment, i]));
    this.count = columns['to']!.length;
    this.fromOf = new Uint32Array(this.count);
    const offsets = columns['fromOffsets']!;
    for (let f = 0; f < this.fragments.length; f++) this.fromOf.fill(f, offsets[f], offsets[f + 1]);
    this.backOffsets = new Uint32Array(this.fragments.length + 1);
    for (const to of columns['to']!) this.backOffsets[to + 1]!++;
    for (let f = 0; f < this.fragments.length; f++) this.backOffsets[f + 1]! += this.backOffsets[f]!;
    const next = this.backOffsets.slice();
    this.backRows = new Uint32Array(this.count);
    columns['to']!.forEach((to, row) => (this.backRows[next[to]!++] = row));
    this.textbookRows = new Set(TEXTBOOK.flatMap(([from, to]) => this.sightOf(from, to)?.row ?? []));
  }

  static open(path: string): Replacements {
    let packed: Buffer;
    try {
      packed = readFileSync(path);
    } catch (thrown) {
      throw new IsoLensError('FILE_NOT_FOUND', `Expected a table of replacements in ${path} but it cannot be read; it is part of the package, and "isolens mine" makes one.`, { cause: thrown });
    }
    return new Replacements(decodeTable(packed, path));
  }

  /** Share of pairs that keep the activity, over all replacements. */
  get usualShare(): number {
    return this.parameters.keptShare;
  }

  /** Number of fragments that stand in some replacement. */
  get fragmentCount(): number {
    return this.fragments.length;
  }

  /**
   * What is known of one replacement; undefined where it was seen too seldom. Fragments as the chemistry workers write them; `to`
   * numbers its points as `from` does. The direction is the asked one: a positive change means that `to` is more active.
   */
  evidence(from: string, to: string, environments?: EnvironmentHashes): ReplacementEvidence | undefined {
    const sight = this.sightOf(from, to);
    return sight === undefined ? undefined : this.describe(from, sight, environments);
  }

  private sightOf(from: string, to: string): Sight | undefined {
    const first = this.places.get(from);
    const points = pointsOf(from);
    if (first === undefined || points !== pointsOf(to)) return undefined;
    for (const numbering of PERMUTATIONS[points] ?? []) {
      // `to` with its points numbered by itself: numbering sends those numbers to the ones of `from`.
      const second = this.places.get(renumber(to, numbering));
      if (second !== undefined) return this.find(first, second, numbering);
    }
    return undefined;
  }

  /** The first way to see a change for which something is known (`ChemPool.changes` gives the ways, the largest core first). */
  evidenceOf(changes: readonly StructuralChange[]): { readonly change: StructuralChange; readonly evidence: ReplacementEvidence } | undefined {
    for (const change of changes) {
      const evidence = this.evidence(change.from, change.to, change.environments);
      if (evidence !== undefined) return { change, evidence };
    }
    return undefined;
  }

  /** Everything that was seen in the place of a fragment: isosteres first, the likeliest to keep a needed activity first among them. */
  replacementsOf(fragment: string, environments?: EnvironmentHashes, surroundings: Surroundings = 'saturated'): ReplacementEvidence[] {
    const place = this.places.get(fragment);
    if (place === undefined) return [];
    const offsets = this.columns['fromOffsets']!;
    const found: ReplacementEvidence[] = [];
    for (let row = offsets[place]!; row < offsets[place + 1]!; row++) found.push(this.describe(fragment, { row, turned: false, mapping: this.mappingOf(row) }, environments, surroundings));
    for (let i = this.backOffsets[place]!; i < this.backOffsets[place + 1]!; i++) {
      const row = this.backRows[i]!;
      // A fragment that changes its own points is seen once.
      if (this.fromOf[row] !== place) found.push(this.describe(fragment, { row, turned: true, mapping: invert(this.mappingOf(row)) }, environments, surroundings));
    }
    return found.sort((a, b) => byRank(a, b) || b.pairs - a.pairs || (a.to < b.to ? -1 : 1));
  }

  private mappingOf(row: number): Permutation {
    return PERMUTATIONS[pointsOf(this.fragments[this.fromOf[row]!]!)]![this.columns['mapping']![row]!]!;
  }

  private find(first: number, second: number, mapping: Permutation): Sight | undefined {
    const forward = this.rowOf(first, second, mapping);
    if (forward !== undefined) return { row: forward, turned: false, mapping };
    const backward = this.rowOf(second, first, invert(mapping));
    return backward === undefined ? undefined : { row: backward, turned: true, mapping };
  }

  private rowOf(from: number, to: number, mapping: Permutation): number | undefined {
    const { fromOffsets: offsets, symmetries } = this.columns as Readonly<Record<'fromOffsets' | 'symmetries', Column>>;
    const name = normalForm(mapping.length, [mapping], symmetries[from]!, symmetries[to]!).mapping;
    const targets = this.columns['to']!;
    let low = offsets[from]!;
    let high = offsets[from + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      const isBefore = targets[middle]! < to || (targets[middle] === to && this.columns['mapping']![middle]! < name);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low < offsets[from + 1]! && targets[low] === to && this.columns['mapping']![low] === name ? low : undefined;
  }

  private describe(from: string, { row, turned, mapping }: Sight, environments: EnvironmentHashes | undefined, surroundings: Surroundings = 'saturated'): ReplacementEvidence {
    const at = (name: string): number => this.columns[name]![row]!;
    const sign = turned ? -1 : 1;
    const other = this.fragments[turned ? this.fromOf[row]! : at('to')]!;
    const [pairs, kept, exact, assays, contexts] = [at('pairs'), at('kept'), at('exact'), at('assays'), at('contexts')];
    const matched = environments === undefined ? [] : this.matchedSteps(row, turned, mapping, environments);
    const widest = matched.at(-1);
    const [first, second] = [this.fromOf[row]!, at('to')];
    const classes = this.columns[surroundings === 'saturated' ? 'ionisationSaturated' : 'ionisationConjugated']!;
    const [own, others] = turned ? [classes[second]!, classes[first]!] : [classes[first]!, classes[second]!];
    const needed = turned ? { pairs: at('neededTo'), kept: at('neededToKept') } : { pairs: at('neededFrom'), kept: at('neededFromKept') };
    const to = renumber(other, invert(mapping));
    const standing = { assays, sizeChange: sizeChange(this.shapeOf(from), this.shapeOf(to)) };
    const { expectedKept, expectedNeeded, score } = expectation([{ pairs, kept }, ...matched], { ...needed, usual: this.parameters.neededShares[own]![others]! }, Math.min(assays, contexts), standing, this.parameters);
    const quantiles = [at('q10') / SCALE, at('q50') / SCALE, at('q90') / SCALE].map((value) => sign * value).sort((a, b) => a - b);
    return {
      from,
      to,
      pairs, assays, contexts, kept,
      lost: turned ? at('gained') : at('lost'), gained: turned ? at('lost') : at('gained'),
      deltaActivity: exact === 0 ? undefined : { pairs: exact, mean: (sign * at('mean')) / SCALE, sd: at('sd') / SCALE, quantiles: { q10: quantiles[0]!, q50: quantiles[1]!, q90: quantiles[2]! }, keptShare: kept / pairs, counts: this.countsOf(row, turned) },
      deltaLogP: (sign * at('logP')) / SCALE, deltaTpsa: (sign * at('tpsa')) / TPSA_SCALE,
      environment: widest ?? { radius: -1, pairs, kept, meanDelta: (sign * at('mean')) / SCALE },
      ionisation: IONISATION_CLASSES[others]!, isostere: own === others && this.isSamePlace(turned ? second : first, turned ? first : second, turned ? invert(mapping) : mapping, surroundings), textbook: this.textbookRows.has(row), needed: { ...needed, expectedKept: expectedNeeded },
      expectedKept, score,
    };
  }

  /** Fragments are asked for again and again. */
  private shapeOf(fragment: string): FragmentShape {
    const known = this.shapes.get(fragment);
    if (known !== undefined) return known;
    const shape = shapeOf(fragment);
    this.shapes.set(fragment, shape);
    return shape;
  }

  private countsOf(row: number, turned: boolean): number[] | undefined {
    const all = this.columns['histogram'];
    if (all === undefined) return undefined;
    const counts = [...all.subarray(row * HISTOGRAM.bins, (row + 1) * HISTOGRAM.bins)];
    return turned ? counts.reverse() : counts;
  }

  /** Whether what ionises is as far from each attachment point in both. */
  private isSamePlace(from: number, to: number, mapping: Permutation, surroundings: Surroundings): boolean {
    const places = this.columns[surroundings === 'saturated' ? 'placesSaturated' : 'placesConjugated']!;
    return mapping.every((target, point) => ((places[from]! >> (4 * point)) & 15) === ((places[to]! >> (4 * target)) & 15));
  }

  /** From the attachment atom outwards, as far as this replacement was seen in the same surroundings. */
  private matchedSteps(row: number, turned: boolean, mapping: Permutation, environments: EnvironmentHashes): (EnvironmentEvidence & Observed)[] {
    const steps: (EnvironmentEvidence & Observed)[] = [];
    const orders = this.ordersOf(row, turned ? invert(mapping) : mapping);
    for (let radius = 0; radius < Math.min(RADII, environments.length); radius++) {
      // Hashes are in the order of the asked fragment; the row counts by its own `from`.
      const own = turned ? mapping.map((_, point) => environments[radius]![invert(mapping)[point]!]!) : environments[radius]!;
      const found = this.environmentAt(row, radius, environmentKey(own, orders));
      if (found === undefined) break;
      steps.push({ ...found, meanDelta: turned ? -found.meanDelta : found.meanDelta });
    }
    return steps;
  }

  private ordersOf(row: number, mapping: Permutation): readonly Permutation[] {
    const { symmetries, to } = this.columns as Readonly<Record<'symmetries' | 'to', Column>>;
    return normalForm(mapping.length, [mapping], symmetries[this.fromOf[row]!]!, symmetries[to[row]!]!).orders;
  }

  private environmentAt(row: number, radius: number, key: number): EnvironmentEvidence | undefined {
    const offsets = this.columns[`environmentOffsets${radius}`]!;
    const keys = this.columns[`environmentKeys${radius}`]!;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      if (keys[i] !== key) continue;
      return { radius, pairs: this.columns[`environmentPairs${radius}`]![i]!, kept: this.columns[`environmentKept${radius}`]![i]!, meanDelta: this.columns[`environmentMean${radius}`]![i]! / SCALE };
    }
    return undefined;
  }
}

function textOf(column: Column): string {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('utf8');
}

