/**
 * What a writer of library files declares. Writers turn records into pieces of text, one after the other; whatever stands in a record,
 * the file stays one that its readers understand.
 */
export type CellValue = string | number | boolean | null;

export interface OutRecord {
  readonly id: string;
  readonly smiles: string;
  readonly fields: Readonly<Record<string, CellValue>>;
  /** V2000 with its own coordinates, where it is known. Only asked for where the writer `draws`. */
  readonly molfile?: string | undefined;
}

export interface WriteOptions {
  /** Their order; `id` and `smiles` are the record's own, the others its fields. */
  readonly columns: readonly string[];
  /** Where the records come from: the same for all of them. */
  readonly provenance?: Readonly<Record<string, string>> | undefined;
}

export interface WriterDefinition<Id extends string = string> {
  readonly id: Id;
  readonly summary: string;
  /** With the dot; the first is what a new file gets. */
  readonly extensions: readonly string[];
  /** Whether it makes use of molfiles. */
  readonly draws: boolean;
  write(records: AsyncIterable<OutRecord> | Iterable<OutRecord>, options: WriteOptions): AsyncGenerator<string>;
}

export function defineWriter<const Id extends string>(writer: WriterDefinition<Id>): WriterDefinition<Id> {
  return Object.freeze(writer);
}

export function cellOf(record: OutRecord, column: string): CellValue {
  const own: Readonly<Record<string, CellValue>> = { id: record.id, smiles: record.smiles };
  if (Object.hasOwn(own, column)) return own[column]!;
  return Object.hasOwn(record.fields, column) ? record.fields[column]! : null;
}

/** `name`, or `name_2`, `name_3` ... where it is taken already; takes it. */
export function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}

/** What no line-based format can hold in one line becomes blanks. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001F\u007F\u0085\u2028\u2029]+/g, ' ').trim();
}
