/** The terms of the score: each a number that a chemist can read, and what it may at most say. */
import type { StructuralChange } from '../chem/index.ts';

export interface TermDefinition<Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  /** The sign that its weight must have, whatever the data say: more likeness never counts against a candidate. */
  readonly sign: 1 | -1;
  /**
   * `likeness`: raw similarities, which enter as surprise: -log10 of the share of random pairs that are at least as alike; 2 means closer
   * than 99 % of them. `plain`: enters as it is.
   */
  readonly kind: 'likeness' | 'plain';
}

function defineTerm<const Id extends string>(term: TermDefinition<Id>): TermDefinition<Id> {
  return Object.freeze(term);
}

export const TERMS = [
  defineTerm({ id: 'embedding', kind: 'likeness', sign: 1, summary: 'Cosine of the embeddings.' }),
  defineTerm({ id: 'ecfp4', kind: 'likeness', sign: 1, summary: 'Tanimoto of circular fingerprints: the same substituents and atoms around each atom.' }),
  defineTerm({ id: 'atomPair', kind: 'likeness', sign: 1, summary: 'Tanimoto of atom pairs: the same atoms at the same distances.' }),
  defineTerm({ id: 'torsion', kind: 'likeness', sign: 1, summary: 'Tanimoto of topological torsions: the same runs of four atoms.' }),
  defineTerm({ id: 'pharmacophore', kind: 'likeness', sign: 1, summary: 'Tanimoto of extended reduced graphs: the same donors, acceptors, charges, rings and ends at the same distances.' }),
  defineTerm({ id: 'properties', kind: 'likeness', sign: 1, summary: 'Agreement of weight, logP, TPSA, donors, acceptors, charge, rotatable bonds, rings and Fsp3.' }),
  defineTerm({ id: 'scaffold', kind: 'plain', sign: -1, summary: '1 where the Murcko scaffolds differ.' }),
  defineTerm({ id: 'charge', kind: 'plain', sign: -1, summary: 'Charge at pH 7.4: 1 between an acid and a base, 0.5 where one of the two is neither, 0 for the same class.' }),
  defineTerm({ id: 'replacement', kind: 'plain', sign: 1, summary: 'Measured evidence for the change: log-odds of keeping the activity minus the usual log-odds. Above 0 for, below 0 against, 0 where nothing is known.' }),
] as const satisfies readonly TermDefinition[];

export type TermId = (typeof TERMS)[number]['id'];
export const TERM_IDS: readonly TermId[] = TERMS.map((term) => term.id);

/** What is asked for: anything alike, another scaffold with the same pharmacophore, or the same core with one group changed. */
export const MODES = ['default', 'hop', 'replace'] as const;
export type Mode = (typeof MODES)[number];

/** Molecules of one assay, each found active (1) or not (0). */
export interface CalibrationAssay {
  readonly id: string;
  readonly smiles: readonly string[];
  readonly active: Uint8Array;
}

/** What measured activities say of changes from one molecule to another. */
export interface EvidenceSource {
  /**
   * Of each change, given as the ways to see it (`ChemPool.changes`): what is known of the first way of which anything is. One answer a
   * change; undefined where nothing is known, or no single replacement leads from one to the other.
   */
  support(changes: readonly (readonly StructuralChange[])[]): Promise<(ReplacementSupport | undefined)[]>;
}

export interface ReplacementSupport {
  /** The way of which it is known. */
  readonly change: StructuralChange;
  /** The term of the score: log-odds of keeping the activity here, minus those that are usual. */
  readonly value: number;
  /** In words, with its numbers. */
  readonly text: string;
  /** As the table names them. */
  readonly from: string;
  readonly to: string;
  /** Matched pairs that differ by this replacement alone, in so many assays; of them those that kept their activity. */
  readonly pairs: number;
  readonly assays: number;
  readonly kept: number;
  /** Share that can be expected to keep it, here. */
  readonly expectedKept: number;
  /** Mean changes. */
  readonly deltaLogP: number;
  readonly deltaTpsa: number;
  /** The widest surroundings of the cuts, in bonds, in which it was seen; radius -1: in none of these. */
  readonly environment: { readonly radius: number; readonly pairs: number; readonly kept: number };
}
