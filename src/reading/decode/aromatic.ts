/** Rings drawn with a circle: which of their bonds are double. */
import { argmax, bondsByAtom, otherEnd } from './sketch.ts';
import type { Sketch, SketchBond } from './sketch.ts';
import type { ReaderVocabulary } from '../define.ts';
import { matchPairs } from './matching.ts';

const AROMATIC = 4;
/** Of the six bonds of a ring as read by a reader that knows no aromatic bond: more than alternate. */
const CIRCLE_DOUBLES = 4;

/** Gives every aromatic bond an order of 1 or 2, so that as many atoms as can have one double bond in the ring. */
export function resolveCircles(sketch: Sketch, vocabulary: ReaderVocabulary): void {
  const knowsAromatic = sketch.bonds.some(({ spot }) => spot.orders.length > 3);
  const ring = new Set(knowsAromatic ? sketch.bonds.filter(({ order }) => order === AROMATIC) : circleBonds(sketch));
  if (ring.size === 0) return;
  const lists = bondsByAtom(sketch);
  const members = new Set([...ring].flatMap(({ begin, end }) => [begin, end]));
  const eager = new Set([...members].filter((atom) => roomFor(sketch, vocabulary, lists[atom]!, atom, ring) === 'eager'));
  const willing = new Set([...members].filter((atom) => eager.has(atom) || roomFor(sketch, vocabulary, lists[atom]!, atom, ring) === 'willing'));
  const partners = (atom: number): number[] => lists[atom]!.filter((bond) => ring.has(bond)).map((bond) => otherEnd(bond, atom));
  const mates = matchPairs([...eager, ...[...willing].filter((atom) => !eager.has(atom))], willing, partners);
  for (const bond of ring) {
    bond.order = mates.get(bond.begin) === bond.end ? 2 : 1;
    bond.isFixed = true;
  }
}

/** Whether an atom wants a double bond in the ring, can have one (an N that may carry a hydrogen instead), or cannot. */
function roomFor({ atoms }: Sketch, { classes, charges }: ReaderVocabulary, own: readonly SketchBond[], atom: number, ring: ReadonlySet<SketchBond>): 'eager' | 'willing' | 'none' {
  if (own.some((bond) => !ring.has(bond) && bond.order > 1)) return 'none';
  const { element } = classes[argmax(atoms[atom]!.classes)]!;
  const charge = charges[argmax(atoms[atom]!.charges)] ?? 0;
  if (element === 6) return 'eager';
  if (charge > 0) return 'eager';
  if (element === 8 || element === 16 || element === 34) return 'none';
  if (element === 7 || element === 15) return own.length > 2 || charge < 0 ? 'none' : 'willing';
  return 'willing';
}

/** Bonds of six-rings that look doubled nearly all round. */
function circleBonds(sketch: Sketch): SketchBond[] {
  return [...new Set(sixRings(sketch).filter((ring) => ring.filter(({ order }) => order === 2).length >= CIRCLE_DOUBLES).flat())];
}

/** Each ring of six atoms, as its bonds, in both senses. */
function sixRings(sketch: Sketch): SketchBond[][] {
  const lists = bondsByAtom(sketch);
  const rings: SketchBond[][] = [];
  const walk = (atoms: readonly number[], path: readonly SketchBond[]): void => {
    const last = atoms.at(-1)!;
    for (const bond of lists[last]!) {
      const next = otherEnd(bond, last);
      if (atoms.length === 6 && next === atoms[0]) rings.push([...path, bond]);
      else if (atoms.length < 6 && next > atoms[0]! && !atoms.includes(next)) walk([...atoms, next], [...path, bond]);
    }
  };
  sketch.atoms.forEach((_, start) => walk([start], []));
  return rings;
}
