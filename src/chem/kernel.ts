/** RDKit with everything prepared once: one per worker thread. */
import { compileAlerts } from './alerts.ts';
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
  /** Names of groups by canonical SMILES with attachment points. */
  groupNames(): ReadonlyMap<string, string>;
}

/** Parents that are read once for all that is asked of them in a row. */
const REMEMBERED = 256;

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
  return { rdkit, standardiser: createStandardiser(rdkit), parent, alerts: () => (alerts ??= compileAlerts(rdkit)), groupNames: () => (groupNames ??= compileGroupNames(rdkit)) };
}
