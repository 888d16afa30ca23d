import * as z from 'zod';
import { convBlock, conv, fixedSize } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { BOND_ORDERS, BOND_STEREO } from '../reading/index.ts';
import type { ReaderHeads, ReaderVocabulary } from '../reading/index.ts';
import { defineReader } from './define.ts';
import type { ReaderLoss } from './define.ts';
import { crossEntropy, focalLoss, gatherCells, smoothL1 } from './losses.ts';

const width = z.int().positive();

const config = z.strictObject({
  /** Bond length, in pixels, of the training drawings: what a picture is scaled to. */
  bond: z.number().min(8).max(48),
  /** Size of a training tile, multiples of 16. */
  tile: z.strictObject({ height: width, width }),
  /** Atoms and bonds of a tile that are learned from; the maps hold all of them. */
  slots: z.strictObject({ atoms: width, bonds: width }),
  /** Channels at 1/2, 1/4, 1/8 and 1/16 of the picture's size. */
  widths: z.tuple([width, width, width, width]),
  /** Residual convolutions at 1/4, 1/8 and 1/16. */
  depths: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]),
  /** Channels that all heads read. */
  features: width,
  strength: z.number().min(0).max(1).default(1),
});
type Config = z.output<typeof config>;

const STRIDE = 4;
/** Logit of a heat map where nothing has been learned yet: few cells hold a place. */
const RARE = -4;

/** What each head says of a place, and from which map the place is taken. */
const HEADS = [
  { name: 'element', place: 'atom', channels: ({ classes }: ReaderVocabulary) => classes.length },
  { name: 'charge', place: 'atom', channels: ({ charges }: ReaderVocabulary) => charges.length },
  { name: 'atomOffset', place: 'atom', channels: () => 2 },
  { name: 'order', place: 'bond', channels: () => BOND_ORDERS.length },
  { name: 'stereo', place: 'bond', channels: () => BOND_STEREO.length },
  { name: 'axis', place: 'bond', channels: () => 3 },
  { name: 'bondOffset', place: 'bond', channels: () => 2 },
  { name: 'narrow', place: 'bond', channels: () => 2 },
] as const satisfies readonly { name: keyof ReaderHeads; place: 'atom' | 'bond'; channels: (vocabulary: ReaderVocabulary) => number }[];

function residual(g: GraphBuilder, name: string, x: Value, depth: number): Value {
  let y = x;
  for (let i = 0; i < depth; i++) y = g.apply('Add', [y, convBlock(g, `${name}.${i}`, y, fixedSize(y, 1), { kernel: 3 })]);
  return y;
}

/** `x` enlarged twofold, with as many channels as `onto`, added to it. */
function merge(g: GraphBuilder, name: string, x: Value, onto: Value): Value {
  const narrow = conv(g, name, x, fixedSize(onto, 1), { kernel: 1, bias: true });
  return g.apply('Add', [onto, g.apply('Resize', [narrow], { scale: 2 })]);
}

/** (N, features, H / 4, W / 4): letters are read at a quarter of the size, what surrounds them at a sixteenth. */
function trunk(g: GraphBuilder, pixels: Value, { widths, depths, features }: Config): Value {
  const stem = convBlock(g, 'stem', pixels, widths[0], { kernel: 6, stride: 2, padding: 2 });
  const quarter = residual(g, 'quarter', convBlock(g, 'to-quarter', stem, widths[1], { kernel: 3, stride: 2 }), depths[0]);
  const eighth = residual(g, 'eighth', convBlock(g, 'to-eighth', quarter, widths[2], { kernel: 3, stride: 2 }), depths[1]);
  const sixteenth = residual(g, 'sixteenth', convBlock(g, 'to-sixteenth', eighth, widths[3], { kernel: 3, stride: 2 }), depths[2]);
  const middle = convBlock(g, 'middle', merge(g, 'from-sixteenth', sixteenth, eighth), widths[2], { kernel: 3 });
  return convBlock(g, 'features', merge(g, 'from-eighth', middle, quarter), features, { kernel: 3 });
}

function heat(g: GraphBuilder, name: 'atom' | 'bond', features: Value): Value {
  const plain = conv(g, `heads.${name}`, features, 1, { kernel: 1 });
  return g.apply('Add', [plain, g.parameter(`heads.${name}.bias`, [1], { kind: 'constant', value: RARE })]);
}

/** A head's weights, made for a convolution. */
function headWeights(g: GraphBuilder, name: string, inputs: number, outputs: number): { readonly weight: Value; readonly bias: Value } {
  const scope = g.scope(`heads.${name}`);
  return {
    weight: scope.parameter('weight', [outputs, inputs, 1, 1], { kind: 'normal', std: 1 / Math.sqrt(inputs) }),
    bias: scope.parameter('bias', [outputs], { kind: 'zeros' }),
  };
}

/** The head at some places alone: features (V, F) to (V, channels). Over the whole picture it would cost as much as the trunk. */
function headAt(g: GraphBuilder, name: string, places: Value, channels: number): Value {
  const inputs = fixedSize(places, 1);
  const { weight, bias } = headWeights(g, name, inputs, channels);
  return g.apply('Gemm', [places, g.apply('Reshape', [weight], { shape: [channels, inputs] }), bias], { transB: 1 });
}

