/** Why a candidate is there, as data and in words. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { AlertRule, ChemPool, Comparison, DescriptorName } from '../chem/index.ts';
import type { ReplacementSupport, TermValue } from '../score/index.ts';
import type { Library } from './library.ts';

export interface Reason {
  /** Atoms that both have, in the order of each SMILES; `queryAtoms[i]` and `atoms[i]` are the same place. null where they were not compared or share too little. */
  readonly kept: { readonly queryAtoms: number[]; readonly atoms: number[] } | null;
  /** Group by group, `*` where it hangs on what is kept. */
  readonly changes: { from: string; to: string }[];
  /** Candidate less query. */
  readonly propertyChanges: Record<DescriptorName, number>;
  /** What measured activities say of the change. */
  readonly evidence: { value: number; text: string } | null;
  /** The same in words. */
  readonly text: string;
}

const COMPARE_LIMIT_MS = 1500;

/** Pairs that take too long stay without: an answer in time is worth more. */
export async function compareAll(chem: ChemPool, from: string, to: readonly string[]): Promise<(Comparison | undefined)[]> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), COMPARE_LIMIT_MS);
  try {
    const outcomes = await chem.compare(to.map((smiles) => ({ from, to: smiles })), { urgent: true, signal: stop.signal });
    return outcomes.map((outcome) => (outcome.ok ? outcome.value : undefined));
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
    return to.map(() => undefined);
  } finally {
    clearTimeout(timer);
  }
}

export interface ReasonParts {
  readonly library: Library;
  readonly queryRow: number;
  readonly row: number;
  readonly comparison: Comparison | undefined;
  readonly evidence: ReplacementSupport | undefined;
  readonly sameScaffold: boolean;
  readonly terms: readonly TermValue[];
  readonly alerts: readonly AlertRule[];
}

export function reasonOf(parts: ReasonParts): Reason {
  const { library, queryRow, row, comparison, evidence } = parts;
  const kept = comparison === undefined || comparison.fromAtoms.length === 0 ? null : { queryAtoms: [...comparison.fromAtoms], atoms: [...comparison.toAtoms] };
  const change = (name: DescriptorName): number => Number((library.descriptor(row, name) - library.descriptor(queryRow, name)).toFixed(3));
  const propertyChanges = Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, change(name)])) as Record<DescriptorName, number>;
  const changes = kept === null ? [] : comparison!.changes.map(({ from, to }) => ({ from, to }));
  const reason = { kept, changes, propertyChanges, evidence: evidence === undefined ? null : { ...evidence } };
  return { ...reason, text: inWords(reason, parts) };
}

/** Properties in words, in this order, where they differ by at least so much. */
const WORDS: readonly (readonly [name: DescriptorName, word: string, least: number, digits: number])[] = [
  ['molecularWeight', 'MW', 1, 0], ['logP', 'logP', 0.1, 1], ['tpsa', 'TPSA', 1, 0], ['hBondDonors', 'donors', 1, 0], ['hBondAcceptors', 'acceptors', 1, 0],
  ['charge', 'charge', 1, 0], ['rotatableBonds', 'rotatable bonds', 1, 0], ['rings', 'rings', 1, 0], ['fractionCsp3', 'Fsp3', 0.05, 2],
];
const MOST_CHANGES = 3;
/** A term that decides at least this much of the odds is named. */
const TELLING = 0.5;

function inWords({ kept, changes, propertyChanges, evidence }: Omit<Reason, 'text'>, { library, queryRow, sameScaffold, terms, alerts }: ReasonParts): string {
  const atoms = library.descriptor(queryRow, 'heavyAtoms');
  const shared = kept === null
    ? 'Shares no larger part with the query'
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
