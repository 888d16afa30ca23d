/** From a molecule to molecules that nobody has drawn: each of its groups, or the chosen one, replaced by what was seen in its place. */
import { DESCRIPTOR_NAMES, ECFP4, renumber, tanimoto, valueOf } from '../chem/index.ts';
import type { CallOptions, ChemPool, DescriptorName, GroupAnswer, IonisationClass, StandardMolecule } from '../chem/index.ts';
import type { ReplacementEvidence } from './define.ts';
import { byRank } from './rank.ts';
import type { Replacements } from './table.ts';

export interface ReplaceRequest {
  /** A molecule, or a fragment with attachment points `[*:1]`. */
  readonly smiles: string;
  /** Atoms of the group, as they stand in the SMILES, from 0; absent: every group. */
  readonly atoms?: readonly number[] | undefined;
  /** Only replacements of this class of ionisation; absent: all. */
  readonly ionisation?: IonisationClass | undefined;
  /** Proposals, and replacements listed for each group, at most. */
  readonly k: number;
}

export interface GroupReplacements {
  readonly fragment: string;
  /** Atoms as they stand in the SMILES; empty for a fragment. */
  readonly atoms: readonly number[];
  /** Surroundings of each cut, to one bond. */
  readonly environment: readonly string[];
  /** What the group is in water; null for a fragment, whose surroundings are not known. */
  readonly ionisation: IonisationClass | null;
  /** All that are known. */
  readonly total: number;
  readonly replacements: readonly ReplacementEvidence[];
}

export interface Proposal {
  /** Standardised. */
  readonly smiles: string;
  readonly inchiKey: string;
  /** Position in `groups`. */
  readonly group: number;
  readonly evidence: ReplacementEvidence;
  readonly descriptors: Readonly<Record<DescriptorName, number>>;
  /** Less those of the query. */
  readonly changes: Readonly<Record<DescriptorName, number>>;
  /** ECFP4, to the query. */
  readonly tanimoto: number;
}

export interface ReplaceAnswer {
  readonly kind: 'molecule' | 'fragment';
  /** The parent, or the canonical fragment. */
  readonly smiles: string;
  readonly molecule: StandardMolecule | undefined;
  readonly groups: readonly GroupReplacements[];
  readonly proposals: readonly Proposal[];
  /** Assembled molecules that valence rules or the standardiser refused. */
  readonly refused: number;
}

/** Groups that nobody chose are as large as those of the table at the most. */
const GROUP_ATOMS = 13;
/** Molecules assembled for each that is wanted, and at the most: many coincide, some are refused. */
const ASSEMBLED_PER_WANTED = 3;
const MAX_ASSEMBLED = 600;

export async function proposeReplacements(chem: ChemPool, table: Replacements, { smiles, atoms, ionisation, k }: ReplaceRequest, call: CallOptions = {}): Promise<ReplaceAnswer> {
  const [outcome] = await chem.groups([{ smiles, size: GROUP_ATOMS, ...(atoms === undefined ? {} : { atoms }) }], call);
  const answer = valueOf(outcome!);
  const isWanted = (one: ReplacementEvidence): boolean => ionisation === undefined || one.ionisation === ionisation;
  return answer.kind === 'fragment' ? forFragment(table, answer, k, isWanted) : forMolecule(chem, table, answer, k, isWanted, call);
}

/** The points keep the numbers that they were asked with. */
function forFragment(table: Replacements, { fragment, numbers }: Extract<GroupAnswer, { kind: 'fragment' }>, k: number, isWanted: Wanted): ReplaceAnswer {
  const asked = numbers.map((number) => number - 1);
  const known = table.replacementsOf(fragment).filter(isWanted).map((one) => ({ ...one, from: renumber(one.from, asked), to: renumber(one.to, asked) }));
  const shown = renumber(fragment, asked);
  return { kind: 'fragment', smiles: shown, molecule: undefined, groups: [{ fragment: shown, atoms: [], environment: [], ionisation: null, total: known.length, replacements: known.slice(0, k) }], proposals: [], refused: 0 };
}

