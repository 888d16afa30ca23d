/** RDKit answers `null`; its log holds the reason. This turns the log into a coded error that points at an atom or a character. */
import { IsoLensError } from '../core/index.ts';
import { excerpt } from './limits.ts';
import type { SmilesOutline } from './limits.ts';

export function parseFailure(log: string, outline: SmilesOutline | undefined): IsoLensError {
  return valence(log, outline) ?? kekulize(log, outline) ?? unclosedRing(log) ?? syntax(log, outline);
}

function valence(log: string, outline: SmilesOutline | undefined): IsoLensError | undefined {
  const match = /Explicit valence for atom # (\d+) (\w+), (\d+), is greater than permitted/.exec(log);
  if (match === null) return undefined;
  const atom = Number(match[1]);
  const position = outline?.atomPositions[atom];
  const where = position === undefined ? `atom ${atom + 1}` : `atom ${atom + 1} (position ${position})`;
  return new IsoLensError('SMILES_VALENCE', `Expected a permitted number of bonds but ${match[2]} at ${where} has ${match[3]}; remove a bond or add its charge.`, {
    details: { atom, ...(position === undefined ? {} : { position }) },
  });
}

function kekulize(log: string, outline: SmilesOutline | undefined): IsoLensError | undefined {
  const match = /Unkekulized atoms:((?: \d+)+)/.exec(log) ?? /non-ring atom (\d+) marked aromatic/.exec(log);
  if (match === null) return undefined;
  const atoms = match[1]!.trim().split(' ').map(Number);
  const position = outline?.atomPositions[atoms[0]!];
  return new IsoLensError(
    'SMILES_KEKULIZE',
    `Expected an aromatic ring with alternating bonds but found none for the atoms ${atoms.map((a) => a + 1).join(', ')}; check lower-case atoms and write [nH] where a nitrogen carries hydrogen.`,
    { details: { atoms, ...(position === undefined ? {} : { position }) } },
  );
}

function unclosedRing(log: string): IsoLensError | undefined {
  if (!log.includes('unclosed ring')) return undefined;
  return new IsoLensError('SMILES_UNCLOSED_RING', 'Expected every ring bond to be closed but one is only opened; write the same number on the closing atom.');
}

function syntax(log: string, outline: SmilesOutline | undefined): IsoLensError {
  const match = /check for mistakes around position (\d+)/.exec(log);
  if (match === null || outline === undefined) {
    const reason = log.replaceAll(/\[\d\d:\d\d:\d\d\] /g, '').trim().split('\n')[0]?.slice(0, 160) ?? '';
    return new IsoLensError('SMILES_SYNTAX', `Expected a readable structure but RDKit refused it${reason === '' ? '' : ` (${reason})`}; check the input.`);
  }
  const position = Number(match[1]) - 1; // RDKit counts from 1
  return new IsoLensError('SMILES_SYNTAX', `Expected a SMILES but position ${position} cannot be read: ${excerpt(outline.smiles, position)}`, { details: { position } });
}
