/** Everything that the score compares, of many molecules, as columns; and a molecule that they are compared with. */
import { DESCRIPTOR_NAMES, ERG_WIDTH } from '../chem/index.ts';
import type { DescriptorName, FeatureBatch } from '../chem/index.ts';
import { ColumnTable, matrixOf } from '../core/index.ts';
import type { ColumnArray, Matrix } from '../core/index.ts';
import { COLUMNS, FINGERPRINT_BYTES, MOLECULE_COLUMNS, PROFILE_COLUMNS, PROFILE_VERSION, partsOf } from './columns.ts';
import type { ProfileParts } from './columns.ts';

const WORDS = FINGERPRINT_BYTES / 4;

/** One molecule, but for its embedding. */
export interface Profile extends ProfileParts {
  /** Key of the Murcko scaffold; '' for a molecule without rings. */
  readonly scaffold: string;
}

export function profileOf(batch: FeatureBatch, row: number): Profile {
  const parts = partsOf(batch);
  const own = Object.fromEntries(Object.entries(parts).map(([name, all]: [string, Uint8Array | Float32Array]) => {
    const width = all.length / batch.rows.length;
    return [name, all.slice(row * width, (row + 1) * width)];
  })) as unknown as ProfileParts;
  return { ...own, scaffold: batch.scaffoldKeys![row] ?? '' };
}

/** What rows are compared with: one of them, or any other molecule. Plain data, so that it can be sent to another thread. */
export interface ProfileQuery {
  /** Unit length. */
  readonly vector: Float32Array;
  /** 32 bits a word. */
  readonly ecfp4: Int32Array;
  readonly atomPair: Int32Array;
  readonly torsion: Int32Array;
  readonly ecfp4Size: number;
  readonly atomPairSize: number;
  readonly torsionSize: number;
  readonly pharmacophore: Uint8Array;
  readonly pharmacophoreSize: number;
  /** As in the column of this name. */
  readonly chargeClass: number;
  /** In the order of DESCRIPTOR_NAMES. */
  readonly descriptors: Float32Array;
  /** As the rows are numbered; 0 for none, -1 for one that no row has. */
  readonly scaffold: number;
}

/** How much of each property counts as one step away. */
const STEPS: readonly (readonly [name: DescriptorName, step: number])[] = [
  ['molecularWeight', 60], ['logP', 1], ['tpsa', 25], ['hBondDonors', 1], ['hBondAcceptors', 1.5], ['charge', 0.5], ['rotatableBonds', 2.5], ['rings', 1], ['fractionCsp3', 0.2],
];
/** Positions among the descriptors, with their steps. */
export const PROPERTY_STEPS = STEPS.map(([name, step]) => [DESCRIPTOR_NAMES.indexOf(name), step] as const);
const WIDTH = DESCRIPTOR_NAMES.length;

/** 1 for equal properties, falling with the mean number of steps between them. */
export function agreementOf(steps: number): number {
  return Math.exp(-steps / PROPERTY_STEPS.length);
}

/** Fingerprints of one kind, 32 bits a word. */
class BitColumn {
  private readonly words: Int32Array;
  private readonly sizes: Uint16Array;

  constructor(bytes: Uint8Array, sizes: Uint16Array) {
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    this.sizes = sizes;
  }

  row(row: number): Int32Array {
    return this.words.slice(row * WORDS, (row + 1) * WORDS);
  }

  size(row: number): number {
    return this.sizes[row]!;
  }

  tanimoto(query: Int32Array, size: number, row: number): number {
    const both = this.shared(query, row);
    const either = size + this.sizes[row]! - both;
    return either === 0 ? 0 : both / either;
  }

