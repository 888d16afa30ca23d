import { describe, expect, test } from 'vitest';
import { findScale, inkPlace, readInk } from '../../src/reading/index.ts';
import type { Infer } from '../../src/reading/index.ts';
import { graphKey } from '../../src/reading/vote.ts';
import { VOCABULARY, paint, ring, around, textOf } from './painter.ts';
import type { PaintAtom } from './painter.ts';

const BOND = 41;
const ATOMS: PaintAtom[] = [...ring(['C', 'N', 'C', 'C', 'O', 'C'], 150, 130, BOND), [0, 0, 'C']];
ATOMS[6] = [2 * ATOMS[0]![0] - 150, 2 * ATOMS[0]![1] - 130, 'O'];
const BONDS = [...around(6, 1), { begin: 0, end: 6, order: 2 }];

/** Ink that shows nothing but the box of the drawing. */
function boxOfInk(rows: number, columns: number, zoom: number): { data: Uint8Array; rows: number; columns: number } {
  const data = new Uint8Array(rows * columns);
  const [xs, ys] = [ATOMS.map(([x]) => x * zoom), ATOMS.map(([, y]) => y * zoom)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)].map(Math.round) as [number, number, number, number];
  for (let y = top; y < bottom; y++) data.fill(255, y * columns + left, y * columns + right);
  return { data, rows, columns };
}

/** A reader that knows the drawing, finds it by its box, and is the less sure the further its bonds are from 16 pixels. */
function knowing(seen: number[]): Infer {
  return (pixels, height, width) => {
    seen.push(height * width);
    const inked = [...pixels.keys()].filter((i) => pixels[i]! > 0.5);
    const [left, right] = [Math.min(...inked.map((i) => i % width)), Math.max(...inked.map((i) => i % width)) + 1];
    const top = Math.floor(inked[0]! / width);
    const [x0, x1, y0] = [Math.min(...ATOMS.map(([x]) => x)), Math.max(...ATOMS.map(([x]) => x)), Math.min(...ATOMS.map(([, y]) => y))];
    const scale = (right - left) / (x1 - x0);
    const atoms = ATOMS.map(([x, y, label]): PaintAtom => [left + (x - x0) * scale, top + (y - y0) * scale, label]);
    const sure = 4 - 6 * Math.abs(Math.log((BOND * scale) / 17));
    return Promise.resolve(paint(atoms, BONDS, { sure, height, width }));
  };
}

describe('scale', () => {
  test('finds the size at which bonds are as long as the reader likes', async () => {
    for (const zoom of [0.6, 1, 3]) {
      const found = await findScale(boxOfInk(300 * zoom, 400 * zoom, zoom), knowing([]), { bestBond: 18 });
      expect(found!.scale * BOND * zoom).toBeGreaterThan(17);
      expect(found!.scale * BOND * zoom).toBeLessThan(19);
    }
  });

  test('reads the graph, and its places lead back to the ink', async () => {
    const read = (await readInk(boxOfInk(300, 400, 1), knowing([]), VOCABULARY))!;
    expect(read.agreement).toBe(1);
    expect(read.graph.bonds).toHaveLength(7);
    for (const [x, y, label] of ATOMS) {
      const near = read.graph.atoms.find((atom) => Math.hypot(inkPlace(read, atom).x - x, inkPlace(read, atom).y - y) < 2);
      expect(VOCABULARY.classes[near!.class]!.label).toBe(label);
    }
  });

  test('large pictures are shrunk before they are looked at; no look is larger than allowed', async () => {
    const seen: number[] = [];
    const found = await findScale(boxOfInk(3600, 4800, 12), knowing(seen), { mostPixels: 60_000 });
    expect(Math.max(...seen)).toBeLessThanOrEqual(60_000);
    expect(found!.scale * BOND * 12).toBeGreaterThan(14);
  });

  test('a picture without ink, or with nothing that looks like a bond, has no scale', async () => {
    const nothing: Infer = (_, height, width) => Promise.resolve(paint([[10, 10, 'C']], [], { sure: -8, height, width }));
    expect(await findScale({ data: new Uint8Array(6000), rows: 3, columns: 2000 }, nothing)).toBeUndefined();
    expect(await findScale({ data: new Uint8Array(6000).fill(255), rows: 3, columns: 2000 }, nothing)).toBeUndefined();
  });
});

describe('graphKey', () => {
  const atom = (index: number, charge = 0) => ({ x: 0, y: 0, class: index, charge, guesses: [], confidence: 1 });
  const bond = (begin: number, end: number, order: 1 | 2 | 3 = 1) => ({ begin, end, order, stereo: 'none' as const, confidence: 1 });

  test('does not see the numbering or which double bonds alternate, but elements, charges and bonds', () => {
    const six = (first: number) => ({ atoms: Array.from({ length: 6 }, () => atom(0)), bonds: Array.from({ length: 6 }, (_, i) => bond(i, (i + 1) % 6, i % 2 === first ? 2 : 1)) });
    expect(graphKey(six(0), VOCABULARY)).toBe(graphKey(six(1), VOCABULARY));
    const chain = { atoms: [atom(0), atom(0), atom(1)], bonds: [bond(0, 1), bond(1, 2)] };
    expect(graphKey(chain, VOCABULARY)).toBe(graphKey({ atoms: [atom(1), atom(0), atom(0)], bonds: [bond(1, 0), bond(2, 1)] }, VOCABULARY));
    const others = [
      { ...chain, atoms: [atom(0), atom(1), atom(0)] }, { ...chain, bonds: [bond(0, 1, 2), bond(1, 2)] }, { ...chain, atoms: [atom(0), atom(0), atom(1, 1)] },
    ];
    for (const other of others) expect(graphKey(other, VOCABULARY), textOf(other)).not.toBe(graphKey(chain, VOCABULARY));
  });
});
