/** Why a candidate is there, as data and in words. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { AlertRule, ChemPool, Comparison, DescriptorName, Descriptors, StructuralChange } from '../chem/index.ts';
import type { ReplacementSupport, TermValue } from '../score/index.ts';

/** Without the atoms, which `kept` names. */
export type Evidence = Omit<ReplacementSupport, 'change'>;

export interface Reason {
  /** Atoms that both have, in the order of each SMILES; `queryAtoms[i]` and `atoms[i]` are the same place. null where they were not compared or share too little. */
  readonly kept: { readonly queryAtoms: number[]; readonly atoms: number[] } | null;
  /** Group by group, `*` where it hangs on what is kept; numbered where it hangs in several places. */
  readonly changes: { from: string; to: string }[];
  /** Candidate less query. */
  readonly propertyChanges: Record<DescriptorName, number>;
  /** What measured activities say of the change. */
  readonly evidence: Evidence | null;
  /** The same in words. */
  readonly text: string;
}

/** Time for all comparisons of an answer. Pairs that are not done by then stay without: an answer in time is worth more. */
export const COMPARE_LIMIT_MS = 1500;
/** Nobody reads the reasons of more. */
const MOST_COMPARED = 50;
const COMPARED_AT_ONCE = 16;

export async function compareAll(chem: ChemPool, from: string, to: readonly string[], limitMs: number): Promise<(Comparison | undefined)[]> {
  const stop = AbortSignal.timeout(limitMs);
  const found: (Comparison | undefined)[] = [];
  for (let at = 0; at < Math.min(to.length, MOST_COMPARED) && !stop.aborted; at += COMPARED_AT_ONCE) {
    const pairs = to.slice(at, Math.min(at + COMPARED_AT_ONCE, MOST_COMPARED)).map((smiles) => ({ from, to: smiles }));
    const outcomes = await chem.compare(pairs, { urgent: true, signal: stop }).catch((thrown: unknown) => {
      if (stop.aborted) return [];
      throw thrown;
    });
    for (const outcome of outcomes) found.push(outcome.ok ? outcome.value : undefined);
  }
  return to.map((_, i) => found[i]);
}

/** A replacement in the form of any comparison. A single attachment point needs no number. */
export function comparisonOf({ cuts, from, to, keptA, keptB }: StructuralChange): Comparison {
  const shown = (smiles: string): string => (cuts === 1 ? smiles.replace('[*:1]', '*') : smiles);
  return { fromAtoms: keptA, toAtoms: keptB, changes: [{ from: shown(from), to: shown(to) }] };
}

export interface ReasonParts {
  readonly query: Descriptors;
  readonly hit: Descriptors;
  readonly comparison: Comparison | undefined;
  readonly evidence: ReplacementSupport | undefined;
  readonly sameScaffold: boolean;
  readonly terms: readonly TermValue[];
  readonly alerts: readonly Pick<AlertRule, 'name' | 'source'>[];
}

export function reasonOf(parts: ReasonParts): Reason {
  const { query, hit, comparison, evidence } = parts;
  const kept = comparison === undefined || comparison.fromAtoms.length === 0 ? null : { queryAtoms: [...comparison.fromAtoms], atoms: [...comparison.toAtoms] };
  const change = (name: DescriptorName): number => Number((hit[name] - query[name]).toFixed(3));
  const propertyChanges = Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, change(name)])) as Record<DescriptorName, number>;
  const changes = kept === null ? [] : comparison!.changes.map(({ from, to }) => ({ from, to }));
  const reason = { kept, changes, propertyChanges, evidence: evidence === undefined ? null : withoutChange(evidence) };
  return { ...reason, text: inWords(reason, parts) };
}

function withoutChange({ change: _, environment, ...rest }: ReplacementSupport): Evidence {
  return { ...rest, environment: { ...environment } };
}

/** Properties in words, in this order, where they differ by at least so much. */
const WORDS: readonly (readonly [name: DescriptorName, word: string, least: number, digits: number])[] = [
  ['molecularWeight', 'MW', 1, 0], ['logP', 'logP', 0.1, 1], ['tpsa', 'TPSA', 1, 0], ['hBondDonors', 'donors', 1, 0], ['hBondAcceptors', 'acceptors', 1, 0],
  ['charge', 'charge', 1, 0], ['rotatableBonds', 'rotatable bonds', 1, 0], ['rings', 'rings', 1, 0], ['fractionCsp3', 'Fsp3', 0.05, 2],
];
const MOST_CHANGES = 3;
/** A term that decides at least this much of the odds is named. */
const TELLING = 0.5;

function inWords({ kept, changes, propertyChanges, evidence }: Omit<Reason, 'text'>, { query, comparison, sameScaffold, terms, alerts }: ReasonParts): string {
  const atoms = query.heavyAtoms;
  const shared = kept === null
    ? comparison === undefined ? 'Not compared atom by atom' : 'Shares no larger part with the query'
    : kept.atoms.length >= atoms && changes.length === 0 ? 'Has all atoms of the query' : `Keeps ${kept.atoms.length} of ${atoms} heavy atoms`;
  const changed = changes.slice(0, MOST_CHANGES).map(({ from, to }) => `${from} -> ${to}`);
  const more = changes.length > MOST_CHANGES ? ` and ${changes.length - MOST_CHANGES} more` : '';
  const properties = WORDS.flatMap(([name, word, least, digits]) => {
    const value = propertyChanges[name];
    return Math.abs(value) < least ? [] : [`${word} ${value > 0 ? '+' : '-'}${Math.abs(value).toFixed(digits)}`];
  });
  const telling = terms.filter(({ contribution }) => contribution >= TELLING).sort((a, b) => b.contribution - a.contribution).slice(0, 2).map(({ id, raw }) => `${TERM_WORDS[id] ?? id} ${raw.toFixed(2)}`);
  return [
    `${shared}${changed.length === 0 ? '' : `; changes ${changed.join(', ')}${more}`}; ${sameScaffold ? 'the same scaffold' : 'another scaffold'}.`,
    properties.length === 0 ? 'Properties as the query.' : `${properties.join(', ')}.`,
    ...(telling.length === 0 ? [] : [`Alike by ${telling.join(' and ')}.`]),
    ...(evidence === null ? [] : [evidence.text]),
    ...(alerts.length === 0 ? [] : [`Alerts: ${alerts.map(({ name }) => name).join(', ')}.`]),
  ].join(' ');
}

const TERM_WORDS: Readonly<Record<string, string>> = {
  embedding: 'embedding', ecfp4: 'circular fingerprint', atomPair: 'atom pairs', torsion: 'torsions', pharmacophore: 'pharmacophore', properties: 'properties', replacement: 'measured replacements',
};
