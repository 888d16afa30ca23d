/** Inputs that RDKit refuses as they stand, and that have one plain reading: rewritten as text, then read again. */
import { IsoLensError } from '../core/index.ts';
import { SYMBOLS } from './elements.ts';
import { checkSmiles } from './limits.ts';
import type { JsonMolecule, RdkitJson } from './molecule-graph.ts';
import { withMolecule } from './rdkit.ts';
import type { Mol, ParsedInput, Rdkit } from './rdkit.ts';

export type RepairWarning = 'AMIDINE_REPAIRED';

export interface Repair {
  readonly rule: string;
  readonly warning?: RepairWarning;
}

interface Attempt {
  readonly repair: Repair;
  /** The text to read instead; undefined where this repair does not apply. */
  rewrite(rdkit: Rdkit, text: string): string | undefined;
}

/** The carbon of an amidinium that an old program gave the proton and the charge of a nitrogen: five bonds. */
const PROTONATED_CARBON = '[CH+]';

const DATIVE_ATTEMPT: Attempt = {
  repair: { rule: 'dative-bond-to-charges' },
  rewrite: (rdkit, text) => rewriteAtoms(rdkit, text, dativeEdits),
};

const ATTEMPTS: readonly Attempt[] = [
  {
    repair: { rule: 'repair-amidine-carbon', warning: 'AMIDINE_REPAIRED' },
    rewrite: (_, text) => (text.includes(PROTONATED_CARBON) ? text.replaceAll(PROTONATED_CARBON, 'C') : undefined),
  },
  {
    repair: { rule: 'unite-metal-and-anion' },
    rewrite: (rdkit, text) => (/\[(?:Al|Ga|Be)/.test(text) ? rewriteAtoms(rdkit, text, metalEdits) : undefined),
  },
];

/** Reads the text, repaired where it cannot be read as it stands and a repair is known. What can be read is left alone. */
export function withReadable<T>(rdkit: Rdkit, text: string, use: (mol: Mol, parsed: ParsedInput, repairs: readonly Repair[]) => T): T {
  // RDKit reads some arrows as they stand, but InChI has no name for them.
  const arrows = /->|<-/.test(text) && !text.includes('\n') ? DATIVE_ATTEMPT.rewrite(rdkit, text) : undefined;
  if (arrows !== undefined) return withMolecule(rdkit, arrows, (mol, parsed) => use(mol, parsed, [DATIVE_ATTEMPT.repair]));
  try {
    return withMolecule(rdkit, text, (mol, parsed) => use(mol, parsed, []));
  } catch (thrown) {
    if (!(thrown instanceof IsoLensError) || thrown.code !== 'SMILES_VALENCE' || text.includes('\n')) throw thrown;
    for (const { repair, rewrite } of ATTEMPTS) {
      const repaired = rewrite(rdkit, text);
      if (repaired === undefined) continue;
      try {
        return withMolecule(rdkit, repaired, (mol, parsed) => use(mol, parsed, [repair]));
      } catch {
        // the next repair, or the refusal of the text as it was given
      }
    }
    throw thrown;
  }
}

/** New charges by atom, in the order of the text. */
type AtomEdits = ReadonlyMap<number, number>;

const DATIVE = 17;
const ACCEPTORS = new Set([5, 13]);

/** A lone pair given to boron or aluminium: the giver gains a charge, the taker loses one. */
function dativeEdits({ atoms, bonds }: JsonMolecule): AtomEdits {
  const edits = new Map<number, number>();
  const add = (atom: number, charge: number): void => {
    edits.set(atom, (edits.get(atom) ?? atoms[atom]!.chg ?? 0) + charge);
  };
  for (const { atoms: [giver, taker], bo } of bonds) {
    if (bo !== DATIVE || !ACCEPTORS.has(atoms[taker]!.z ?? 6)) continue;
    add(giver, 1);
    add(taker, -1);
  }
  return edits;
}

/** Ions of metals that are bonded to anions all the same: without charges, as a rule expects them. */
function metalEdits({ atoms, bonds }: JsonMolecule): AtomEdits {
  const edits = new Map<number, number>();
  const isMetal = (atom: number): boolean => ['Al', 'Ga', 'Be'].includes(SYMBOLS[atoms[atom]!.z ?? 6]!) && (atoms[atom]!.chg ?? 0) > 0;
  for (const { atoms: [a, b] } of bonds) {
    if (!isMetal(a) && !isMetal(b)) continue;
    for (const atom of [a, b]) if ((atoms[atom]!.chg ?? 0) !== 0) edits.set(atom, 0);
  }
  return edits;
}

function rewriteAtoms(rdkit: Rdkit, text: string, edits: (molecule: JsonMolecule) => AtomEdits): string | undefined {
  const { smiles, tail, atomPositions } = checkSmiles(text);
  const mol = rdkit.module.get_mol(smiles, JSON.stringify({ sanitize: false, removeHs: false }));
  if (mol === null) return undefined;
  let molecule: JsonMolecule;
  try {
    molecule = (JSON.parse(mol.get_json()) as RdkitJson).molecules[0]!;
  } finally {
    mol.delete();
  }
  const changes = edits(molecule);
  if (changes.size === 0 || molecule.atoms.length !== atomPositions.length) return undefined;
  let rewritten = smiles;
  for (const [atom, charge] of [...changes].sort(([a], [b]) => atomPositions[b]! - atomPositions[a]!)) {
    const at = atomPositions[atom]!;
    const token = /^(?:\[[^\]]*\]|Cl|Br|.)/.exec(rewritten.slice(at))![0];
    rewritten = rewritten.slice(0, at) + chargedToken(token, charge, hydrogensOf(molecule, atom, token)) + rewritten.slice(at + token.length);
  }
  return `${rewritten.replaceAll(/->|<-/g, '-')}${tail === '' ? '' : ` ${tail}`}`;
}

/** A bare boron has as many hydrogens as its valence leaves, to which an arrow does not count. */
function hydrogensOf({ atoms, bonds }: JsonMolecule, atom: number, token: string): number {
  if (token !== 'B') return atoms[atom]!.impHs ?? 0;
  const used = bonds.filter(({ atoms: ends, bo }) => bo !== DATIVE && ends.includes(atom)).reduce((sum, { bo = 1 }) => sum + bo, 0);
  return Math.max(0, BORON_VALENCE - used);
}

const BORON_VALENCE = 3;

function chargedToken(token: string, charge: number, hydrogens: number): string {
  const sign = charge === 0 ? '' : `${charge > 0 ? '+' : '-'}${Math.abs(charge) === 1 ? '' : Math.abs(charge)}`;
  if (!token.startsWith('[')) return `[${token}${hydrogens === 0 ? '' : `H${hydrogens}`}${sign}]`;
  return token.replace(/(?:[+-]+\d*)?(:\d+)?\]$/, `${sign}$1]`);
}
