import type { GraphBuilder, Value } from '../builder.ts';

/** Learned vectors by index: indices of any shape to indices.shape + (width). */
export function embedding(g: GraphBuilder, name: string, indices: Value, vocabulary: number, width: number, std = 0.02): Value {
  const scope = g.scope(name);
  const table = scope.parameter('weight', [vocabulary, width], { kind: 'normal', std }, { decay: false });
  return scope.apply('Gather', [table, indices], {}, 'rows');
}
