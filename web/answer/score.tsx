/** The score as a bar of its terms. */
import type { Hit } from '../../src/api/index.ts';
import { TERMS, percent, percentile } from './words.ts';

/** Of a score that is a probability the bar is the score, parted by what speaks for it. */
export function ScoreBar({ hit }: { readonly hit: Hit }) {
  const { score, terms, cosine, tanimoto, reading } = hit;
  const isProbability = terms.length > 0;
  const good = terms.filter(({ contribution }) => contribution > 0).sort((a, b) => b.contribution - a.contribution);
  const total = good.reduce((sum, { contribution }) => sum + contribution, 0);
  const shown = Math.max(0, Math.min(1, isProbability ? score : reading ?? score));
  const word = isProbability ? 'score' : reading === null ? 'similarity' : 'agreement';
  const label = `${word} ${shown.toFixed(2)}${isProbability ? `: ${good.map(({ id }) => TERMS[id] ?? id).slice(0, 3).join(', ')}` : ''}`;
  return (
    <p class="likeness">
      <span class="bar" role="img" aria-label={label} title={label}>
        <span class="filled" style={{ width: `${100 * shown}%` }}>
          {good.map(({ id, contribution }, i) => <span key={id} class={`part part-${i % 4}`} style={{ width: `${(100 * contribution) / total}%` }} />)}
        </span>
      </span>
      <span class="score">{shown.toFixed(2)}</span>
      {tanimoto !== null && <span class="quiet" title="ECFP4 Tanimoto similarity to the query">T {tanimoto.toFixed(2)}</span>}
      <span class="quiet" title="Cosine of the embeddings">E {cosine.toFixed(2)}</span>
    </p>
  );
}

export function ScoreTable({ hit }: { readonly hit: Hit }) {
  const { terms } = hit;
  if (terms.length === 0) return null;
  const most = Math.max(...terms.map(({ contribution }) => Math.abs(contribution)), 1e-9);
  return (
    <table class="terms">
      <caption>What makes the score ({percent(hit.score)}{hit.percentile === null ? '' : `; closer than ${percentile(hit.percentile)} of random pairs`})</caption>
      <thead><tr><th scope="col">Term</th><th scope="col">Value</th><th scope="col">Adds to the log-odds</th></tr></thead>
      <tbody>
        {[...terms].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).map(({ id, raw, contribution }) => (
          <tr key={id}>
            <th scope="row">{TERMS[id] ?? id}</th>
            <td>{raw.toFixed(2)}</td>
            <td><span class={`term ${contribution < 0 ? 'against' : 'for'}`} style={{ width: `${(5 * Math.abs(contribution)) / most}rem` }} /> {contribution.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
