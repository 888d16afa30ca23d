/** Places for the atoms of a written-out group: a tree that fans out away from the bond, so that wedges keep their meaning. */
import type { Group } from './group-smiles.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Angle between the outermost neighbours of an atom. */
const FAN = (2 * Math.PI) / 3;
/** Each generation stands a little closer, so that branches do not meet. */
const NEARER = 0.85;

/** `heading`: the direction, in radians, from the rest of the molecule to the group; `bond`: length of the first bond. */
export function layGroup({ atoms, bonds }: Group, first: Point, heading: number, bond: number): Point[] {
  const places: (Point | undefined)[] = atoms.map(() => undefined);
  places[0] = { x: first.x, y: first.y };
  const neighbours = (atom: number): number[] => bonds.flatMap(({ begin, end }) => (begin === atom ? [end] : end === atom ? [begin] : []));
  const grow = (atom: number, direction: number, length: number, side: number): void => {
    const children = neighbours(atom).filter((next) => places[next] === undefined);
    const angles = children.map((_, i) => direction + (children.length === 1 ? (side * FAN) / 2 : FAN * (i / (children.length - 1) - 0.5)));
    children.forEach((child, i) => {
      places[child] = { x: places[atom]!.x + length * Math.cos(angles[i]!), y: places[atom]!.y + length * Math.sin(angles[i]!) };
    });
    children.forEach((child, i) => grow(child, angles[i]!, length * NEARER, -side));
  };
  grow(0, heading, bond, 1);
  return places.map((place) => place ?? { x: first.x, y: first.y });
}