  private shared(query: Int32Array, row: number): number {
    const { words } = this;
    let count = 0;
    for (let w = 0, i = row * WORDS; w < WORDS; w++, i++) {
      let x = query[w]! & words[i]!;
      if (x === 0) continue;
      x -= (x >>> 1) & 0x55555555;
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
      count += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }
}

/** Profiles by row. Comparing takes a query, which may be a row, and a row; nothing is changed by it. */
export class Profiles {
  readonly count: number;
  readonly table: ColumnTable;
  /** (count, D), unit rows. */
  readonly vectors: Matrix;
  /** (count, DESCRIPTOR_NAMES) */
  readonly descriptors: Float32Array;
  /** Equal numbers, equal scaffolds; 0 for none. */
  readonly scaffolds: Int32Array;
  private readonly ecfp4: BitColumn;
  private readonly atomPair: BitColumn;
  private readonly torsion: BitColumn;
  private readonly pharmacophore: Uint8Array;
  private readonly pharmacophoreSize: Uint32Array;
  private readonly chargeClass: Uint8Array;

  /** vectors: (count, D), unit rows; table: with PROFILE_COLUMNS, as many rows. Both are shared, not copied. BUNDLE_INCOMPATIBLE for a table of another make. */
  constructor(vectors: Matrix, table: ColumnTable) {
    this.count = table.count;
    this.table = table;
    this.vectors = vectors;
    this.descriptors = table.column(COLUMNS.descriptors);
    this.scaffolds = table.column(COLUMNS.scaffold);
    this.ecfp4 = new BitColumn(table.column(COLUMNS.ecfp4), table.column(COLUMNS.ecfp4Size));
    this.atomPair = new BitColumn(table.column(COLUMNS.atomPair), table.column(COLUMNS.atomPairSize));
    this.torsion = new BitColumn(table.column(COLUMNS.torsion), table.column(COLUMNS.torsionSize));
    this.pharmacophore = table.column(COLUMNS.pharmacophore);
    this.pharmacophoreSize = table.column(COLUMNS.pharmacophoreSize);
    this.chargeClass = table.column(COLUMNS.chargeClass);
  }

  /** A row as a query; copies, since a view that is sent to another thread takes its whole memory with it. */
  at(row: number): ProfileQuery {
    const { dimension } = this;
    return {
      vector: this.vectors.data.slice(row * dimension, (row + 1) * dimension),
      ecfp4: this.ecfp4.row(row), atomPair: this.atomPair.row(row), torsion: this.torsion.row(row),
      ecfp4Size: this.ecfp4.size(row), atomPairSize: this.atomPair.size(row), torsionSize: this.torsion.size(row),
      pharmacophore: this.pharmacophore.slice(row * ERG_WIDTH, (row + 1) * ERG_WIDTH), pharmacophoreSize: this.pharmacophoreSize[row]!,
      descriptors: this.descriptors.slice(row * WIDTH, (row + 1) * WIDTH), scaffold: this.scaffolds[row]!, chargeClass: this.chargeClass[row]!,
    };
  }

  cosine({ vector }: ProfileQuery, row: number): number {
    const { data } = this.vectors;
    const { dimension } = this;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let i = 0;
    let j = row * dimension;
    for (; i + 3 < dimension; i += 4, j += 4) {
      s0 += vector[i]! * data[j]!;
      s1 += vector[i + 1]! * data[j + 1]!;
      s2 += vector[i + 2]! * data[j + 2]!;
      s3 += vector[i + 3]! * data[j + 3]!;
    }
    for (; i < dimension; i++, j++) s0 += vector[i]! * data[j]!;
    return s0 + s1 + s2 + s3;
  }

  ecfp4Tanimoto({ ecfp4, ecfp4Size }: ProfileQuery, row: number): number {
    return this.ecfp4.tanimoto(ecfp4, ecfp4Size, row);
  }

  atomPairTanimoto({ atomPair, atomPairSize }: ProfileQuery, row: number): number {
    return this.atomPair.tanimoto(atomPair, atomPairSize, row);
  }

  torsionTanimoto({ torsion, torsionSize }: ProfileQuery, row: number): number {
    return this.torsion.tanimoto(torsion, torsionSize, row);
  }

