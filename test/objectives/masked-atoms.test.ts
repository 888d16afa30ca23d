/** What masked atoms are, told by their neighbours: the tower that reads them whole says what is right. */
import { describe, expect, test } from 'vitest';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { initialWeights } from '../../src/graph/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../../src/model/index.ts';
import type { TrainingSpec } from '../../src/model/index.ts';
import { NATIVE_BUILT, nativeProgram, runNative, runOnnx } from '../contracts/execute.ts';
import type { Feeds } from '../contracts/execute.ts';

const gin = encoderById('gin');
const projection = { layers: 1, hidden: 8 } as const;
/** Of each attribute the last category stands for a masked atom. */
const SIZES = [6, 4];
const config = encoderConfig(gin, 'tiny', { atomVocabularies: SIZES, bondVocabularies: [2] });
const spec = {
  towers: [
    { encoder: gin, config, prefix: 'structure', projection },
    { encoder: gin, config, prefix: 'masked', weightsOf: 'structure', projection },
  ],
  losses: [{ objective: 'info-nce', between: ['structure', 'masked'] }],
  embeddingDimension: 8,
  auxiliary: [{ id: 'masked-atoms', tower: 'masked', whole: 'structure', weight: 2 }],
} as const satisfies TrainingSpec;

/** Two molecules, chains of three and of four atoms, of which 1, 4 and 5 are masked; the second view lacks the last bond. */
const truth = [[0, 1], [4, 2], [3, 0], [1, 1], [2, 2], [0, 0], [4, 1]];
const hidden = [1, 4, 5];
const V = truth.length;
const bonds = [[0, 1], [1, 2], [3, 4], [4, 5], [5, 6]];

function view(prefix: string, masked: readonly number[], kept: readonly (readonly number[])[]): Feeds {
  const ints = (values: readonly number[], shape: number[]) => ({ data: Int32Array.from(values), shape });
  return {
    [`${prefix}.atoms`]: ints(truth.flatMap((row, v) => (masked.includes(v) ? SIZES.map((size) => size - 1) : row)), [V, SIZES.length]),
    [`${prefix}.begin`]: ints(kept.flat(), [2 * kept.length]),
    [`${prefix}.end`]: ints(kept.flatMap(([from, to]) => [to!, from!]), [2 * kept.length]),
    [`${prefix}.bonds`]: ints(kept.flatMap((_, b) => [b % 2, b % 2]), [2 * kept.length, 1]),
    [`${prefix}.segment`]: ints([0, 0, 0, 1, 1, 1, 1], [V]),
    [`${prefix}.counts`]: { data: Float32Array.of(3, 4), shape: [2, 1] },
  };
}

const sizes = { N: 2, V, E: 10, masked_E: 8 };
const feedsOf = (masked: readonly number[]): Feeds => ({ ...view('structure', [], bonds), ...view('masked', masked, bonds.slice(0, 4)) });

describe.skipIf(!NATIVE_BUILT)('attributes of masked atoms', () => {
  const { ir, metrics } = buildTrainingGraph(spec);
  const weights = initialWeights(ir, 2);
  const logitNodes = SIZES.map((_, i) => ir.nodes.filter(({ name }) => name.startsWith(`masked-masked-atoms.attribute-${i}.`)).at(-1)!.name);

  test('the loss is the cross-entropy of the masked atoms alone, a mean over attributes', () => {
    const results = runNative({ ...ir, outputs: [...ir.outputs, ...logitNodes] }, weights, feedsOf(hidden), sizes);
    const errors = hidden.flatMap((v) => SIZES.map((size, i) => {
      const row = [...results[logitNodes[i]!]!.data].slice(v * size, (v + 1) * size);
      return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[truth[v]![i]!]!;
    }));
    const expected = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(metrics).toContain('metrics.maskedAtoms');
    expect(results['metrics.maskedAtoms']!.data[0]).toBeCloseTo(expected, 5);
    expect(results['loss']!.data[0]).toBeCloseTo(results['metrics.contrastiveLoss']!.data[0]! + 2 * expected, 4);
  });

  test('is 0 where nothing is masked', () => {
    expect(runNative(ir, weights, feedsOf([]), sizes)['metrics.maskedAtoms']!.data[0]).toBe(0);
  });

  test('ONNX Runtime says the same', async () => {
    const part = { ...ir, outputs: ['metrics.maskedAtoms'] };
    const { 'metrics.maskedAtoms': loss } = await runOnnx(part, weights, feedsOf(hidden));
    expect(loss!.data[0]).toBeCloseTo(Number(runNative(ir, weights, feedsOf(hidden), sizes)['metrics.maskedAtoms']!.data[0]), 4);
  });

  test('its gradient reaches the encoder', () => {
    const program = nativeProgram(ir, weights, feedsOf(hidden), sizes, 'metrics.maskedAtoms');
    const loss = (): number => {
      program.forward(true, 1);
      return program.value('metrics.maskedAtoms').data[0]!;
    };
    loss();
    program.backward(1);
    for (const name of ['structure.layers.0.up.weight', 'structure.atom.0.weight', 'masked-masked-atoms.attribute-0.weight']) {
      const gradient = Float32Array.from(program.gradient(name).data);
      const at = gradient.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradient[best]!) ? i : best), 0);
      const values = Float32Array.from(weights.get(name)!);
      const step = 1e-3;
      const moved = [step, -step].map((delta) => {
        program.setParameter(name, values.map((value, i) => (i === at ? value + delta : value)));
        return loss();
      });
      program.setParameter(name, values);
      expect((moved[0]! - moved[1]!) / (2 * step) / gradient[at]!, name).toBeCloseTo(1, 1);
    }
  });

  test('the served encoder is what it was: a graph, and an embedding of its molecule', () => {
    const served = buildEncoderGraph(spec.towers[0], 8);
    expect(served.ir.outputs).toEqual(['embedding', 'features']);
    expect(served.ir.parameters.map(({ name }) => name).filter((name) => name.includes('masked'))).toEqual([]);
  });

  test('refuses a tower alone, and towers of something else', () => {
    const build = (auxiliary: object, towers: TrainingSpec['towers'] = spec.towers) => (): unknown => (
      buildTrainingGraph({ ...spec, towers, auxiliary: [{ id: 'masked-atoms', tower: 'masked', weight: 1, ...auxiliary }] })
    );
    expect(build({})).toThrow(/Auxiliary head masked-atoms: expected "whole" to name a tower but received none/);
    expect(build({ whole: 'graph' })).toThrow(/expected one of the towers structure, masked but received "graph"/);
    const mlp = { encoder: encoderById('mlp'), config: 'tiny', projection } as const;
    expect(build({ whole: 'structure' }, [{ ...mlp, prefix: 'structure' }, { ...mlp, prefix: 'masked' }])).toThrow(/two towers of graphs, one masked and one whole/);
    expect(build({ id: 'fingerprint', whole: 'structure', target: { name: 't', width: 3 } })).toThrow(/Auxiliary head fingerprint: expected no "whole" but received "structure"/);
  });
});
