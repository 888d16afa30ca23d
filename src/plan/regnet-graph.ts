/** A RegNetY under SwAV's head as a graph of the house's operators, so that it is counted, and could be trained, like any other. */
import { GraphBuilder, batchNorm, conv, convBlock, fixedSize, linear } from '../graph/index.ts';
import type { GraphIr, Value } from '../graph/index.ts';
import { regnetStages, roundEven } from './regnet.ts';
import type { RegNetDesign, SwavHead } from './regnet.ts';

export interface RegNetGraph {
  readonly ir: GraphIr;
  /** Name prefixes of the parts that are sharded, checkpointed and recomputed one by one, in their order: stem, blocks, head. */
  readonly parts: readonly string[];
}

export function regnetGraph(design: RegNetDesign, head: SwavHead, pixels: number): RegNetGraph {
  const g = new GraphBuilder('regnet');
  const { scores, parts } = regnetLayers(g, design, head, pixels);
  g.output(scores);
  return { ir: g.toIr(), parts };
}

/** From the input "pixels" (N, 3, pixels, pixels) to the scores of the prototypes (N, prototypes). */
export function regnetLayers(g: GraphBuilder, design: RegNetDesign, head: SwavHead, pixels: number): { scores: Value; parts: string[] } {
  const parts = ['stem.'];
  let x = convBlock(g, 'stem', g.input('pixels', 'f32', ['N', 3, pixels, pixels]), design.stemWidth, { kernel: 3, stride: 2 });
  regnetStages(design).forEach(({ width, depth, groups }, stage) => {
    for (let block = 0; block < depth; block++) {
      const name = `stages.${stage}.${block}`;
      parts.push(`${name}.`);
      x = yBlock(g.scope(name), x, width, { groups, stride: block === 0 ? 2 : 1, squeeze: design.squeeze });
    }
  });
  return { scores: swavHead(g.scope('head'), x, head), parts: [...parts, 'head.'] };
}

interface BlockOptions {
  readonly groups: number;
  readonly stride: number;
  readonly squeeze: number;
}

/** 1x1, 3x3 in groups, squeeze-and-excitation, 1x1, beside a shortcut; no bottleneck. */
function yBlock(g: GraphBuilder, x: Value, width: number, { groups, stride, squeeze }: BlockOptions): Value {
  const a = convBlock(g, 'a', x, width, { kernel: 1 });
  const b = convBlock(g, 'b', a, width, { kernel: 3, stride, group: groups });
  const hidden = roundEven(squeeze * fixedSize(x, 1));
  const squeezed = g.apply('Relu', [conv(g, 'squeeze', g.apply('GlobalAveragePool', [b]), hidden, { kernel: 1, bias: true })]);
  const gate = g.apply('Sigmoid', [conv(g, 'excite', squeezed, width, { kernel: 1, bias: true })]);
  const c = convBlock(g, 'c', g.apply('Mul', [b, gate]), width, { kernel: 1, activation: false, zeroScale: true });
  const same = stride === 1 && fixedSize(x, 1) === width;
  const shortcut = same ? x : batchNorm(g, 'shortcut.norm', conv(g, 'shortcut', x, width, { kernel: 1, stride }));
  return g.apply('Relu', [g.apply('Add', [c, shortcut])], {}, 'out');
}

function swavHead(g: GraphBuilder, x: Value, { widths, prototypes }: SwavHead): Value {
  let y = g.apply('Reshape', [g.apply('GlobalAveragePool', [x])], { shape: [0, fixedSize(x, 1)] });
  widths.forEach((width, i) => {
    y = linear(g, `${i}`, y, width);
    if (i < widths.length - 1) y = g.apply('Relu', [y]);
  });
  return linear(g, 'prototypes', g.apply('L2Normalise', [y]), prototypes, { bias: false });
}
