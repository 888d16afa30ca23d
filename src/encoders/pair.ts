/**
 * The graphs of a two-tower model: one for training, with objective and auxiliary heads, and one for each tower alone with
 * the same parameter names, so that trained weights go straight into a file for serving.
 */
import { IsoLensError } from '../core/index.ts';
import { GraphBuilder } from '../graph/index.ts';
import type { GraphIr, Value } from '../graph/index.ts';
import { auxiliaryById, diagnostics, objectiveById, objectiveConfig } from '../objectives/index.ts';
import { encoderConfig } from './define.ts';
import type { Encoder, EncoderInput } from './define.ts';
import { buildTower } from './tower.ts';
import type { TowerOptions } from './tower.ts';

export interface TowerSpec {
  readonly encoder: Encoder;
  /** A preset's name or a whole configuration. */
  readonly config: unknown;
  /** First part of the tower's parameter names, e.g. "drawing". */
  readonly prefix: string;
  /** Graph input for each role of the encoder; default `prefix.role`. */
  readonly inputNames?: Readonly<Record<string, string>>;
  readonly projection: TowerOptions['projection'];
  /** Prefix of the first tower, where both are views through one encoder. */
  readonly weightsOf?: string;
  /** The first tower, where this one is its momentum encoder. */
  readonly momentumOf?: TowerOptions['momentumOf'];
}

export interface AuxiliarySpec {
  readonly id: string;
  /** Prefix of the tower whose trunk predicts the target. */
  readonly tower: string;
  /** Graph input (N, targetWidth) that holds the target. */
  readonly targetName: string;
  readonly targetWidth: number;
  readonly weight: number;
  readonly config?: unknown;
}

export interface PairSpec {
  readonly name?: string;
  readonly towers: readonly [TowerSpec, TowerSpec];
  readonly objective: string;
  readonly objectiveConfig?: unknown;
  readonly embeddingDimension: number;
  readonly auxiliary?: readonly AuxiliarySpec[];
  /** Graph input (N) i32 for objectives that need labels; default "label". */
  readonly labelName?: string;
}

export interface PairGraph {
  readonly ir: GraphIr;
  /** Names of values, all of them outputs of the graph. */
  readonly loss: string;
  readonly metrics: readonly string[];
  /** In the order of the towers. */
  readonly embeddings: readonly [string, string];
  /** For each tower: role -> graph input. */
  readonly inputs: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];
  /** Graph input of the labels, where the objective wants them. */
  readonly label: string | undefined;
}

function inputNamesOf(spec: TowerSpec, inputs: readonly EncoderInput[]): Record<string, string> {
  return Object.fromEntries(inputs.map(({ role }) => [role, spec.inputNames?.[role] ?? `${spec.prefix}.${role}`]));
}

/** Two towers may read the same input, e.g. two views of one encoder; it is declared once. */
function declareInput(g: GraphBuilder, known: Map<string, Value>, name: string, { dtype, shape }: Pick<EncoderInput, 'dtype' | 'shape'>): Value {
  const value = known.get(name) ?? g.input(name, dtype, shape);
  known.set(name, value);
  return value;
}

/** The rows of a batch, which all towers share. */
const BATCH = 'N';

/** Sizes that another tower has given a symbol of the same name are this tower's own: two views of a graph differ in their bonds. */
function ownSymbols(inputs: readonly EncoderInput[], taken: ReadonlySet<string>, prefix: string): EncoderInput[] {
  return inputs.map((input) => ({ ...input, shape: input.shape.map((dim) => (typeof dim === 'string' && dim !== BATCH && taken.has(dim) ? `${prefix.replaceAll('-', '_')}_${dim}` : dim)) }));
}

function addTower(g: GraphBuilder, known: Map<string, Value>, spec: TowerSpec, embeddingDimension: number) {
  const config = encoderConfig(spec.encoder, spec.config);
  const taken = new Set([...known.values()].flatMap(({ shape }) => shape.filter((dim) => typeof dim === 'string')));
  const declared = ownSymbols(spec.encoder.inputs(config), taken, spec.prefix);
  const names = inputNamesOf(spec, declared);
  const inputs = Object.fromEntries(declared.map((input) => [input.role, declareInput(g, known, names[input.role]!, input)]));
  const options = { embeddingDimension, projection: spec.projection, weightsOf: spec.weightsOf, momentumOf: spec.momentumOf };
  const tower = buildTower(g, spec.encoder, config, options, spec.prefix, inputs);
  return { ...tower, prefix: spec.prefix, names };
}

type BuiltTower = ReturnType<typeof addTower>;

