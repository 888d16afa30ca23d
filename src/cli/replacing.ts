/** Replacements for a molecule, looked up in a bundle and compared by its encoder where there is one. */
import type { ReplacementResponse } from '../api/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { dot, rowOf } from '../core/index.ts';
import { HISTOGRAM, proposeReplacements } from '../replacements/index.ts';
import type { Proposal, ReplaceRequest, ReplacementEvidence, Replacements } from '../replacements/index.ts';
import { warningText } from '../search/index.ts';
import type { SearchEngine } from '../search/index.ts';
import { formatTable } from './table.ts';
import type { Column } from './table.ts';

export interface ReplacingOptions {
  readonly chem: ChemPool;
  readonly table: Replacements;
  /** The bundle in which proposals are looked up. */
  readonly engine?: SearchEngine | undefined;
  readonly now: () => number;
}

export async function replaceIn({ chem, table, engine, now }: ReplacingOptions, request: ReplaceRequest): Promise<ReplacementResponse> {
  const started = now();
  const answer = await proposeReplacements(chem, table, request, { urgent: true });
  const cosines = engine === undefined ? [] : await cosinesOf(engine, answer.smiles, answer.proposals);
  const { molecule } = answer;
  const held = await Promise.all(answer.proposals.map(async ({ inchiKey }) => engine?.molecules.findInchiKey(inchiKey)));
  const names = await namesOf(chem, [...answer.groups.flatMap(({ fragment, replacements }) => [fragment, ...replacements.map(({ to }) => to)]), ...answer.proposals.map(({ evidence }) => evidence.to)]);
  return {
    query: {
      kind: answer.kind, smiles: answer.smiles, input: request.smiles, inchiKey: molecule?.inchiKey ?? null,
      removed: [...(molecule?.removedFragments ?? [])], warnings: (molecule?.warnings ?? []).map(warningText),
    },
    groups: answer.groups.map(({ fragment, atoms, environment, ionisation, total, replacements }) => ({
      fragment, name: names(fragment), atoms: [...atoms], environment: [...environment], ionisation, total, replacements: replacements.map((one) => evidenceOf(one, names)),
    })),
    proposals: answer.proposals.map((proposal, i) => {
      const stored = held[i];
      const { smiles, inchiKey, group, evidence, tanimoto } = proposal;
      return {
        smiles, inchiKey, virtual: stored === undefined, id: stored?.ids[0] ?? null, names: [...(stored?.names ?? [])],
        group, from: evidence.from, to: evidence.to, evidence: evidenceOf(evidence, names), cosine: cosines[i] ?? null, tanimoto: rounded(tanimoto),
        properties: roundedAll(proposal.descriptors), changes: roundedAll(proposal.changes),
      };
    }),
    refused: answer.refused,
    index: engine?.manifest.name ?? null,
    tookMs: now() - started,
  };
}

type GroupNames = (fragment: string) => string;
type Evidence = ReplacementResponse['proposals'][number]['evidence'];

/** One a proposal; empty where nothing is proposed. */
async function cosinesOf(engine: SearchEngine, query: string, proposals: readonly Proposal[]): Promise<(number | undefined)[]> {
  if (proposals.length === 0) return [];
  const { rows, vectors } = await engine.embed('molecule', [query, ...proposals.map(({ smiles }) => smiles)]);
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  const own = place.get(0);
  return proposals.map((_, i) => {
    const at = place.get(i + 1);
    return own === undefined || at === undefined ? undefined : dot(rowOf(vectors, own), rowOf(vectors, at));
  });
}

function evidenceOf({ deltaActivity, expectedKept, score, environment, needed, ...rest }: ReplacementEvidence, names: GroupNames): Evidence {
  return {
    ...rest, name: names(rest.to), environment: { ...environment }, needed: { ...needed, expectedKept: rounded(needed.expectedKept) },
    deltaActivity: deltaActivity === undefined ? null : deltaOf(deltaActivity),
    histogram: deltaActivity?.counts === undefined ? null : { from: HISTOGRAM.from, width: HISTOGRAM.width, counts: [...deltaActivity.counts] },
    expectedKept: rounded(expectedKept), score: rounded(score),
  };
}

function deltaOf({ pairs, mean, sd, quantiles, keptShare }: NonNullable<ReplacementEvidence['deltaActivity']>): NonNullable<Evidence['deltaActivity']> {
  return { pairs, mean, sd, quantiles: { ...quantiles }, keptShare: rounded(keptShare) };
}

