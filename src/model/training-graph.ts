/** The graph that is trained: any number of towers, losses between pairs of them, and heads beside them. */
import { IsoLensError } from '../core/index.ts';
import { GraphBuilder } from '../graph/index.ts';
import type { GraphIr, Value } from '../graph/index.ts';
import { auxiliaryById, objectiveById, objectiveConfig } from '../objectives/index.ts';
import type { Objective } from '../objectives/index.ts';
import { addTower, declareInput } from './tower.ts';
import type { BuiltTower, TowerSpec } from './tower.ts';

export interface AuxiliarySpec {
  readonly id: string;
  /** Prefix of the tower whose trunk predicts the target. */
  readonly tower: string;
  /** Graph input (N, width) that holds the target; absent for heads that want none. */
  readonly target?: { readonly name: string; readonly width: number };
  /** Prefix of a tower that reads the same items undamaged; absent for heads that want none. */
  readonly whole?: string;
  readonly weight: number;
  readonly config?: unknown;
}

export interface LossSpec {
  /** One of the house by its name, or any other. */
  readonly objective: string | Objective;
  readonly config?: unknown;
  /** Prefixes of the towers that it compares: two, or more where the objective takes several. */
  readonly between: readonly string[];
  /** Default 1. */
  readonly weight?: number;
}

export interface TrainingSpec {
  readonly name?: string;
  readonly towers: readonly TowerSpec[];
  readonly losses: readonly LossSpec[];
  readonly embeddingDimension: number;
  readonly auxiliary?: readonly AuxiliarySpec[];
  /** Graph input (N) i32 for objectives that need labels; default "label". */
  readonly labelName?: string;
}

export interface TrainingGraph {
  readonly ir: GraphIr;
  /** Names of values, all of them outputs of the graph. */
  readonly loss: string;
  readonly metrics: readonly string[];
  /** Of every tower, by its prefix. */
  readonly embeddings: Readonly<Record<string, string>>;
  /** For each tower: role -> graph input. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Graph input of the labels, where an objective wants them. */
  readonly label: string | undefined;
}

/** Numbers by name; of equal names the first stays plain, whatever comes beside it. */
class Metrics {
  readonly all: Record<string, Value> = {};

  add(owner: string, metrics: Readonly<Record<string, Value>>): void {
    for (const [name, value] of Object.entries(metrics)) this.all[this.all[name] === undefined ? name : `${owner}-${name}`] = value;
  }
}

export function buildTrainingGraph(spec: TrainingSpec): TrainingGraph {
  const g = new GraphBuilder(spec.name ?? 'training');
  const known = new Map<string, Value>();
  const towers = spec.towers.map((tower) => addTower(g, known, tower, spec.embeddingDimension));
  const label = spec.losses.some(({ objective }) => resolved(objective).needsLabel) ? spec.labelName ?? 'label' : undefined;
  const metrics = new Metrics();
  const parts = spec.losses.map((loss, i) => addLoss(g, known, loss, towers, i === 0 ? 'objective' : `objective-${i + 1}`, label, metrics));
  const heads = new Map<string, number>();
  for (const auxiliary of spec.auxiliary ?? []) {
    const plain = `${auxiliary.tower}-${auxiliary.id}`;
    const before = heads.get(plain) ?? 0;
    heads.set(plain, before + 1);
    parts.push(addAuxiliary(g, known, auxiliary, towers, before === 0 ? plain : `${plain}-${before + 1}`, metrics));
  }
  if (parts.length === 0) throw new IsoLensError('ARGUMENT_INVALID', 'Expected at least one loss between two towers but received none.');
  const loss = parts.reduce((sum, part) => g.apply('Add', [sum, part]));
  const named = [g.named('loss', loss), ...Object.entries(metrics.all).map(([name, value]) => g.named(`metrics.${name}`, value))];
  for (const value of [...named, ...towers.map(({ embedding }) => embedding)]) g.output(value);
  return {
    ir: g.toIr(),
    loss: 'loss',
    metrics: named.slice(1).map(({ name }) => name),
    embeddings: Object.fromEntries(towers.map(({ prefix, embedding }) => [prefix, embedding.name])),
    inputs: Object.fromEntries(towers.map(({ prefix, names }) => [prefix, names])),
    label,
  };
}

