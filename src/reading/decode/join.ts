/**
 * Two bonds that leave an atom at a narrow angle have their middles so close that the weaker makes no peak of its own. So the map is
 * also asked about pairs of atoms: `fillGaps` takes what it says plainly, `joinPieces` more where the drawing would fall into pieces.
 */
import type { ReaderMaps } from '../define.ts';
import { argmax } from './sketch.ts';
import type { Sketch, SketchBond } from './sketch.ts';
import { bondSpotAt, cellAt } from './spots.ts';
import type { AtomSpot, BondSpot } from './spots.ts';

export interface JoinOptions {
  /** Pixels of a bond of length 1 in the maps. */
  readonly unit: number;
  /** Pixels of a typical bond of the drawing. */
  readonly typical: number;
  /** Least probability of a bond. */
  readonly threshold: number;
}

/** Lengths between which two atoms may be bonded, in typical bonds. */
const SHORTEST = 0.6;
const LONGEST = 1.5;

/** Agreement of what the map says in the middle of a pair with the pair: cosine of the angle, shift and stretch in lengths of the pair. */
const ALONG = 0.97;
const SHIFT = 0.15;
const STRETCH = 0.15;

/** With bonds between pairs whose middle the map takes for that of just such a bond. */
export function fillGaps(maps: ReaderMaps, sketch: Sketch, { unit, typical, threshold }: JoinOptions): Sketch {
  const keyOf = (a: number, b: number): number => Math.min(a, b) * sketch.atoms.length + Math.max(a, b);
  const known = new Set(sketch.bonds.map(({ begin, end }) => keyOf(begin, end)));
  const added = pairs(sketch.atoms, typical).filter(([begin, end]) => !known.has(keyOf(begin, end))).flatMap(([begin, end]): SketchBond[] => {
    const [a, b] = [sketch.atoms[begin]!, sketch.atoms[end]!];
    const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
    const cell = cellAt(maps, x, y);
    if (cell === undefined) return [];
    const seen = bondSpotAt(maps, cell, unit);
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const fits = seen.presence > threshold && Math.abs(seen.dx * (b.x - a.x) + seen.dy * (b.y - a.y)) > ALONG * length
      && Math.hypot(seen.x - x, seen.y - y) < SHIFT * length && Math.abs(seen.length / length - 1) < STRETCH;
    return fits ? [newBond(begin, end, spotBetween(seen, a, b))] : [];
  });
  return { atoms: sketch.atoms, bonds: [...sketch.bonds, ...added] };
}

export function joinPieces(maps: ReaderMaps, sketch: Sketch, { unit, typical, threshold }: JoinOptions): Sketch {
  const pieces = new Pieces(sketch.atoms.length);
  for (const { begin, end } of sketch.bonds) pieces.unite(begin, end);
  const candidates = pairs(sketch.atoms, typical)
    .filter(([begin, end]) => pieces.of(begin) !== pieces.of(end))
    .flatMap(([begin, end]) => {
      const [a, b] = [sketch.atoms[begin]!, sketch.atoms[end]!];
      const cell = cellAt(maps, (a.x + b.x) / 2, (a.y + b.y) / 2);
      const seen = cell === undefined ? undefined : bondSpotAt(maps, cell, unit);
      return seen === undefined || seen.presence < threshold ? [] : [{ begin, end, spot: spotBetween(seen, a, b) }];
    })
    .sort((a, b) => b.spot.presence - a.spot.presence);
  const added: SketchBond[] = [];
  for (const { begin, end, spot } of candidates) {
    if (pieces.of(begin) === pieces.of(end)) continue;
    pieces.unite(begin, end);
    added.push(newBond(begin, end, spot));
  }
  return { atoms: sketch.atoms, bonds: [...sketch.bonds, ...added] };
}

function pairs(atoms: readonly AtomSpot[], typical: number): [number, number][] {
  const found: [number, number][] = [];
  atoms.forEach((a, i) => {
    for (let j = 0; j < i; j++) {
      const length = Math.hypot(a.x - atoms[j]!.x, a.y - atoms[j]!.y);
      if (length >= SHORTEST * typical && length <= LONGEST * typical) found.push([j, i]);
    }
  });
  return found;
}

/** The spot at the place of the pair. */
function spotBetween(seen: BondSpot, a: AtomSpot, b: AtomSpot): BondSpot {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  return { ...seen, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length, dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
}

function newBond(begin: number, end: number, spot: BondSpot): SketchBond {
  return { begin, end, spot, order: argmax(spot.orders) + 1, isFixed: false };
}

/** Sets of atoms that are joined. */
class Pieces {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  of(atom: number): number {
    let root = atom;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    return root;
  }

  unite(a: number, b: number): void {
    this.#parents[this.of(a)] = this.of(b);
  }
}
