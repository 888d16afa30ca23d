/**
 * The columns in which a library holds what its molecules are compared and filtered by. This table is what the writer, the reader and the
 * scans go by: a new column is one entry here.
 */
import { ALERTS_VERSION, ALERT_BYTES, ATOM_PAIR, DESCRIPTOR_NAMES, ECFP4, ERG_WIDTH, PATTERN, TORSION, chargeSignOf } from '../chem/index.ts';
import type { FeatureBatch, FeatureRequest } from '../chem/index.ts';
import type { ColumnArray, ColumnSpec, ColumnType } from '../core/index.ts';

export const FINGERPRINT_BYTES = 256;

/** What chemistry must compute for a profile. */
export const PROFILE_REQUEST = {
  bits: { ecfp4: ECFP4, atomPair: ATOM_PAIR, torsion: TORSION }, descriptors: true, scaffoldKey: true, pharmacophore: true,
} as const satisfies FeatureRequest;

/** What it must compute for the columns of a library. */
export const LIBRARY_REQUEST = {
  ...PROFILE_REQUEST, bits: { ...PROFILE_REQUEST.bits, pattern: PATTERN }, alerts: true,
} as const satisfies FeatureRequest;

/** Any number of molecules, each array row by row. */
export interface ProfileParts {
  /** (rows, FINGERPRINT_BYTES) each; least significant bit of the first byte first. */
  readonly ecfp4: Uint8Array;
  readonly atomPair: Uint8Array;
  readonly torsion: Uint8Array;
  /** (rows, ERG_WIDTH), counts in tenths. */
  readonly pharmacophore: Uint8Array;
  /** (rows, DESCRIPTOR_NAMES) */
  readonly descriptors: Float32Array;
  /** (rows, FINGERPRINT_BYTES). For substructures: what lacks a bit of the pattern cannot hold it. Absent, as alerts are, where they were not asked for. */
  readonly pattern?: Uint8Array;
  /** (rows, ALERT_BYTES) */
  readonly alerts?: Uint8Array;
}

export interface FeatureColumn<Type extends ColumnType = ColumnType> extends ColumnSpec {
  readonly type: Type;
  /** From the molecules alone; absent where the library as a whole decides. */
  readonly of?: (parts: ProfileParts) => ColumnArray<Type> | undefined;
}

function column<Type extends ColumnType>(name: string, type: Type, width: number, of?: FeatureColumn<Type>['of']): FeatureColumn<Type> {
  return { name, type, width, ...(of === undefined ? {} : { of }) };
}

export const COLUMNS = {
  ecfp4: column('ecfp4', 'u8', FINGERPRINT_BYTES, ({ ecfp4 }) => ecfp4),
  atomPair: column('atomPair', 'u8', FINGERPRINT_BYTES, ({ atomPair }) => atomPair),
  torsion: column('torsion', 'u8', FINGERPRINT_BYTES, ({ torsion }) => torsion),
  pattern: column('pattern', 'u8', FINGERPRINT_BYTES, ({ pattern }) => pattern),
  pharmacophore: column('pharmacophore', 'u8', ERG_WIDTH, ({ pharmacophore }) => pharmacophore),
  descriptors: column('descriptors', 'f32', DESCRIPTOR_NAMES.length, ({ descriptors }) => descriptors),
  alerts: column('alerts', 'u8', ALERT_BYTES, ({ alerts }) => alerts),
  /** Equal numbers, equal Murcko scaffolds; 0 for none. Numbered in the order of rows. */
  scaffold: column('scaffold', 'i32', 1),
  /** Bits that are set. */
  ecfp4Size: column('ecfp4Size', 'u16', 1, ({ ecfp4 }) => sizesOf(ecfp4)),
  atomPairSize: column('atomPairSize', 'u16', 1, ({ atomPair }) => sizesOf(atomPair)),
  torsionSize: column('torsionSize', 'u16', 1, ({ torsion }) => sizesOf(torsion)),
  /** Sum of the squared counts. */
  pharmacophoreSize: column('pharmacophoreSize', 'u32', 1, ({ pharmacophore }) => squaresOf(pharmacophore)),
  /** At pH 7.4: 0 an acid, 1 neither or both, 2 a base. */
  chargeClass: column('chargeClass', 'u8', 1, ({ pharmacophore }) => chargesOf(pharmacophore)),
} as const;

export type ColumnName = keyof typeof COLUMNS;
export const PROFILE_COLUMNS: readonly FeatureColumn[] = Object.values(COLUMNS);
/** Those that a molecule has whatever library it is in. */
export const MOLECULE_COLUMNS: readonly FeatureColumn[] = PROFILE_COLUMNS.filter(({ of }) => of !== undefined);

/** Another version is another layout or another chemistry. */
export const PROFILE_VERSION = `3.${ALERTS_VERSION}`;

/** All rows of a batch. */
export function partsOf(batch: FeatureBatch): ProfileParts {
  const none = new Uint8Array(0);
  const { ecfp4, atomPair, torsion, pattern } = batch.bits;
  return {
    ecfp4: ecfp4?.data ?? none, atomPair: atomPair?.data ?? none, torsion: torsion?.data ?? none, pharmacophore: batch.pharmacophore?.data ?? none,
    descriptors: batch.descriptors ?? new Float32Array(0), pattern: pattern?.data ?? none, alerts: batch.alerts?.data ?? none,
  };
}

/** The bytes of every column that molecules have by themselves, row by row. */
export function columnBytes(parts: ProfileParts): Record<string, Uint8Array> {
  return Object.fromEntries(MOLECULE_COLUMNS.map(({ name, of }) => [name, bytesOf(of!(parts) ?? new Uint8Array(0))]));
}

export function bytesOf(array: ColumnArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function sizesOf(packed: Uint8Array): Uint16Array {
  const sizes = new Uint16Array(packed.length / FINGERPRINT_BYTES);
  for (let row = 0, i = 0; row < sizes.length; row++) for (const end = i + FINGERPRINT_BYTES; i < end; i++) sizes[row]! += BITS[packed[i]!]!;
  return sizes;
}

function squaresOf(counts: Uint8Array): Uint32Array {
  const sizes = new Uint32Array(counts.length / ERG_WIDTH);
  for (let row = 0, i = 0; row < sizes.length; row++) for (const end = i + ERG_WIDTH; i < end; i++) sizes[row]! += counts[i]! * counts[i]!;
  return sizes;
}

function chargesOf(counts: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: counts.length / ERG_WIDTH }, (_, row) => 1 + chargeSignOf(counts.subarray(row * ERG_WIDTH, (row + 1) * ERG_WIDTH)));
}

/** Bits that are set in each byte. */
const BITS = Uint8Array.from({ length: 256 }, (_, byte) => [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, bit) => sum + ((byte >> bit) & 1), 0));