  pharmacophoreTanimoto({ pharmacophore: own, pharmacophoreSize: size }: ProfileQuery, row: number): number {
    const { pharmacophore } = this;
    let ab = 0;
    for (let w = 0, i = row * ERG_WIDTH; w < ERG_WIDTH; w++, i++) ab += own[w]! * pharmacophore[i]!;
    const either = size + this.pharmacophoreSize[row]! - ab;
    return either === 0 ? 0 : ab / either;
  }

  /** The same to many rows: only the types of pairs that the query has are looked at. */
  pharmacophoreFrom({ pharmacophore: own, pharmacophoreSize: size }: ProfileQuery): (row: number) => number {
    const { pharmacophore, pharmacophoreSize } = this;
    const columns = Uint16Array.from(Array.from(own.keys()).filter((column) => own[column] !== 0));
    const values = Uint8Array.from(columns, (column) => own[column]!);
    return (row) => {
      const from = row * ERG_WIDTH;
      let ab = 0;
      for (let i = 0; i < columns.length; i++) ab += values[i]! * pharmacophore[from + columns[i]!]!;
      const either = size + pharmacophoreSize[row]! - ab;
      return either === 0 ? 0 : ab / either;
    };
  }

  propertyAgreement({ descriptors: own }: ProfileQuery, row: number): number {
    const { descriptors } = this;
    let steps = 0;
    for (const [column, step] of PROPERTY_STEPS) steps += Math.abs(own[column]! - descriptors[row * WIDTH + column]!) / step;
    return agreementOf(steps);
  }

  /** Molecules without rings have no scaffold to share. */
  sameScaffold({ scaffold }: ProfileQuery, row: number): boolean {
    return scaffold === this.scaffolds[row] && scaffold !== 0;
  }

  /** 0 for equal classes, 0.5 where one of the two is charged, 1 for an acid and a base. */
  chargeDifference({ chargeClass }: ProfileQuery, row: number): number {
    return Math.abs(chargeClass - this.chargeClass[row]!) / 2;
  }

  private get dimension(): number {
    return this.vectors.cols;
  }
}

/** A molecule as a query. scaffold: the number of its scaffold among the rows; 0 for none, -1 for one that no row has. */
export function queryOf(vector: Float32Array, profile: Profile, scaffold: number): ProfileQuery {
  // A copy: the vector may be one row of many, and all of them would go where the query goes.
  const one = new ProfilesBuilder(matrixOf(vector.slice(), vector.length));
  one.set(0, profile);
  return { ...one.profiles.at(0), scaffold };
}

/** Profiles that are filled row by row, in memory. */
export class ProfilesBuilder {
  readonly profiles: Profiles;
  private readonly columns: ReadonlyMap<string, ColumnArray>;
  private readonly numbers = new ScaffoldNumbers();

  /** vectors: (count, D), unit rows by the time they are compared; shared, not copied. */
  constructor(vectors: Matrix) {
    const table = ColumnTable.empty(PROFILE_COLUMNS, vectors.rows, PROFILE_VERSION);
    this.columns = new Map(PROFILE_COLUMNS.map((column) => [column.name, table.column(column)]));
    this.profiles = new Profiles(vectors, table);
  }

  set(row: number, profile: Profile): void {
    for (const { name, width, of } of MOLECULE_COLUMNS) {
      const values = of!(profile);
      if (values !== undefined) this.column(name).set(values, row * width);
    }
    this.column('scaffold')[row] = this.numbers.of(profile.scaffold);
  }

  /** The number of a scaffold among the rows so far; -1 for one that none has. */
  scaffold(text: string): number {
    return this.numbers.known(text);
  }

  private column(name: string): ColumnArray {
    return this.columns.get(name)!;
  }
}

/** Numbers scaffolds in the order in which they come; none is 0. */
export class ScaffoldNumbers {
  private readonly numbers = new Map<string, number>([['', 0]]);

  of(scaffold: string): number {
    const known = this.numbers.get(scaffold);
    if (known !== undefined) return known;
    const number = this.numbers.size;
    this.numbers.set(scaffold, number);
    return number;
  }

  /** -1 for one that did not come. */
  known(scaffold: string): number {
    return this.numbers.get(scaffold) ?? -1;
  }
}
