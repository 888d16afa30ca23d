import { cellOf, defineWriter, freeName } from './define.ts';

const PROVENANCE = 'provenance';

export const jsonl = defineWriter({
  id: 'jsonl',
  summary: 'One JSON object a line.',
  extensions: ['.jsonl', '.ndjson'],
  draws: false,
  write: async function* (records, { columns, provenance }) {
    const origin = provenance === undefined || Object.keys(provenance).length === 0 ? undefined : provenance;
    const taken = new Set([PROVENANCE]);
    const keys = columns.map((column) => freeName(column, taken));
    for await (const record of records) {
      const cells = columns.map((column, i) => [keys[i]!, cellOf(record, column)] as const);
      yield `${JSON.stringify(Object.fromEntries([...cells, ...(origin === undefined ? [] : [[PROVENANCE, origin] as const])]))}\n`;
    }
  },
});
