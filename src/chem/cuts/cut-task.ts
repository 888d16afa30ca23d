/** The task "cut" of the chemistry workers: many molecules to columns of cuts, for mining. */
import { descriptorsOf } from '../descriptors.ts';
import { inputKeyOf, itemError } from '../featurise.ts';
import type { ItemError } from '../featurise.ts';
import type { Kernel } from '../kernel.ts';
import { graphOf } from '../molecule-graph.ts';
import type { Fragment } from './fragment.ts';
import { combineText } from './hash.ts';
import { cutRecords } from './table.ts';
import type { CutRequest } from './table.ts';

/** Molecule m of the batch has the cuts cutOffsets[m] .. cutOffsets[m + 1]; cut c the points pointOffsets[c] .. pointOffsets[c + 1]. */
export interface CutBatch {
  /** Index in the input. */
  readonly rows: Int32Array;
  readonly inchiKeys: readonly string[];
  /** InChIKeys of the molecules as given, counter-ions included. */
  readonly inputKeys: readonly string[];
  readonly logP: Float32Array;
  readonly tpsa: Float32Array;
  readonly cutOffsets: Uint32Array;
  /** Position in `fragments`. */
  readonly fragment: Uint32Array;
  /** Hash of the constant part. */
  readonly constant: Float64Array;
  readonly pointOffsets: Uint32Array;
  /** Hash of the constant piece at each point. */
  readonly pieces: Float64Array;
  /** (points, RADII) */
  readonly environments: Uint32Array;
  readonly fragments: readonly CutFragment[];
  /** Texts of the environments met, by hash. */
  readonly names: ReadonlyMap<number, string>;
  readonly errors: readonly ItemError[];
}

export interface CutFragment {
  readonly smiles: string;
  /** Of the text. */
  readonly hash: number;
  /** Bit p set: PERMUTATIONS[points][p] changes nothing. */
  readonly symmetries: number;
}

export function cutMolecules(kernel: Kernel, inputs: readonly string[], request: CutRequest, begin: (index: number) => void): CutBatch {
  const builder = new BatchBuilder(request);
  inputs.forEach((input, index) => {
    begin(index);
    try {
      kernel.standardiser.standardise(input, (parent, molecule, given) => {
        const { logP, tpsa } = descriptorsOf(parent, molecule.charge);
        builder.add(index, molecule.inchiKey, inputKeyOf(kernel, molecule, given), logP, tpsa, graphOf(parent));
      });
    } catch (thrown) {
      builder.errors.push(itemError(index, thrown));
    }
  });
  return builder.batch();
}

class BatchBuilder {
  readonly errors: ItemError[] = [];
  private readonly request: CutRequest;
  private readonly rows: number[] = [];
  private readonly inchiKeys: string[] = [];
  private readonly inputKeys: string[] = [];
  private readonly logP: number[] = [];
  private readonly tpsa: number[] = [];
  private readonly cutOffsets: number[] = [0];
  private readonly fragment: number[] = [];
  private readonly constant: number[] = [];
  private readonly pointOffsets: number[] = [0];
  private readonly pieces: number[] = [];
  private readonly environments: number[] = [];
  private readonly fragments: CutFragment[] = [];
  private readonly places = new Map<string, number>();
  private readonly names = new Map<number, string>();

  constructor(request: CutRequest) {
    this.request = request;
  }

  add(row: number, inchiKey: string, inputKey: string, logP: number, tpsa: number, graph: ReturnType<typeof graphOf>): void {
    const records = cutRecords(graph, this.request, (hash, text) => {
      if (!this.names.has(hash)) this.names.set(hash, text());
    });
    for (const { fragment, constant, pieces, environments } of records) {
      this.fragment.push(this.placeOf(fragment));
      this.constant.push(constant);
      this.pieces.push(...pieces);
      for (const radii of environments) this.environments.push(...radii);
      this.pointOffsets.push(this.pieces.length);
    }
    this.rows.push(row);
    this.inchiKeys.push(inchiKey);
    this.inputKeys.push(inputKey);
    this.logP.push(logP);
    this.tpsa.push(tpsa);
    this.cutOffsets.push(this.fragment.length);
  }

  batch(): CutBatch {
    const { inchiKeys, inputKeys, fragments, names, errors } = this;
    return {
      rows: Int32Array.from(this.rows), inchiKeys, inputKeys, logP: Float32Array.from(this.logP), tpsa: Float32Array.from(this.tpsa),
      cutOffsets: Uint32Array.from(this.cutOffsets), fragment: Uint32Array.from(this.fragment), constant: Float64Array.from(this.constant),
      pointOffsets: Uint32Array.from(this.pointOffsets), pieces: Float64Array.from(this.pieces), environments: Uint32Array.from(this.environments),
      fragments, names, errors,
    };
  }

  private placeOf({ smiles, symmetries }: Fragment): number {
    const known = this.places.get(smiles);
    if (known !== undefined) return known;
    this.places.set(smiles, this.fragments.length);
    this.fragments.push({ smiles, hash: fragmentHash(smiles), symmetries: symmetries.reduce((mask, position) => mask | (1 << position), 0) });
    return this.fragments.length - 1;
  }
}

export function fragmentHash(smiles: string): number {
  return combineText(FRAGMENT_SEED, smiles);
}

const FRAGMENT_SEED = 0x6a09e667;

/** Puts consecutive pieces together; a fragment that two of them met stands twice. */
export function joinCuts(batches: readonly CutBatch[], starts: readonly number[]): CutBatch {
  const cutStarts = running(batches.map((batch) => batch.fragment.length));
  const pointStarts = running(batches.map((batch) => batch.pieces.length));
  const fragmentStarts = running(batches.map((batch) => batch.fragments.length));
  return {
    rows: Int32Array.from(batches.flatMap((batch, i) => Array.from(batch.rows, (row) => row + starts[i]!))),
    inchiKeys: batches.flatMap((batch) => batch.inchiKeys),
    inputKeys: batches.flatMap((batch) => batch.inputKeys),
    logP: Float32Array.from(batches.flatMap((batch) => [...batch.logP])),
    tpsa: Float32Array.from(batches.flatMap((batch) => [...batch.tpsa])),
    cutOffsets: Uint32Array.from([0, ...batches.flatMap((batch, i) => Array.from(batch.cutOffsets.subarray(1), (at) => at + cutStarts[i]!))]),
    fragment: Uint32Array.from(batches.flatMap((batch, i) => Array.from(batch.fragment, (at) => at + fragmentStarts[i]!))),
    constant: Float64Array.from(batches.flatMap((batch) => [...batch.constant])),
    pointOffsets: Uint32Array.from([0, ...batches.flatMap((batch, i) => Array.from(batch.pointOffsets.subarray(1), (at) => at + pointStarts[i]!))]),
    pieces: Float64Array.from(batches.flatMap((batch) => [...batch.pieces])),
    environments: Uint32Array.from(batches.flatMap((batch) => [...batch.environments])),
    fragments: batches.flatMap((batch) => batch.fragments),
    names: new Map(batches.flatMap((batch) => [...batch.names])),
    errors: batches.flatMap((batch, i) => batch.errors.map((error) => ({ ...error, index: error.index + starts[i]! }))),
  };
}

export const NO_CUTS: CutBatch = new BatchBuilder({ cuts: 1, variable: 0 }).batch();

function running(lengths: readonly number[]): number[] {
  const starts: number[] = [];
  let total = 0;
  for (const length of lengths) {
    starts.push(total);
    total += length;
  }
  return starts;
}

