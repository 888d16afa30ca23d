import { IsoLensError, toIsoLensError } from '../../core/index.ts';
import { cleanStructure, cleanText, mapColumns, namesOf, setProperty } from '../columns.ts';
import { defineReader, rejectItem } from '../define.ts';
import type { ColumnChoice, RawItem } from '../define.ts';
import type { Line } from '../lines.ts';
import type { PropertyValue } from '../../store/index.ts';

export const jsonl = defineReader({
  id: 'jsonl',
  summary: 'One JSON object a line.',
  extensions: ['.jsonl', '.ndjson'],
  read: async function* (batches, options) {
    let read = 0;
    for await (const lines of batches) {
      for (const line of lines) {
        if (line.text.trim() === '') continue;
        const item = toItem(line, options.columns ?? {});
        // A key that the very first object lacks is a wrong option, not a bad record.
        if (read++ === 0 && item.kind === 'reject' && item.code === 'COLUMN_MISSING') throw new IsoLensError('COLUMN_MISSING', item.message);
        yield item;
      }
    }
  },
});

function toItem(line: Line, choice: ColumnChoice): RawItem {
  if (line.overlong) return rejectItem(line, line.text, 'Expected one object a line but received a line of more than a megabyte.');
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch (error) {
    return rejectItem(line, line.text, `Expected a JSON object but: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return rejectItem(line, line.text, 'Expected a JSON object but received another JSON value.');
  try {
    return toRecord(line, Object.entries(value), choice);
  } catch (error) {
    const { code, message } = toIsoLensError(error);
    return rejectItem(line, line.text, message, { code });
  }
}

function toRecord(line: Line, entries: readonly [string, unknown][], choice: ColumnChoice): RawItem {
  const map = mapColumns(entries.map(([key]) => key), choice);
  const structure = entries[map.smiles]![1];
  const names = [...new Set([...textsOf(entries[map.name]?.[1]), ...textsOf(entries[map.synonyms]?.[1])])];
  const id = textsOf(entries[map.id]?.[1])[0] ?? names[0] ?? null;
  if (typeof structure !== 'string' || cleanStructure(structure) === '') {
    return rejectItem(line, line.text, 'Expected a SMILES as text but the value is empty or of another type.', { id, code: 'SMILES_EMPTY' });
  }
  const properties: Record<string, PropertyValue> = {};
  const others = entries.filter((_, at) => at !== map.smiles && at !== map.id && at !== map.name && at !== map.synonyms);
  const cell = (value: unknown): string | undefined => {
    if (value === null || value === undefined) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  const shortened = others.filter(([key, value]) => setProperty(properties, key, cell(value))).map(([key]) => key);
  return {
    kind: 'record', line: line.line, offset: line.offset, structure: cleanStructure(structure), id, names, properties,
    ...(shortened.length > 0 ? { shortened } : {}),
  };
}

function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'string' ? namesOf(cleanText(value) ?? undefined, undefined) : [];
}
