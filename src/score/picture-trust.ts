/**
 * How likely the nearest molecule of a library is the one that a picture shows: from the cosine of the nearest, and how far it is ahead of the
 * second. A logistic regression over pictures of molecules that are in a library and of others that are not.
 */
import * as z from 'zod';
import { logistic } from '../core/index.ts';
import { fitLogistic } from './fit.ts';

export const pictureTrustSchema = z.strictObject({
  intercept: z.number(),
  /** Per unit of the cosine, and of its lead over the second. */
  cosine: z.number(),
  lead: z.number(),
  /** Share of the pictures that it was fitted on whose molecule is in the library: what the chance takes for granted. */
  inLibrary: z.number(),
  /** Of pictures that are read: what tells right first hits from wrong ones. */
  read: z.strictObject({ intercept: z.number(), closeness: z.number(), lead: z.number(), same: z.number(), contradiction: z.number(), cosine: z.number() }).optional(),
  provenance: z.record(z.string(), z.unknown()),
});

export type PictureTrust = z.output<typeof pictureTrustSchema>;

/** One picture as a query. */
export interface PictureSample {
  readonly cosine: number;
  readonly lead: number;
  readonly inLibrary: boolean;
  /** The nearest molecule is the drawn one. */
  readonly isFirst: boolean;
}

/** One picture that was read, as a query. */
export interface ReadSample extends ReadSigns {
  readonly isFirst: boolean;
}

/** A picture that was read, and its first hit. */
export interface ReadSigns {
  /** Of the first hit to the reading. */
  readonly similarity: number;
  /** Of its score over the second's. */
  readonly lead: number;
  /** Of the reading. */
  readonly confidence: number;
  /** 1 where the first hit is the very molecule that was read, stereo aside. */
  readonly same: number;
  readonly cosine: number;
}

/** That the first hit is the drawn molecule, 0 to 1; undefined where it was not fitted. */
export function chanceOfRead({ read }: PictureTrust, signs: ReadSigns): number | undefined {
  if (read === undefined) return undefined;
  const features = featuresOf(signs);
  return logistic(READ_FEATURES.reduce((sum, name) => sum + read[name] * features[name], read.intercept));
}

const READ_FEATURES = ['closeness', 'lead', 'same', 'contradiction', 'cosine'] as const;
/** Units in which each is about 1, and whether it speaks for the first hit. */
const READ_UNITS = { closeness: 0.5, lead: 0.1, same: 1, contradiction: 0.5, cosine: 0.1 } as const;
const READ_SENSES = [1, 1, 1, -1, 1] as const;
/** A reading that equals its first hit is about as close as one that differs in a fiftieth of its paths. */
const EQUAL = 0.02;

function featuresOf({ similarity, lead, confidence, same, cosine }: ReadSigns): Readonly<Record<(typeof READ_FEATURES)[number], number>> {
  // From .9 to 1 tells more than from .5 to .6; a sure reading of another molecule speaks against the hit.
  return { closeness: -Math.log10(1 + EQUAL - similarity), lead, same, contradiction: confidence * (1 - same), cosine };
}

/** Units in which both are about 1, so that shrinking treats them alike. */
const [COSINE_UNIT, LEAD_UNIT, USUAL_COSINE] = [0.02, 0.01, 0.5] as const;
const RIDGE = 1;

export function fitPictureTrust(samples: readonly PictureSample[], provenance: Readonly<Record<string, unknown>>): PictureTrust {
  const examples = samples.map(({ cosine, lead, isFirst }) => ({
    values: Float64Array.of((cosine - USUAL_COSINE) / COSINE_UNIT, lead / LEAD_UNIT), label: isFirst ? 1 as const : 0 as const, weight: 1,
  }));
  const { intercept, weights: [cosine = 0, lead = 0] } = fitLogistic(examples, [1, 1], RIDGE);
  const rounded = (value: number): number => Number(value.toFixed(4));
  return {
    intercept: rounded(intercept - (cosine * USUAL_COSINE) / COSINE_UNIT), cosine: rounded(cosine / COSINE_UNIT), lead: rounded(lead / LEAD_UNIT),
    inLibrary: rounded(samples.filter(({ inLibrary }) => inLibrary).length / Math.max(1, samples.length)), provenance: { ...provenance },
  };
}

/** What a reader saw of a drawing that is known, and whether it was right. */
export interface ReadingSample {
  readonly signs: { readonly atoms: number; readonly bonds: number; readonly weakest: number; readonly agreement: number };
  readonly isExact: boolean;
}

const READING_SIGNS = ['atoms', 'bonds', 'weakest', 'agreement'] as const;

/** Weights of the log-odds that a reading is the drawn molecule. */
export function fitReadingTrust(samples: readonly ReadingSample[]): Readonly<Record<(typeof READING_SIGNS)[number] | 'intercept', number>> {
  const examples = samples.map(({ signs, isExact }) => ({ values: Float64Array.from(READING_SIGNS, (sign) => signs[sign]), label: isExact ? 1 as const : 0 as const, weight: 1 }));
  const { intercept, weights } = fitLogistic(examples, READING_SIGNS.map(() => 1 as const), RIDGE);
  const [atoms, bonds, weakest, agreement] = weights.map((weight) => Number(weight.toFixed(4))) as [number, number, number, number];
  return { intercept: Number(intercept.toFixed(4)), atoms, bonds, weakest, agreement };
}

export function fitReadTrust(samples: readonly ReadSample[]): NonNullable<PictureTrust['read']> {
  const examples = samples.map((sample) => {
    const features = featuresOf(sample);
    return { values: Float64Array.from(READ_FEATURES, (name) => features[name] / READ_UNITS[name]), label: sample.isFirst ? 1 as const : 0 as const, weight: 1 };
  });
  const { intercept, weights } = fitLogistic(examples, READ_SENSES, RIDGE);
  const of = (i: number): number => Number((weights[i]! / READ_UNITS[READ_FEATURES[i]!]).toFixed(4));
  return { intercept: Number(intercept.toFixed(4)), closeness: of(0), lead: of(1), same: of(2), contradiction: of(3), cosine: of(4) };
}

/** 0 to 1. */
export function chanceOfFirst({ intercept, cosine, lead }: PictureTrust, nearest: number, second: number): number {
  return logistic(intercept + cosine * nearest + lead * (nearest - second));
}

/** Chances beside what came true, in bands. */
export function reliability(trust: PictureTrust, samples: readonly PictureSample[]): { readonly from: number; readonly to: number; readonly pictures: number; readonly expected: number; readonly came: number }[] {
  const bounds = [0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0001];
  return bounds.slice(1).map((to, i) => {
    const members = samples.map((one) => ({ one, chance: chanceOfFirst(trust, one.cosine, one.cosine - one.lead) })).filter(({ chance }) => chance >= bounds[i]! && chance < to);
    const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);
    return { from: bounds[i]!, to: Math.min(1, to), pictures: members.length, expected: mean(members.map(({ chance }) => chance)), came: mean(members.map(({ one }) => Number(one.isFirst))) };
  });
}
