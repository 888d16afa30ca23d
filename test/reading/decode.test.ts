import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import type { Rng } from '../../src/core/index.ts';
import { greatestValence } from '../../src/reading/decode/valence.ts';
import { decodeMaps } from '../../src/reading/index.ts';
import { CLASS, VOCABULARY, around, paint, ring, textOf } from './painter.ts';
import type { PaintAtom, PaintBond } from './painter.ts';

const B = 16;

/** Neighbours on a honeycomb, so that angles are as drawn. */
function randomMolecule(rng: Rng): { atoms: PaintAtom[]; bonds: PaintBond[] } {
  const sites: [number, number][] = [[0, 0]];
  const size = 2 + rng.int(14);
  const bonds: { begin: number; end: number; order: number }[] = [];
  const around3 = ([u, v]: readonly [number, number]): [number, number][] => [[u - 1, v], [u + 1, v], [u, (u + v) % 2 === 0 ? v + 1 : v - 1]];
  const indexOf = ([u, v]: readonly [number, number]): number => sites.findIndex(([a, b]) => a === u && b === v);
  for (let tries = 0; sites.length < size && tries < 200; tries++) {
    const from = rng.int(sites.length);
    const to = around3(sites[from]!)[rng.int(3)]!;
    const known = indexOf(to);
    if (known >= 0 && bonds.some(({ begin, end }) => (begin === known && end === from) || (begin === from && end === known))) continue;
    if (known < 0) sites.push(to);
    bonds.push({ begin: from, end: known < 0 ? sites.length - 1 : known, order: 1 });
  }
  const valence = sites.map((_, i) => bonds.filter(({ begin, end }) => begin === i || end === i).length);
  const labels = sites.map((_, i) => {
    const fitting = [['C', 0], ['C', 0], ['N', 0], ['O', 0], ['Cl', 0], ['N', 1], ['O', -1]] as const;
    const room = fitting.filter(([label, charge]) => greatestValence(VOCABULARY.classes[CLASS[label]!]!.element, charge) >= valence[i]!);
    return room[rng.int(room.length)]!;
  });
  const roomOf = (i: number): number => greatestValence(VOCABULARY.classes[CLASS[labels[i]![0]]!]!.element, labels[i]![1]) - valence[i]!;
  for (const bond of bonds) {
    if (roomOf(bond.begin) < 1 || roomOf(bond.end) < 1 || rng.next() < 0.6) continue;
    bond.order = 2;
    valence[bond.begin]!++;
    valence[bond.end]!++;
  }
  const places = sites.map(([u, v]) => [u * B * Math.sqrt(3) / 2, (1.5 * v + ((u + v) % 2 === 0 ? 0.25 : -0.25)) * B] as const);
  const [left, top] = [Math.min(...places.map(([x]) => x)) - 20, Math.min(...places.map(([, y]) => y)) - 20];
  return { atoms: places.map(([x, y], i): PaintAtom => [x - left, y - top, labels[i]![0], labels[i]![1]]), bonds };
}

function expected(atoms: readonly PaintAtom[], bonds: readonly PaintBond[]): string {
  const graph = {
    atoms: atoms.map(([x, y, label, charge = 0]) => ({ x, y, class: CLASS[label]!, charge, guesses: [], confidence: 1 })),
    bonds: bonds.map((bond) => ({ ...bond, order: bond.order as 1 | 2 | 3, stereo: 'none' as const, confidence: 1 })),
  };
  return textOf(graph);
}

