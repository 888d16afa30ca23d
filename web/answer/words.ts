/** Hits in words: one sentence each, without SMILES. */
import type { Hit } from '../../src/api/index.ts';

/** What a molecule is called on the page. */
export function nameOf({ names, id }: Pick<Hit, 'names' | 'id'>): string {
  return names[0] ?? id;
}

type Change = NonNullable<Hit['reason']>['changes'][number];

function changeInWords({ kind, names, text }: Change): string {
  if (names !== null) {
    if (names.from === 'hydrogen') return `${names.to} added`;
    if (names.to === 'hydrogen') return `${names.from} lost`;
    return `${names.from} \u2192 ${names.to}`;
  }
  return kind === 'group' ? 'one part is exchanged' : text.replaceAll('->', '\u2192');
}

const MOST_CHANGES = 3;

/** Why it is there. */
export function sentenceOf({ reason, isQuery, sameScaffold, reading }: Hit): string {
  if (isQuery) return 'The query itself.';
  if (reason === null) return reading === null ? '' : `Agrees with what was read to ${Math.round(100 * reading)} %.`;
  const { kept, lost, changes, ionisation, evidence } = reason;
  const parts: string[] = [];
  if (kept === null) parts.push(ionisation === null ? 'Not compared atom by atom.' : 'Shares no larger part with the query.');
  else {
    const told = changes.slice(0, MOST_CHANGES).map(changeInWords);
    const more = changes.length - told.length;
    const total = kept.queryAtoms.length + lost.length;
    if (told.length > 0) parts.push(`${capitalised(told.join('; '))}${more > 0 ? `; and ${more} more` : ''}.`);
    parts.push(lost.length === 0 ? `Keeps all ${total} atoms` : `Keeps ${kept.queryAtoms.length} of ${total} atoms`, sameScaffold === false ? ' on another scaffold.' : '.');
  }
  const text = parts.reduce((sentence, part) => (part.startsWith('.') || part.startsWith(' ') ? `${sentence}${part}` : `${sentence}${sentence === '' ? '' : ' '}${part}`), '');
  const seen = evidence === null ? '' : ` Seen in ${evidence.pairs} pairs, ${evidence.kept} kept the activity.`;
  return `${text}${seen}`;
}

export function changesOf({ reason }: Hit): readonly Change[] {
  return reason?.changes ?? [];
}

export interface Delta {
  readonly label: string;
  readonly text: string;
  /** What it is of the hit itself. */
  readonly own: string;
}

const DELTAS = [['molecularWeight', 'MW', 0, 1], ['logP', 'logP', 1, 0.1], ['tpsa', 'TPSA', 0, 1], ['hBondDonors', 'donors', 0, 1]] as const;

/** Changes of properties that are worth a chip. */
export function deltasOf({ reason, descriptors }: Hit): readonly Delta[] {
  if (reason === null) return DELTAS.map(([key, label, digits]) => ({ label, text: (descriptors[key] ?? 0).toFixed(digits), own: '' }));
  const changes = DELTAS.flatMap(([key, label, digits, least]) => {
    const value = reason.propertyChanges[key] ?? 0;
    return Math.abs(value) < least ? [] : [{ label, text: signed(value, digits), own: (descriptors[key] ?? 0).toFixed(digits) }];
  });
  const { ionisation } = reason;
  return ionisation === null || ionisation.from === ionisation.to ? changes : [...changes, { label: 'at pH 7.4', text: `${ionisation.from} \u2192 ${ionisation.to}`, own: ionisation.to }];
}

export function signed(value: number, digits: number): string {
  return `${value < 0 ? '\u2212' : '+'}${Math.abs(value).toFixed(digits)}`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const TERMS: Readonly<Record<string, string>> = {
  embedding: 'embedding', ecfp4: 'circular fingerprint', atomPair: 'atom pairs', torsion: 'torsions', pharmacophore: 'pharmacophore', properties: 'properties', scaffold: 'scaffold', charge: 'charge class', replacement: 'measured evidence',
};

export const PROPERTIES: readonly { readonly key: string; readonly filter: string; readonly label: string; readonly unit: string; readonly digits: number }[] = [
  { key: 'molecularWeight', filter: 'mw', label: 'MW', unit: 'g/mol', digits: 0 },
  { key: 'logP', filter: 'logp', label: 'logP', unit: '', digits: 1 },
  { key: 'tpsa', filter: 'tpsa', label: 'TPSA', unit: '\u00C5\u00B2', digits: 0 },
  { key: 'hBondDonors', filter: 'hbd', label: 'Donors', unit: '', digits: 0 },
  { key: 'hBondAcceptors', filter: 'hba', label: 'Acceptors', unit: '', digits: 0 },
  { key: 'rotatableBonds', filter: 'rotb', label: 'Rotatable bonds', unit: '', digits: 0 },
  { key: 'fractionCsp3', filter: 'fsp3', label: 'Fsp3', unit: '', digits: 2 },
];

/** Never rounded up to "all": 99.99996 is not 100. */
export function percentile(value: number): string {
  const digits = value >= 99.9 ? 3 : value >= 99 ? 2 : value >= 90 ? 1 : 0;
  const scale = 10 ** digits;
  return `${(Math.floor(value * scale) / scale).toFixed(digits)} %`;
}

/** Never "100" nor "0": nothing here is certain. */
export function percent(share: number): string {
  if (share < 0.005) return 'less than 1 %';
  return `${Math.min(99, Math.round(100 * share))} %`;
}
