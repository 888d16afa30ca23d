import fc from 'fast-check';
import { expect, test } from 'vitest';
import { turnBack, turnInk } from '../../src/reading/turn.ts';

const picture = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).map(([rows, columns]) => (
  { rows, columns, data: Float32Array.from({ length: rows * columns }, (_, i) => i) }
));

test('every pixel of a turned picture is the one that its place leads back to', () => {
  fc.assert(fc.property(picture, fc.integer({ min: 1, max: 3 }), (ink, quarters) => {
    const turned = turnInk(ink, quarters);
    expect([turned.rows, turned.columns]).toEqual(quarters === 2 ? [ink.rows, ink.columns] : [ink.columns, ink.rows]);
    for (let y = 0; y < turned.rows; y++) {
      for (let x = 0; x < turned.columns; x++) {
        const place = turnBack({ x: x + 0.5, y: y + 0.5 }, quarters, ink.rows, ink.columns);
        expect(turned.data[y * turned.columns + x]).toBe(ink.data[Math.floor(place.y) * ink.columns + Math.floor(place.x)]);
      }
    }
  }));
});

test('a quarter is clockwise, and four of them change nothing', () => {
  // a b      c a
  // c d  ->  d b
  expect([...turnInk({ data: Float32Array.of(1, 2, 3, 4), rows: 2, columns: 2 }, 1).data]).toEqual([3, 1, 4, 2]);
  fc.assert(fc.property(picture, (ink) => {
    const around = turnInk(turnInk(ink, 1), 3);
    expect([...around.data]).toEqual([...ink.data]);
    expect([...turnInk(turnInk(ink, 2), 2).data]).toEqual([...ink.data]);
  }));
});