/** `name`: of the head's parameters, its own among all heads. */
function addAuxiliary(g: GraphBuilder, known: Map<string, Value>, spec: AuxiliarySpec, towers: readonly BuiltTower[], name: string) {
  const head = auxiliaryById(spec.id);
  const tower = towers.find(({ prefix }) => prefix === spec.tower);
  if (tower === undefined) {
    throw new IsoLensError('ARGUMENT_INVALID', `Auxiliary head ${spec.id}: expected one of the towers ${towers.map(({ prefix }) => prefix).join(', ')} but received "${spec.tower}".`);
  }
  const target = declareInput(g, known, spec.targetName, { dtype: 'f32', shape: ['N', spec.targetWidth] });
  const scope = g.scope(name);
  const result = head.build(scope, { features: tower.features, target }, objectiveConfig(head, spec.config));
  return { metrics: result.metrics, weighted: scope.apply('Mul', [result.loss, scope.constant(spec.weight)]) };
}

/** The training graph of two towers and their objective. */
export function buildPairGraph(spec: PairSpec): PairGraph {
  const g = new GraphBuilder(spec.name ?? 'pair');
  const known = new Map<string, Value>();
  const a = addTower(g, known, spec.towers[0], spec.embeddingDimension);
  const b = addTower(g, known, spec.towers[1], spec.embeddingDimension);
  const objective = objectiveById(spec.objective);
  const config = objectiveConfig(objective, spec.objectiveConfig);
  const labelName = spec.labelName ?? 'label';
  const label = objective.needsLabel ? { label: declareInput(g, known, labelName, { dtype: 'i32', shape: ['N'] }) } : {};
  const result = objective.build(g.scope('objective'), { a: a.embedding, b: b.embedding, ...label }, config);

  let loss = result.loss;
  const metrics: Record<string, Value> = { contrastiveLoss: result.loss, ...result.metrics, ...diagnostics(g, a.embedding, b.embedding) };
  const heads = new Map<string, number>();
  for (const auxiliary of spec.auxiliary ?? []) {
    const plain = `${auxiliary.tower}-${auxiliary.id}`;
    const before = heads.get(plain) ?? 0;
    heads.set(plain, before + 1);
    const name = before === 0 ? plain : `${plain}-${before + 1}`;
    const added = addAuxiliary(g, known, auxiliary, [a, b], name);
    loss = g.apply('Add', [loss, added.weighted]);
    // The first head's numbers keep their plain name, whatever comes beside it.
    for (const [metric, value] of Object.entries(added.metrics)) {
      metrics[metrics[metric] === undefined ? metric : `${name}-${metric}`] = value;
    }
  }
  const named = [g.named('loss', loss), ...Object.entries(metrics).map(([name, value]) => g.named(`metrics.${name}`, value))];
  for (const value of [...named, a.embedding, b.embedding]) g.output(value);
  return {
    ir: g.toIr(),
    loss: 'loss',
    metrics: named.slice(1).map(({ name }) => name),
    embeddings: [a.embedding.name, b.embedding.name],
    inputs: [a.names, b.names],
    label: objective.needsLabel ? labelName : undefined,
  };
}

export interface EncoderGraph {
  readonly ir: GraphIr;
  readonly embedding: string;
  /** Role -> graph input. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** A further look at the same item: the encoder again, with the same weights. */
export interface ViewSpec {
  /** Replaces fields of the encoder's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputNames: Readonly<Record<string, string>>;
}

/**
 * The inference graph of one tower; inputs are named by role unless the spec says otherwise, the output is "embedding": with
 * further views, the mean of all at unit length.
 */
export function buildEncoderGraph(spec: TowerSpec, embeddingDimension: number, views: readonly ViewSpec[] = []): EncoderGraph {
  const g = new GraphBuilder(spec.prefix);
  const { embedding: value, inputs } = addServingTower(g, new Map(), spec, embeddingDimension, views);
  const embedding = g.named('embedding', value);
  g.output(embedding);
  return { ir: g.toIr(), embedding: embedding.name, inputs };
}

/** A tower as it serves, all its views, in a graph that may hold others; `known` are inputs that are declared already, by name. */
export function addServingTower(g: GraphBuilder, known: Map<string, Value>, spec: TowerSpec, embeddingDimension: number, views: readonly ViewSpec[]): { embedding: Value; inputs: Record<string, string> } {
  const config = encoderConfig(spec.encoder, spec.config);
  const roles = Object.fromEntries(spec.encoder.inputs(config).map(({ role }) => [role, role]));
  const { encoder, projection, weightsOf, prefix } = spec;
  const own = { encoder, projection, config, prefix: weightsOf ?? prefix, inputNames: { ...roles, ...spec.inputNames } };
  const tower = addTower(g, known, own, embeddingDimension);
  const others = views.map((view, i) => addTower(g, known, {
    ...own, config: encoderConfig(encoder, config, view.config), prefix: `${own.prefix}-view-${i + 2}`, weightsOf: own.prefix, inputNames: view.inputNames,
  }, embeddingDimension));
  const sum = others.reduce((all, other) => g.apply('Add', [all, other.embedding]), tower.embedding);
  const embedding = others.length === 0 ? sum : g.apply('L2Normalise', [sum]);
  return { embedding, inputs: Object.assign({}, tower.names, ...others.map(({ names }) => Object.fromEntries(Object.values(names).map((name) => [name, name])))) as Record<string, string> };
}
