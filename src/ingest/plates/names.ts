/** What the names of microscopes' files say: plate, well, site, channel. Adding a pattern: one entry here. */
import { IsoLensError } from '../../core/index.ts';

export interface FileName {
  /** Absent where folders name the plate. */
  readonly plate?: string;
  /** A01 to AF48. */
  readonly well: string;
  readonly site: string;
  /** A number, or a name. */
  readonly channel: string;
  /** Of a stack of focal planes; 0 where there is none. */
  readonly plane: number;
}

export interface NamePattern {
  readonly id: string;
  readonly summary: string;
  /** Groups: well, or row and column as numbers; site; channel; and, where the name tells them, plate and plane. */
  readonly expression: RegExp;
}

export const NAME_PATTERNS: readonly NamePattern[] = [
  {
    id: 'phenix', summary: 'Opera Phenix and Operetta (JUMP): r01c02f03p01-ch4sk1fk1fl1.tiff',
    expression: /^r(?<row>\d{2})c(?<column>\d{2})f(?<site>\d+)p(?<plane>\d+)-ch(?<channel>\d+)\w*\.tiff?$/i,
  },
  {
    id: 'cellvoyager', summary: 'Yokogawa CellVoyager: PLATE_A02_T0001F003L01A01Z01C04.tif',
    expression: /^(?<plate>.+)_(?<well>[A-Z]{1,2}\d{2})_T\d+F(?<site>\d+)L\d+A\d+Z(?<plane>\d+)C(?<channel>\d+)\.(?:tiff?|png)$/i,
  },
  {
    id: 'imagexpress', summary: 'ImageXpress (BBBC022, CDRP): PLATE_a02_s3_w4....tif',
    expression: /^(?<plate>.+?)_(?<well>[A-Z]{1,2}\d{2})_s(?<site>\d+)_w(?<channel>\d)[^.]*\.(?:tiff?|png)$/i,
  },
  {
    id: 'named', summary: 'PLATE_A02_3_DNA.tif: the channel by its name',
    expression: /^(?:(?<plate>.+)_)?(?<well>[A-Z]{1,2}\d{1,2})_(?:s|f|site)?(?<site>\d+)_(?<channel>(?!w\d)[A-Za-z][\w-]*)\.(?:tiff?|png)$/i,
  },
];

/** A pattern of the user's own; ARGUMENT_INVALID where it does not name well (or row and column), site and channel. */
export function patternOf(source: string): NamePattern {
  const named = NAME_PATTERNS.find(({ id }) => id === source);
  if (named !== undefined) return named;
  let expression: RegExp;
  try {
    expression = new RegExp(source);
  } catch (thrown) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected --pattern as ${NAME_PATTERNS.map(({ id }) => id).join(', ')} or a regular expression but received ${JSON.stringify(source)} (${(thrown as Error).message}).`);
  }
  const has = (group: string): boolean => source.includes(`(?<${group}>`);
  if (has('site') && has('channel') && (has('well') || (has('row') && has('column')))) return { id: 'own', summary: source, expression };
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --pattern with the groups (?<well>...), or (?<row>...) and (?<column>...), (?<site>...) and (?<channel>...) but received ${JSON.stringify(source)}.`);
}

/** undefined for a name that is none of the pattern's. */
export function readName(name: string, { expression }: NamePattern): FileName | undefined {
  const groups = expression.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { plate, well, row, column, site, channel, plane } = groups;
  const place = well === undefined ? wellAt(Number(row), Number(column)) : wellOf(well);
  if (place === undefined || site === undefined || channel === undefined) return undefined;
  return { ...(plate === undefined ? {} : { plate }), well: place, site: numberless(site), channel: numberless(channel), plane: Number(plane ?? 0) };
}

/** 007 is 7: programs pad as they like. */
function numberless(text: string): string {
  return /^\d+$/.test(text) ? String(Number(text)) : text;
}

const MOST_ROWS = 32;
const MOST_COLUMNS = 48;

/** A1, a01 and A001 as A01; undefined for what is no well of a plate of up to 1,536. */
export function wellOf(text: string): string | undefined {
  const [, letters, digits] = /^\s*([A-Za-z]{1,2})0*(\d{1,2})\s*$/.exec(text) ?? [];
  if (letters === undefined || digits === undefined) return undefined;
  const row = Array.from(letters.toUpperCase()).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return wellAt(row, Number(digits));
}

/** row, column: counted from 1. */
export function wellAt(row: number, column: number): string | undefined {
  if (!(row >= 1 && row <= MOST_ROWS && column >= 1 && column <= MOST_COLUMNS)) return undefined;
  const letter = (at: number): string => String.fromCharCode(64 + at);
  return `${row > 26 ? `A${letter(row - 26)}` : letter(row)}${String(column).padStart(2, '0')}`;
}
