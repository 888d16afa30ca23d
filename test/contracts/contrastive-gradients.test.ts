/** Gradients of the fused contrastive loss with weights, soft targets and excluded partners: those of the reference, by finite differences. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { GraphBuilder } from '../../src/graph/index.ts';
import type { NativeProgram } from '../../src/native/index.ts';
import { contrastiveReference } from './contrastive-reference.ts';
import type { ContrastiveInputs } from './contrastive-reference.ts';
import { NATIVE_BUILT, nativeProgram, relativeError, unitRows } from './execute.ts';
import type { Rows } from './objective-references.ts';

const WIDTH = 3;
const SCALE = 4;
/** What is trained of a case. */
const TRAINED = ['a', 'b', 'more'] as const;

function rowsOf(seed: number, rows: number): Rows {
  const { data } = unitRows(createRng(seed), rows, WIDTH);
  return Array.from({ length: rows }, (_, r) => Array.from(data.slice(r * WIDTH, (r + 1) * WIDTH)));
}

/** Most of a row is 0, sometimes its partner too; rows sum to 1, columns do not. */
function sparseTargets(pairs: number): Rows {
  const rng = createRng(3);
  return Array.from({ length: pairs }, (_, i) => {
    const row = new Array<number>(pairs).fill(0);
    for (const at of [rng.int(pairs), rng.int(pairs), i % 4 === 0 ? rng.int(pairs) : i, rng.int(Math.min(pairs, 3))]) row[at]! += 0.25;
    return row;
  });
}

interface Case {
  readonly form: ContrastiveInputs['form'];
  readonly pairs: number;
  readonly more?: number;
  readonly weight?: boolean;
  readonly target?: boolean;
  readonly group?: boolean;
  readonly excludePositive?: boolean;
  readonly smoothing?: number;
}

function inputsOf({ form, pairs, more, weight, target, group, excludePositive, smoothing }: Case): ContrastiveInputs {
  const rng = createRng(8);
  return {
    form, scale: SCALE, a: rowsOf(1, pairs), b: rowsOf(2, pairs),
    ...(more === undefined ? {} : { more: rowsOf(4, more) }),
    // Quarters, so that they are the same in both precisions; some are 0.
    ...(weight === true ? { weight: Array.from({ length: pairs }, () => rng.int(9) / 4) } : {}),
    ...(target === true ? { target: sparseTargets(pairs) } : {}),
    ...(group === true ? { group: Array.from({ length: pairs }, () => rng.int(4) - 1) } : {}),
    ...(excludePositive === undefined ? {} : { excludePositive }),
    ...(smoothing === undefined ? {} : { smoothing }),
  };
}

/** The native engine after forward and backward; everything of f32 is a parameter, the weights and the targets too. */
function withGradients(inputs: ContrastiveInputs): NativeProgram {
  const g = new GraphBuilder('loss');
  const weights = new Map<string, Float32Array>();
  const parameter = (name: string, shape: readonly number[], values: readonly number[] | undefined) => {
    if (values === undefined) return null;
    weights.set(name, Float32Array.from(values));
    return g.parameter(name, shape, { kind: 'zeros' });
  };
  const [pairs, further] = [inputs.a.length, inputs.more?.length ?? 0];
  const a = parameter('a', [pairs, WIDTH], inputs.a.flat());
  const b = parameter('b', [pairs, WIDTH], inputs.b.flat());
  const scale = parameter('scale', [], [inputs.scale]);
  const more = parameter('more', [further, WIDTH], inputs.more?.flat());
  const group = inputs.group === undefined ? null : g.input('group', 'i32', [pairs]);
  const weight = parameter('weight', [pairs], inputs.weight);
  const target = parameter('target', [pairs, pairs], inputs.target?.flat());
  const attributes = { form: inputs.form, excludePositive: inputs.excludePositive === true ? 1 : 0, smoothing: inputs.smoothing ?? 0 } as const;
  g.output(g.named('loss', g.apply('ContrastiveLoss', [a, b, scale, null, null, more, group, null, weight, target], attributes)));
  const feeds = inputs.group === undefined ? {} : { group: { data: Int32Array.from(inputs.group), shape: [pairs] } };
  const program = nativeProgram(g.toIr(), weights, feeds, {}, 'loss');
  program.forward(true, 1);
  program.backward(1);
  return program;
}

