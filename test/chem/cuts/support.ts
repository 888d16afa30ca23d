/** Molecules for the cuts: drugs, and every n-th molecule of the demo library that is one component. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { graphOfJson } from '../../../src/chem/molecule-graph.ts';
import type { MoleculeGraph, RdkitJson } from '../../../src/chem/molecule-graph.ts';
import type { Rng } from '../../../src/core/index.ts';
import { ROOT } from '../../architecture/sources.ts';
import { DRUG_SMILES } from '../fixtures.ts';

const LIBRARY = gunzipSync(readFileSync(join(ROOT, 'indexes/demo-library/molecules.smi.gz'))).toString('utf8').split('\n').map((line) => line.split(/\s/)[0]!).filter((smiles) => smiles !== '' && !smiles.includes('.'));

export function librarySmiles(count: number): string[] {
  const step = Math.floor(LIBRARY.length / count);
  return Array.from({ length: count }, (_, i) => LIBRARY[i * step]!);
}

/** First components of the drugs. */
export const DRUGS: readonly string[] = DRUG_SMILES.map((smiles) => smiles.split('.')[0]!);

/** The same molecule with its atoms and bonds in another order. */
export function shuffled(json: RdkitJson, rng: Rng): MoleculeGraph {
  const copy = structuredClone(json);
  const molecule = copy.molecules[0]!;
  const atoms = rng.shuffle(molecule.atoms.map((_, a) => a));
  const place = new Map(atoms.map((old, now) => [old, now]));
  const bonds = rng.shuffle(molecule.bonds.map((_, b) => b));
  const bondPlace = new Map(bonds.map((old, now) => [old, now]));
  molecule.atoms = atoms.map((old) => json.molecules[0]!.atoms[old]!);
  molecule.bonds = bonds.map((old) => {
    const bond = json.molecules[0]!.bonds[old]!;
    const [a, b] = bond.atoms.map((atom) => place.get(atom)!);
    return { ...bond, atoms: rng.next() < 0.5 ? [a!, b!] : [b!, a!] };
  });
  for (const extension of molecule.extensions ?? []) {
    if (extension.aromaticAtoms !== undefined) extension.aromaticAtoms = extension.aromaticAtoms.map((a) => place.get(a)!);
    if (extension.aromaticBonds !== undefined) extension.aromaticBonds = extension.aromaticBonds.map((b) => bondPlace.get(b)!);
    if (extension.atomRings !== undefined) extension.atomRings = extension.atomRings.map((ring) => ring.map((a) => place.get(a)!));
    if (extension.cipCodes !== undefined) extension.cipCodes = extension.cipCodes.map(([a, code]) => [place.get(a)!, code]);
  }
  return graphOfJson(copy);
}
