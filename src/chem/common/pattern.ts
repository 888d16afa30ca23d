/** The common part as SMARTS, for laying one drawing over another. */
import { bondBetween } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';
import type { CommonPart } from './common-part.ts';

/** Elements where both agree, any bond between places that are bonded in both. */
export function patternOf(a: MoleculeGraph, b: MoleculeGraph, { kept, swapped }: CommonPart): string {
  const image = new Map([...kept, ...swapped]);
  const next = new Map([...image.keys()].map((atom) => [atom, neighboursIn(a, b, image, atom)]));
  const children = new Map<number, number[]>();
  const closures = new Map<number, string[]>();
  const order = new Map<number, number>();
  let closed = 0;
  const explore = (atom: number, from: number): void => {
    order.set(atom, order.size);
    children.set(atom, []);
    for (const other of next.get(atom)!) {
      if (other === from) continue;
      if (!order.has(other)) {
        children.get(atom)!.push(other);
        explore(other, atom);
      } else if (order.get(other)! < order.get(atom)!) {
        const digit = `~%${String(10 + closed++)}`;
        for (const end of [atom, other]) closures.set(end, [...(closures.get(end) ?? []), digit]);
      }
    }
  };
  const write = (atom: number): string => {
    const other = image.get(atom)!;
    const own = a.element[atom] === b.element[other] ? `[#${a.element[atom]!}]` : '*';
    const branches = children.get(atom)!.map((child) => `~${write(child)}`);
    return `${own}${(closures.get(atom) ?? []).join('')}${branches.map((text, i) => (i < branches.length - 1 ? `(${text})` : text)).join('')}`;
  };
  const [root] = [...image.keys()] as [number, ...number[]];
  explore(root, -1);
  return write(root);
}

function neighboursIn(a: MoleculeGraph, b: MoleculeGraph, image: ReadonlyMap<number, number>, atom: number): number[] {
  const found: number[] = [];
  for (let i = a.offset[atom]!; i < a.offset[atom + 1]!; i++) {
    const other = a.neighbour[i]!;
    if (image.has(other) && bondBetween(b, image.get(atom)!, image.get(other)!) >= 0) found.push(other);
  }
  return found;
}
