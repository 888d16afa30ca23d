/** The native featuriser against its oracle: RDKit, and the TypeScript twins of what RDKit lacks. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ATOM_PAIR, DESCRIPTOR_NAMES, ECFP4, PATTERN, TORSION, createKernel, featurise } from '../../src/chem/index.ts';
import type { FeatureRequest, Kernel } from '../../src/chem/index.ts';
import { commonPart } from '../../src/chem/common/common-part.ts';
import { Frame } from '../../src/chem/common/frame.ts';
import { countedColumns, rowByRdkit } from '../../src/chem/counted.ts';
import { withTrusted } from '../../src/chem/rdkit.ts';
import { librarySmiles } from './cuts/support.ts';
import { DRUG_SMILES } from './fixtures.ts';

/** `ISOLENS_ORACLE=50000` checks more of the library; a text file of SMILES, one a line, checks others. */
const WANTED = process.env['ISOLENS_ORACLE'] ?? '1200';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

const EVERYTHING = {
  bits: { ecfp4: ECFP4, fcfp4: { kind: 'feature-morgan', bits: 2048, radius: 2 }, atomPair: ATOM_PAIR, torsion: TORSION, pattern: PATTERN },
  counts: {
    ecfp: { kind: 'morgan', bits: 4096, radius: 3 },
    joined: [{ kind: 'feature-morgan', bits: 1024, radius: 2 }, { kind: 'atom-pair', bits: 2048 }, { kind: 'topological-torsion', bits: 1024 }, { kind: 'pharmacophore-pair', bits: 568 }],
  },
  descriptors: true, scaffold: true, scaffoldKey: true, pharmacophore: true, alerts: true,
} as const satisfies FeatureRequest;

function wantedSmiles(): string[] {
  return /^\d+$/.test(WANTED) ? librarySmiles(Number(WANTED)) : readFileSync(WANTED, 'utf8').trim().split('\n').map((line) => line.split(/\s/)[0]!);
}

/** RDKit looks at no more matches of one pattern than this; the engine looks at all. */
const MOST_MATCHES = 1000;

function hasManyMatches(parent: string): boolean {
  return withTrusted(kernel.rdkit, parent, (mol) => ['[*]~[*]~[*]', '[*]~[*](~[*])~[*]', '[*]~[*]~[*](~[*])~[*]'].some((smarts) => {
    const query = kernel.rdkit.module.get_qmol(smarts)!;
    try {
      const matches = JSON.parse(mol.get_substruct_matches(query)) as unknown[];
      // Each set of atoms matches in at least two orders.
      return Array.isArray(matches) && matches.length * 2 >= MOST_MATCHES;
    } finally {
      query.delete();
    }
  }));
}

/** Names of columns in which the engine and its oracle differ on one molecule. */
function differences(parent: string, charge: number): string[] | undefined {
  const molecules = [{ parentSmiles: parent, charge }] as never;
  const found = kernel.featuriser()!.compute([parent], { bits: [], counts: [], descriptors: true, scaffold: false, scaffoldKey: false, pharmacophore: false, alerts: false, graph: false }, 1);
  if (found.understood[0] === 0) return undefined;
  const ours = countedColumns(kernel, molecules, EVERYTHING, () => {});
  const theirs = rowByRdkit(kernel, { parentSmiles: parent, charge }, EVERYTHING);
  const wrong: string[] = [];
  const compare = (name: string, a: ArrayLike<number>, b: ArrayLike<number>): void => {
    if (a.length !== b.length || !Array.from(a).every((value, i) => value === b[i])) wrong.push(name);
  };
  for (const name of Object.keys(EVERYTHING.bits)) if (name !== 'pattern' || !hasManyMatches(parent)) compare(name, ours.bits[name]!.data, theirs.bits[name]!);
  for (const name of Object.keys(EVERYTHING.counts)) {
    compare(name, ours.counts[name]!.indices, theirs.counts[name]!.indices);
    compare(name, ours.counts[name]!.values, theirs.counts[name]!.values);
  }
  DESCRIPTOR_NAMES.forEach((name, d) => { if (Math.abs(ours.descriptors![d]! - theirs.descriptors[d]!) > 1e-3) wrong.push(name); });
  compare('pharmacophore', ours.pharmacophore!.data, theirs.pharmacophore);
  compare('alerts', ours.alerts!.data, theirs.alerts);
  if (ours.scaffolds![0] !== theirs.scaffold) wrong.push('scaffold');
  if (ours.scaffoldKeys![0] !== theirs.scaffoldKey) wrong.push('scaffold key');
  return wrong;
}

