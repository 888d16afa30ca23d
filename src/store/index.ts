export { JobStore } from './jobs.ts';
export type { BuiltIndex, JobChange, JobKind, JobProgress, JobQueryRow, JobState, NewJob, StoredJob, StoredResult } from './jobs.ts';
export { MoleculeStore, MoleculeWriter, connectivityOf } from './molecules.ts';
export type { Properties, PropertyValue, StoredMolecule } from './molecules.ts';
export { foldName, nearNames, withoutSalt } from './names.ts';
