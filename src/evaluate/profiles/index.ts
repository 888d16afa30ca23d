export { PROFILE_METHODS } from './methods.ts';
export type { ProfileModels } from './methods.ts';
export { profilesTables } from './report.ts';
export { evaluateProfiles } from './run.ts';
export type { MechanismResult, ProfilesOptions, ProfilesResult, ReplicateResult, TableSummary } from './run.ts';