type Wanted = (one: ReplacementEvidence) => boolean;

interface Candidate {
  readonly group: number;
  readonly evidence: ReplacementEvidence;
}

async function forMolecule(chem: ChemPool, table: Replacements, { molecule, groups }: Extract<GroupAnswer, { kind: 'molecule' }>, k: number, isWanted: Wanted, call: CallOptions): Promise<ReplaceAnswer> {
  const known = groups.map((group) => table.replacementsOf(group.fragment, group.environments, group.surroundings).filter(isWanted));
  // A replacement that was never seen at such an attachment atom may be no chemistry there: it is listed and not proposed, but for carbon on carbon.
  const isPlausible = ({ environment, to }: ReplacementEvidence, group: number): boolean => environment.radius >= 0 || (groups[group]!.onCarbon && /^\[\*:1\][Cc](?!l|.*\[\*)/.test(to));
  const candidates = known.flatMap((list, group) => list.filter((one) => isPlausible(one, group)).map((evidence): Candidate => ({ group, evidence })));
  candidates.sort((a, b) => byRank(a.evidence, b.evidence));
  const taken = candidates.slice(0, Math.min(MAX_ASSEMBLED, ASSEMBLED_PER_WANTED * k + 20));
  const assembled = await chem.assemble(taken.map(({ group, evidence }) => ({ smiles: molecule.parentSmiles, group: groups[group]!, to: evidence.to })), call);
  const built = assembled.flatMap((outcome, i) => (outcome.ok ? [{ ...taken[i]!, smiles: outcome.value }] : []));
  const { proposals, refused } = await distinct(chem, molecule, built, k, call);
  const listed = groups.map(({ fragment, inputAtoms, environmentTexts, ionisation }, g): GroupReplacements => ({
    fragment, atoms: inputAtoms, environment: environmentTexts, ionisation, total: known[g]!.length, replacements: known[g]!.slice(0, k),
  }));
  return { kind: 'molecule', smiles: molecule.parentSmiles, molecule, groups: listed, proposals, refused: refused + taken.length - built.length };
}

async function distinct(chem: ChemPool, query: StandardMolecule, built: readonly (Candidate & { readonly smiles: string })[], k: number, call: CallOptions): Promise<{ proposals: Proposal[]; refused: number }> {
  const batch = await chem.featurise([query.parentSmiles, ...built.map(({ smiles }) => smiles)], { descriptors: true, bits: { ecfp4: ECFP4 } }, call);
  const own = describeRow(batch, 0);
  const seen = new Set([query.inchiKey]);
  const proposals: Proposal[] = [];
  for (let row = 1; row < batch.rows.length && proposals.length < k; row++) {
    const { parentSmiles, inchiKey } = batch.molecules[row]!;
    if (seen.has(inchiKey)) continue;
    seen.add(inchiKey);
    const { group, evidence } = built[batch.rows[row]! - 1]!;
    const { descriptors, bits } = describeRow(batch, row);
    const changes = Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, descriptors[name] - own.descriptors[name]])) as Record<DescriptorName, number>;
    proposals.push({ smiles: parentSmiles, inchiKey, group, evidence, descriptors, changes, tanimoto: tanimoto(own.bits, bits) });
  }
  return { proposals, refused: batch.errors.length };
}

function describeRow(batch: Awaited<ReturnType<ChemPool['featurise']>>, row: number): { descriptors: Record<DescriptorName, number>; bits: Uint8Array } {
  const width = DESCRIPTOR_NAMES.length;
  const descriptors = Object.fromEntries(DESCRIPTOR_NAMES.map((name, i) => [name, batch.descriptors![row * width + i]!])) as Record<DescriptorName, number>;
  const { data, bytes } = batch.bits['ecfp4']!;
  return { descriptors, bits: data.subarray(row * bytes, (row + 1) * bytes) };
}
