import { cleanText, mapLabels, namesOf, setProperty } from '../columns.ts';
import { defineReader, rejectItem } from '../define.ts';
import type { ColumnChoice, RawItem } from '../define.ts';
import type { PropertyValue } from '../../store/index.ts';
import { SdfRecord, isCounts } from './sdf-record.ts';

export const sdf = defineReader({
  id: 'sdf',
  summary: 'Molfiles (V2000 or V3000) with data fields, each ended by $$$$.',
  extensions: ['.sdf', '.sd', '.mol'],
  read: async function* (batches, options) {
    const choice = options.columns ?? {};
    let record = new SdfRecord();
    for await (const batch of batches) {
      for (const line of batch) {
        if (record.isEndedBy(line.text)) {
          if (!record.isEmpty) yield* toItems(record, choice);
          record = new SdfRecord();
          continue;
        }
        if (isCounts(line.text)) {
          // Molfiles that were put together without "$$$$" between them.
          const next = record.splitHeader();
          if (next !== undefined) {
            yield* toItems(record, choice);
            record = next;
          }
        }
        record.push(line);
      }
    }
    // A single .mol file, or a last record without its terminator.
    if (!record.isBlank) yield* toItems(record, choice);
  },
});

function* toItems(record: SdfRecord, choice: ColumnChoice): Generator<RawItem> {
  yield toItem(record, choice);
  for (const line of record.strayEnds) {
    yield rejectItem(line, line.text, 'Expected "$$$$" between molecules but received a second "M  END"; what is before it was not read.');
  }
}

function toItem(record: SdfRecord, choice: ColumnChoice): RawItem {
  const { first, fields, structure } = record;
  const title = cleanText(first.text);
  if (record.isTooLong) return rejectItem(first, record.text, 'Expected a record of at most a megabyte.', { id: title });
  if (structure === undefined) {
    return rejectItem(first, record.text, 'Expected a molfile that ends with "M  END" before "$$$$", but it is cut off.', { id: title });
  }
  const columns = [...fields.keys()];
  const labels = labelsOf(columns, choice);
  const value = (at: number): string | undefined => (at < 0 ? undefined : fields.get(columns[at]!));
  const names = namesOf(value(labels.name), value(labels.synonyms));
  const properties: Record<string, PropertyValue> = {};
  const others = columns.filter((_, at) => at !== labels.id && at !== labels.name && at !== labels.synonyms);
  const shortened = others.filter((name) => setProperty(properties, name, fields.get(name)));
  const id = cleanText(value(labels.id)) ?? title ?? names[0] ?? null;
  const { line, offset } = first;
  return { kind: 'record', line, offset, structure, id, names, properties, ...(shortened.length > 0 ? { shortened } : {}) };
}

/** A field that was asked for may be absent from single records. */
function labelsOf(columns: readonly string[], choice: ColumnChoice): ReturnType<typeof mapLabels> {
  const present = (name: string | undefined): string | undefined => (name !== undefined && columns.includes(name) ? name : undefined);
  const labels = mapLabels(columns, { id: present(choice.id), name: present(choice.name) });
  return { ...labels, id: choice.id !== undefined && present(choice.id) === undefined ? -1 : labels.id };
}
