/** What two molecules share and what differs: the largest common part with its atoms on both sides, and the groups and rings that change. */
import { commonPart } from './common/common-part.ts';
import type { CommonPart } from './common/common-part.ts';
import { jsonOf, rankGroup } from './common/cut-group.ts';
import type { CutGroup } from './common/cut-group.ts';
import { changesOf } from './common/describe.ts';
import type { GroupChange, GroupText } from './common/describe.ts';
import { Frame } from './common/frame.ts';
import { changesBetween } from './cuts/change.ts';
import { partOf } from './cuts/part.ts';
import { nameOf } from './group-names.ts';
import { ionisableSites, ionisationClass } from './ionisation.ts';
import type { IonisationClass } from './ionisation.ts';
import type { Kernel } from './kernel.ts';
import type { MoleculeGraph } from './molecule-graph.ts';

export type { GroupChange } from './common/describe.ts';

export interface CompareRequest {
  /** Canonical SMILES of parents; atoms are counted in their order. */
  readonly from: string;
  readonly to: string;
}

export interface Comparison {
  /** Atoms of the common part: `fromAtoms[i]` and `toAtoms[i]` are the same place. Empty where too little is shared. */
  readonly fromAtoms: readonly number[];
  readonly toAtoms: readonly number[];
  readonly changes: readonly GroupChange[];
  /** Heavy atoms of `from`. */
  readonly atoms: number;
  /** What both are in water at pH 7.4. */
  readonly ionisation: { readonly from: IonisationClass; readonly to: IonisationClass };
}

/** Smaller parts are shared by nearly all molecules and explain nothing. */
const MIN_COMMON_ATOMS = 5;

export function compare(kernel: Kernel, { from, to }: CompareRequest): Comparison {
  const [a, b] = [kernel.parent(from), kernel.parent(to)];
  const ionisation = { from: ionisationOf(a), to: ionisationOf(b) };
  const common = commonOf(kernel, from, to);
  if (common === undefined) return { fromAtoms: [], toAtoms: [], changes: [], atoms: a.atoms, ionisation };
  const changes = changesOf((group) => textOf(kernel, group), a, b, common);
  return { fromAtoms: common.kept.map(([atom]) => atom), toAtoms: common.kept.map(([, atom]) => atom), changes, atoms: a.atoms, ionisation };
}

function textOf(kernel: Kernel, group: CutGroup): GroupText {
  const { key, order } = rankGroup(group);
  return kernel.group(key, (write) => ({ smiles: write(jsonOf(group, order)), name: nameOf(kernel, group) }));
}

/** How much is kept, and by how many changes: what `compare` and matched pairs would tell, without a text. */
export interface Contrast {
  readonly kept: number;
  readonly changes: number;
  /** Heavy atoms of `from`. */
  readonly atoms: number;
}

/** The larger of the common part and the matched pair's. */
export function contrast(kernel: Kernel, { from, to }: CompareRequest): Contrast {
  const [a, b] = [kernel.parent(from), kernel.parent(to)];
  const common = commonOf(kernel, from, to);
  const kept = common?.kept.length ?? 0;
  const [pair] = changesBetween(a, b);
  if (pair !== undefined && pair.keptA.length > kept) return { kept: pair.keptA.length, changes: 1, atoms: a.atoms };
  let written = 0;
  return { kept, changes: common === undefined ? 0 : changesOf(() => ({ smiles: String(written++), name: '' }), a, b, common).length, atoms: a.atoms };
}

/** Atoms of the largest common part, those of rings that stand in one another's place among them. */
export function commonAtoms(kernel: Kernel, from: string, to: string): number {
  const { kept, swapped } = largestCommonPart(kernel, from, to);
  return kept.length + swapped.length;
}

function commonOf(kernel: Kernel, from: string, to: string): CommonPart | undefined {
  return enough(largestCommonPart(kernel, from, to), kernel.parent(from), kernel.parent(to));
}

/** Of parents as they are written: natively where the engine knows both. */
function largestCommonPart(kernel: Kernel, from: string, to: string): CommonPart {
  const { counts: [kept = -1, swapped = 0], pairs } = kernel.featuriser()?.commonParts(from, [to]) ?? { counts: [], pairs: new Int32Array(0) };
  if (kept < 0) return commonPart(frameOf(kernel.parent(from)), frameOf(kernel.parent(to)));
  const found = Array.from({ length: kept + swapped }, (_, i): readonly [number, number] => [pairs[2 * i]!, pairs[2 * i + 1]!]);
  return { kept: found.slice(0, kept), swapped: found.slice(kept) };
}

/** undefined where two molecules share too little to speak of a common part. A molecule that is smaller than that is shared whole or not at all. */
export function commonPartOf(a: MoleculeGraph, b: MoleculeGraph): CommonPart | undefined {
  return enough(commonPart(frameOf(a), frameOf(b)), a, b);
}

function enough(common: CommonPart, a: MoleculeGraph, b: MoleculeGraph): CommonPart | undefined {
  return common.kept.length < Math.min(MIN_COMMON_ATOMS, a.atoms, b.atoms) ? undefined : common;
}

const frameOf = remembered((graph) => new Frame(graph));
const ionisationOf = remembered((graph): IonisationClass => ionisationClass(ionisableSites(partOf(graph, Array.from({ length: graph.atoms }, (_, a) => a), []))));

/** Graphs that are asked again, as a query is of every candidate, have their answer still. */
function remembered<Value>(find: (graph: MoleculeGraph) => Value): (graph: MoleculeGraph) => Value {
  const known = new WeakMap<MoleculeGraph, Value>();
  return (graph) => {
    const value = known.get(graph) ?? find(graph);
    known.set(graph, value);
    return value;
  };
}
