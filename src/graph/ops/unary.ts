import { defineOperator, noAttributes } from '../define.ts';
import type { OnnxContext } from '../define.ts';

/** One input, a function of each element; `lower` defaults to the ONNX operator of the same name. */
function unary<const Id extends string>(id: Id, summary: string, lower?: (context: OnnxContext) => string) {
  return defineOperator({
    id,
    summary,
    inputs: [{ name: 'x' }],
    attributes: noAttributes,
    infer: ([x]) => x!.shape,
    lower: lower ?? ((context) => context.emit(id, context.inputs)),
  });
}

export const neg = unary('Neg', '-x.');
export const exp = unary('Exp', 'e^x.');
export const log = unary('Log', 'Natural logarithm.');
export const sqrt = unary('Sqrt', 'Square root.');
export const relu = unary('Relu', 'max(x, 0).');
export const sigmoid = unary('Sigmoid', '1 / (1 + e^-x).');
export const tanh = unary('Tanh', 'Hyperbolic tangent.');
export const softplus = unary('Softplus', 'log(1 + e^x), without overflow.');
export const identity = defineOperator({ ...unary('Identity', 'x under another name.', (context) => context.inputs[0]!), isView: true });
export const stopGradient = defineOperator({ ...unary('StopGradient', 'x, through which no gradient flows.', (context) => context.inputs[0]!), isView: true, stopsGradient: true });
export const silu = unary('Silu', 'x * sigmoid(x).', (context) => {
  const x = context.inputs[0]!;
  return context.emit('Mul', [x, context.emit('Sigmoid', [x], {}, 'sigmoid')]);
});
