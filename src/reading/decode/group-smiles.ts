/**
 * Reads the SMILES of a group: one attachment point first ("*C(=O)OC"), organic subset, brackets with charges, branches, single
 * digits for rings, lower case for aromatic atoms. Not a SMILES reader: what it does not know is an error of the vocabulary.
 */
import { IsoLensError } from '../../core/index.ts';
import { matchPairs } from './matching.ts';

export interface GroupAtom {
  readonly symbol: string;
  readonly charge: number;
  /** Mass number; 0: as in nature. */
  readonly isotope: number;
}

export interface GroupBond {
  readonly begin: number;
  readonly end: number;
  readonly order: 1 | 2 | 3;
}

export interface Group {
  /** The first is the one that is bonded to the rest of the molecule. */
  readonly atoms: readonly GroupAtom[];
  readonly bonds: readonly GroupBond[];
  /** Order of the bond to the rest of the molecule. */
  readonly attachedBy: 1 | 2 | 3;
}

const TOKEN = /Cl|Br|[BCNOPSFI]|[bcnops]|\[(\d*)([A-Z][a-z]?|[a-z]{1,2})(?:@{0,2})(H?)\d*([+-]*)(\d*)\]|[-=#()\d]/y;
const ORDERS: Readonly<Record<string, number>> = { '-': 1, '=': 2, '#': 3 };
/** Between two aromatic atoms, until the double bonds are placed. */
const AROMATIC = 1.5;

interface ReadAtom extends GroupAtom {
  readonly isAromatic: boolean;
  readonly hasHydrogen: boolean;
}

export function readGroup(smiles: string): Group {
  const fail = (): never => {
    throw new IsoLensError('MODEL_INVALID', `Expected the SMILES of a group, begun with "*", but received "${smiles}"; the reader's vocabulary is damaged.`);
  };
  const atoms: ReadAtom[] = [];
  const bonds: { begin: number; end: number; order: number }[] = [];
  const open = new Map<string, { atom: number; order: number }>();
  const branches: number[] = [];
  let [last, order, attachedBy] = [-1, 0, 1];
  const link = (begin: number, end: number, given: number): void => {
    const both = atoms[begin]!.isAromatic && atoms[end]!.isAromatic;
    bonds.push({ begin, end, order: given === 0 ? (both ? AROMATIC : 1) : given });
  };
  if (!smiles.startsWith('*')) return fail();
  TOKEN.lastIndex = 1;
  for (let match = TOKEN.exec(smiles); match !== null; match = TOKEN.exec(smiles)) {
    const token = match[0];
    if (ORDERS[token] !== undefined) order = ORDERS[token];
    else if (token === '(') branches.push(last);
    else if (token === ')') last = branches.pop() ?? fail();
    else if (/^\d$/.test(token)) {
      const opened = open.get(token);
      if (opened === undefined) open.set(token, { atom: last, order });
      else link(opened.atom, last, Math.max(opened.order, order));
      if (opened !== undefined) open.delete(token);
      order = 0;
    } else {
      atoms.push(atomOf(match));
      if (last >= 0) link(last, atoms.length - 1, order);
      else if (atoms.length === 1) attachedBy = order === 0 ? 1 : order;
      else return fail();
      [last, order] = [atoms.length - 1, 0];
    }
    if (TOKEN.lastIndex === smiles.length) {
      if (open.size > 0 || branches.length > 0) return fail();
      return { atoms: atoms.map(({ symbol, charge, isotope }) => ({ symbol, charge, isotope })), bonds: placeDoubles(atoms, bonds), attachedBy: attachedBy as 1 | 2 | 3 };
    }
  }
  return fail();
}

function atomOf(match: RegExpExecArray): ReadAtom {
  const [token, isotope = '', bracketed, hydrogen, signs = '', digits = ''] = match;
  const written = bracketed ?? token;
  const charge = signs === '' ? 0 : (signs.startsWith('-') ? -1 : 1) * (digits === '' ? signs.length : Number(digits));
  const symbol = written[0]!.toUpperCase() + written.slice(1);
  return { symbol, charge, isotope: Number(isotope), isAromatic: written[0] !== symbol[0], hasHydrogen: hydrogen === 'H' };
}

/** Single and double bonds in place of aromatic ones. */
function placeDoubles(atoms: readonly ReadAtom[], bonds: readonly { begin: number; end: number; order: number }[]): GroupBond[] {
  const aromatic = bonds.filter(({ order }) => order === AROMATIC);
  const needs = atoms.map((_, i) => i).filter((i) => isDoubled(atoms[i]!, i, bonds));
  const allowed = new Set(needs);
  const neighbours = (atom: number): number[] => aromatic.filter(({ begin, end }) => begin === atom || end === atom).map(({ begin, end }) => (begin === atom ? end : begin));
  const mates = matchPairs(needs, allowed, neighbours);
  return bonds.map(({ begin, end, order }) => ({ begin, end, order: (order === AROMATIC ? (mates.get(begin) === end ? 2 : 1) : order) as GroupBond['order'] }));
}

function isDoubled({ symbol, isAromatic, hasHydrogen, charge }: ReadAtom, atom: number, bonds: readonly { begin: number; end: number; order: number }[]): boolean {
  if (!isAromatic || symbol === 'O' || symbol === 'S') return false;
  const own = bonds.filter(({ begin, end }) => begin === atom || end === atom);
  if (own.some(({ order }) => order === 2)) return false;
  // The first atom of the group has one bond more, to the rest of the molecule.
  const degree = own.length + (atom === 0 ? 1 : 0);
  return symbol === 'C' || charge > 0 || !(hasHydrogen || degree > 2);
}
