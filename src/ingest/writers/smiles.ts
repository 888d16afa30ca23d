import { defineWriter, oneLine } from './define.ts';

export const smiles = defineWriter({
  id: 'smiles',
  summary: 'SMILES, tab, identifier; one molecule a line.',
  extensions: ['.smi', '.smiles'],
  draws: false,
  write: async function* (records) {
    for await (const record of records) yield `${oneLine(record.smiles)}\t${oneLine(record.id)}\n`;
  },
});
