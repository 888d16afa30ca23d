/**
 * Two bonds that leave an atom at a narrow angle have their middles so close that the weaker makes no peak of its own. Where the drawing
 * falls into pieces, the pair of atoms between which the map is warmest joins them.
 */
import type { ReaderMaps } from '../define.ts';
import { argmax } from './sketch.ts';
import type { Sketch, SketchBond } from './sketch.ts';
import { bondSpotAt, cellAt } from './spots.ts';
import type { AtomSpot, BondSpot } from './spots.ts';

export interface JoinOptions {
  /** Pixels of a typical bond. */
  readonly typical: number;
  /** Least probability of a bond between pieces. */
  readonly threshold: number;
}

/** Lengths between which two atoms may be bonded, in typical bonds. */
const SHORTEST = 0.6;
const LONGEST = 1.5;

export function joinPieces(maps: ReaderMaps, sketch: Sketch, { typical, threshold }: JoinOptions): Sketch {
  const pieces = new Pieces(sketch.atoms.length);
  for (const { begin, end } of sketch.bonds) pieces.unite(begin, end);
  const candidates = pairs(sketch.atoms, typical)
    .filter(([begin, end]) => pieces.of(begin) !== pieces.of(end))
    .flatMap(([begin, end]) => {
      const spot = spotBetween(maps, sketch.atoms[begin]!, sketch.atoms[end]!, typical);
      return spot === undefined || spot.presence < threshold ? [] : [{ begin, end, spot }];
    })
    .sort((a, b) => b.spot.presence - a.spot.presence);
  const added: SketchBond[] = [];
  for (const { begin, end, spot } of candidates) {
    if (pieces.of(begin) === pieces.of(end)) continue;
    pieces.unite(begin, end);
    added.push({ begin, end, spot, order: argmax(spot.orders) + 1, isFixed: false });
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

/** What the map says in the middle of two atoms, its direction made theirs. */
function spotBetween(maps: ReaderMaps, a: AtomSpot, b: AtomSpot, typical: number): BondSpot | undefined {
  const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const cell = cellAt(maps, x, y);
  if (cell === undefined) return undefined;
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const spot = bondSpotAt(maps, cell, typical);
  return { ...spot, x, y, length, dx: (b.x - a.x) / length, dy: (b.y - a.y) / length };
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
