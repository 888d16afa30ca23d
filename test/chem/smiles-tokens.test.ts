import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { SMILES_TOKENS, SPECIAL_TOKENS, createKernel, featurise, smilesPieces, smilesTokenIds } from '../../src/chem/index.ts';
import type { Kernel } from '../../src/chem/index.ts';
import { joinBatches } from '../../src/chem/featurise.ts';
import { createRng } from '../../src/core/index.ts';
import { DRUG_SMILES } from './fixtures.ts';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const textOf = (ids: Iterable<number>): string => Array.from(ids, (id) => SMILES_TOKENS[id]!).join('');

describe('the vocabulary', () => {
  it('fits a byte, names nothing twice and begins with what stands for no text', () => {
    expect(SMILES_TOKENS.length).toBeLessThanOrEqual(256);
    expect(new Set(SMILES_TOKENS).size).toBe(SMILES_TOKENS.length);
    for (const [name, id] of Object.entries(SPECIAL_TOKENS)) expect(SMILES_TOKENS[id]).toBe(`<${name}>`);
  });

  // Trained encoders know tokens by their ids. A token that comes last changes the hash of more, not of these.
  it('keeps the ids it had', () => {
    expect(createHash('sha256').update(SMILES_TOKENS.slice(0, 242).join(' ')).digest('hex').slice(0, 16)).toBe('55c24aa57ca580b9');
  });
});

describe('tokens of a SMILES', () => {
  it.each([
    ['CCl', ['C', 'Cl']],
    ['Brc1cc[nH]c1', ['Br', 'c', '1', 'c', 'c', '[nH]', 'c', '1']],
    ['C[C@@H](N)C%12', ['C', '[C@@H]', '(', 'N', ')', 'C', '%12']],
    // Sulphur and aromatic carbon outside brackets, scandium within.
    ['Sc1[Sc]', ['S', 'c', '1', '[', 'Sc', ']']],
    ['[Zr+2]C%45', ['[', 'Zr', '+', '2', ']', 'C', '%', '4', '5']],
    ['[14CH3:7]/C=C\\C', ['[', '1', '4', 'C', 'H', '3', ':', '7', ']', '/', 'C', '=', 'C', '\\', 'C']],
    ['*~[Pt@SP1]->N', ['*', '~', '[', 'Pt', '@', 'S', 'P', '1', ']', '->', 'N']],
    ['', []],
  ])('%s', (smiles, pieces) => {
    expect(smilesPieces(smiles)).toEqual(pieces);
    expect(textOf(smilesTokenIds(smiles))).toBe(smiles);
  });

  it('joined give the SMILES back, of drugs, of every element and of any text', () => {
    const elements = SMILES_TOKENS.slice(5, 123).map((symbol) => `[13${symbol}H2-3]`);
    for (const smiles of [...DRUG_SMILES, ...elements]) expect(textOf(smilesTokenIds(smiles))).toBe(smiles);
    const rng = createRng(7);
    const letters = 'CNOSPFIBrlcnosp[]()=#-+@H/\\%0123456789.:$~*>é '.split('');
    for (let i = 0; i < 2000; i++) {
      const text = Array.from({ length: rng.int(30) }, () => letters[rng.int(letters.length)]!).join('');
      expect(smilesPieces(text).join('')).toBe(text);
      expect(smilesTokenIds(text).length).toBe(smilesPieces(text).length);
    }
  });

  it('outside the vocabulary are unknown, and never stand for nothing', () => {
    expect([...smilesTokenIds('C?<pad>')].filter((id) => id === SPECIAL_TOKENS.unknown).length).toBeGreaterThan(1);
    for (const id of smilesTokenIds('<mask><pad><begin>')) expect([SPECIAL_TOKENS.pad, SPECIAL_TOKENS.begin, SPECIAL_TOKENS.mask]).not.toContain(id);
  });
});

describe('the column of tokens', () => {
  it('tells the canonical SMILES of each parent', () => {
    const { tokens, molecules } = featurise(kernel, DRUG_SMILES, { tokens: true });
    molecules.forEach(({ parentSmiles }, row) => {
      expect(textOf(tokens!.tokens.subarray(Number(tokens!.offsets[row]!), Number(tokens!.offsets[row + 1]!)))).toBe(parentSmiles);
    });
  });

  it('joins pieces to what the whole gives', () => {
    const whole = featurise(kernel, DRUG_SMILES, { tokens: true });
    const pieces = [DRUG_SMILES.slice(0, 3), DRUG_SMILES.slice(3)].map((part) => featurise(kernel, part, { tokens: true }));
    expect(joinBatches(pieces, [0, 3])).toEqual(whole);
  });
});
