import { cleanStructure, isSmilesColumn } from '../columns.ts';
import { defineReader, rejectItem } from '../define.ts';
import type { RawItem } from '../define.ts';
import type { Line } from '../lines.ts';

/** `SMILES`, then after blanks or a tab perhaps a CXSMILES block, and the molecule's title; with tabs, further columns are names. */
export const smi = defineReader({
  id: 'smi',
  summary: 'SMILES, blank, identifier; one molecule a line.',
  extensions: ['.smi', '.smiles', '.ism', '.txt'],
  read: async function* (batches, options) {
    let first = true;
    for await (const lines of batches) {
      for (const line of lines) {
        if (line.text.trim() === '' || line.text.startsWith('#')) continue;
        const isHeader = first && (options.header ?? isSmilesColumn(line.text.trim().split(/[\s,]+/)[0] ?? ''));
        first = false;
        if (!isHeader) yield readLine(line);
      }
    }
  },
});

const CXSMILES_BLOCK = /^\|[^\t]*?\|(?=\s|$)/;

function readLine(line: Line): RawItem {
  if (line.overlong) return rejectItem(line, line.text, 'Expected one molecule a line but received a line of more than a megabyte.');
  const text = line.text.trim();
  const end = text.search(/\s/);
  const smiles = end < 0 ? text : text.slice(0, end);
  const tail = end < 0 ? '' : text.slice(end).trim();
  // Whether the block changes what the molecule is (a polymer, an R group) is for chemistry to say.
  const block = CXSMILES_BLOCK.exec(tail)?.[0] ?? '';
  const structure = cleanStructure(block === '' ? smiles : `${smiles} ${block}`);
  const rest = tail.slice(block.length).trim();
  const [title = '', ...names] = rest.split('\t').map((part) => part.trim());
  return { kind: 'record', line: line.line, offset: line.offset, structure, id: title === '' ? null : title, names: names.filter((name) => name !== ''), properties: {} };
}
