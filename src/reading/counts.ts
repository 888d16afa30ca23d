/** A reading as what molecules are compared with: counts of its paths. */
import type { DrawnGraph } from './decode/drawn.ts';
import { writeOut } from './decode/molfile.ts';
import { ELEMENT_SYMBOLS } from './decode/symbols.ts';
import type { ReaderVocabulary } from './define.ts';
import { PathCounter, largerFragments, typedGraph } from './similarity/index.ts';
import type { QueryCounts } from './similarity/index.ts';

/** Undefined where nothing of three atoms was read. What chemistry would refuse counts as it was read. */
export function readingCounts(graph: DrawnGraph, vocabulary: ReaderVocabulary): QueryCounts | undefined {
  const { atoms, bonds } = writeOut(graph, vocabulary);
  const read = typedGraph({
    elements: atoms.map(({ symbol }) => Math.max(0, ELEMENT_SYMBOLS.indexOf(symbol))),
    bonds: bonds.map(({ begin, end, order }) => [begin, end, order]),
  });
  const whole = largerFragments(read);
  return whole.element.length === 0 ? undefined : new PathCounter().of(whole);
}
