/** RDKit with everything prepared once: one per worker thread. */
import { IsoLensError } from '../core/index.ts';
import { createFeaturiser } from '../native/index.ts';
import type { NativeFeaturiser } from '../native/index.ts';
import { ALERTS, compileAlerts } from './alerts.ts';
import type { CompiledAlert } from './alerts.ts';
import { compileGroupNames } from './group-names.ts';
import { graphOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { loadRdkit, withTrusted } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';
import { createStandardiser } from './standardise.ts';
import type { Standardiser } from './standardise.ts';

export interface Kernel {
  readonly rdkit: Rdkit;
  readonly standardiser: Standardiser;
  /** The graph of a parent that this program wrote; the last ones are remembered. */
  parent(smiles: string): MoleculeGraph;
  /** Compiled at the first call: not every worker needs them. */
  alerts(): readonly CompiledAlert[];
  /** The native featuriser; undefined where the engine is not built for this machine. */
  featuriser(): NativeFeaturiser | undefined;
  /** The text that `write` gave for a scaffold's key; the last ones are remembered. */
  scaffold(key: string, write: () => string): string;
  /** Names of groups by canonical SMILES with attachment points. */
  groupNames(): ReadonlyMap<string, string>;
}

/** Parents that are read once for all that is asked of them in a row. */
const REMEMBERED = 256;
/** Scaffolds that are written once: some MB. */
const REMEMBERED_SCAFFOLDS = 50_000;

export async function createKernel(): Promise<Kernel> {
  const rdkit = await loadRdkit();
  let groupNames: ReadonlyMap<string, string> | undefined;
  let alerts: readonly CompiledAlert[] | undefined;
  const parents = new Map<string, MoleculeGraph>();
  const parent = (smiles: string): MoleculeGraph => {
    const graph = parents.get(smiles) ?? withTrusted(rdkit, smiles, graphOf);
    // The one asked for last is forgotten last.
    parents.delete(smiles);
    parents.set(smiles, graph);
    if (parents.size > REMEMBERED) parents.delete(parents.keys().next().value!);
    return graph;
  };
  const scaffolds = new Map<string, string>();
  const scaffold = (key: string, write: () => string): string => {
    const known = scaffolds.get(key);
    if (known !== undefined) return known;
    const text = write();
    scaffolds.set(key, text);
    if (scaffolds.size > REMEMBERED_SCAFFOLDS) scaffolds.delete(scaffolds.keys().next().value!);
    return text;
  };
  // null: there is none.
  let featuriser: NativeFeaturiser | null | undefined;
  return {
    rdkit, standardiser: createStandardiser(rdkit), parent, scaffold,
    featuriser: () => (featuriser === undefined ? (featuriser = nativeFeaturiser()) : featuriser) ?? undefined,
    alerts: () => (alerts ??= compileAlerts(rdkit)),
    groupNames: () => (groupNames ??= compileGroupNames(rdkit)),
  };
}

function nativeFeaturiser(): NativeFeaturiser | null {
  try {
    return createFeaturiser(ALERTS.map(({ smarts }) => smarts));
  } catch (thrown) {
    if (thrown instanceof IsoLensError && thrown.code === 'NATIVE_UNAVAILABLE') return null;
    throw thrown;
  }
}
