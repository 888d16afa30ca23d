import { IsoLensError } from '../../core/index.ts';
import type { Value } from '../builder.ts';
import { formatShape } from '../dims.ts';

/** The size of an axis that a layer's parameters depend on, so that it cannot be a symbol. */
export function fixedSize(value: Value, axis: number): number {
  const size = value.shape.at(axis);
  if (typeof size === 'number') return size;
  throw new IsoLensError('GRAPH_INVALID', `Value ${value.name}: expected a fixed size on axis ${axis} but received ${formatShape(value.shape)}.`);
}
