/** The few numbers a medicinal chemist compares. */
import type { Mol } from './rdkit.ts';

export const DESCRIPTOR_NAMES = [
  'molecularWeight', 'logP', 'tpsa', 'hBondDonors', 'hBondAcceptors', 'rotatableBonds', 'rings', 'aromaticRings', 'fractionCsp3', 'heavyAtoms', 'stereoCentres', 'charge',
] as const;

export type DescriptorName = (typeof DESCRIPTOR_NAMES)[number];
export type Descriptors = Readonly<Record<DescriptorName, number>>;

/** Molecular weight is the average mass; logP is Crippen's; TPSA is Ertl's. */
export function descriptorsOf(mol: Mol, charge: number): Descriptors {
  const raw = JSON.parse(mol.get_descriptors()) as Record<string, number>;
  return {
    molecularWeight: raw['amw']!,
    logP: raw['CrippenClogP']!,
    tpsa: raw['tpsa']!,
    hBondDonors: raw['NumHBD']!,
    hBondAcceptors: raw['NumHBA']!,
    rotatableBonds: raw['NumRotatableBonds']!,
    rings: raw['NumRings']!,
    aromaticRings: raw['NumAromaticRings']!,
    fractionCsp3: raw['FractionCSP3']!,
    heavyAtoms: raw['NumHeavyAtoms']!,
    stereoCentres: raw['NumAtomStereoCenters']!,
    charge,
  };
}

/** One row of the `descriptors` column. */
export function descriptorRow(descriptors: Descriptors): Float32Array {
  return Float32Array.from(DESCRIPTOR_NAMES, (name) => descriptors[name]);
}
