/** From the maps of a reader to the graph that was drawn. */
import type { BondStereo, ReaderMaps, ReaderVocabulary } from '../define.ts';
import { BOND_STEREO, TYPICAL_BOND } from '../define.ts';
import { resolveCircles } from './aromatic.ts';
import { connect } from './connect.ts';
import type { DrawnAtom, DrawnBond, DrawnGraph } from './drawn.ts';
import { chargeHypervalent } from './hypervalent.ts';
import { fillGaps, joinPieces } from './join.ts';
import { repair } from './repair.ts';
import type { AtomChoice } from './repair.ts';
import { argmax } from './sketch.ts';
import type { SketchBond } from './sketch.ts';
import { atomSpots, bondSpots } from './spots.ts';
import type { AtomSpot, BondSpot } from './spots.ts';

export interface DecodeOptions {
  /** Pixels of a bond of length 1 in the maps. */
  readonly typicalBond?: number;
  /** Least probability of an atom and of a bond. */
  readonly atomThreshold?: number;
  readonly bondThreshold?: number;
  /** Two atoms closer than this many bonds are one. */
  readonly apart?: number;
  /** A bond's end further than this many bonds from an atom is not at it. */
  readonly reach?: number;
  /** A bond at least this sure whose end meets no atom makes one. */
  readonly sureBond?: number;
  /** Least probability of a bond that joins two pieces of the drawing. */
  readonly joinThreshold?: number;
}

export const DECODE_DEFAULTS = Object.freeze({
  typicalBond: TYPICAL_BOND, atomThreshold: 0.3, bondThreshold: 0.5, apart: 0.28, reach: 0.38, sureBond: 0.55, joinThreshold: 0.1,
} satisfies Required<DecodeOptions>);

/** Guesses kept for an atom. */
const GUESSES = 5;
/** A lone carbon less sure than this is a speck; drawn methane is rare. */
const LONE_CARBON = 0.9;

export function decodeMaps(maps: ReaderMaps, vocabulary: ReaderVocabulary, options: DecodeOptions = {}): DrawnGraph {
  const { typicalBond, atomThreshold, bondThreshold, apart, reach, sureBond, joinThreshold } = { ...DECODE_DEFAULTS, ...options };
  const spots = bondSpots(maps, bondThreshold, typicalBond);
  const typical = medianLength(spots) ?? typicalBond;
  const connected = connect(maps, atomSpots(maps, atomThreshold, apart * typical), spots, { typical, reach, sureBond });
  const filled = fillGaps(maps, connected, { unit: typicalBond, typical, threshold: bondThreshold });
  const sketch = joinPieces(maps, filled, { unit: typicalBond, typical, threshold: joinThreshold });
  resolveCircles(sketch, vocabulary);
  const choices = repair(sketch, vocabulary);
  const atoms = sketch.atoms.map((spot, i) => drawnAtom(spot, choices[i]!, vocabulary));
  const bonds = sketch.bonds.filter(({ order }) => order > 0).map(drawnBond);
  return dropSpecks(chargeHypervalent({ atoms, bonds }, vocabulary), vocabulary);
}

/** Distances are judged by the bonds of this drawing; undefined where it has none. */
function medianLength(spots: readonly BondSpot[]): number | undefined {
  return spots.map(({ length }) => length).sort((a, b) => a - b)[spots.length >> 1];
}

function drawnAtom(spot: AtomSpot, choice: AtomChoice, { charges }: ReaderVocabulary): DrawnAtom {
  const guesses = Array.from(spot.classes, (value, i) => ({ class: i, probability: Math.exp(value) }))
    .sort((a, b) => b.probability - a.probability).slice(0, GUESSES);
  return {
    x: spot.x, y: spot.y, guesses, class: choice.class, charge: charges[choice.charge] ?? 0,
    confidence: spot.presence * Math.exp(spot.classes[choice.class]!),
  };
}

function drawnBond({ begin, end, spot, order, isFixed }: SketchBond): DrawnBond {
  const stereo: BondStereo = spot.stereo === undefined || order !== 1 ? 'none' : BOND_STEREO[argmax(spot.stereo)]!;
  const isTurned = (stereo === 'wedge' || stereo === 'hash') && spot.wideX * spot.dx + spot.wideY * spot.dy < 0;
  const seen = isFixed ? Math.max(...spot.orders) : spot.orders[order - 1]!;
  return {
    begin: isTurned ? end : begin, end: isTurned ? begin : end, order: order as DrawnBond['order'], stereo,
    confidence: spot.presence * Math.exp(seen),
  };
}

/** Without lone carbons that are not sure. */
function dropSpecks({ atoms, bonds }: DrawnGraph, { classes }: ReaderVocabulary): DrawnGraph {
  const bonded = new Set(bonds.flatMap(({ begin, end }) => [begin, end]));
  const kept = atoms.map((_, i) => i).filter((i) => bonded.has(i) || classes[atoms[i]!.class]!.element !== 6 || atoms[i]!.confidence >= LONE_CARBON);
  const indexOf = new Map(kept.map((old, i) => [old, i]));
  return {
    atoms: kept.map((i) => atoms[i]!),
    bonds: bonds.map((bond) => ({ ...bond, begin: indexOf.get(bond.begin)!, end: indexOf.get(bond.end)! })),
  };
}
