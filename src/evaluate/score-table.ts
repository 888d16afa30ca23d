import { matrixOf } from '../core/index.ts';
import { ProfilesBuilder, Scorer, TERMS, profileOf, rawTerms } from '../score/index.ts';
import type { Mode, ProfileQuery, ScoreModel } from '../score/index.ts';
import type { FeatureBatch } from '../chem/index.ts';
import type { MethodTable, Similarities } from './define.ts';

/** The full score between any two molecules of a list. */
export class ScoreTable implements MethodTable, Similarities {
  readonly count: number;
  failed: number;
  private readonly dimension: number;
  private readonly scorer: Scorer;
  /** (count, dimension) */
  private readonly vectors: Float32Array;
  private readonly builder: ProfilesBuilder;
  private readonly known: Uint8Array;
  private asked: { readonly row: number; readonly query: ProfileQuery } | undefined;
  private readonly raw = new Float64Array(TERMS.length);

  constructor(count: number, dimension: number, model: ScoreModel, mode: Mode) {
    this.count = count;
    this.failed = count;
    this.dimension = dimension;
    this.scorer = new Scorer(model, mode);
    this.vectors = new Float32Array(count * dimension);
    this.builder = new ProfilesBuilder(matrixOf(this.vectors, dimension));
    this.known = new Uint8Array(count);
  }

  get similarities(): Similarities {
    return this;
  }

  accept(batch: FeatureBatch, from: number, vectors: Float32Array | undefined): void {
    this.asked = undefined;
    batch.rows.forEach((index, row) => {
      const item = from + index;
      this.vectors.set(vectors!.subarray(row * this.dimension, (row + 1) * this.dimension), item * this.dimension);
      this.builder.set(item, profileOf(batch, row));
      this.known[item] = 1;
      this.failed--;
    });
  }

  isKnown(item: number): boolean {
    return this.known[item] === 1;
  }

  /** Log-odds of acting alike; the evidence of replacements is left out. */
  between(a: number, b: number): number {
    if (this.known[a] !== 1 || this.known[b] !== 1) return Number.NEGATIVE_INFINITY;
    const { profiles } = this.builder;
    // Asked row by row, each against many.
    if (this.asked?.row !== a) this.asked = { row: a, query: profiles.at(a) };
    return this.scorer.logit(rawTerms(profiles, this.asked.query, b, 0, this.raw));
  }
}
