/** Matched-pair cuts: canonical whatever the order of atoms, the same as RDKit's, and whole again when put together. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.ts';
import { cutRecords } from '../../../src/chem/cuts/table.ts';
import { cutsOf, variableAtoms } from '../../../src/chem/cuts/enumerate.ts';
import { fragmentAsDrawn } from '../../../src/chem/cuts/fragment.ts';
import { Pieces } from '../../../src/chem/cuts/pieces.ts';
import { createKernel } from '../../../src/chem/kernel.ts';
import type { Kernel } from '../../../src/chem/kernel.ts';
import { graphOf, graphOfJson } from '../../../src/chem/molecule-graph.ts';
import type { MoleculeGraph, RdkitJson } from '../../../src/chem/molecule-graph.ts';
import { withTrusted } from '../../../src/chem/rdkit.ts';
import { DRUGS, librarySmiles, shuffled } from './support.ts';

const SMILES = [...DRUGS, ...librarySmiles(200)];
const LIMITS = { cuts: 3, variable: 12 };

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

function jsonOf(smiles: string): RdkitJson {
  return withTrusted(kernel.rdkit, smiles, (mol) => JSON.parse(mol.get_json()) as RdkitJson);
}

const known = new Map<string, string>();

/** RDKit's own canonical form, without stereo. */
function canonical(smiles: string): string {
  const found = known.get(smiles) ?? withTrusted(kernel.rdkit, smiles, (mol) => mol.get_smiles('{"doIsomericSmiles":false}'));
  known.set(smiles, found);
  return found;
}

describe('cuts', () => {
  it('do not depend on the order of atoms and bonds', () => {
    const rng = createRng(7);
    let records = 0;
    for (const smiles of SMILES) {
      const json = jsonOf(smiles);
      const texts = (graph: MoleculeGraph): string[] => cutRecords(graph, LIMITS).map(({ fragment, pieces, constant, environments }) => (
        // Symmetric points may be met in another order: what hangs on them is compared as a bag.
        `${fragment.smiles} ${fragment.symmetries.join()} ${constant} ${[...pieces].sort((a, b) => a - b).join()} ${environments.map((radii) => radii.join()).sort().join(' ')}`
      )).sort();
      const expected = texts(graphOfJson(json));
      records += expected.length;
      for (let i = 0; i < 2; i++) expect(texts(shuffled(json, rng)), smiles).toEqual(expected);
    }
    expect(records).toBeGreaterThan(7000);
  });

  it('write fragments that RDKit reads back to the same text', () => {
    const seen = new Set<string>();
    for (const smiles of SMILES) for (const { fragment } of cutRecords(graphOfJson(jsonOf(smiles)), LIMITS)) seen.add(fragment.smiles);
    seen.delete('[*:1][H]');
    expect(seen.size).toBeGreaterThan(1000);
    const byCanonical = new Map<string, string>();
    for (const text of seen) {
      const form = withTrusted(kernel.rdkit, text, (mol) => mol.get_smiles());
      // Two texts of one fragment would split its statistics.
      expect(byCanonical.get(form) ?? text, form).toBe(text);
      byCanonical.set(form, text);
    }
  });

  it.each([[1, 220], [2, 90], [3, 50]])('are those of RDKit with %i at once', (count, molecules) => {
    let compared = 0;
    let more = 0;
    for (const smiles of SMILES.slice(0, molecules)) {
      const { expected, found } = withTrusted(kernel.rdkit, smiles, (mol) => {
        const graph = graphOf(mol);
        const pieces = new Pieces(graph, false);
        const cuts = cutsOf(pieces, { cuts: count, variable: graph.atoms }).filter(({ outward }) => outward.length === count);
        const own = cuts.map((cut) => {
          const variable = fragmentAsDrawn(graph, variableAtoms(pieces, cut), cut.outward.map((direction, at) => ({ atom: pieces.tail(direction), cut: at }))).smiles;
          const sides = cut.outward.map((direction) => fragmentAsDrawn(graph, pieces.atoms(direction), [{ atom: pieces.head(direction), cut: 0 }]).smiles);
          return key(count === 1 ? [] : [variable], count === 1 ? [variable, ...sides] : sides);
        });
        return { expected: rdkitCuts(mol.get_mmpa_frags(count, count, 20) as RdkitFragments), found: [...new Set(own)].sort() };
      });
      for (const one of expected) expect(found, smiles).toContain(one);
      compared += expected.length;
      more += found.length - expected.length;
    }
    expect(compared).toBeGreaterThan(600);
    // RDKit tells results apart by a hash that knows no hydrogens: of two that differ by the place of an [nH] it gives one.
    expect(more / compared).toBeLessThan(0.01);
  });

  interface RdkitFragments { cores: MolList | null; sidechains: MolList | null }
  interface MolList { size(): number; at(i: number): { get_smiles(details?: string): string; delete(): void } | null; delete(): void }

  /** Parts without the numbers of their points, sorted. */
  function key(cores: readonly string[], sides: readonly string[]): string {
    const plain = (parts: readonly string[]): string => parts.map((part) => canonical(part.replaceAll(/\[\*:\d\]/g, '*'))).sort().join('.');
    return `${plain(cores)} | ${plain(sides)}`;
  }

  function rdkitCuts({ cores, sidechains }: RdkitFragments): string[] {
    const keys = new Set<string>();
    const text = (list: MolList | null, i: number): string[] => {
      const mol = list?.at(i);
      const smiles = mol?.get_smiles() ?? '';
      mol?.delete();
      return smiles === '' ? [] : smiles.split('.');
    };
    for (let i = 0; i < (sidechains?.size() ?? 0); i++) keys.add(key(text(cores, i), text(sidechains, i)));
    cores?.delete();
    sidechains?.delete();
    return [...keys].sort();
  }
});
