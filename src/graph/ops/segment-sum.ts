import { defineOperator, expectShape, noAttributes } from '../define.ts';

/**
 * Scatter-add of rows. ONNX has no such operator and reads negative indices from the end, so the lowering adds into one
 * row more than asked for, sends ignored rows there, and cuts it off.
 */
export const segmentSum = defineOperator({
  id: 'SegmentSum',
  summary: 'Sum of the rows of (R, D) that share a segment, for as many segments as `like` has rows; negative segments are ignored.',
  inputs: [{ name: 'data' }, { name: 'segment', dtype: 'i32' }, { name: 'like', dtype: 'any' }],
  attributes: noAttributes,
  infer: ([data, segment, like]) => {
    expectShape(data!.shape.length === 2, 'data (R, D)');
    expectShape(segment!.shape.length === 1 && segment!.shape[0] === data!.shape[0], 'one segment for each row of data');
    expectShape(like!.shape.length >= 1, '"like" of rank >= 1');
    return [like!.shape[0]!, data!.shape[1]!];
  },
  lower: (context) => {
    const [data, segment, like] = context.inputs as [string, string, string];
    const rows = context.emit('Shape', [like], { start: 0, end: 1 }, 'rows');
    const width = context.emit('Shape', [data], { start: 1, end: 2 }, 'width');
    const spare = context.emit('Add', [rows, context.int64s([1])], {}, 'rows-and-spare');
    const shape = context.emit('Concat', [spare, width], { axis: 0 }, 'shape');
    const zeros = context.emit('Expand', [context.floats([0], [1, 1]), shape], {}, 'zeros');

    const index = context.asInt64(segment);
    const negative = context.emit('Less', [index, context.int64s([0])], {}, 'is-negative');
    const target = context.emit('Where', [negative, rows, index], {}, 'target');
    const column = context.emit('Unsqueeze', [target, context.int64s([1])], {}, 'target-column');
    const sums = context.emit('ScatterND', [zeros, column, data], { reduction: 'add' }, 'sums');
    return context.emit('Slice', [sums, context.int64s([0]), rows, context.int64s([0])]);
  },
});
