/**
 * The largest connected part that two molecules share, rings whole or not at all. Every acyclic bond parts a molecule in two, so what lies
 * behind two such bonds is compared once and remembered, and the best partners of an atom's branches are found among few: the largest
 * common part that keeps blocks and bridges is exact in polynomial time (Kriege, Kurpicz and Mutzel 2014, doi:10.1016/j.jda.2018.10.001; Schietgat,
 * Ramon and Bruynooghe 2013, doi:10.1007/s10472-013-9335-0). Work is bounded, not time, so the same two molecules always give the same answer.
 *
 * Unlike a plain common substructure, a ring may stand in the place of another of its size (benzene and pyridine, benzene and cyclohexane): its
 * like atoms are kept, and what hangs on it is compared as well.
 */
import { ELEMENT } from '../atoms.ts';
import type { Frame } from './frame.ts';

type Ring = readonly number[];

export interface CommonPart {
  /** Atoms at the same place: [atom of the first, atom of the second], like atoms. */
  readonly kept: readonly (readonly [number, number])[];
  /** Ring atoms at the same place that differ. */
  readonly swapped: readonly (readonly [number, number])[];
}

/** Partial maps, from atoms of the first molecule to those of the second. */
type Placing = ReadonlyMap<number, number>;

interface Found {
  /** Atoms kept, in units of KEPT, less what swapping costs. */
  readonly value: number;
  /** Builds the map; kept apart from the value, which is all that most comparisons need. */
  readonly place: (into: Map<number, number>) => void;
}

const KEPT = 100;
/** A ring is rather mapped without swaps, if that keeps as many atoms. */
const SWAPPED = -10;
const NOTHING: Found = { value: 0, place: () => undefined };
const { O, S } = ELEMENT;

/** Empty where the molecules have no atom in common. */
export function commonPart(a: Frame, b: Frame): CommonPart {
  const placed = new Map<number, number>();
  new Search(a, b).best().place(placed);
  const pairs = [...placed].sort(([one], [other]) => one - other);
  const isKept = ([one, other]: readonly [number, number]): boolean => isSameAtom(a, b, one, other);
  return { kept: pairs.filter(isKept), swapped: pairs.filter((pair) => !isKept(pair)) };
}

function isSameAtom(a: Frame, b: Frame, one: number, other: number): boolean {
  return a.kinds[one] === b.kinds[other];
}

/** Rings laid on rings, at most: the largest cages come to a million. What is found by then is a common part, if not the largest. */
const MOST_LAID = 400_000;

class Search {
  private readonly a: Frame;
  private readonly b: Frame;
  /** By directions of two branches. */
  private readonly behind = new Map<number, Found>();
  private laid = 0;

  constructor(a: Frame, b: Frame) {
    this.a = a;
    this.b = b;
  }

  best(): Found {
    let best = NOTHING;
    const offer = (found: Found): void => {
      if (found.value > best.value) best = found;
    };
    for (const ring of this.a.rings) {
      for (const other of this.b.rings) for (const map of this.ringMaps(ring, other, undefined)) offer(this.system(map, -1, -1, -1));
    }
    for (let x = 0; x < this.a.graph.atoms; x++) {
      if (this.a.isRingAtom(x)) continue;
      for (let y = 0; y < this.b.graph.atoms; y++) if (!this.b.isRingAtom(y) && isSameAtom(this.a, this.b, x, y)) offer(this.chainAtom(x, y, -1, -1));
    }
    return best;
  }

  /** Atoms x and y are the same place; nothing is followed back over the branches that led there. */
  private from(x: number, y: number, backX: number, backY: number): Found {
    const [isRingX, isRingY] = [this.a.isRingAtom(x), this.b.isRingAtom(y)];
    if (isRingX !== isRingY) return NOTHING;
    if (!isRingX) return isSameAtom(this.a, this.b, x, y) ? this.chainAtom(x, y, backX, backY) : NOTHING;
    let best = NOTHING;
    for (const ring of this.a.ringsOf[x]!) {
      for (const other of this.b.ringsOf[y]!) {
        for (const map of this.ringMaps(this.a.rings[ring]!, this.b.rings[other]!, [x, y])) {
          const found = this.system(map, x, backX, backY);
          if (found.value > best.value) best = found;
        }
      }
    }
    return best;
  }

  private chainAtom(x: number, y: number, backX: number, backY: number): Found {
    const branches = this.pairBranches(x, y, backX, backY);
    return {
      value: KEPT + branches.value,
      place: (into) => {
        into.set(x, y);
        branches.place(into);
      },
    };
  }

  /** The best partners of the branches of both atoms. */
  private pairBranches(x: number, y: number, backX: number, backY: number): Found {
    const own = this.a.branches[x]!.filter(({ direction }) => direction !== backX);
    const others = this.b.branches[y]!.filter(({ direction }) => direction !== backY);
    if (own.length === 0 || others.length === 0) return NOTHING;
    const gains = own.map((one) => others.map((other) => (this.isSameBond(x, one, y, other) ? this.across(one.to, other.to, one.direction, other.direction) : NOTHING)));
    const { value, partners } = assign(gains.map((line) => line.map((found) => found.value)));
    if (value === 0) return NOTHING;
    return { value, place: (into) => partners.forEach((partner, i) => { if (partner >= 0) gains[i]![partner]!.place(into); }) };
  }