/** Central differences of the reference at a few numbers of one input. */
function differences(inputs: ContrastiveInputs, name: 'a' | 'b' | 'more', at: readonly number[]): number[] {
  const step = 1e-4;
  const lossAt = (place: number, change: number): number => {
    const rows = inputs[name]!.map((row) => [...row]);
    rows[Math.floor(place / WIDTH)]![place % WIDTH]! += change;
    return contrastiveReference({ ...inputs, [name]: rows });
  };
  return at.map((place) => (lossAt(place, step) - lossAt(place, -step)) / (2 * step));
}

const CASES: readonly Case[] = [
  ...(['rows', 'symmetric', 'views'] as const).flatMap((form): Case[] => [
    { form, pairs: 7, weight: true },
    { form, pairs: 7, weight: true, group: true, excludePositive: true },
    ...(form === 'views' ? [{ form, pairs: 7, excludePositive: true }] : [
      { form, pairs: 7, target: true },
      { form, pairs: 7, target: true, weight: true, group: true },
      { form, pairs: 7, smoothing: 0.2, weight: true },
    ]),
  ]),
  { form: 'rows', pairs: 7, more: 5, target: true, weight: true },
  { form: 'rows', pairs: 7, more: 5, weight: true, smoothing: 0.2 },
  // Several blocks of rows and of columns.
  { form: 'symmetric', pairs: 514, target: true, weight: true, group: true },
];

describe.skipIf(!NATIVE_BUILT)('weights, targets and excluded partners', () => {
  test.each(CASES)('$form, $pairs pairs, $more further, weights $weight, targets $target, groups $group, excluded $excludePositive', (one) => {
    const inputs = inputsOf(one);
    const program = withGradients(inputs);
    expect(program.value('loss').data[0]).toBeCloseTo(contrastiveReference(inputs), 5);
    for (const name of TRAINED) {
      const rows = inputs[name]?.length ?? 0;
      const at = one.pairs > 100 ? [4, rows * WIDTH - 1] : Array.from({ length: rows * WIDTH }, (_, i) => i);
      if (rows === 0) continue;
      const received = program.gradient(name).data;
      expect(relativeError(Float32Array.from(at, (place) => received[place]!), differences(inputs, name, at)), name).toBeLessThanOrEqual(1e-4);
    }
    const step = 1e-4;
    const above = contrastiveReference({ ...inputs, scale: SCALE + step });
    const below = contrastiveReference({ ...inputs, scale: SCALE - step });
    expect(Math.abs(program.gradient('scale').data[0]! - (above - below) / (2 * step))).toBeLessThanOrEqual(1e-4);
    for (const name of ['weight', 'target'].filter((each) => each in inputs)) {
      expect(program.gradient(name).data.every((value) => value === 0), name).toBe(true);
    }
  });

  test('weights that sum to 0 give neither a loss nor gradients', () => {
    for (const form of ['rows', 'symmetric', 'views'] as const) {
      const program = withGradients({ ...inputsOf({ form, pairs: 7 }), weight: new Array<number>(7).fill(0) });
      expect(program.value('loss').data[0]).toBe(0);
      for (const name of ['a', 'b', 'scale']) expect(program.gradient(name).data.every((value) => value === 0), name).toBe(true);
    }
  });

  test('equal weights and the identity as targets change nothing', () => {
    for (const form of ['rows', 'symmetric'] as const) {
      const inputs = inputsOf({ form, pairs: 7 });
      const target = inputs.a.map((_, i) => inputs.a.map((_unused, j) => (i === j ? 1 : 0)));
      const [plain, same] = [withGradients(inputs), withGradients({ ...inputs, target, weight: new Array<number>(7).fill(3) })];
      for (const name of ['a', 'b', 'scale']) {
        expect(relativeError(same.gradient(name).data, plain.gradient(name).data), name).toBeLessThanOrEqual(1e-6);
      }
      expect(same.value('loss').data[0]).toBeCloseTo(plain.value('loss').data[0]!, 6);
    }
  });
});
