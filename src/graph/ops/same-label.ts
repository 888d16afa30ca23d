import { defineOperator, expectShape, noAttributes } from '../define.ts';

export const sameLabel = defineOperator({
  id: 'SameLabel',
  summary: '1 where two rows have equal labels, otherwise 0: (N) i32 to (N, N).',
  inputs: [{ name: 'label', dtype: 'i32' }],
  attributes: noAttributes,
  infer: ([label]) => {
    expectShape(label!.shape.length === 1, 'labels (N)');
    return [label!.shape[0]!, label!.shape[0]!];
  },
  lower: (context) => {
    const label = context.inputs[0]!;
    const rows = context.emit('Unsqueeze', [label, context.int64s([1])], {}, 'rows');
    const columns = context.emit('Unsqueeze', [label, context.int64s([0])], {}, 'columns');
    return context.emit('Cast', [context.emit('Equal', [rows, columns], {}, 'equal')], { to: 1 });
  },
});
