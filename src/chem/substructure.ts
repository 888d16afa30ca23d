/** Substructures that a molecule must or must not hold, as SMARTS that a person typed. */
import { IsoLensError } from '../core/index.ts';
import type { Kernel } from './kernel.ts';
import { withTrusted } from './rdkit.ts';
import type { Mol } from './rdkit.ts';
import { plainSmarts } from './smarts-text.ts';

export interface SubstructureRequest {
  readonly require: readonly string[];
  readonly forbid: readonly string[];
}

export interface PatternOutline {
  /** Bits that every molecule with the pattern has; 2,048 packed. */
  readonly bits: Uint8Array;
}

/** More than any drawn pattern needs; nesting and length are what make matching explode. */
const LIMITS = Object.freeze({ characters: 500, recursion: 12 });

/** Reads a SMARTS; throws SMARTS_INVALID. The caller frees it. */
export function parseSmarts(kernel: Kernel, smarts: string): Mol {
  const text = smarts.trim();
  if (text === '') throw new IsoLensError('SMARTS_INVALID', 'Expected a SMARTS but received an empty text; write a pattern such as c1ccncc1.');
  if (text.length > LIMITS.characters) throw new IsoLensError('SMARTS_INVALID', `Expected a SMARTS of at most ${LIMITS.characters} characters but received ${text.length}; use a smaller pattern.`);
  const recursion = text.split('$(').length - 1;
  if (recursion > LIMITS.recursion) throw new IsoLensError('SMARTS_INVALID', `Expected at most ${LIMITS.recursion} recursive patterns $(...) in a SMARTS but received ${recursion}; use a simpler pattern.`);
  if (/>/.test(text)) throw new IsoLensError('SMARTS_INVALID', 'Expected a SMARTS of one molecule but received a reaction.');
  const { rdkit } = kernel;
  rdkit.errors.clear_buffer();
  const query = rdkit.module.get_qmol(plainSmarts(text));
  if (query !== null && query.get_num_atoms() > 0) return query;
  query?.delete();
  const reason = /SMARTS Parse Error: ([^\n]{1,80})/.exec(rdkit.errors.get_buffer())?.[1]?.trim();
  rdkit.errors.clear_buffer();
  throw new IsoLensError('SMARTS_INVALID', `Expected a SMARTS but received ${JSON.stringify(text.slice(0, 60))}, which cannot be read${reason === undefined ? '' : ` (${reason})`}; check brackets and ring closures.`);
}

export function outlinePattern(kernel: Kernel, smarts: string): PatternOutline {
  const query = parseSmarts(kernel, smarts);
  try {
    return { bits: query.get_pattern_fp_as_uint8array(JSON.stringify({ nBits: 2048 })) as Uint8Array };
  } finally {
    query.delete();
  }
}

/** 1 where a molecule (canonical SMILES) holds everything required and nothing forbidden. */
export function matchSubstructures(kernel: Kernel, smiles: readonly string[], { require, forbid }: SubstructureRequest, begin: (index: number) => void): Uint8Array {
  const required = require.map((smarts) => parseSmarts(kernel, smarts));
  const forbidden = forbid.map((smarts) => parseSmarts(kernel, smarts));
  const holds = (mol: Mol, query: Mol): boolean => mol.get_substruct_match(query).length > 2;
  try {
    return Uint8Array.from(smiles, (text, i) => {
      begin(i);
      return withTrusted(kernel.rdkit, text, (mol) => (required.every((query) => holds(mol, query)) && !forbidden.some((query) => holds(mol, query)) ? 1 : 0));
    });
  } finally {
    for (const query of [...required, ...forbidden]) query.delete();
  }
}
