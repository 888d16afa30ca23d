/**
 * Writes a graph node by node; every node's shape is known, or refused, as soon as it is added. A builder is a view: `scope`
 * gives another on the same graph whose names carry a prefix.
 */
import type * as z from 'zod';
import { IsoLensError } from '../core/index.ts';
import { atEvaluation } from './at-evaluation.ts';
import { ABSENT } from './define.ts';
import type { DType, Operator, Tensor } from './define.ts';
import { formatShape, sameShape } from './dims.ts';
import type { Shape } from './dims.ts';
import { inferNode } from './infer.ts';
import type { GraphIr, GraphNode, GraphParameter, Init } from './ir.ts';
import type { OPERATORS } from './ops/index.ts';
import { checkRules } from './rules.ts';
import type { Rule } from './rules.ts';

/** A tensor of the graph. It belongs to the graph that made it. */
export interface Value extends Tensor {
  readonly name: string;
  /** Declared to be mostly zeros, or made of such a value by operators that keep zeros. A hint: any numbers are computed rightly. */
  readonly isSparse?: boolean;
}

export interface InputOptions {
  /** Rows are mostly zeros, as those of fingerprints: layers skip what is zero. Default false. */
  readonly isSparse?: boolean | undefined;
}

type AnyOperator = (typeof OPERATORS)[number];
export type OperatorId = AnyOperator['id'];
type AttributesOf<Id extends OperatorId> = Extract<AnyOperator, { id: Id }> extends Operator<string, infer Schema> ? z.input<Schema> : never;
/** Attributes may be left out where all have defaults. */
type Arguments<Id extends OperatorId> = Record<never, never> extends AttributesOf<Id>
  ? [attributes?: AttributesOf<Id>, name?: string]
  : [attributes: AttributesOf<Id>, name?: string];

export interface ParameterOptions {
  /** Weight decay applies; default: to tensors of rank >= 2. */
  readonly decay?: boolean;
  /** False: running statistics and constants. Default true. */
  readonly trainable?: boolean;
}

type Named<R extends Rule> = R extends Rule ? { readonly [Key in keyof R]: Key extends 'parameter' | 'of' | 'from' | 'rows' ? Value : R[Key] } : never;
/** A rule over values of the graph. */
export type ValueRule = Named<Rule>;

/** Whose parameters a scope's own ones follow, and how slowly. */
interface Followed {
  readonly prefix: string;
  readonly momentum: number;
}

interface State {
  readonly name: string;
  readonly symbols: Set<string>;
  readonly inputs: GraphIr['inputs'];
  readonly parameters: GraphParameter[];
  readonly nodes: GraphNode[];
  readonly outputs: string[];
  readonly rules: Rule[];
  readonly values: Map<string, Value>;
  /** How many nodes of an operator a scope has without a name of their own. */
  readonly counters: Map<string, number>;
}

export class GraphBuilder {
  readonly #state: State;
  readonly #prefix: string;
  /** Where parameters are looked up rather than made: the prefix of the scope that made them. */
  readonly #lender: string | undefined;
  readonly #followed: Followed | undefined;
  readonly #isFrozen: boolean;

