/**
 * The score: a logistic regression over the terms, whose coefficients and scales lie beside the encoder that they were fitted with
 * as `score.json`. Every number in it can be read, and every hit shows what each term added.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { IsoLensError, logistic } from '../core/index.ts';
import { MODES, TERMS, TERM_IDS } from './define.ts';
import type { Mode, TermId } from './define.ts';
import { domainSchema } from './domain.ts';
import { pictureTrustSchema } from './picture-trust.ts';
import type { ProfileQuery, Profiles } from './profiles.ts';

export const SCORE_FILE = 'score.json';
export const SCORE_FORMAT = 'isolens-score';
export const SCORE_VERSION = 1;

/** Of pairs whose ECFP4 Tanimoto lies in column i and whose cosine lies in row j, between two edges each: the share alike[j][i] of pairs[j][i] acted alike. Kinds of pairs weigh as in the fit. */
export const bandsSchema = z.strictObject({ tanimoto: z.array(z.number()).min(2), cosine: z.array(z.number()).min(2), alike: z.array(z.array(z.number())), pairs: z.array(z.array(z.int())) });

const modeSchema = z.strictObject({ intercept: z.number(), weights: z.partialRecord(z.enum(TERM_IDS as [TermId, ...TermId[]]), z.number()) });

const scoreSchema = z.strictObject({
  format: z.literal(SCORE_FORMAT),
  version: z.literal(SCORE_VERSION),
  /** SHA-256 of the encoder whose cosines the scale is for. */
  encoder: z.string(),
  /** Of each likeness: similarities, ascending, and the surprise at each. */
  scales: z.record(z.string(), z.strictObject({ similarity: z.array(z.number()).min(2), surprise: z.array(z.number()).min(2) })),
  modes: z.record(z.enum(MODES), modeSchema),
  /** How far the nearest molecule of a picture can be trusted, where that was fitted. */
  pictures: pictureTrustSchema.optional(),
  /** What it was fitted on, and how well it does on pairs that were left out. */
  /** How often pairs of measured molecules acted alike, by their likeness; absent where it was not counted. */
  bands: bandsSchema.optional(),
  /** What the encoder has met; absent where it was not counted. */
  domain: domainSchema.optional(),
  provenance: z.record(z.string(), z.unknown()),
});

export type ScoreModel = z.output<typeof scoreSchema>;

/** undefined where the folder has none. `encoder`: SHA-256 of the one whose cosines are scored; a score of another is refused. */
export async function readScore(folder: string, encoder: string | undefined): Promise<ScoreModel | undefined> {
  const path = join(folder, SCORE_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = scoreSchema.safeParse(json);
  if (parsed.success && parsed.data.encoder !== encoder) {
    throw new IsoLensError('MODEL_INVALID', `Expected the score in ${path} to belong to the encoder beside it (${short(encoder)}) but it was fitted for ${short(parsed.data.encoder)}; run "isolens calibrate" again, or remove the file.`);
  }
  if (parsed.success) return parsed.data;
  throw new IsoLensError('MODEL_INVALID', `Expected coefficients of the score in ${path} but they are not valid: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}; make them again with "isolens calibrate".`);
}

function short(digest: string | undefined): string {
  return digest === undefined ? 'none' : digest.slice(0, 12);
}

export interface TermValue {
  readonly id: TermId;
  /** As a chemist knows it: a similarity, or 0 and 1. */
  readonly raw: number;
  /** What enters the sum. */
  readonly value: number;
  readonly weight: number;
  readonly contribution: number;
}

/** Similarity -> surprise, by straight lines between the points of the scale and level beyond. */
export function surpriseOf({ similarity, surprise }: ScoreModel['scales'][string], value: number): number {
  const last = similarity.length - 1;
  if (value <= similarity[0]!) return surprise[0]!;
  if (value >= similarity[last]!) return surprise[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (similarity[middle]! <= value) low = middle;
    else high = middle;
  }
  const share = (value - similarity[low]!) / (similarity[high]! - similarity[low]!);
  return surprise[low]! + share * (surprise[high]! - surprise[low]!);
}

/** Raw value of each term between a query and a row, in the order of TERMS. */
export function rawTerms(profiles: Profiles, query: ProfileQuery, row: number, replacement: number, out: Float64Array): Float64Array {
  out[0] = profiles.cosine(query, row);
  out[1] = profiles.ecfp4Tanimoto(query, row);
  out[2] = profiles.atomPairTanimoto(query, row);
  out[3] = profiles.torsionTanimoto(query, row);
  out[4] = profiles.pharmacophoreTanimoto(query, row);
  out[5] = profiles.propertyAgreement(query, row);
  out[6] = profiles.sameScaffold(query, row) ? 0 : 1;
  out[7] = profiles.chargeDifference(query, row);
  out[8] = replacement;
  return out;
}

/** The score for one mode, ready to be asked many times. */
export class Scorer {
  private readonly scales: readonly (ScoreModel['scales'][string] | undefined)[];
  private readonly weights: Float64Array;
  private readonly intercept: number;

  constructor(model: ScoreModel, mode: Mode) {
    const { intercept, weights } = model.modes[mode];
    this.intercept = intercept;
    this.weights = Float64Array.from(TERMS, ({ id }) => weights[id] ?? 0);
    this.scales = TERMS.map(({ id, kind }) => (kind === 'likeness' ? model.scales[id] : undefined));
  }

  weightOf(term: TermId): number {
    return this.weights[TERM_IDS.indexOf(term)]!;
  }

  /** raw: in the order of TERMS. Log-odds of acting alike. */
  logit(raw: Float64Array): number {
    let sum = this.intercept;
    for (let t = 0; t < raw.length; t++) sum += this.weights[t]! * this.value(t, raw[t]!);
    return sum;
  }

  terms(raw: Float64Array): TermValue[] {
    return TERMS.map(({ id }, t) => {
      const value = this.value(t, raw[t]!);
      return { id, raw: raw[t]!, value, weight: this.weights[t]!, contribution: this.weights[t]! * value };
    });
  }

  private value(term: number, raw: number): number {
    const scale = this.scales[term];
    return scale === undefined ? raw : surpriseOf(scale, raw);
  }
}

export function probabilityOf(logit: number): number {
  return logistic(logit);
}
