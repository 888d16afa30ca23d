/**
 * Expected counts of a reading that gives probabilities. A feature counts as much as its atoms are likely; where one of them is
 * something else instead, the feature with that counts as well. One atom at a time: two at once are rarely right together.
 */
import { keyOf, starKey, typeOf } from './features.ts';
import type { QueryCounts } from './table.ts';
import { typedGraph } from './typed-graph.ts';
import type { KekuleGraph, TypedGraph } from './typed-graph.ts';
import { walk } from './walk.ts';
import type { Visitor } from './walk.ts';

export interface UncertainGraph extends KekuleGraph {
  /** Of each atom, what it may be; the rest of 1 is unknown. What `elements` says must be among them. */
  readonly elementChoices: readonly (readonly (readonly [element: number, probability: number])[])[];
  /** (bonds, 3) Probability of each order. */
  readonly orderChoices: readonly (readonly [single: number, double: number, triple: number])[];
}

interface Choice {
  readonly type: number;
  readonly probability: number;
}

/** Less likely second choices are left out: they would only make the query longer. */
const LEAST = 0.05;

/** Atoms that are not hydrogen, in fragments of any size; leave crumbs out before. */
export function expectedCounts(reading: UncertainGraph): QueryCounts {
  const graph = typedGraph(reading);
  if (graph.element.length !== reading.elements.length) return expectedCounts(withoutHydrogens(reading));
  const visitor = new ExpectedCounter(graph, choicesOf(reading, graph));
  walk(graph, visitor);
  return visitor.finish();
}

function withoutHydrogens({ elements, bonds, elementChoices, orderChoices }: UncertainGraph): UncertainGraph {
  const kept = Array.from({ length: elements.length }, (_, a) => a).filter((a) => elements[a] !== 1);
  const place = new Map(kept.map((a, i) => [a, i]));
  const keptBonds = Array.from(bonds.keys()).filter((b) => place.has(bonds[b]![0]) && place.has(bonds[b]![1]));
  return {
    elements: kept.map((a) => elements[a]!),
    bonds: keptBonds.map((b) => [place.get(bonds[b]![0])!, place.get(bonds[b]![1])!, bonds[b]![2]]),
    elementChoices: kept.map((a) => elementChoices[a]!),
    orderChoices: keptBonds.map((b) => orderChoices[b]!),
  };
}

/** Of each atom, its types: as read first, then those with another element or another order of one of its bonds. */
function choicesOf({ bonds, elementChoices, orderChoices }: UncertainGraph, graph: TypedGraph): Choice[][] {
  const { element, unsaturation, offset } = graph;
  const orders = Array.from(element, (): number => 1);
  const other: { change: number; probability: number }[][] = Array.from(element, () => []);
  bonds.forEach(([begin, end, order], b) => {
    const chances = orderChoices[b]!;
    for (const atom of [begin, end]) {
      orders[atom]! *= chances[order - 1]!;
      chances.forEach((probability, i) => {
        if (i !== order - 1) other[atom]!.push({ change: i + 1 - order, probability });
      });
    }
  });
  return Array.from(element, (own, a) => {
    const degree = offset[a + 1]! - offset[a]!;
    const certain = elementChoices[a]!.find(([choice]) => choice === own)?.[1] ?? 1;
    const first = { type: typeOf(own, degree, unsaturation[a]!), probability: certain * orders[a]! };
    const elements = elementChoices[a]!.filter(([choice]) => choice !== own).map(([choice, probability]) => ({ type: typeOf(choice, degree, unsaturation[a]!), probability: probability * orders[a]! }));
    const unsaturated = other[a]!.map(({ change, probability }) => ({ type: typeOf(own, degree, Math.max(0, unsaturation[a]! + change)), probability: certain * probability }));
    return [first, ...[...elements, ...unsaturated].filter(({ probability }) => probability >= LEAST)];
  });
}

class ExpectedCounter implements Visitor {
  private readonly graph: TypedGraph;
  private readonly choices: readonly (readonly Choice[])[];
  private readonly types: Uint32Array;
  private readonly counts = new Map<number, number>();

  constructor(graph: TypedGraph, choices: readonly (readonly Choice[])[]) {
    this.graph = graph;
    this.choices = choices;
    this.types = Uint32Array.from(choices, ([first]) => first!.type);
  }

  atom(a: number): void {
    this.each([a], ([type]) => keyOf.element(type!));
    this.each([a], ([type]) => keyOf.type(type!));
  }

  /** By the middle alone: each neighbour that is uncertain makes it less likely. */
  star(a: number): void {
    const { graph, types } = this;
    this.each([a], ([type]) => starKey(type!, a, graph, types), Array.from(graph.neighbour.subarray(graph.offset[a], graph.offset[a + 1])));
  }

  bond(a: number, b: number, ring: number): void {
    this.each([a, b], ([x, y]) => keyOf.bond(x!, y!));
    this.each([a, b], ([x, y]) => keyOf.typedBond(x!, y!));
    this.add(keyOf.ring(ring), 1);
  }

  path3(a: number, b: number, c: number): void {
    this.each([a, b, c], ([x, y, z]) => keyOf.path3(x!, y!, z!));
    this.each([a, b, c], ([x, y, z]) => keyOf.typedPath3(x!, y!, z!));
  }

  path4(a: number, b: number, c: number, d: number): void {
    this.each([a, b, c, d], ([w, x, y, z]) => keyOf.path4(w!, x!, y!, z!));
    this.each([a, b, c, d], ([w, x, y, z]) => keyOf.typedPath4(w!, x!, y!, z!));
  }

  finish(): QueryCounts {
    const keys = Uint16Array.from(this.counts.keys()).sort();
    return { keys, counts: Float32Array.from(keys, (key) => this.counts.get(key)!) };
  }

  /** `key` of the first choices, and of each second choice of one atom; `others` must be as read. */
  private each(atoms: readonly number[], key: (types: readonly number[]) => number, others: readonly number[] = []): void {
    const { choices, types } = this;
    const read = atoms.map((a) => types[a]!);
    const likely = [...atoms, ...others].reduce((product, a) => product * choices[a]![0]!.probability, 1);
    this.add(key(read), likely);
    atoms.forEach((a, i) => {
      const [first, ...second] = choices[a]!;
      for (const { type, probability } of second) this.add(key(read.with(i, type)), (likely * probability) / Math.max(first!.probability, 1e-6));
    });
  }

  private add(key: number, weight: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + weight);
  }
}
