/** What the protocols need from the rest: functions, so that they know nothing of bundles and engines. */
import type { ChemPool } from '../chem/index.ts';
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

/** A table for people: the first row names the columns, the first column the rows. */
export type Table = readonly (readonly string[])[];

export function checkSignal(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}

export function formatShare(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : '-';
}
