/** What the protocols need from the rest: functions, so that they know nothing of bundles and engines. */
import type { ChemPool, FeatureBatch } from '../chem/index.ts';
import type { Matrix, Progress } from '../core/index.ts';

/** Unit vectors of the usable items; `rows[i]` is the position in the input of vector i. */
export interface EmbeddedItems {
  readonly rows: Int32Array;
  readonly vectors: Matrix;
  readonly errors: readonly { readonly index: number; readonly code: string }[];
  /** Of molecules, parallel to `rows`, where the embedding has standardised them anyway. */
  readonly molecules?: readonly { readonly connectivityKey: string }[] | undefined;
}

export type EmbedMolecules = (smiles: readonly string[]) => Promise<EmbeddedItems>;
export type EmbedImages = (files: readonly Uint8Array[]) => Promise<EmbeddedItems>;

export interface EvaluationServices {
  readonly chem: ChemPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Similarities among a fixed list of molecules. */
export interface Similarities {
  /** Of items `a` and `b`, by position; the lowest possible value where either could not be read. */
  between(a: number, b: number): number;
  /** Inner product of the two items' features, for linear models over them; absent where the method has no features. */
  product?(a: number, b: number): number;
  /** Whether the item could be read. */
  isKnown(item: number): boolean;
  readonly count: number;
  /** Items that could not be read. */
  readonly failed: number;
}

/** Fills similarities as molecules are read. */
export interface MethodTable {
  readonly similarities: Similarities;
  /** Takes the next molecules; row r is the molecule at `from` + batch.rows[r]. `vectors`: their embeddings, where there is an encoder. */
  accept(batch: FeatureBatch, from: number, vectors: Float32Array | undefined): void;
}

/** A table for people: the first row names the columns, the first column the rows. */
export type Table = readonly (readonly string[])[];

export function checkSignal(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}

export function formatShare(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '-';
}
