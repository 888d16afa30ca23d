import { describe, expect, it } from 'vitest';
import { looksLikeName, smilesWarnings } from '../../src/search/naming.ts';

describe('what a text was meant to be', () => {
  it.each(['picrinin', 'nicotine', 'acetic acid', '50-78-2', 'CHEMBL25', 'sildenafil citrate', 'celebrex', 'Viagra', 'DB00945', 'éthyl furoate', 'ácido acetilsalicílico', 'vitamin C', '5-fluorouracil', 'BRD-K11433652'])('%s: a name', (text) => {
    expect(looksLikeName(text)).toBe(true);
  });

  it.each(['CC(C', 'c1ccccc1Q', 'CCC(=O)X', 'C1CC', 'CCCCl2', 'c1cccnc1C(', 'CC(C)(C)(C)(C)C', 'InChI=1S/CH4/h1H4x', 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N', '[Xx]CC', '', 'N#N='])('%s: no name', (text) => {
    expect(looksLikeName(text)).toBe(false);
  });

  it('says so of a word that is a SMILES as well', () => {
    expect(smilesWarnings('CCCP', 'C3H9P')[0]).toMatch(/^"CCCP" was read as a SMILES \(C3H9P\)/);
    expect(smilesWarnings('FCCP', 'C2H6FP')).toHaveLength(1);
    for (const plain of ['CCO', 'CC(=O)O', 'c1ccccc1', 'CCN']) expect(smilesWarnings(plain, '')).toEqual([]);
  });
});
