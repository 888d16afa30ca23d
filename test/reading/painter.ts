/** Ideal maps of a known graph: what a reader without any error would say. */
import type { DrawnGraph } from '../../src/reading/index.ts';
import { BOND_STEREO, TYPICAL_BOND } from '../../src/reading/index.ts';
import type { ReaderMaps, ReaderVocabulary } from '../../src/reading/index.ts';

export const VOCABULARY: ReaderVocabulary = {
  classes: [
    { label: 'C', element: 6 }, { label: 'N', element: 7 }, { label: 'O', element: 8 }, { label: 'S', element: 16 }, { label: 'Cl', element: 17 },
    { label: 'D', element: 1, isotope: 2 }, { label: 'NO2', element: 7, smiles: '*[N+](=O)[O-]' }, { label: 'Ph', element: 6, smiles: '*c1ccccc1' },
  ],
  charges: [-1, 0, 1],
};

export const CLASS = Object.fromEntries(VOCABULARY.classes.map(({ label }, i) => [label, i])) as Record<string, number>;

/** [x, y] in pixels, label, charge. */
export type PaintAtom = readonly [x: number, y: number, label: string, charge?: number];
/** `order` 4 is an aromatic bond. */
export interface PaintBond {
  readonly begin: number;
  readonly end: number;
  readonly order: number;
  readonly stereo?: (typeof BOND_STEREO)[number];
}

export interface PaintOptions {
  /** Log-odds of what is there. */
  readonly sure?: number;
  readonly orders?: 3 | 4;
  readonly height?: number;
  readonly width?: number;
}

const STRIDE = 4;

export function paint(atoms: readonly PaintAtom[], bonds: readonly PaintBond[], options: PaintOptions = {}): ReaderMaps {
  const { sure = 5, orders = 3 } = options;
  const height = Math.ceil((options.height ?? Math.max(...atoms.map(([, y]) => y)) + 24) / STRIDE);
  const width = Math.ceil((options.width ?? Math.max(...atoms.map(([x]) => x)) + 24) / STRIDE);
  const plane = height * width;
  const map = (channels: number, value = 0): Float32Array => new Float32Array(channels * plane).fill(value);
  const heads = {
    atom: map(1, -8), element: map(VOCABULARY.classes.length), charge: map(3), atomOffset: map(2),
    bond: map(1, -8), order: map(orders), axis: map(3), bondOffset: map(2), stereo: map(4), narrow: map(2),
  };
  const place = (x: number, y: number, offset: Float32Array): number => {
    const [column, row] = [Math.floor(x / STRIDE), Math.floor(y / STRIDE)];
    const at = row * width + column;
    offset[at] = x / STRIDE - column - 0.5;
    offset[plane + at] = y / STRIDE - row - 0.5;
    return at;
  };
  for (const [x, y, label, charge = 0] of atoms) {
    const at = place(x, y, heads.atomOffset);
    heads.atom[at] = sure;
    heads.element[CLASS[label]! * plane + at] = 8;
    heads.charge[(charge + 1) * plane + at] = 8;
  }
  for (const { begin, end, order, stereo = 'none' } of bonds) {
    const [[ax, ay], [bx, by]] = [atoms[begin]!, atoms[end]!];
    const at = place((ax + bx) / 2, (ay + by) / 2, heads.bondOffset);
    const [angle, length] = [Math.atan2(by - ay, bx - ax), Math.hypot(bx - ax, by - ay)];
    heads.bond[at] = sure;
    heads.order[(order - 1) * plane + at] = 8;
    heads.stereo[BOND_STEREO.indexOf(stereo) * plane + at] = 8;
    [Math.cos(2 * angle), Math.sin(2 * angle), length / TYPICAL_BOND].forEach((value, i) => (heads.axis[i * plane + at] = value));
    [Math.cos(angle), Math.sin(angle)].forEach((value, i) => (heads.narrow[i * plane + at] = value));
  }
  return { height, width, stride: STRIDE, heads };
}

/** A regular polygon of typical bonds around a middle. */
export function ring(labels: readonly string[], x: number, y: number, bond = TYPICAL_BOND): PaintAtom[] {
  const radius = bond / (2 * Math.sin(Math.PI / labels.length));
  return labels.map((label, i) => {
    const angle = (2 * Math.PI * i) / labels.length + 0.3;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle), label];
  });
}

export function around(count: number, order: number): PaintBond[] {
  return Array.from({ length: count }, (_, i) => ({ begin: i, end: (i + 1) % count, order }));
}

/** The graph as text, independent of the numbering: atoms by their places. */
export function textOf({ atoms, bonds }: DrawnGraph): string {
  const name = (i: number): string => `${VOCABULARY.classes[atoms[i]!.class]!.label}${atoms[i]!.charge}@${Math.round(atoms[i]!.x)},${Math.round(atoms[i]!.y)}`;
  return [...atoms.map((_, i) => name(i)), ...bonds.map(({ begin, end, order }) => `${[name(begin), name(end)].sort().join('-')}:${order}`)].sort().join('\n');
}