/** What chemists call the fragments of an answer. */
async function namesOf(chem: ChemPool, fragments: readonly string[]): Promise<GroupNames> {
  const distinct = [...new Set(fragments)];
  const outcomes = await chem.nameGroups(distinct, { urgent: true });
  const names = new Map(outcomes.flatMap((outcome, i) => (outcome.ok ? [[distinct[i]!, outcome.value] as const] : [])));
  return (fragment) => names.get(fragment) ?? fragment;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}

function roundedAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(3))]));
}

type Shown = ReplacementResponse['groups'][number]['replacements'][number];

const EVIDENCE_COLUMNS: readonly Column<Shown>[] = [
  { title: 'to', maxWidth: 40, cell: (one) => one.to },
  { title: 'class', cell: (one) => one.ionisation },
  { title: 'textbook', cell: (one) => (one.textbook ? 'yes' : '-') },
  { title: 'expected', align: 'right', cell: (one) => percent(one.needed.expectedKept) },
  { title: 'needed', align: 'right', cell: (one) => (one.needed.pairs === 0 ? '-' : `${one.needed.kept}/${one.needed.pairs}`) },
  { title: 'kept', align: 'right', cell: (one) => `${one.kept}/${one.pairs}` },
  { title: 'assays', align: 'right', cell: (one) => String(one.assays) },
  { title: 'here', align: 'right', cell: (one) => (one.environment.radius < 0 ? '-' : `${one.environment.kept}/${one.environment.pairs} r${one.environment.radius}`) },
  { title: 'activity', align: 'right', cell: (one) => (one.deltaActivity === null ? '-' : `${signed(one.deltaActivity.mean, 2)} ± ${one.deltaActivity.sd.toFixed(2)}`) },
  { title: 'logP', align: 'right', cell: (one) => signed(one.deltaLogP, 1) },
  { title: 'TPSA', align: 'right', cell: (one) => signed(one.deltaTpsa, 0) },
];

const PROPOSAL_COLUMNS: readonly Column<ReplacementResponse['proposals'][number] & { rank: number }>[] = [
  { title: '#', align: 'right', cell: (one) => String(one.rank) },
  { title: 'expected', align: 'right', cell: (one) => percent(one.evidence.needed.expectedKept) },
  { title: 'kept', align: 'right', cell: (one) => `${one.evidence.kept}/${one.evidence.pairs}` },
  { title: 'here', align: 'right', cell: (one) => `${one.evidence.environment.kept}/${one.evidence.environment.pairs} r${one.evidence.environment.radius}` },
  { title: 'cosine', align: 'right', cell: (one) => one.cosine?.toFixed(3) ?? '-' },
  { title: 'logP', align: 'right', cell: (one) => signed(one.changes['logP']!, 1) },
  { title: 'TPSA', align: 'right', cell: (one) => signed(one.changes['tpsa']!, 0) },
  { title: 'found as', maxWidth: 24, cell: (one) => one.id ?? 'virtual' },
  { title: 'replacement', maxWidth: 48, cell: (one) => `${one.from} > ${one.to}` },
  { title: 'SMILES', cell: (one) => one.smiles },
];

/** What was understood, the replacements of each group, and the proposals. `lines`: replacements shown of each group. */
export function describeReplacements({ query, groups, proposals, index, tookMs }: ReplacementResponse, lines: number, width?: number): string {
  const understood = [query.kind === 'fragment' ? `replacements of ${query.smiles}` : `asked about ${query.smiles}`, ...(query.removed.length > 0 ? [`set aside: ${query.removed.join(', ')}`] : []), ...query.warnings];
  const known = groups.filter(({ total }) => total > 0);
  const tables = known.map(({ fragment, atoms, environment, total, replacements }) => {
    const where = atoms.length === 0 ? '' : ` (atoms ${atoms.join(',')}) at ${environment.join(' and ')}`;
    return `${fragment}${where}: ${total} replacements known\n${formatTable(EVIDENCE_COLUMNS, replacements.slice(0, lines), width)}`;
  });
  const none = groups.length === 0 ? ['no group of this molecule can be replaced: no acyclic single bond can be cut'] : known.length === 0 ? ['no replacement of this was seen often enough'] : [];
  const proposed = proposals.length === 0 ? [] : [
    `${proposals.length} molecules, ${proposals.filter((one) => one.virtual).length} of them virtual${index === null ? '' : ` (not in ${index})`}, in ${tookMs.toFixed(0)} ms`,
    formatTable(PROPOSAL_COLUMNS, proposals.map((one, i) => ({ ...one, rank: i + 1 })), width),
  ];
  return [understood.join('\n'), ...none, ...tables, ...(proposed.length === 0 ? [] : [proposed.join('\n')])].join('\n\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function signed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) > 0 ? `+${text}` : Number(text) === 0 ? (0).toFixed(digits) : text;
}
