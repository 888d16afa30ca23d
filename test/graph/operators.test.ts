import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OPERATORS } from '../../src/graph/index.ts';

/** The engine joins an operator and the ReLU after it to one of its own making; a graph never names these. */
const FUSED = /^(\w+)Relu$/;

test('the native engine has the same operators', () => {
  const source = readFileSync(new URL('../../src/native/ops/list.h', import.meta.url), 'utf8');
  const native = [...source.matchAll(/\("([A-Z]\w*)"/g)].map(([, id]) => id!);
  const ids = OPERATORS.map(({ id }) => id as string);
  expect(native.filter((id) => !FUSED.test(id)).toSorted()).toEqual(ids.toSorted());
  for (const id of native.filter((each) => FUSED.test(each))) expect(ids).toContain(FUSED.exec(id)![1]);
});
