/** The drawn graph as a molfile (V2000) in its own coordinates, groups written out as atoms. */
import { IsoLensError } from '../../core/index.ts';
import type { ReaderClass, ReaderVocabulary } from '../define.ts';
import type { DrawnBond, DrawnGraph } from './drawn.ts';
import { readGroup } from './group-smiles.ts';
import { layGroup } from './lay-group.ts';
import { otherEnd } from './sketch.ts';
import { ELEMENT_SYMBOLS } from './symbols.ts';

export interface DrawnMolfile {
  readonly text: string;
  /** For each atom of the molfile the drawn atom that it comes from: all atoms of a group from one. */
  readonly drawnAtoms: readonly number[];
}

/** The length that molfiles give a bond, in their unit. */
const BOND = 1.5;
/** V2000 has three columns for a count. */
const MOST = 999;
/** Charges or isotopes on one line of properties. */
const PER_LINE = 8;
const STEREO_CODES = { none: 0, wedge: 1, hash: 6, wavy: 4 } as const;
/** "Either cis or trans": the layout of a written-out group means nothing. */
const EITHER_SIDE = 3;

interface OutAtom {
  readonly symbol: string;
  readonly charge: number;
  readonly isotope: number;
  readonly x: number;
  readonly y: number;
  readonly drawn: number;
}

interface OutBond {
  readonly begin: number;
  readonly end: number;
  readonly order: number;
  readonly stereo: number;
}

/** The drawn graph with its groups written out. */
export interface WrittenGraph {
  readonly atoms: readonly OutAtom[];
  /** First those of the drawn graph, in its order, then those within groups. */
  readonly bonds: readonly OutBond[];
}

export function drawnMolfile(graph: DrawnGraph, vocabulary: ReaderVocabulary): DrawnMolfile {
  const { atoms, bonds } = writeOut(graph, vocabulary);
  if (atoms.length > MOST || bonds.length > MOST) {
    throw new IsoLensError('SMILES_TOO_COMPLEX', `Expected a drawing of at most ${MOST} atoms but received one of ${atoms.length}; cut out one structure.`);
  }
  return { text: writeMolfile(atoms, bonds), drawnAtoms: atoms.map(({ drawn }) => drawn) };
}

export function writeOut(graph: DrawnGraph, vocabulary: ReaderVocabulary): WrittenGraph {
  const scale = BOND / medianBond(graph);
  const atoms: OutAtom[] = graph.atoms.map(({ class: index, charge, x, y }, drawn) => {
    const { element, isotope = 0 } = vocabulary.classes[index]!;
    return { symbol: ELEMENT_SYMBOLS[element] ?? '*', charge, isotope, x: x * scale, y: -y * scale, drawn };
  });
  const bonds: OutBond[] = graph.bonds.map(({ begin, end, order, stereo }) => ({ begin, end, order, stereo: STEREO_CODES[stereo] }));
  graph.atoms.forEach((atom, i) => {
    const { smiles } = vocabulary.classes[atom.class] as ReaderClass;
    if (smiles !== undefined) expand(atoms, bonds, i, smiles, graph.bonds);
  });
  return { atoms, bonds };
}

/** Median length of the bonds, in the graph's pixels; 1 where there is none. */
export function medianBond({ atoms, bonds }: DrawnGraph): number {
  const lengths = bonds.map(({ begin, end }) => Math.hypot(atoms[begin]!.x - atoms[end]!.x, atoms[begin]!.y - atoms[end]!.y)).sort((a, b) => a - b);
  return Math.max(lengths[lengths.length >> 1] ?? 1, 1e-3);
}

/** Writes the group out: its first atom in the place of the drawn one, the others behind it as seen from the bond. */
function expand(atoms: OutAtom[], bonds: OutBond[], at: number, smiles: string, drawnBonds: readonly DrawnBond[]): void {
  const group = readGroup(smiles);
  const place = atoms[at]!;
  const bond = drawnBonds.find(({ begin, end }) => begin === at || end === at);
  const from = bond === undefined ? { x: place.x - 1, y: place.y } : atoms[otherEnd(bond, at)]!;
  const positions = layGroup(group, place, Math.atan2(place.y - from.y, place.x - from.x), BOND);
  const first = atoms.length;
  const indexOf = (i: number): number => (i === 0 ? at : first + i - 1);
  group.atoms.forEach(({ symbol, charge, isotope }, i) => {
    atoms[indexOf(i)] = { symbol, charge, isotope, ...positions[i]!, drawn: place.drawn };
  });
  for (const { begin, end, order } of group.bonds) bonds.push({ begin: indexOf(begin), end: indexOf(end), order, stereo: order === 2 ? EITHER_SIDE : 0 });
}

function writeMolfile(atoms: readonly OutAtom[], bonds: readonly OutBond[]): string {
  const isChiral = bonds.some(({ order, stereo }) => order === 1 && (stereo === STEREO_CODES.wedge || stereo === STEREO_CODES.hash));
  const lines = [
    '', '  IsoLens', '', `${column(atoms.length)}${column(bonds.length)}  0  0${column(isChiral ? 1 : 0)}  0  0  0  0  0999 V2000`,
    ...atoms.map(({ symbol, x, y }) => `${coordinate(x)}${coordinate(y)}    0.0000 ${symbol.padEnd(3)} 0  0  0  0  0  0  0  0  0  0  0  0`),
    ...bonds.map(({ begin, end, order, stereo }) => `${column(begin + 1)}${column(end + 1)}${column(order)}${column(stereo)}`),
    ...propertyLines('CHG', atoms.map(({ charge }) => charge)),
    ...propertyLines('ISO', atoms.map(({ isotope }) => isotope)),
    'M  END', '',
  ];
  return lines.join('\n');
}

function propertyLines(name: string, values: readonly number[]): string[] {
  const set = values.map((value, i) => ` ${column(i + 1)} ${column(value)}`).filter((_, i) => values[i] !== 0);
  return Array.from({ length: Math.ceil(set.length / PER_LINE) }, (_, line) => {
    const own = set.slice(line * PER_LINE, (line + 1) * PER_LINE);
    return `M  ${name}${column(own.length)}${own.join('')}`;
  });
}

function column(value: number): string {
  return String(value).padStart(3);
}

function coordinate(value: number): string {
  return value.toFixed(4).padStart(10);
}
