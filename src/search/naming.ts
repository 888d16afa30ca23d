/** What a person types where a molecule is asked for: an identifier, an InChIKey, a name, a SMILES, an InChI. */
import { asInchiKey, checkSmiles } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { StoredMolecule } from '../store/index.ts';
import type { MoleculeSource } from './library.ts';

export interface Called {
  /** At least one; several molecules may share a name. */
  readonly molecules: readonly StoredMolecule[];
  readonly how: 'identifier' | 'InChIKey' | 'name' | 'name of a salt';
}

/** Molecules that one name may belong to. */
const MOST_NAMESAKES = 50;
const MOST_SHOWN = 60;

/** Identifier before InChIKey before name; undefined where it is none of them. */
export async function calledBy(store: MoleculeSource, text: string): Promise<Called | undefined> {
  const wanted = text.trim();
  if (wanted === '') return undefined;
  const byId = await store.findId(wanted);
  if (byId !== undefined) return { molecules: [byId], how: 'identifier' };
  const key = asInchiKey(wanted);
  const byKey = key === undefined ? undefined : await store.findInchiKey(key);
  if (byKey !== undefined) return { molecules: [byKey], how: 'InChIKey' };
  const named = await store.findName(wanted, MOST_NAMESAKES);
  if (named.length > 0) return { molecules: named, how: 'name' };
  const salts = await store.findNameOfSalt(wanted, MOST_NAMESAKES);
  return salts.length > 0 ? { molecules: salts, how: 'name of a salt' } : undefined;
}

/** What the person should know of how the text was understood. */
export function namingWarnings(text: string, { molecules, how }: Called): string[] {
  const [first] = molecules as [StoredMolecule, ...StoredMolecule[]];
  const shown = quoted(text);
  return [
    ...(how === 'name of a salt' ? [`${shown} was searched without its salt, as ${first.names[0] ?? first.ids[0]!}.`] : []),
    ...(molecules.length > 1 ? [`${molecules.length} molecules of the library are called ${shown}; the first, ${first.ids[0]!}, was searched.`] : []),
    ...(isSmiles(text) ? [`${shown} is a name in this library and a SMILES as well; the name was searched. Ask with "smiles" for the other.`] : []),
  ];
}

/** A short word of capitals that is a SMILES may be meant as a name (CCCP, FCCP). */
export function smilesWarnings(text: string, formula: string): string[] {
  const word = text.trim();
  if (!/^[BCNOPSFI]{3,6}$/.test(word) || !/[BPSFI]/.test(word)) return [];
  return [`${quoted(word)} was read as a SMILES (${formula}). If you meant a name: no molecule of this library is called so.`];
}

/** Of a text that is a structure. */
export function notationOf(text: string): 'SMILES' | 'InChI' | 'molfile' {
  if (/^\s*InChI=/i.test(text)) return 'InChI';
  return /\bV[23]000\b/.test(text) ? 'molfile' : 'SMILES';
}

function isSmiles(text: string): boolean {
  try {
    checkSmiles(text);
    return true;
  } catch {
    return false;
  }
}

/** Registry numbers and identifiers of databases, which no SMILES looks like. */
const REGISTRY = /^(?:\d{2,7}-\d{2}-\d|CHEMBL ?\d+|DB\d{5}|BRD-[A-Z]\d+.*|CID:? ?\d+|ZINC\d+|MFCD\d+|UNII-?\w{10})$/i;
/** Lower-case letters that no atom of a SMILES outside brackets is written with, and letters of other alphabets. */
const WORDS = /(?:^|[^A-Z])[abdefghijkmqtuvwxyz]|\p{L}\p{M}|[^\p{ASCII}]/u;

/** Whether text that is no SMILES was more likely meant as a name than as a structure. */
export function looksLikeName(text: string): boolean {
  const word = text.trim();
  if (word.length > 120 || /[=#@\\\n]|\[[A-Z]|\bV[23]000\b/.test(word) || /^InChI=/i.test(word) || asInchiKey(word) !== undefined) return false;
  return REGISTRY.test(word) || (WORDS.test(word) && /\p{L}{3}/u.test(word));
}

/** Says so, and offers names that may be meant. */
export async function unknownName(store: MoleculeSource, bundle: string, text: string): Promise<IsoLensError> {
  const near = await store.namesNear(text);
  const offer = near.length === 0 ? 'give a SMILES, an InChI or an identifier of the library' : `did you mean ${near.map(quoted).join(', ')}?`;
  const message = `Expected the name or identifier of a molecule in "${bundle}", or a structure, but ${quoted(text.trim())} is neither; ${offer}`;
  return new IsoLensError('NAME_UNKNOWN', near.length === 0 ? `${message}.` : message, { details: { near } });
}

/** Where a SMILES was asked for. */
export async function nameForSmiles(store: MoleculeSource, text: string): Promise<IsoLensError> {
  const isKnown = (await calledBy(store, text)) !== undefined;
  const known = isKnown ? 'the library has a molecule of that name' : 'no molecule of the library is called so';
  return new IsoLensError('SMILES_SYNTAX', `Expected a SMILES but ${quoted(text.trim())} looks like a name; ask with "text" for names (${known}).`);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
}