describe('the native featuriser', { timeout: 3_600_000 }, () => {
  it('gives what its oracle gives, on drugs and on the library', () => {
    const { molecules } = featurise(kernel, [...DRUG_SMILES, ...wantedSmiles()], {});
    const wrong: string[] = [];
    let understood = 0;
    // Equal keys, equal scaffolds: both ways.
    const { scaffolds, scaffoldKeys } = featurise(kernel, molecules.map(({ parentSmiles }) => parentSmiles), { scaffold: true, scaffoldKey: true });
    expect(new Set(scaffoldKeys).size).toBe(new Set(scaffolds).size);
    expect(new Set(scaffolds!.map((scaffold, i) => `${scaffold} ${scaffoldKeys![i]!}`)).size).toBe(new Set(scaffolds).size);
    for (const { parentSmiles, charge } of molecules) {
      const found = differences(parentSmiles, charge);
      if (found === undefined) continue;
      understood++;
      if (found.length > 0) wrong.push(`${parentSmiles}: ${found.join(', ')}`);
    }
    if (molecules.length > 10_000) console.log(`${molecules.length} molecules: ${understood} understood, ${wrong.length} different`);
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(understood / molecules.length).toBeGreaterThan(0.97);
  });

  it('has every bit of a part among those of the whole, however many matches there are', () => {
    const large = DRUG_SMILES.toSorted((a, b) => b.length - a.length)[0]!;
    const [part, whole] = ['c1ccccc1', `c1ccccc1${'CCC(C)(C)'.repeat(20)}`];
    for (const [smaller, larger] of [[part, whole], ['CC(C)C', whole], ['CC(=O)N', `CC(=O)N${large.slice(0, 0)}CCCC${'C(C)(C)C'.repeat(25)}`]] as const) {
      const { bits } = featurise(kernel, [smaller, larger], { bits: { pattern: PATTERN } });
      const [a, b] = [bits['pattern']!.data.subarray(0, 256), bits['pattern']!.data.subarray(256)];
      expect(a.every((byte, i) => (byte & ~b[i]!) === 0), `${smaller} in ${larger}`).toBe(true);
    }
  });

  it('counts the same whatever the spelling', () => {
    const { bits } = featurise(kernel, ['CC1CC1C(=O)O', 'OC(=O)C1CC1C', 'C1(C)C(C1)C(O)=O'], { bits: { torsion: TORSION } });
    const rows = [0, 1, 2].map((row) => bits['torsion']!.data.subarray(row * 256, row * 256 + 256).join());
    expect(new Set(rows).size).toBe(1);
  });

  it('leaves to the oracle what it does not know, without a gap', () => {
    const odd = ['CC', 'C1(C2)C3CC2CC1C3', '[CH3]', 'C[Si](C)(C)C', 'c1cc[se]c1', 'C[As](C)C', 'B1OCCO1', 'C[N+]12CCC(CC1)CC2', 'O=S1(=O)CCCN1', 'CC'];
    const { molecules, descriptors, counts, errors } = featurise(kernel, odd, { descriptors: true, counts: { m: EVERYTHING.counts.ecfp } });
    expect(molecules.length + errors.length).toBe(odd.length);
    molecules.forEach(({ parentSmiles, charge }, row) => {
      const oracle = rowByRdkit(kernel, { parentSmiles, charge }, { descriptors: true, counts: { m: EVERYTHING.counts.ecfp } });
      const ours = descriptors!.subarray(row * DESCRIPTOR_NAMES.length, (row + 1) * DESCRIPTOR_NAMES.length);
      oracle.descriptors.forEach((value, d) => expect(ours[d], `${parentSmiles} ${DESCRIPTOR_NAMES[d]}`).toBeCloseTo(value, 3));
      const { offsets, indices } = counts['m']!;
      expect(indices.slice(Number(offsets[row]), Number(offsets[row + 1]))).toEqual(oracle.counts['m']!.indices);
    });
  });

  it('refuses texts that are no SMILES of RDKit, and settings that it does not know', () => {
    const featuriser = kernel.featuriser()!;
    const none = { bits: [], counts: [], descriptors: true, scaffold: true, scaffoldKey: true, pharmacophore: true, alerts: true, graph: true };
    const texts = ['', 'C(', 'C)', 'C1CC', 'C%1', '[C', '[Xx]', 'C->N', 'C$C', 'C..C', 'CC.O', '*C', 'C[C@SP1](F)(Cl)Br', 'c1ccccc1c', 'C=-C', '=C', '1CC1', '[13CH4', 'C\u0000C'];
    expect(Array.from(featuriser.compute(texts, none, 2).understood)).toEqual(texts.map(() => 0));
    expect(() => featuriser.compute(['C'], { ...none, bits: [{ kind: 'morgan', bits: 12 }] }, 1)).toThrow(/multiple of 8/);
    expect(() => featuriser.compute(['C'], { ...none, bits: [{ kind: 'maccs' as never, bits: 16 }] }, 1)).toThrow(/maccs/);
  });

  it('finds the common parts that its twin finds', () => {
    const parents = featurise(kernel, [...DRUG_SMILES, ...librarySmiles(260)], {}).molecules.map(({ parentSmiles }) => parentSmiles);
    let compared = 0;
    for (let i = 0; i + 7 < parents.length; i++) {
      const others = [1, 2, 3, 7].map((step) => parents[i + step]!);
      const { counts, pairs } = kernel.featuriser()!.commonParts(parents[i]!, [...others, parents[i]!]);
      let at = 0;
      [...others, parents[i]!].forEach((other, o) => {
        const [kept, swapped] = [counts[2 * o]!, counts[2 * o + 1]!];
        if (kept < 0) return;
        const ours = Array.from({ length: kept + swapped }, (_, p) => [pairs[2 * (at + p)], pairs[2 * (at + p) + 1]]);
        at += kept + swapped;
        const twin = commonPart(new Frame(kernel.parent(parents[i]!)), new Frame(kernel.parent(other)));
        expect({ kept: ours.slice(0, kept), swapped: ours.slice(kept) }, `${parents[i]!} ${other}`).toEqual(twin);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(4 * parents.length);
  });

  it('gives the same on any number of threads', () => {
    const smiles = featurise(kernel, librarySmiles(300), {}).molecules.map(({ parentSmiles }) => parentSmiles);
    const request = { bits: Object.values(EVERYTHING.bits), counts: [[EVERYTHING.counts.ecfp], EVERYTHING.counts.joined], descriptors: true, scaffold: true, scaffoldKey: true, pharmacophore: true, alerts: true, graph: true };
    const featuriser = kernel.featuriser()!;
    expect(featuriser.compute(smiles, request, 3)).toEqual(featuriser.compute(smiles, request, 1));
  });
});
