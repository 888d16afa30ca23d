import { broadcastShapes } from '../dims.ts';
import { defineOperator, expectShape, noAttributes } from '../define.ts';

/** Two inputs, numpy broadcasting, the ONNX operator of the same name. */
function binary<const Id extends string>(id: Id, summary: string) {
  return defineOperator({
    id,
    summary,
    inputs: [{ name: 'a' }, { name: 'b' }],
    attributes: noAttributes,
    infer: ([a, b]) => {
      const shape = broadcastShapes(a!.shape, b!.shape);
      expectShape(shape, 'two shapes that broadcast');
      return shape;
    },
    lower: (context) => context.emit(id, context.inputs),
  });
}

export const add = binary('Add', 'a + b with broadcasting.');
export const sub = binary('Sub', 'a - b with broadcasting.');
export const mul = binary('Mul', 'a * b with broadcasting.');
export const div = binary('Div', 'a / b with broadcasting.');