function lossOf(g: GraphBuilder, inputs: Readonly<Record<string, Value>>, settings: Config, vocabulary: ReaderVocabulary): ReaderLoss {
  const given = (role: string): Value => inputs[role]!;
  const features = trunk(g, given('pixels'), settings);
  const maps = { atom: heat(g, 'atom', features), bond: heat(g, 'bond', features) };
  const at = { atom: gatherCells(g, features, given('atomCell')), bond: gatherCells(g, features, given('bondCell')) };
  const said = Object.fromEntries(HEADS.map(({ name, place, channels }) => [name, headAt(g, name, at[place], channels(vocabulary))]));
  const atomWeight = given('atomWeight');
  const bondWeight = given('bondWeight');
  const parts: readonly (readonly [string, number, Value])[] = [
    ['atomMap', 1, focalLoss(g, maps.atom, given('atomMap'))],
    ['bondMap', 1, focalLoss(g, maps.bond, given('bondMap'))],
    ['class', 1, crossEntropy(g, said['element']!, given('atomClass'), atomWeight)],
    ['charge', 1, crossEntropy(g, said['charge']!, given('atomCharge'), atomWeight)],
    ['order', 1, crossEntropy(g, said['order']!, given('bondOrder'), bondWeight)],
    ['stereo', 1, crossEntropy(g, said['stereo']!, given('bondStereo'), bondWeight)],
    ['axis', 0.5, smoothL1(g, said['axis']!, given('bondAxis'), bondWeight)],
    ['atomOffset', 0.3, smoothL1(g, said['atomOffset']!, given('atomOffset'), atomWeight)],
    ['bondOffset', 0.3, smoothL1(g, said['bondOffset']!, given('bondOffset'), bondWeight)],
    ['narrow', 0.1, smoothL1(g, said['narrow']!, given('narrow'), given('narrowWeight'), 1)],
  ];
  const loss = parts.map(([, share, value]) => g.apply('Mul', [value, g.constant(share)])).reduce((sum, part) => g.apply('Add', [sum, part]));
  return { loss, metrics: Object.fromEntries(parts.map(([name, , value]) => [name, value])) };
}

export const structure = defineReader({
  id: 'structure',
  summary: 'Atoms and the middles of bonds as heat maps, with what each is: a convolutional network at a quarter of the picture.',
  references: ['Zhou et al. 2019, arXiv:1904.07850 (objects as points)', 'Oldenhof et al. 2020, doi:10.1021/acs.jcim.0c00459 (graphs from segmented drawings)'],
  config,
  scale: ({ bond }) => ({ stride: STRIDE, bond }),
  inputs: ({ tile: { height, width: wide } }) => {
    const map = ['N', 1, height / STRIDE, wide / STRIDE];
    return {
      pixels: { dtype: 'f32', shape: ['N', 1, height, wide] }, atomMap: { dtype: 'f32', shape: map }, bondMap: { dtype: 'f32', shape: map },
      atomCell: { dtype: 'i32', shape: ['V'] }, atomWeight: { dtype: 'f32', shape: ['V', 1] }, atomClass: { dtype: 'i32', shape: ['V', 1] },
      atomCharge: { dtype: 'i32', shape: ['V', 1] }, atomOffset: { dtype: 'f32', shape: ['V', 2] },
      bondCell: { dtype: 'i32', shape: ['E'] }, bondWeight: { dtype: 'f32', shape: ['E', 1] }, bondOrder: { dtype: 'i32', shape: ['E', 1] },
      bondStereo: { dtype: 'i32', shape: ['E', 1] }, bondAxis: { dtype: 'f32', shape: ['E', 3] }, bondOffset: { dtype: 'f32', shape: ['E', 2] },
      narrow: { dtype: 'f32', shape: ['E', 2] }, narrowWeight: { dtype: 'f32', shape: ['E', 1] },
    };
  },
  feed: ({ bond, tile, slots, strength }) => ({ kind: 'reading', options: { ...tile, stride: STRIDE, ...slots, bond, strength, evalStrength: strength } }),
  loss: lossOf,
  heads: (g, pixels, settings, vocabulary) => {
    const features = trunk(g, pixels, settings);
    const dense = HEADS.map(({ name, channels }) => {
      const { weight, bias } = headWeights(g, name, settings.features, channels(vocabulary));
      return [name, g.apply('Conv', [features, weight, bias])] as const;
    });
    return { atom: heat(g, 'atom', features), bond: heat(g, 'bond', features), ...Object.fromEntries(dense) } as { [Head in keyof ReaderHeads]: Value };
  },
  presets: {
    tiny: { bond: 16, tile: { height: 64, width: 96 }, slots: { atoms: 16, bonds: 18 }, widths: [8, 16, 24, 24], depths: [0, 1, 0], features: 24, strength: 1 },
    base: { bond: 18, tile: { height: 128, width: 192 }, slots: { atoms: 48, bonds: 52 }, widths: [24, 64, 128, 192], depths: [2, 3, 3], features: 128, strength: 1 },
  },
});