describe('decodeMaps', () => {
  test('gives painted molecules back', () => {
    const rng = createRng(5);
    for (let i = 0; i < 200; i++) {
      const { atoms, bonds } = randomMolecule(rng);
      expect(textOf(decodeMaps(paint(atoms, bonds), VOCABULARY))).toBe(expected(atoms, bonds));
    }
  });

  test('makes single and double bonds of circles, whether the reader knows aromatic bonds or sees doubles all round', () => {
    const orders = (labels: string[], order: number, heads: 3 | 4): number[] => (
      decodeMaps(paint(ring(labels, 60, 60), around(labels.length, order), { orders: heads }), VOCABULARY).bonds.map((bond) => bond.order)
    );
    const benzene = ['C', 'C', 'C', 'C', 'C', 'C'];
    for (const found of [orders(benzene, 4, 4), orders(benzene, 2, 3)]) expect(found.filter((order) => order === 2)).toHaveLength(3);
    expect(orders(['N', 'C', 'C', 'C', 'C'], 4, 4).filter((order) => order === 2)).toHaveLength(2);
    expect(orders(['O', 'C', 'C', 'C', 'C'], 4, 4).filter((order) => order === 2)).toHaveLength(2);
    expect(orders(['C', 'C', 'C', 'C', 'C', 'C', 'C'], 4, 4).filter((order) => order === 2)).toHaveLength(3);
  });

  test('takes the second choice only where the first has no room', () => {
    const atoms: PaintAtom[] = [[30, 40, 'C'], [46, 40, 'O'], [62, 40, 'C'], [46, 56, 'C']];
    const maps = paint(atoms, [1, 2, 3].map((end, i) => ({ begin: [0, 1, 1][i]!, end, order: 1 })));
    const at = Math.floor(40 / 4) * maps.width + Math.floor(46 / 4);
    maps.heads.element[CLASS['N']! * maps.height * maps.width + at] = 7;
    const graph = decodeMaps(maps, VOCABULARY);
    const middle = graph.atoms.find(({ x, y }) => Math.round(x) === 46 && Math.round(y) === 40)!;
    expect(VOCABULARY.classes[middle.class]!.label).toBe('N');
    expect(VOCABULARY.classes[middle.guesses[0]!.class]!.label).toBe('O');
    expect(graph.bonds).toHaveLength(3);
  });

  test('keeps groups to the ends of a molecule', () => {
    const atoms: PaintAtom[] = [[30, 40, 'C'], [46, 40, 'NO2'], [62, 40, 'C']];
    const labels = (count: number): string[] => decodeMaps(paint(atoms.slice(0, count), atoms.slice(1, count).map((_, i) => ({ begin: i, end: i + 1, order: 1 })), { sure: 12 }), VOCABULARY)
      .atoms.map((atom) => VOCABULARY.classes[atom.class]!.label);
    expect(labels(2)).toContain('NO2');
    expect(labels(3)).not.toContain('NO2');
  });

  test('writes hypervalent nitro groups with charges', () => {
    const atoms: PaintAtom[] = [[30, 40, 'C'], [46, 40, 'N'], [54, 54, 'O'], [54, 26, 'O']];
    const graph = decodeMaps(paint(atoms, [{ begin: 0, end: 1, order: 1 }, { begin: 1, end: 2, order: 2 }, { begin: 1, end: 3, order: 2 }]), VOCABULARY);
    expect(graph.atoms.map(({ charge }) => charge).sort((a, b) => a - b)).toEqual([-1, 0, 0, 1]);
    expect(graph.bonds.map(({ order }) => order).sort((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  test('begins wedges at their narrow end', () => {
    const atoms: PaintAtom[] = [[62, 40, 'C'], [46, 40, 'O'], [30, 40, 'N']];
    const { atoms: found, bonds } = decodeMaps(paint(atoms, [{ begin: 0, end: 1, order: 1, stereo: 'wedge' }, { begin: 2, end: 1, order: 1, stereo: 'hash' }]), VOCABULARY);
    const ends = bonds.map(({ begin, end, stereo }) => `${stereo} ${Math.round(found[begin]!.x)} ${Math.round(found[end]!.x)}`).sort();
    expect(ends).toEqual(['hash 30 46', 'wedge 62 46']);
  });

  test('joins pieces by a bond that made no peak, and drops specks', () => {
    const atoms: PaintAtom[] = [[30, 40, 'C'], [46, 40, 'C'], [54, 54, 'O'], [90, 90, 'C']];
    const maps = paint(atoms, [{ begin: 0, end: 1, order: 1 }, { begin: 1, end: 2, order: 2 }]);
    maps.heads.bond[Math.floor(47 / 4) * maps.width + Math.floor(50 / 4)] = -1;
    maps.heads.atom[Math.floor(90 / 4) * maps.width + Math.floor(90 / 4)] = 1;
    const graph = decodeMaps(maps, VOCABULARY);
    expect(graph.atoms).toHaveLength(3);
    expect(graph.bonds.map(({ order }) => order).sort((a, b) => a - b)).toEqual([1, 2]);
  });

  test('reads an empty map as nothing', () => {
    expect(decodeMaps(paint([[10, 10, 'C']], [], { sure: -8 }), VOCABULARY)).toEqual({ atoms: [], bonds: [] });
  });
});