  /** C=O and C-OH on an aromatic ring are one group, drawn as two tautomers. */
  private isSameBond(x: number, one: Frame['branches'][number][number], y: number, other: Frame['branches'][number][number]): boolean {
    if (one.kind === other.kind) return true;
    const { graph: a } = this.a;
    const { graph: b } = this.b;
    return a.aromaticAtom[x] === 1 && b.aromaticAtom[y] === 1 && a.element[one.to] === b.element[other.to] && (a.element[one.to] === O || a.element[one.to] === S)
      && (a.hydrogens[one.to] === 0) !== (b.hydrogens[other.to] === 0);
  }

  private across(x: number, y: number, directionX: number, directionY: number): Found {
    const key = directionX * 2 * this.b.graph.bonds + directionY;
    const known = this.behind.get(key);
    if (known !== undefined) return known;
    const found = this.from(x, y, directionX ^ 1, directionY ^ 1);
    this.behind.set(key, found);
    return found;
  }

  /** A ring system from the map of one of its rings; `root` is the atom at which branches back are not followed. */
  private system(start: Placing, root: number, backX: number, backY: number): Found {
    const placed = this.grow(start);
    let value = 0;
    const parts: Found[] = [];
    for (const [x, y] of placed) {
      value += isSameAtom(this.a, this.b, x, y) ? KEPT : SWAPPED;
      const branches = this.pairBranches(x, y, x === root ? backX : -1, x === root ? backY : -1);
      value += branches.value;
      parts.push(branches);
    }
    return {
      value,
      place: (into) => {
        for (const [x, y] of placed) into.set(x, y);
        for (const part of parts) part.place(into);
      },
    };
  }

  /** Adds rings that share atoms with what is placed, as long as they agree with it. */
  private grow(start: Placing): Map<number, number> {
    const placed = new Map(start);
    for (let hasGrown = true; hasGrown;) {
      hasGrown = false;
      for (const ring of this.a.rings) {
        if (ring.every((atom) => placed.has(atom)) || !ring.some((atom) => placed.has(atom))) continue;
        const map = this.bestAddition(ring, placed);
        if (map === undefined) continue;
        for (const [x, y] of map) placed.set(x, y);
        hasGrown = true;
      }
    }
    return placed;
  }

  private bestAddition(ring: Ring, placed: Placing): Placing | undefined {
    const anchor = ring.find((atom) => placed.has(atom))!;
    const image = placed.get(anchor)!;
    const taken = new Set(placed.values());
    let best: { map: Placing; value: number } | undefined;
    for (const other of this.b.ringsOf[image]!) {
      for (const map of this.ringMaps(ring, this.b.rings[other]!, [anchor, image])) {
        const agrees = [...map].every(([x, y]) => (placed.has(x) ? placed.get(x) === y : !taken.has(y)));
        if (!agrees) continue;
        const value = this.valueOf(map, placed);
        if (best === undefined || value > best.value) best = { map, value };
      }
    }
    return best?.map;
  }

  /** Of a ring that is added: its atoms and the first atoms of what hangs on them. */
  private valueOf(map: Placing, placed: Placing): number {
    let value = 0;
    for (const [x, y] of map) if (!placed.has(x)) value += (isSameAtom(this.a, this.b, x, y) ? KEPT : SWAPPED) + this.pairBranches(x, y, -1, -1).value;
    return value;
  }

  /** Ways to lay one ring on another of its size; `fixed` atoms on each other. */
  private *ringMaps(ring: Ring, other: Ring, fixed: readonly [number, number] | undefined): IterableIterator<Placing> {
    const size = ring.length;
    if (other.length !== size) return;
    const first = fixed === undefined ? 0 : ring.indexOf(fixed[0]);
    const starts = fixed === undefined ? other.map((_, i) => i) : [other.indexOf(fixed[1])];
    for (const start of starts) {
      for (const step of [1, size - 1]) {
        if (++this.laid > MOST_LAID) return;
        yield new Map(ring.map((_, i) => [ring[(first + i) % size]!, other[(start + i * step) % size]!]));
      }
    }
  }
}

/** Rows to columns, each at most once, for the largest sum; few of each. partners[row] = column, -1 for none. */
function assign(values: readonly (readonly number[])[]): { value: number; partners: number[] } {
  const columns = values[0]!.length;
  let best = { value: 0, partners: values.map(() => -1) };
  const partners: number[] = [];
  const taken = new Uint8Array(columns);
  const walk = (row: number, sum: number): void => {
    if (row === values.length) {
      if (sum > best.value) best = { value: sum, partners: [...partners] };
      return;
    }
    for (let column = 0; column < columns; column++) {
      const gain = values[row]![column]!;
      if (gain <= 0 || taken[column]) continue;
      taken[column] = 1;
      partners[row] = column;
      walk(row + 1, sum + gain);
      taken[column] = 0;
    }
    partners[row] = -1;
    walk(row + 1, sum);
  };
  walk(0, 0);
  return best;
}
