/** Why a candidate is there, as data and in words. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { AlertRule, Comparison, DescriptorName, Descriptors, GroupChange, IonisationClass } from '../chem/index.ts';
import type { ReplacementSupport, TermValue } from '../score/index.ts';

/** Without the atoms, which `kept` names. */
export type Evidence = Omit<ReplacementSupport, 'change'>;

export interface Reason {
  /** Atoms that both have, in the order of each SMILES; `queryAtoms[i]` and `atoms[i]` are the same place. null where they were not compared or share too little. */
  readonly kept: { readonly queryAtoms: number[]; readonly atoms: number[] } | null;
  /** Atoms of the query that the candidate lacks, and of the candidate that the query lacks: what drawings mark. */
  readonly lost: number[];
  readonly added: number[];
  /** Group by group and ring by ring. */
  readonly changes: GroupChange[];
  /** What both are in water at pH 7.4; null where they were not compared. */
  readonly ionisation: { readonly from: IonisationClass; readonly to: IonisationClass } | null;
  /** Candidate minus query. */
  /** How much of the scaffold is new by its shape, 0 to 1; null where that was not asked for. */
  readonly scaffoldDistance: number | null;
  readonly propertyChanges: Record<DescriptorName, number>;
  /** What measured activities say of the change. */
  readonly evidence: Evidence | null;
  /** The same in words. */
  readonly text: string;
}

export interface ReasonParts {
  readonly query: Descriptors;
  readonly hit: Descriptors;
  readonly comparison: Comparison | undefined;
  readonly evidence: ReplacementSupport | undefined;
  /** The same compound, by its InChIKey. */
  readonly isQuery: boolean;
  readonly sameScaffold: boolean;
  readonly scaffoldDistance: number | null;
  readonly terms: readonly TermValue[];
  readonly alerts: readonly Pick<AlertRule, 'name' | 'source'>[];
}

export function reasonOf(parts: ReasonParts): Reason {
  const { query, hit, comparison, evidence, scaffoldDistance } = parts;
  const kept = comparison === undefined || comparison.fromAtoms.length === 0 ? null : { queryAtoms: [...comparison.fromAtoms], atoms: [...comparison.toAtoms] };
  const change = (name: DescriptorName): number => Number((hit[name] - query[name]).toFixed(3));
  const propertyChanges = Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, change(name)])) as Record<DescriptorName, number>;
  const changes = kept === null ? [] : comparison!.changes.map((one) => ({ ...one }));
  const [lost, added] = kept === null ? [[], []] : [missing(query.heavyAtoms, kept.queryAtoms), missing(hit.heavyAtoms, kept.atoms)];
  const ionisation = comparison === undefined ? null : { ...comparison.ionisation };
  const reason = { kept, lost, added, changes, ionisation, scaffoldDistance, propertyChanges, evidence: evidence === undefined ? null : withoutChange(evidence) };
  return { ...reason, text: inWords(reason, parts) };
}

function missing(count: number, kept: readonly number[]): number[] {
  const known = new Set(kept);
  return Array.from({ length: count }, (_, atom) => atom).filter((atom) => !known.has(atom));
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

function inWords(reason: Omit<Reason, 'text'>, { query, isQuery, sameScaffold, terms, alerts }: ReasonParts): string {
  const { ionisation, propertyChanges, evidence } = reason;
  if (isQuery) return 'The query itself (same InChIKey).';
  const properties = WORDS.flatMap(([name, word, least, digits]) => {
    const value = propertyChanges[name];
    return Math.abs(value) < least ? [] : [`${word} ${value > 0 ? '+' : '-'}${Math.abs(value).toFixed(digits)}`];
  });
  const telling = terms.filter(({ contribution }) => contribution >= TELLING).sort((a, b) => b.contribution - a.contribution).slice(0, 2).map(({ id, raw }) => `${TERM_WORDS[id] ?? id} ${raw.toFixed(2)}`);
  return [
    ...(ionisation === null || ionisation.from === ionisation.to ? [] : [`The charge class changes: ${ionisation.from} -> ${ionisation.to}.`]),
    `${shared(reason, query.heavyAtoms)}; ${sameScaffold ? 'same scaffold' : otherScaffold(reason.scaffoldDistance)}.`,
    properties.length === 0 ? 'Same properties as the query.' : `${properties.join(', ')}.`,
    ...(telling.length === 0 ? [] : [`Similar by ${telling.join(' and ')}.`]),
    ...(evidence === null ? [] : [evidence.text]),
    ...(alerts.length === 0 ? [] : [`Alerts: ${alerts.map(({ name }) => name).join(', ')}.`]),
  ].join(' ');
}

function otherScaffold(distance: number | null): string {
  if (distance === null) return 'another scaffold';
  return distance === 0 ? 'another scaffold of the same shape' : `another scaffold, ${(100 * distance).toFixed(0)} % new`;
}

function shared({ kept, changes, ionisation }: Omit<Reason, 'text'>, atoms: number): string {
  if (kept === null) return ionisation === null ? 'Not compared atom by atom' : 'Shares no larger part with the query';
  const told = changes.slice(0, MOST_CHANGES).map(({ text }) => text).join(', ');
  const more = changes.length > MOST_CHANGES ? ` and ${changes.length - MOST_CHANGES} more` : '';
  const keeps = kept.atoms.length >= atoms ? `Keeps all ${atoms} heavy atoms` : `Keeps ${kept.atoms.length} of ${atoms} heavy atoms`;
  return changes.length === 0 ? keeps : `${keeps}; changes: ${told}${more}`;
}

const TERM_WORDS: Readonly<Record<string, string>> = {
  embedding: 'embedding', ecfp4: 'circular fingerprint', atomPair: 'atom pairs', torsion: 'torsions', pharmacophore: 'pharmacophore', properties: 'properties', charge: 'charge class', replacement: 'measured evidence, log-odds',
};
