import { cellOf, defineWriter, freeName, oneLine } from './define.ts';
import type { CellValue, OutRecord } from './define.ts';

const MAX_TITLE_CHARACTERS = 80;
/** For a molecule that nobody could draw: its data are kept. */
const NO_STRUCTURE = '\n  IsoLens\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n';

export const sdf = defineWriter({
  id: 'sdf',
  summary: 'Molfiles (V2000) with 2D coordinates and data fields, each ended by $$$$.',
  extensions: ['.sdf', '.sd'],
  draws: true,
  write: async function* (records, { columns, provenance = {} }) {
    // A title is cut and cleaned, so the identifier stands among the data as well.
    const all = columns.includes('id') ? columns : ['id', ...columns];
    const taken = new Set<string>();
    const names = all.map((column) => freeName(fieldName(column), taken));
    const origin = Object.entries(provenance).map(([name, value]) => dataField(freeName(fieldName(name), taken), value)).join('');
    for await (const record of records) {
      const data = all.map((column, i) => dataField(names[i]!, cellOf(record, column))).join('');
      yield `${molfileOf(record)}${data}${origin}$$$$\n`;
    }
  },
});

function molfileOf({ id, molfile = NO_STRUCTURE }: OutRecord): string {
  const [, ...rest] = molfile.replaceAll(/\r\n?/g, '\n').trimEnd().split('\n');
  return `${titleOf(id)}\n${rest.join('\n')}\n`;
}

/** The first line of a molfile: it must not look like a line that means something. */
function titleOf(id: string): string {
  const title = Array.from(oneLine(id)).slice(0, MAX_TITLE_CHARACTERS).join('').trim();
  return /^(?:\$|>|M {2})|V[23]000$/.test(title) ? `_${title}`.replace(/V(?=[23]000$)/, 'v') : title;
}

/** `>  <name>` ends at the first angle bracket for most readers. */
function fieldName(name: string): string {
  return oneLine(name.replaceAll(/[<>]/g, '_')) || 'field';
}

function dataField(name: string, value: CellValue): string {
  const lines = String(value ?? '').split(/\r\n?|[\n\u0085\u2028\u2029]/).map(dataLine).filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : `>  <${name}>\n${lines.join('\n')}\n\n`;
}

/** An empty line ends a value, a line of $$$$ the record, and one that begins with > is the next field. */
function dataLine(text: string): string {
  const line = text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/g, ' ').trimEnd();
  if (line.trimStart().startsWith('$$$$')) return `\\${line.trimStart()}`;
  return line.startsWith('>') ? ` ${line}` : line;
}
