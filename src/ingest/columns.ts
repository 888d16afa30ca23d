import { plainText } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Properties, PropertyValue } from '../store/index.ts';
import type { ColumnChoice } from './define.ts';

/** Normalised names under which columns are recognised, the likelier first. */
export const SMILES_NAMES = ['smiles', 'canonicalsmiles', 'isomericsmiles', 'isosmiles', 'smilesstring', 'smi', 'cxsmiles', 'structure', 'molecule'];
/** Taken where there is no SMILES. */
export const INCHI_NAMES = ['inchi', 'standardinchi', 'stdinchi', 'inchistring', 'inchicode', 'canonicalinchi', 'isomericinchi'];
const ID_NAMES = [
  'id', 'identifier', 'compoundid', 'moleculeid', 'molid', 'moleculechemblid', 'chemblid', 'zincid', 'drugbankid', 'broadid', 'metadatajcp2022',
  'jcp2022', 'pubchemcid', 'cid', 'catalogid', 'catalognumber', 'catalogno', 'sku', 'compound', 'casnumber', 'cas',
];
const NAME_NAMES = ['name', 'names', 'compoundname', 'moleculename', 'drugname', 'drug', 'genericname', 'preferredname', 'prefname', 'pertiname', 'commonname', 'title'];
const SYNONYM_NAMES = ['synonyms', 'synonym', 'othernames', 'aliases', 'tradenames'];

/** Longer cells are cut, which is counted: hits carry all their columns over the wire. */
export const MAX_PROPERTY_CHARACTERS = 10_000;

const STRUCTURE_NAMES = [...SMILES_NAMES, ...INCHI_NAMES];

/** Positions of the columns that mean something; -1 where there is none. */
export interface ColumnMap {
  readonly columns: readonly string[];
  readonly smiles: number;
  readonly id: number;
  readonly name: number;
  readonly synonyms: number;
}

export interface Fields {
  readonly structure: string;
  readonly id: string | null;
  readonly names: readonly string[];
  readonly properties: Properties;
  readonly shortened?: readonly string[];
}

export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export function isSmilesColumn(name: string): boolean {
  return STRUCTURE_NAMES.includes(normaliseName(name));
}

/** Finds the columns by choice, or else by their usual names. Without a column of structures there is nothing to read. */
export function mapColumns(header: readonly string[], choice: ColumnChoice): ColumnMap {
  const columns = uniqueNames(header);
  const smiles = choice.smiles === undefined ? detect(columns, STRUCTURE_NAMES) : chosen(columns, choice.smiles, '--smiles-column');
  if (smiles < 0) {
    const message = `Expected a column of SMILES or InChI but received the columns ${columns.join(', ')}; name it with --smiles-column.`;
    throw new IsoLensError('COLUMN_MISSING', message, { details: { columns } });
  }
  return { columns, smiles, ...mapLabels(columns, choice) };
}

/** The columns beside the structure. */
export function mapLabels(columns: readonly string[], choice: ColumnChoice): Pick<ColumnMap, 'id' | 'name' | 'synonyms'> {
  return {
    id: choice.id === undefined ? detect(columns, ID_NAMES) : chosen(columns, choice.id, '--id-column'),
    name: choice.name === undefined ? detect(columns, NAME_NAMES) : chosen(columns, choice.name, '--name-column'),
    synonyms: detect(columns, SYNONYM_NAMES),
  };
}

/** Takes one record's cells apart. */
export function pickFields(map: ColumnMap, cells: readonly (string | undefined)[]): Fields {
  const names = namesOf(cells[map.name], cells[map.synonyms]);
  const id = cleanText(cells[map.id]) ?? names[0] ?? null;
  const properties: Record<string, PropertyValue> = {};
  const shortened: string[] = [];
  const last = Math.min(map.columns.length, cells.length);
  for (let i = 0; i < last; i++) {
    if (i === map.smiles || i === map.id || i === map.name || i === map.synonyms) continue;
    if (setProperty(properties, map.columns[i]!, cells[i])) shortened.push(map.columns[i]!);
  }
  return { structure: cleanStructure(cells[map.smiles] ?? ''), id, names, properties, ...(shortened.length > 0 ? { shortened } : {}) };
}

export function namesOf(name: string | undefined, synonyms: string | undefined): string[] {
  const all = [cleanText(name), ...(synonyms ?? '').split(/[;|]/).map(cleanText)];
  return [...new Set(all.filter((text) => text !== null))];
}

/** Numbers that read back as written become numbers; nothing is stored for an empty cell. Says whether the cell had to be cut. */
export function setProperty(properties: Record<string, PropertyValue>, name: string, cell: string | undefined): boolean {
  const text = cleanText(cell);
  if (text === null || name === '__proto__') return false;
  const number = Number(text);
  properties[name] = Number.isFinite(number) && String(number) === text ? number : text.slice(0, MAX_PROPERTY_CHARACTERS);
  return text.length > MAX_PROPERTY_CHARACTERS;
}

/** What is copied from a paper or a web page: typographic dashes are bonds or charges, and some blanks cannot be seen. */
export function cleanStructure(text: string): string {
  return plainText(text).trim();
}

export function cleanText(cell: string | undefined): string | null {
  const text = cell?.trim() ?? '';
  return text === '' ? null : text;
}

function detect(columns: readonly string[], names: readonly string[]): number {
  const normalised = columns.map(normaliseName);
  for (const name of names) {
    const at = normalised.indexOf(name);
    if (at >= 0) return at;
  }
  return -1;
}

function chosen(columns: readonly string[], choice: string, option: string): number {
  const exact = columns.indexOf(choice);
  if (exact >= 0) return exact;
  const loose = columns.map(normaliseName).indexOf(normaliseName(choice));
  if (loose >= 0 && normaliseName(choice) !== '') return loose;
  const position = Number(choice);
  if (Number.isInteger(position) && position >= 1 && position <= columns.length) return position - 1;
  throw new IsoLensError('COLUMN_MISSING', `Expected ${option} to name one of the columns ${columns.join(', ')} but received ${JSON.stringify(choice)}.`, { details: { columns: [...columns] } });
}

function uniqueNames(header: readonly string[]): string[] {
  const seen = new Set<string>();
  return header.map((cell, i) => {
    const name = cell.trim() === '' || seen.has(cell.trim()) ? `column${i + 1}` : cell.trim();
    seen.add(name);
    return name;
  });
}
