/** What is known of a replacement: statistics over matched pairs, each two molecules of one assay that differ by it alone. */

import type { IonisationClass } from '../chem/index.ts';

/** One measured activity, as -log10 of a molar value. */
export interface Measurement {
  readonly assay: string;
  readonly smiles: string;
  /** pIC50, pKi, ...: larger is more active. */
  readonly activity: number;
  /** What the true activity is in relation to the number. */
  readonly relation: 'exact' | 'below' | 'above';
}

/** A change of activity smaller than this counts as kept: within three times the usual error of a repeated assay. */
export const KEPT_WITHIN = 0.5;

/**
 * Two compounds that are no more active than at 10 uM say nothing about what keeps an activity, and are not counted: 10 uM itself
 * is what many assays report for "nothing seen".
 */
export const ACTIVE_FROM = 5;

/** A group is needed where the compound without it, in the same assay, is weaker by this much or more: in log units. */
export const NEEDED_BY = 1;

/** Distribution over pairs, in the direction from -> to. */
export interface ActivityChange {
  /** Pairs with two exact values: those below are of these. */
  readonly pairs: number;
  readonly mean: number;
  readonly sd: number;
  readonly quantiles: { readonly q10: number; readonly q50: number; readonly q90: number };
  /** Share of all decided pairs whose activity changed by less than KEPT_WITHIN. */
  readonly keptShare: number;
  /** Pairs by change of activity, as HISTOGRAM says; undefined in tables of earlier versions. */
  readonly counts: readonly number[] | undefined;
}

/** Changes of activity are counted in so many bins of so many log units; what lies beyond counts in the outer ones. */
export const HISTOGRAM = { from: -3, width: 0.25, bins: 24 } as const;

export interface EnvironmentEvidence {
  /** 0 to 3: within so many bonds of every attachment atom the surroundings agree; -1: none were asked for, or none matched, and all pairs count. */
  readonly radius: number;
  readonly pairs: number;
  readonly kept: number;
  /** Mean change of activity over its exact pairs. */
  readonly meanDelta: number;
}

export interface ReplacementEvidence {
  readonly from: string;
  readonly to: string;
  /** All pairs that say whether activity was kept. */
  readonly pairs: number;
  readonly assays: number;
  /** Distinct constant parts. */
  readonly contexts: number;
  readonly kept: number;
  /** Decided by a bound alone ("> 10 uM"): weaker, or stronger, by KEPT_WITHIN or more. */
  readonly lost: number;
  readonly gained: number;
  /** Undefined where no pair has two exact values. */
  readonly deltaActivity: ActivityChange | undefined;
  readonly deltaLogP: number;
  readonly deltaTpsa: number;
  /** The widest surroundings in which it was seen. */
  readonly environment: EnvironmentEvidence;
  /** What `to` is in water, at such an attachment atom. */
  readonly ionisation: IonisationClass;
  /** The same class of ionisation, as far from the attachment points: ranked before the others. */
  readonly isostere: boolean;
  /** Textbooks call the two isosteres (textbook.ts). What is an isostere by both goes first, then what is one by either. */
  readonly textbook: boolean;
  /** Pairs in which `from` was needed: without it the compound is weaker by a log unit in the same assay. Kept: no weaker by 0.5. */
  readonly needed: { readonly pairs: number; readonly kept: number; readonly expectedKept: number };
  /** Expected share of pairs that keep their activity, shrunk towards what is usual (see rank.ts). */
  readonly expectedKept: number;
  /** `needed.expectedKept` less one standard deviation: what replacements are ranked by. */
  readonly score: number;
}
