/** The terms of the score: each a number that a chemist can read, and what it may at most say. */

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
  defineTerm({ id: 'replacement', kind: 'plain', sign: 1, summary: 'How well measured activities support the change, 0 to 1; 0 where nothing is known.' }),
] as const satisfies readonly TermDefinition[];

export type TermId = (typeof TERMS)[number]['id'];
export const TERM_IDS: readonly TermId[] = TERMS.map((term) => term.id);

/** What is asked for: anything alike, another scaffold with the same pharmacophore, or the same core with one group changed. */
export const MODES = ['default', 'hop', 'replace'] as const;
export type Mode = (typeof MODES)[number];

/** What the measured activities say of a change from one molecule to another. */
export interface ReplacementEvidence {
  /** 0 nothing known, 1 well supported; undefined where no single replacement leads from one to the other. */
  support(fromSmiles: string, toSmiles: string): ReplacementSupport | undefined;
}

export interface ReplacementSupport {
  readonly value: number;
  /** In words, with its numbers. */
  readonly text: string;
}
