/**
 * SMILES as tokens of one fixed vocabulary: two-letter elements, ring numbers with %, and the usual atoms in brackets are one
 * token each. Another atom in brackets is split into what it is made of (`[Zr+2]`: `[`, `Zr`, `+`, `2`, `]`), so that every
 * SMILES of RDKit can be told. Tokenising as in Schwaller et al. 2019, doi:10.1021/acscentsci.9b00576.
 */
import { joinOffsets, joinU8, offsetsOf } from './columns.ts';
import { SYMBOLS } from './elements.ts';

/** Ids of the tokens that stand for no text. */
export const SPECIAL_TOKENS = Object.freeze({ pad: 0, begin: 1, unknown: 2, mask: 3 });

/** Of parents: what neutral drug-like molecules hold, and the charges that standardising leaves. */
const BRACKETS = (
  '[C@H] [C@@H] [C@] [C@@] [nH] [N+] [O-] [n+] [N-] [NH+] [NH2+] [NH3+] [nH+] [n-] [NH-] [N] [NH] [N@] [N@@] [N@+] [N@@+] [N@H+] [N@@H+] ' +
  '[S@] [S@@] [S@+] [S@@+] [S+] [S-] [s+] [SH] [O+] [OH+] [o+] [O] [C-] [C+] [C] [CH] [CH-] [CH2] ' +
  '[P+] [P-] [P@] [P@@] [P@H] [P@@H] [PH] [PH2] [B-] [BH-] [Si] [SiH] [SiH2] [SiH3] [Se] [se] [Cl-] [Br-] [I+]'
).split(' ');

const AROMATIC = ['b', 'c', 'n', 'o', 'p', 's', 'se', 'as', 'te', 'si'];
const SIGNS = ['-', '=', '#', '$', ':', '/', '\\', '~', '.', '(', ')', '->', '<-', '[', ']', '@', '@@', '+', '%'];
const DIGITS = Array.from({ length: 10 }, (_, i) => String(i));
/** Ring numbers of two digits; larger ones are split. */
const RINGS = Array.from({ length: 20 }, (_, i) => `%${i + 10}`);

/** The text of every token by its id. Encoders are trained on the ids: nothing moves, what is new comes last. */
export const SMILES_TOKENS: readonly string[] = Object.freeze([
  ...Object.keys(SPECIAL_TOKENS).map((name) => `<${name}>`), ...SYMBOLS, ...AROMATIC, ...SIGNS, ...DIGITS, ...RINGS, ...BRACKETS,
]);

const IDS: ReadonlyMap<string, number> = new Map(SMILES_TOKENS.map((text, id) => [text, id]));

/** Outside brackets, only chlorine and bromine have two letters: `Sc` is sulphur beside an aromatic carbon there. */
const OUTSIDE = /\[[^\]]*\]|Br|Cl|%\d\d|->|<-|[\s\S]/g;
const INSIDE = new RegExp(`@@|${[...SYMBOLS, ...AROMATIC].filter((symbol) => symbol.length === 2).join('|')}|[\\s\\S]`, 'g');

/** The texts of the tokens of a SMILES; joined, they are the SMILES. What the vocabulary lacks is a character each. */
export function smilesPieces(smiles: string): string[] {
  return (smiles.match(OUTSIDE) ?? []).flatMap((piece) => {
    if (IDS.has(piece)) return [piece];
    return piece.startsWith('[') ? (piece.match(INSIDE) ?? []) : piece.split('');
  });
}

/** (tokens) ids below SMILES_TOKENS.length, without `begin`. */
export function smilesTokenIds(smiles: string): Uint8Array {
  return Uint8Array.from(smilesPieces(smiles), (piece) => IDS.get(piece) ?? SPECIAL_TOKENS.unknown);
}

/** Ragged ids: row r is tokens[offsets[r] .. offsets[r + 1]]. */
export interface TokenColumn {
  readonly tokens: Uint8Array;
  readonly offsets: BigInt64Array;
}

export function tokenColumn(rows: readonly Uint8Array[]): TokenColumn {
  return { tokens: joinU8(rows), offsets: offsetsOf(rows.map((row) => row.length)) };
}

export function joinTokens(parts: readonly TokenColumn[]): TokenColumn {
  return { tokens: joinU8(parts.map(({ tokens }) => tokens)), offsets: joinOffsets(parts.map(({ offsets }) => offsets)) };
}
