import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPERATORS } from '../../src/graph/index.ts';

test('the native engine has the same operators', () => {
  const source = readFileSync(new URL('../../src/native/ops/index.cpp', import.meta.url), 'utf8');
  const native = [...source.matchAll(/\{\s*"([A-Z]\w*)"/g)].map(([, id]) => id);
  expect(native.toSorted()).toEqual(OPERATORS.map(({ id }) => id as string).toSorted());
});
