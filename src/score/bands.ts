/** How often two molecules act alike, by how alike they look on paper and to the encoder: counts over measured pairs, nothing fitted. */
import { TERM_IDS } from './define.ts';
import type { ScoreModel } from './model.ts';

const TANIMOTO: readonly number[] = [0, 0.15, 0.25, 0.35, 0.5, 0.7, 1];
const COSINE: readonly number[] = [-1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
const [EMBEDDING, ECFP4] = [TERM_IDS.indexOf('embedding'), TERM_IDS.indexOf('ecfp4')] as const;

/** `raw`: terms of each pair; the encoder must not have been trained on their assays. Weights as the score is fitted with. */
export function bandsOf(raw: readonly Float64Array[], isAlike: readonly boolean[], weights: readonly number[]): NonNullable<ScoreModel['bands']> {
  const grid = (): number[][] => COSINE.slice(1).map(() => TANIMOTO.slice(1).map(() => 0));
  const [alike, total, pairs] = [grid(), grid(), grid()];
  for (const [i, terms] of raw.entries()) {
    const [row, column] = [binOf(COSINE, terms[EMBEDDING]!), binOf(TANIMOTO, terms[ECFP4]!)];
    pairs[row]![column]!++;
    total[row]![column]! += weights[i]!;
    if (isAlike[i] === true) alike[row]![column]! += weights[i]!;
  }
  const shares = alike.map((line, row) => line.map((count, column) => (total[row]![column] === 0 ? 0 : Number((count / total[row]![column]!).toFixed(4)))));
  return { tanimoto: [...TANIMOTO], cosine: [...COSINE], alike: shares, pairs };
}

function binOf(edges: readonly number[], value: number): number {
  const bin = edges.findIndex((edge, i) => i > 0 && value < edge);
  return (bin < 0 ? edges.length - 1 : bin) - 1;
}
