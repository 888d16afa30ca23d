/** The molecular graph of a drawing, before any chemistry but valences: what stands where, and how sure that is. */
import type { BondStereo } from '../define.ts';

export interface ClassGuess {
  /** Index in the vocabulary's classes. */
  readonly class: number;
  readonly probability: number;
}

export interface DrawnAtom {
  /** Pixels of the network's picture; y grows downwards. */
  readonly x: number;
  readonly y: number;
  /** The likeliest classes, best first. The chosen one need not be the first: valences may rule that out. */
  readonly guesses: readonly ClassGuess[];
  /** Index of the chosen class. */
  readonly class: number;
  readonly charge: number;
  /** That there is an atom, and of this class: 0 to 1. */
  readonly confidence: number;
}

export interface DrawnBond {
  /** Indices of atoms; of a wedge or hash, `begin` is the narrow end. */
  readonly begin: number;
  readonly end: number;
  readonly order: 1 | 2 | 3;
  readonly stereo: BondStereo;
  /** That there is a bond, and of this order: 0 to 1. */
  readonly confidence: number;
}

export interface DrawnGraph {
  readonly atoms: readonly DrawnAtom[];
  readonly bonds: readonly DrawnBond[];
}
