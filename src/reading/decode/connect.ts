/** Which two atoms a bond joins. */
import type { ReaderMaps } from '../define.ts';
import type { SketchBond, Sketch } from './sketch.ts';
import { argmax } from './sketch.ts';
import { atomSpotAt, cellAt } from './spots.ts';
import type { AtomSpot, BondSpot } from './spots.ts';

export interface ConnectOptions {
  /** Pixels of a typical bond. */
  readonly typical: number;
  /** Greatest distance of a bond's end from its atom, in lengths of the bond. */
  readonly reach: number;
  /** A bond at least this sure whose end meets no atom makes one. */
  readonly sureBond: number;
}

/** The surest bonds first; one between two atoms is taken once. */
export function connect(maps: ReaderMaps, atoms: readonly AtomSpot[], spots: readonly BondSpot[], options: ConnectOptions): Sketch {
  const all = [...atoms];
  const bonds = new Map<string, SketchBond>();
  const take = (spot: BondSpot, begin: number, end: number): void => {
    const key = begin < end ? `${begin} ${end}` : `${end} ${begin}`;
    if (begin !== end && !bonds.has(key)) bonds.set(key, { begin, end, spot, order: argmax(spot.orders) + 1, isFixed: false });
  };
  for (const spot of spots) {
    const ends = [-1, 1].map((sense) => endAtom(maps, all, spot, sense, options));
    if (ends[0] !== undefined && ends[1] !== undefined) take(spot, ends[0], ends[1]);
  }
  return { atoms: all, bonds: [...bonds.values()] };
}

function endAtom(maps: ReaderMaps, atoms: AtomSpot[], spot: BondSpot, sense: number, { typical, reach, sureBond }: ConnectOptions): number | undefined {
  const x = spot.x + (sense * spot.dx * spot.length) / 2;
  const y = spot.y + (sense * spot.dy * spot.length) / 2;
  let best = -1;
  let distance = reach * Math.max(spot.length, 0.9 * typical);
  atoms.forEach((atom, i) => {
    const own = Math.hypot(atom.x - x, atom.y - y);
    if (own < distance) [best, distance] = [i, own];
  });
  if (best >= 0) return best;
  const cell = cellAt(maps, x, y);
  if (spot.presence <= sureBond || cell === undefined) return undefined;
  atoms.push({ ...atomSpotAt(maps, cell), x, y });
  return atoms.length - 1;
}
