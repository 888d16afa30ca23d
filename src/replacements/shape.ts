/** How large a fragment is and how far apart its attachment points stand, read from its SMILES: trusted text, as the chemistry workers write it. */

export interface FragmentShape {
  readonly heavyAtoms: number;
  /** Bonds between attachment points 1 and 2, 1 and 3, 2 and 3, as far as there are any. */
  readonly distances: readonly number[];
}

const TOKENS = /\[\*:(\d)\]|\[H\]|(\[[^\]]+\]|Br|Cl|[BCNOPSFIbcnops])|(%\d\d|\d)|([()])|[-=#:/\\$.]/g;

export function shapeOf(fragment: string): FragmentShape {
  const links: number[][] = [];
  const points: number[] = [];
  const open = new Map<string, number>();
  const branches: number[] = [];
  let heavyAtoms = 0;
  let last = -1;
  const add = (): number => {
    links.push([]);
    const added = links.length - 1;
    if (last >= 0) link(links, last, added);
    return (last = added);
  };
  for (const [, point, atom, ring, branch] of fragment.matchAll(TOKENS)) {
    if (point !== undefined) points[Number(point) - 1] = add();
    else if (atom !== undefined) {
      heavyAtoms++;
      add();
    } else if (ring !== undefined) {
      const other = open.get(ring);
      if (other === undefined) open.set(ring, last);
      else {
        link(links, other, last);
        open.delete(ring);
      }
    } else if (branch === '(') branches.push(last);
    else if (branch === ')') last = branches.pop()!;
  }
  return { heavyAtoms, distances: points.flatMap((from, i) => points.slice(i + 1).map((to) => bondsBetween(links, from, to))) };
}

/** Atoms more or fewer and bonds nearer or farther, beside the atoms of the larger of the two; 0 for equal size and reach. */
export function sizeChange(from: FragmentShape, to: FragmentShape): number {
  const moved = from.distances.reduce((sum, bonds, i) => sum + Math.abs(bonds - (to.distances[i] ?? bonds)), 0);
  return (Math.abs(from.heavyAtoms - to.heavyAtoms) + moved) / Math.max(1, from.heavyAtoms, to.heavyAtoms);
}

function link(links: number[][], a: number, b: number): void {
  links[a]!.push(b);
  links[b]!.push(a);
}

function bondsBetween(links: readonly (readonly number[])[], from: number, to: number): number {
  const seen = new Set([from]);
  let ring = [from];
  for (let bonds = 0; ring.length > 0; bonds++) {
    if (ring.includes(to)) return bonds;
    ring = ring.flatMap((atom) => links[atom]!).filter((atom) => !seen.has(atom) && seen.add(atom));
  }
  return 0;
}
