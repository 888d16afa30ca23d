/** How likely a reading is the drawn molecule. */
import type { DrawingReading } from './reader.ts';

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

export function readingSigns({ graph: { atoms, bonds }, agreement }: Pick<DrawingReading, 'graph' | 'agreement'>): ReadingSigns {
  const sum = (all: readonly { readonly confidence: number }[]): number => all.reduce((total, { confidence }) => total + Math.log(Math.max(confidence, LEAST)), 0);
  return { atoms: sum(atoms), bonds: sum(bonds), weakest: Math.min(1, ...[...atoms, ...bonds].map(({ confidence }) => confidence)), agreement };
}

/** Log-odds by the signs; fitted on drawings of the renderer (see the model card), none of them real. */
const FIT = { intercept: -2.4, atoms: 0.35, bonds: 0.35, weakest: 1.2, agreement: 4 };

/** That the reading is the drawn molecule, stereo aside: 0 to 1. */
export function readingConfidence(reading: Pick<DrawingReading, 'graph' | 'agreement'>): number {
  const signs = readingSigns(reading);
  const logit = FIT.intercept + FIT.atoms * signs.atoms + FIT.bonds * signs.bonds + FIT.weakest * signs.weakest + FIT.agreement * signs.agreement;
  return 1 / (1 + Math.exp(-logit));
}
