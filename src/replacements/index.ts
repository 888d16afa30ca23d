export { HISTOGRAM } from './define.ts';
export type { ActivityChange, EnvironmentEvidence, Measurement, ReplacementEvidence } from './define.ts';
export { PROVENANCE_FILE, leftOutShareOf, mineReplacements } from './mine/mine.ts';
export type { ExcludedMolecules, MineOptions, MineReport } from './mine/mine.ts';
export { Replacements, TABLE_FILE } from './table.ts';
export type { EnvironmentHashes } from './table.ts';
export { proposeReplacements } from './propose.ts';
export type { GroupReplacements, Proposal, ReplaceAnswer, ReplaceRequest } from './propose.ts';