  constructor(name: string, parent?: { readonly state: State; readonly prefix: string; readonly lender?: string | undefined; readonly followed?: Followed | undefined; readonly isFrozen?: boolean }) {
    this.#state = parent?.state ?? {
      name, symbols: new Set(), inputs: [], parameters: [], nodes: [], outputs: [], rules: [], values: new Map(), counters: new Map(),
    };
    this.#prefix = parent?.prefix ?? '';
    this.#lender = parent?.lender;
    this.#followed = parent?.followed;
    this.#isFrozen = parent?.isFrozen ?? false;
  }

  /** A view whose names start with `name.`. An empty name gives the same names. */
  scope(name: string): GraphBuilder {
    if (name === '') return this;
    const lender = this.#lender === undefined ? undefined : `${this.#lender}${name}.`;
    const followed = this.#followed === undefined ? undefined : { ...this.#followed, prefix: `${this.#followed.prefix}${name}.` };
    return new GraphBuilder(this.#state.name, { state: this.#state, prefix: `${this.#prefix}${name}.`, lender, followed, isFrozen: this.#isFrozen });
  }

  /** This scope with the parameters of another: what is built here uses those that `lender` made, under the same names. */
  borrowing(lender: string): GraphBuilder {
    return new GraphBuilder(this.#state.name, { state: this.#state, prefix: this.#prefix, lender: `${lender}.` });
  }

  /**
   * This scope with parameters that follow those of another, which are made before: they start with the same numbers, are not trained,
   * and after every step are momentum * themselves + (1 - momentum) * the followed.
   */
  following(followed: string, momentum: number): GraphBuilder {
    return new GraphBuilder(this.#state.name, { state: this.#state, prefix: this.#prefix, followed: { prefix: `${followed}.`, momentum } });
  }

  /**
   * This scope with parameters that are never trained, whatever is built, and with every operator as it is at evaluation: what is built here
   * computes what it would compute when it is served.
   */
  frozen(): GraphBuilder {
    return new GraphBuilder(this.#state.name, { state: this.#state, prefix: this.#prefix, isFrozen: true });
  }

  /** A graph input. Its name is taken as it is, whatever the scope: it is the graph's interface. */
  input(name: string, dtype: DType, shape: Shape, { isSparse }: InputOptions = {}): Value {
    for (const dim of shape) if (typeof dim === 'string') this.#state.symbols.add(dim);
    this.#state.inputs.push({ name, dtype, shape: [...shape] });
    return this.#remember(name, dtype, shape, isSparse);
  }

  parameter(name: string, shape: readonly number[], init: Init, options: ParameterOptions = {}): Value {
    if (this.#lender !== undefined) return this.#borrow(this.#lender + name, shape);
    const full = this.#prefix + name;
    if (this.#followed !== undefined) return this.#follow(this.#followed, name, shape, options.trainable ?? true);
    const value = this.#remember(full, 'f32', shape);
    const trainable = !this.#isFrozen && (options.trainable ?? true);
    const decay = trainable && (options.decay ?? shape.length >= 2);
    this.#state.parameters.push({ name: full, shape: [...shape], init, decay, trainable });
    return value;
  }

  /** What is done to a parameter after every step, behind the rules before it. What it takes, unless that is an input, becomes an output. */
  rule(rule: ValueRule): void {
    if ('from' in rule) this.output(rule.from);
    if ('rows' in rule && !this.#state.inputs.some(({ name }) => name === rule.rows.name)) this.output(rule.rows);
    const named = Object.fromEntries(Object.entries(rule).map(([key, value]: [string, unknown]) => [key, typeof value === 'object' ? (value as Value).name : value]));
    this.#state.rules.push(named as Rule);
  }

  /** Applies an operator; an optional input that is left out in the middle is `null`. */
  apply<Id extends OperatorId>(op: Id, inputs: readonly (Value | null)[], ...[attributes, name]: Arguments<Id>): Value {
    const evaluated = this.#isFrozen ? this.#evaluated(op, inputs as readonly Value[], attributes ?? {}) : undefined;
    if (evaluated !== undefined) return evaluated;
    const full = this.#prefix + (name ?? this.#nextName(op));
    for (const input of inputs) {
      if (input !== null && this.#state.values.get(input.name) !== input) {
        throw new IsoLensError('GRAPH_INVALID', `Node ${full} (${op}): expected inputs of this graph but received "${input.name}" of another.`);
      }
    }
    const inferred = inferNode(op, full, inputs.map((input) => input ?? ABSENT), attributes ?? {});
    const isSparse = inferred.operator.keepsZeros === true && inputs[0]?.isSparse === true;
    const value = this.#remember(full, inferred.output.dtype, inferred.output.shape, isSparse);
    const names = inputs.map((input) => input?.name ?? '');
    while (names.at(-1) === '') names.pop();
    this.#state.nodes.push({ op, name: full, inputs: names, outputs: [full], attributes: inferred.attributes });
    return value;
  }

  /** A scalar, or a tensor of one repeated value. */
  constant(value: number, shape: readonly number[] = []): Value {
    return this.apply('Constant', [], { value, shape: [...shape] });
  }

  /** The value under another, chosen name. */
  named(name: string, value: Value): Value {
    return this.apply('Identity', [value], {}, name);
  }

  output(value: Value): void {
    if (!this.#state.outputs.includes(value.name)) this.#state.outputs.push(value.name);
  }

  toIr(): GraphIr {
    const { name, symbols, inputs, parameters, nodes, outputs, rules, values } = this.#state;
    checkRules(this.#state, values);
    return structuredClone({ name, symbols: [...symbols], inputs, parameters, nodes, outputs, ...(rules.length === 0 ? {} : { rules }) });
  }

  #evaluated(op: OperatorId, inputs: readonly Value[], attributes: Readonly<Record<string, unknown>>): Value | undefined {
    return atEvaluation<Value>(op, { apply: (plain, of, own) => this.apply(plain, of, own as never), constant: (value) => this.constant(value) }, inputs, attributes);
  }

  #follow({ prefix, momentum }: Followed, name: string, shape: readonly number[], isTrained: boolean): Value {
    const followed = this.#borrow(prefix + name, shape);
    const value = this.#remember(this.#prefix + name, 'f32', shape);
    this.#state.parameters.push({ name: value.name, shape: [...shape], init: { kind: 'copy', of: followed.name }, decay: false, trainable: false });
    // Running statistics are its own: it sees its own views.
    if (isTrained) this.rule({ rule: 'average', parameter: value, of: followed, momentum });
    return value;
  }

  #borrow(name: string, shape: Shape): Value {
    const value = this.#state.values.get(name);
    if (value !== undefined && sameShape(value.shape, shape)) return value;
    const received = value === undefined ? 'none' : formatShape(value.shape);
    throw new IsoLensError('GRAPH_INVALID', `Scope ${this.#prefix}: expected to borrow the parameter "${name}" of ${formatShape(shape)} but received ${received}.`);
  }

  #remember(name: string, dtype: DType, shape: Shape, isSparse = false): Value {
    if (this.#state.values.has(name)) {
      throw new IsoLensError('GRAPH_INVALID', `Graph ${this.#state.name}: expected unique names but received "${name}" twice. Use a scope.`);
    }
    const value: Value = Object.freeze({ name, dtype, shape: Object.freeze([...shape]), ...(isSparse ? { isSparse } : {}) });
    this.#state.values.set(name, value);
    return value;
  }

  #nextName(op: string): string {
    const base = op.charAt(0).toLowerCase() + op.slice(1);
    const key = this.#prefix + base;
    const count = (this.#state.counters.get(key) ?? 0) + 1;
    this.#state.counters.set(key, count);
    return `${base}-${count}`;
  }
}
