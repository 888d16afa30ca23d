import { cleanText, mapLabels, namesOf, setProperty } from '../columns.ts';
import { defineReader, rejectItem } from '../define.ts';
import type { ColumnChoice, RawItem } from '../define.ts';
import type { Line } from '../lines.ts';
import type { PropertyValue } from '../../store/index.ts';

/** The largest molfile within our atom limits is some 40 kB; data fields may add text. */
const MAX_RECORD_CHARACTERS = 1 << 20;

export const sdf = defineReader({
  id: 'sdf',
  summary: 'Molfiles (V2000 or V3000) with data fields, each ended by $$$$.',
  extensions: ['.sdf', '.sd', '.mol'],
  read: async function* (batches, options) {
    let lines: Line[] = [];
    let size = 0;
    let tooLong = false;
    for await (const batch of batches) {
      for (const line of batch) {
        if (line.text.startsWith('$$$$')) {
          if (lines.length > 0) yield toItem(lines, tooLong, options.columns ?? {});
          lines = [];
          size = 0;
          tooLong = false;
          continue;
        }
        size += line.text.length + 1;
        tooLong ||= line.overlong || size > MAX_RECORD_CHARACTERS;
        // Of a record that is too long, the beginning is kept for the reject.
        if (!tooLong || lines.length < 4) lines.push(line);
      }
    }
    // A single .mol file, or a last record without its terminator.
    if (lines.some((line) => line.text.trim() !== '')) yield toItem(lines, tooLong, options.columns ?? {});
  },
});

function toItem(lines: readonly Line[], tooLong: boolean, choice: ColumnChoice): RawItem {
  const first = lines[0]!;
  const title = cleanText(first.text);
  const text = lines.map((line) => line.text).join('\n');
  if (tooLong) return rejectItem(first, text, 'Expected a record of at most a megabyte.', { id: title });
  const end = lines.findIndex((line) => line.text.startsWith('M  END'));
  if (end < 0) return rejectItem(first, text, 'Expected a molfile that ends with "M  END" before "$$$$", but it is cut off.', { id: title });
  const fields = dataFields(lines.slice(end + 1));
  const columns = [...fields.keys()];
  const labels = labelsOf(columns, choice);
  const value = (at: number): string | undefined => (at < 0 ? undefined : fields.get(columns[at]!));
  const names = namesOf(value(labels.name), value(labels.synonyms));
  const properties: Record<string, PropertyValue> = {};
  columns.forEach((name, at) => {
    if (at !== labels.id && at !== labels.name && at !== labels.synonyms) setProperty(properties, name, fields.get(name));
  });
  const structure = `${lines.slice(0, end + 1).map((line) => line.text).join('\n')}\n`;
  return { kind: 'record', line: first.line, offset: first.offset, structure, id: cleanText(value(labels.id)) ?? title ?? names[0] ?? null, names, properties };
}

/** A field that was asked for may be absent from single records. */
function labelsOf(columns: readonly string[], choice: ColumnChoice): ReturnType<typeof mapLabels> {
  const present = (name: string | undefined): string | undefined => (name !== undefined && columns.includes(name) ? name : undefined);
  const labels = mapLabels(columns, { id: present(choice.id), name: present(choice.name) });
  return { ...labels, id: choice.id !== undefined && present(choice.id) === undefined ? -1 : labels.id };
}

/** `> <NAME>`, then lines of value up to an empty one. */
function dataFields(lines: readonly Line[]): Map<string, string> {
  const fields = new Map<string, string>();
  let name: string | undefined;
  let value: string[] = [];
  const store = (): void => {
    if (name !== undefined) fields.set(name, value.join('\n'));
    name = undefined;
    value = [];
  };
  for (const { text } of lines) {
    const header = /^>.*<([^>]+)>/.exec(text);
    if (header !== null) {
      store();
      name = header[1]!;
    } else if (text.trim() === '') {
      store();
    } else if (name !== undefined) {
      value.push(text);
    }
  }
  store();
  return fields;
}
