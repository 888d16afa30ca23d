export { buildJointGraph } from './joint.ts';
export type { JointPart } from './joint.ts';
export { buildEncoderGraph } from './serving-graph.ts';
export type { EncoderGraph, ViewSpec } from './serving-graph.ts';
export { COMPONENTS, buildTower, projectionSchema } from './tower.ts';
export type { Tower, TowerOptions, TowerSpec } from './tower.ts';
export { buildTrainingGraph } from './training-graph.ts';
export type { AuxiliarySpec, LossSpec, TrainingGraph, TrainingSpec } from './training-graph.ts';
