/**
 * What a reader of library files declares. A reader turns lines, or the rows of a file, into records, one at a time; a record that cannot be used
 * becomes a counted reject and never ends the run.
 */
import type { ErrorCode } from '../core/index.ts';
import type { Properties } from '../store/index.ts';
import type { Line } from './lines.ts';

/** Which columns (fields, keys) mean what: a name as in the header, or a number counted from 1. Absent: detected. */
export interface ColumnChoice {
  readonly smiles?: string | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

export interface ReadOptions {
  readonly columns?: ColumnChoice;
  /** Whether the first line names the columns. Absent: detected. */
  readonly header?: boolean | undefined;
  /** Absent: detected in .csv, a tab in .tsv. */
  readonly delimiter?: string | undefined;
}

interface Positioned {
  /** Position among all records of the file, rejects included, from 0. It is what resuming counts in. */
  readonly ordinal: number;
  /** Line on which the record begins, from 1, in the decompressed text. */
  readonly line: number;
  /** Byte at which it begins, in the decompressed text. */
  readonly offset: number;
}

export interface LibraryRecord extends Positioned {
  readonly kind: 'record';
  /** SMILES or molfile, as it stands in the file. */
  readonly structure: string;
  /** null where the file gives none; the builder makes one from the ordinal. */
  readonly id: string | null;
  readonly names: readonly string[];
  readonly properties: Properties;
  /** Columns whose cell was longer than is kept. */
  readonly shortened?: readonly string[];
}

export interface RejectedRecord extends Positioned {
  readonly kind: 'reject';
  readonly id: string | null;
  /** At most 1,000 characters of what was read. */
  readonly input: string;
  readonly code: ErrorCode;
  readonly message: string;
}

export type ReadItem = LibraryRecord | RejectedRecord;

/** An item before it is numbered. */
export type RawItem = Omit<LibraryRecord, 'ordinal'> | Omit<RejectedRecord, 'ordinal'>;

interface ReaderFacts<Id extends string> {
  readonly id: Id;
  readonly summary: string;
  /** With the dot; `.gz` after it is handled before a reader of lines. */
  readonly extensions: readonly string[];
}

/** Reads text, line by line. */
export interface LineReader<Id extends string = string> extends ReaderFacts<Id> {
  /** Refuses the whole file only where it cannot be understood at all, e.g. COLUMN_MISSING. */
  read(lines: AsyncIterable<readonly Line[]>, options: ReadOptions): AsyncIterable<RawItem>;
}

/** Reads a file that is no text, and that cannot be read from its beginning to its end: neither compressed as a whole nor piped in. */
export interface FileReader<Id extends string = string> extends ReaderFacts<Id> {
  /** Of each item `line` is the number of the row, from 1. Refuses the whole file as `read` does. */
  readFile(path: string, options: ReadOptions): AsyncIterable<RawItem>;
}

export type ReaderDefinition<Id extends string = string> = LineReader<Id> | FileReader<Id>;

export function defineReader<const Id extends string>(reader: LineReader<Id>): LineReader<Id> {
  return Object.freeze(reader);
}

const MAX_INPUT_CHARACTERS = 1000;

export function rejectItem(at: { line: number; offset: number }, input: string, message: string, options: { id?: string | null; code?: ErrorCode } = {}): RawItem {
  const shown = input.length > MAX_INPUT_CHARACTERS ? `${input.slice(0, MAX_INPUT_CHARACTERS)}...` : input;
  return { kind: 'reject', line: at.line, offset: at.offset, id: options.id ?? null, input: shown, code: options.code ?? 'RECORD_INVALID', message };
}
