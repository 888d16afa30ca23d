/** How likely a reading is the drawn molecule: a logistic regression over what readings of known drawings looked like. */
import type { ReadingTrust } from '../bundle/index.ts';
import { logistic } from '../core/index.ts';
import type { DrawnGraph } from './decode/drawn.ts';

/** What tells right readings from wrong ones. */
export interface ReadingSigns {
  /** Logarithm of the chance that all atoms are right, by their own confidences; of the bonds alike. */
  readonly atoms: number;
  readonly bonds: number;
  /** Confidence of the least sure atom or bond. */
  readonly weakest: number;
  /** Share of the looks that saw the same molecule. */
  readonly agreement: number;
}

const LEAST = 1e-3;

export function readingSigns({ atoms, bonds }: DrawnGraph, agreement: number): ReadingSigns {
  const sum = (all: readonly { readonly confidence: number }[]): number => all.reduce((total, { confidence }) => total + Math.log(Math.max(confidence, LEAST)), 0);
  return { atoms: sum(atoms), bonds: sum(bonds), weakest: Math.min(1, ...[...atoms, ...bonds].map(({ confidence }) => confidence)), agreement };
}

/** Of a reader that has not been calibrated: the looks agree, or they do not. */
const UNCALIBRATED: Pick<ReadingTrust, keyof ReadingSigns | 'intercept'> = { intercept: -2.4, atoms: 0.3, bonds: 0.3, weakest: 1, agreement: 4.5 };

/** That the reading is the drawn molecule, stereo aside: 0 to 1. */
export function readingConfidence(signs: ReadingSigns, trust: typeof UNCALIBRATED = UNCALIBRATED): number {
  return logistic(trust.intercept + trust.atoms * signs.atoms + trust.bonds * signs.bonds + trust.weakest * signs.weakest + trust.agreement * signs.agreement);
}
