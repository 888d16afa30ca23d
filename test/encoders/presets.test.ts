/** Sizes of the presets, written down so that a change of architecture is a change of this table. */
import { expect, test } from 'vitest';
import { ENCODERS, encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { buildEncoderGraph } from '../../src/model/index.ts';
import { graphCost } from '../../src/graph/index.ts';

/** Trunk with a linear projection to 256; one item, a molecule of 25 atoms and 27 bonds. */
const SIZES = { N: 1, V: 25, E: 54 };

test('parameters and multiply-accumulate operations in millions', () => {
  const costs = ENCODERS.flatMap(({ id, presets }) => Object.keys(presets).map((config) => {
    const { ir } = buildEncoderGraph({ encoder: encoderById(id), config, prefix: 'tower', projection: { layers: 1, hidden: 64 } }, 256);
    const { parameters, macs } = graphCost(ir, SIZES);
    return `${id} ${config}: ${(parameters / 1e6).toFixed(2)} M parameters, ${(macs / 1e6).toFixed(1)} M MACs`;
  }));
  expect(costs).toMatchInlineSnapshot(`
    [
      "resnet tiny: 0.01 M parameters, 0.8 M MACs",
      "resnet drawing: 2.93 M parameters, 210.2 M MACs",
      "resnet cells: 0.35 M parameters, 56.3 M MACs",
      "resnet base: 11.31 M parameters, 1744.9 M MACs",
      "vit tiny: 0.02 M parameters, 0.4 M MACs",
      "vit base: 21.96 M parameters, 4612.3 M MACs",
      "vit cells: 2.09 M parameters, 135.3 M MACs",
      "mlp tiny: 0.03 M parameters, 0.0 M MACs",
      "mlp base: 4.85 M parameters, 4.8 M MACs",
      "mlp cloome: 4.46 M parameters, 4.5 M MACs",
      "gin tiny: 0.01 M parameters, 0.1 M MACs",
      "gin base: 2.14 M parameters, 45.3 M MACs",
      "transformer tiny: 0.03 M parameters, 0.4 M MACs",
      "transformer base: 4.90 M parameters, 654.4 M MACs",
    ]
  `);
});

test('a configuration is a preset with overrides, or its own', () => {
  const resnet = encoderById('resnet');
  expect(encoderConfig(resnet, 'drawing', { height: 96 })).toMatchObject({ height: 96, width: 192, channels: 1 });
  expect(encoderConfig(resnet, resnet.presets['tiny'])).toEqual(resnet.presets['tiny']);
  expect(() => encoderConfig(resnet, 'tiny', { depths: [1] })).toThrow(/encoder "resnet".*as many widths as depths/);
  expect(() => encoderConfig(resnet, 'tiny', { hieght: 96 })).toThrow(/encoder "resnet".*hieght/);
});
