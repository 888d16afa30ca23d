/** RDKit with everything prepared once: one per worker thread. */
import { IsoLensError } from '../core/index.ts';
import { createFeaturiser } from '../native/index.ts';
import type { NativeFeaturiser } from '../native/index.ts';
import { ALERTS, compileAlerts } from './alerts.ts';
import type { CompiledAlert } from './alerts.ts';
import type { GroupText } from './common/describe.ts';
import { compileGroupNames } from './group-names.ts';
import { graphOf } from './molecule-graph.ts';
import type { MoleculeGraph } from './molecule-graph.ts';
import { Memo } from './memo.ts';
import { nativeGraph } from './parent-graph.ts';
import { loadRdkit, smilesOfJson, withTrusted } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';
import { createStandardiser } from './standardise.ts';
import type { Standardiser } from './standardise.ts';

export interface Kernel {
  readonly rdkit: Rdkit;
  readonly standardiser: Standardiser;
  /** The graph of a parent that this program wrote, without stereo; the last ones are remembered. */
  parent(smiles: string): MoleculeGraph;
  /** Compiled at the first call: not every worker needs them. */
  alerts(): readonly CompiledAlert[];
  /** The native featuriser; undefined where the engine is not built for this machine. */
  featuriser(): NativeFeaturiser | undefined;
  /** The text that `write` gave for a scaffold's key; the last ones are remembered. */
  scaffold(key: string, write: () => string): string;
  /** What `tell` said of the group with this key, `write` turning JSON into canonical SMILES; the last ones are remembered, since molecules share their groups. */
  group(key: string, tell: (write: (json: string) => string) => GroupText): GroupText;
  /** Names of groups by their keys. */
  groupNames(): ReadonlyMap<string, string>;
}

/** Parents that are read once for all that is asked of them in a row. */
const REMEMBERED = 2048;
/** Texts that are written once: some MB. */
const REMEMBERED_TEXTS = 50_000;

export async function createKernel(): Promise<Kernel> {
  const rdkit = await loadRdkit();
  let groupNames: ReadonlyMap<string, string> | undefined;
  let alerts: readonly CompiledAlert[] | undefined;
  const parents = new Memo<MoleculeGraph>(REMEMBERED);
  const scaffolds = new Memo<string>(REMEMBERED_TEXTS);
  const groups = new Memo<GroupText>(REMEMBERED_TEXTS);
  // null: there is none.
  let opened: NativeFeaturiser | null | undefined;
  const featuriser = (): NativeFeaturiser | undefined => (opened === undefined ? (opened = nativeFeaturiser()) : opened) ?? undefined;
  const read = (smiles: string): MoleculeGraph => {
    const engine = featuriser();
    return (engine === undefined ? undefined : nativeGraph(engine, smiles)) ?? withTrusted(rdkit, smiles, graphOf);
  };
  return {
    rdkit, standardiser: createStandardiser(rdkit), featuriser,
    parent: (smiles) => parents.get(smiles, () => read(smiles)),
    scaffold: (key, write) => scaffolds.get(key, write),
    group: (key, tell) => groups.get(key, () => tell((json) => smilesOfJson(rdkit, json, { hydrogens: false }))),
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
