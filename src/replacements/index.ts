export type { ActivityChange, EnvironmentEvidence, Measurement, ReplacementEvidence } from './define.ts';
export { PROVENANCE_FILE, mineReplacements } from './mine/mine.ts';
export type { ExcludedMolecules, MineOptions, MineReport } from './mine/mine.ts';
