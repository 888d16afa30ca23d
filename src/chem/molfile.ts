/** The same look before RDKit at a molfile: bounded size, labels written out, and what is not a plain molecule is named. */
import { IsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { SYMBOLS } from './elements.ts';
import { atomsOfGroup, groupOf, isGeneric } from './labels.ts';
import { SMILES_LIMITS } from './limits.ts';
import type { InputWarning } from './limits.ts';
import { nextId, readBlock, writeBlock } from './molfile-block.ts';
import type { AddedAtom, BlockAtom, MolBlock } from './molfile-block.ts';

const MAX_CHARACTERS = 256 * 1024;

export function looksLikeMolfile(input: string): boolean {
  return /\n/.test(input.trim()) && /V2000|V3000|M {2}END|^\$RXN/m.test(input);
}

export interface CheckedMolfile {
  /** The molfile alone, its labels written out as atoms. */
  readonly text: string;
  readonly warnings: readonly InputWarning[];
}

/** Returns the molfile alone (an SD record's data are cut off), or throws a coded error. */
export function checkMolfile(input: string): CheckedMolfile {
  if (input.length > MAX_CHARACTERS) {
    fail('SMILES_TOO_LONG', `Expected a molfile of at most ${MAX_CHARACTERS} characters but received ${input.length}.`);
  }
  const text = input.replace(/\r\n?/g, '\n');
  if (text.trimStart().startsWith('$RXN')) fail('SMILES_IS_REACTION', 'Expected a molecule but received a reaction file; give one of its molecules.');
  const end = text.indexOf('M  END');
  if (end < 0) fail('SMILES_SYNTAX', 'Expected a molfile that ends with "M  END" but it is cut off; export it again.');
  const body = withHeader(text.slice(0, end));
  const block = readBlock(body);
  if (block === undefined) fail('SMILES_SYNTAX', 'Expected a molfile with a counts line (V2000 or V3000) as its fourth line; export it again.');
  const atoms = Math.max(block.atoms.length, declaredAtoms(block));
  if (atoms === 0) fail('SMILES_EMPTY', 'Expected a molecule but the molfile has no atom.');
  requireSize(atoms);
  if (/^M {2}STY.*\b(SRU|MON|COP|MER|CRO|GRA|ANY)\b/m.test(body) || /^M {2}V30 \d+ (SRU|MON|COP|MER|CRO|GRA|ANY) /m.test(body)) {
    fail('MOLECULE_UNSUPPORTED', 'Expected a molecule but received a polymer (repeat-unit brackets); give one repeat unit, capped.');
  }
  refuseQueries(block, body);
  const { text: expanded, isExpanded } = expandLabels(block);
  return {
    text: `${isExpanded ? expanded : body}M  END\n`,
    warnings: [...(isExpanded ? ['LABELS_EXPANDED' as const] : []), ...stereoWarnings(block, body)],
  };
}

/** Leading empty lines are lost when a molfile is copied: the counts line must be the fourth. */
function withHeader(body: string): string {
  const at = body.split('\n').slice(0, 4).findIndex((line) => /^[ \d]{3}[ \d]{2}\d .*V[23]000\s*$/.test(line));
  return at < 0 || at === 3 ? body : '\n'.repeat(3 - at) + body;
}

function requireSize(atoms: number): void {
  if (atoms <= SMILES_LIMITS.atoms) return;
  fail('SMILES_TOO_COMPLEX', `Expected at most ${SMILES_LIMITS.atoms} atoms but received ${atoms}; larger molecules are not supported.`);
}

function declaredAtoms({ version, lines }: MolBlock): number {
  if (version === 2000) return Number.parseInt(lines[3]!.slice(0, 3), 10);
  return Number(/^M {2}V30 COUNTS +(\d+)/.exec(lines.find((line) => line.startsWith('M  V30 COUNTS'))!)?.[1] ?? 0);
}

/** Property lines and attributes that make a file a query, and what a chemist calls them. */
const QUERY_MARKS: readonly (readonly [RegExp, string])[] = [
  [/^M {2}(?:RGP|LOG)|RGROUPS=/m, 'R groups'],
  [/^M {2}APO|\bATTCHPT=/m, 'open attachment points'],
  [/^M {2}ALS/m, 'an atom list'],
  [/^M {2}SUB|\bSUBST=(?!0)/m, 'a substitution count of a query'],
  [/^M {2}UNS|\bUNSAT=1/m, 'an "unsaturated" mark of a query'],
  [/^M {2}RBC|\bRBCNT=(?!0)/m, 'a ring bond count of a query'],
  [/^M {2}LIN|^M {2}V30 LINKNODE/m, 'a link node'],
  [/^M {2}MRV SMA|\bSMARTSQ\b|^M {2}V30 .*FIELDNAME="?(?:MRV_SMA|SMARTS)/m, 'a SMARTS of an atom'],
  [/^M {2}\$3D/m, '3D search features'],
];

function refuseQueries(block: MolBlock, body: string): void {
  const mark = QUERY_MARKS.find(([pattern]) => pattern.test(body));
  if (mark !== undefined) refuse(mark[1]);
  const order = block.bonds.find((bond) => bond.order >= 5 && bond.order <= 8)?.order;
  if (order !== undefined) refuse(`a bond of the kind "${['single or double', 'single or aromatic', 'double or aromatic', 'any'][order - 5]}"`);
  if (block.bonds.some(({ isQuery }) => isQuery)) refuse('a bond that must be in a ring or in a chain');
  for (const atom of block.atoms) {
    const label = block.labels.get(atom.id) ?? atom.symbol;
    if (/^(?:NOT ?)?\[/.test(label)) refuse(`the atom list ${label}`);
    if (isGeneric(label, bondsOf(block, atom).length)) refuse(`the generic group ${label}`);
    if (atom.isQuery) refuse('a hydrogen count of a query');
  }
}

function refuse(what: string): never {
  fail('SMILES_IS_QUERY', `Expected a molecule but the molfile holds ${what}; replace it by atoms.`);
}

function bondsOf(block: MolBlock, atom: BlockAtom): MolBlock['bonds'] {
  return block.bonds.filter(({ from, to }) => from === atom.id || to === atom.id);
}

const ELEMENTS = new Set([...SYMBOLS.slice(1), 'D', 'T']);
/** Symbols of elements that in an organic drawing are always the abbreviation: actinium, tennessine, praseodymium with one bond. */
const RATHER_LABELS = new Set(['Ac', 'Ts', 'Pr', 'No', 'Np', 'Bh', 'Ds']);

function expandLabels(block: MolBlock): { text: string; isExpanded: boolean } {
  const replaced = new Map<string, string>();
  const added: AddedAtom[] = [];
  const bonds: [string, string, number][] = [];
  const first = nextId(block);
  for (const atom of block.atoms) {
    const label = block.labels.get(atom.id) ?? atom.symbol;
    const own = bondsOf(block, atom);
    if (ELEMENTS.has(label) && !(RATHER_LABELS.has(label) && own.length === 1)) {
      if (label !== atom.symbol) replaced.set(atom.id, label);
      continue;
    }
    const total = own.length === 1 ? own[0]!.order : own.length;
    const group = groupOf(label, total) ?? (RATHER_LABELS.has(label) ? `[${label}]` : undefined);
    if (group === undefined) refuseLabel(label, own.length);
    const { symbols, bonds: inner } = atomsOfGroup(group);
    if (symbols.length === 1 && symbols[0] === atom.symbol) continue;
    const idOf = (i: number): string => (i === 0 ? atom.id : String(first + added.length + i - 1));
    bonds.push(...inner.map(([from, to, order]): [string, string, number] => [idOf(from), idOf(to), order]));
    replaced.set(atom.id, symbols[0]!);
    const away = directionFrom(block, atom, own);
    added.push(...symbols.slice(1).map((symbol, i) => ({
      symbol, x: atom.x + away.x * (i + 1) - away.y * (i % 2), y: atom.y + away.y * (i + 1) + away.x * (i % 2),
    })));
  }
  requireSize(block.atoms.length + added.length);
  return replaced.size === 0 ? { text: '', isExpanded: false } : { text: writeBlock(block, replaced, added, bonds), isExpanded: true };
}

/** Away from the neighbours: wedges keep their meaning when the atoms of a label are laid out behind it. */
function directionFrom(block: MolBlock, atom: BlockAtom, own: MolBlock['bonds']): { x: number; y: number } {
  const neighbours = own.map(({ from, to }) => block.atoms.find(({ id }) => id === (from === atom.id ? to : from)) ?? atom);
  const x = neighbours.reduce((sum, other) => sum + atom.x - other.x, 0);
  const y = neighbours.reduce((sum, other) => sum + atom.y - other.y, 0);
  const length = Math.hypot(x, y);
  return length < 1e-6 ? { x: 0.6, y: 0.8 } : { x: x / length, y: y / length };
}

function refuseLabel(label: string, bonds: number): never {
  const name = label.slice(0, 30);
  const isKnownWithOne = bonds !== 1 && groupOf(label, 1) !== undefined;
  const why = isKnownWithOne ? `the label ${name} stands at an atom with ${bonds} bonds` : `the label ${name} is no element`;
  fail('MOLECULE_UNSUPPORTED', `Expected a molecule but ${why}; expand it into its atoms.`);
}

function stereoWarnings(block: MolBlock, body: string): InputWarning[] {
  if (/MDLV30\/STE(?:RAC|REL)\d*/.test(body)) return ['ENHANCED_STEREO'];
  const isAbsolute = block.chiralFlag !== false || /MDLV30\/STEABS/.test(body);
  return !isAbsolute && block.bonds.some(({ isWedge }) => isWedge) ? ['CHIRAL_FLAG_ABSENT'] : [];
}

function fail(code: ErrorCode, message: string): never {
  throw new IsoLensError(code, message);
}