function resolved(objective: string | Objective): Objective {
  return typeof objective === 'string' ? objectiveById(objective) : objective;
}

function towerOf(towers: readonly BuiltTower[], prefix: string, asker: string): BuiltTower {
  const found = towers.find((tower) => tower.prefix === prefix);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `${asker}: expected one of the towers ${towers.map((tower) => tower.prefix).join(', ')} but received "${prefix}".`);
}

function compared(objective: Objective, between: readonly string[], towers: readonly BuiltTower[]): [BuiltTower, BuiltTower, ...BuiltTower[]] {
  const refuse = (expected: string, received: string): never => {
    throw new IsoLensError('ARGUMENT_INVALID', `Loss ${objective.id}: expected ${expected} but received ${received}.`);
  };
  const twice = between.find((prefix, i) => between.indexOf(prefix) !== i);
  if (twice !== undefined) refuse('each tower once', `"${twice}" twice`);
  const isTooMany = between.length > 2 && !objective.takesSeveral;
  if (between.length < 2 || isTooMany) refuse(objective.takesSeveral ? 'at least two towers' : 'two towers', between.map((prefix) => `"${prefix}"`).join(', ') || 'none');
  return between.map((prefix) => towerOf(towers, prefix, `Loss ${objective.id}`)) as [BuiltTower, BuiltTower, ...BuiltTower[]];
}

/** `name`: of the objective's parameters, its own among all losses. */
function addLoss(g: GraphBuilder, known: Map<string, Value>, spec: LossSpec, towers: readonly BuiltTower[], name: string, label: string | undefined, metrics: Metrics): Value {
  const objective = resolved(spec.objective);
  const [a, b, ...further] = compared(objective, spec.between, towers);
  const labels = objective.needsLabel ? { label: declareInput(g, known, label!, { dtype: 'i32', shape: ['N'] }) } : {};
  const scope = g.scope(name);
  const result = objective.build(scope, { a: a.embedding, b: b.embedding, ...(further.length === 0 ? {} : { further: further.map(({ embedding }) => embedding) }), ...labels }, objectiveConfig(objective, spec.config));
  metrics.add(`${a.prefix}-${b.prefix}`, { contrastiveLoss: result.loss, ...result.metrics });
  return spec.weight === undefined || spec.weight === 1 ? result.loss : scope.apply('Mul', [result.loss, scope.constant(spec.weight)]);
}

/** `name`: of the head's parameters, its own among all heads. */
function addAuxiliary(g: GraphBuilder, known: Map<string, Value>, spec: AuxiliarySpec, towers: readonly BuiltTower[], name: string, metrics: Metrics): Value {
  const head = auxiliaryById(spec.id);
  const tower = towerOf(towers, spec.tower, `Auxiliary head ${spec.id}`);
  if (head.needsTarget !== (spec.target !== undefined)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Auxiliary head ${spec.id}: expected ${head.needsTarget ? 'a target' : 'no target'} but received ${head.needsTarget ? 'none' : 'one'}.`);
  }
  const target = spec.target === undefined ? {} : { target: declareInput(g, known, spec.target.name, { dtype: 'f32', shape: ['N', spec.target.width] }) };
  if (head.needsWhole !== (spec.whole !== undefined)) {
    const [expected, received] = head.needsWhole ? ['"whole" to name a tower', 'none'] : ['no "whole"', `"${spec.whole!}"`];
    throw new IsoLensError('ARGUMENT_INVALID', `Auxiliary head ${spec.id}: expected ${expected} but received ${received}.`);
  }
  const whole = spec.whole === undefined ? {} : { whole: towerOf(towers, spec.whole, `Auxiliary head ${spec.id}`).inputs };
  const { features, tokens, inputs, categories } = tower;
  const scope = g.scope(name);
  const result = head.build(scope, { features, inputs, categories, ...(tokens === undefined ? {} : { tokens }), ...target, ...whole }, objectiveConfig(head, spec.config));
  metrics.add(name, result.metrics);
  return scope.apply('Mul', [result.loss, scope.constant(spec.weight)]);
}
