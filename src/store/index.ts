export { MoleculeStore, MoleculeWriter, connectivityOf } from './molecules.ts';
export type { Properties, PropertyValue, StoredMolecule } from './molecules.ts';
