export { MoleculeStore, MoleculeWriter, connectivityOf } from './molecules.ts';
export type { NewMolecule, ProfileRow, Properties, PropertyValue, StoredMolecule } from './molecules.ts';
