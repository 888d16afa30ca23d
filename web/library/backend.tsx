/** How a library is searched: its index, the settings, and what it misses. */
import type { LibraryDetail } from '../../src/api/index.ts';
import { Fact, plain } from './facts.tsx';
import { Recall } from './recall.tsx';

const KINDS: Readonly<Record<string, { readonly name: string; readonly means: string }>> = {
  hnsw: { name: 'HNSW', means: 'a net of neighbours that is walked towards the query, so that few molecules need to be compared; it may miss some' },
  exact: { name: 'exact', means: 'every molecule is compared with the query, so that nothing is missed' },
};

const SETTINGS: Readonly<Record<string, { readonly name: string; readonly means: string }>> = {
  m: { name: 'M', means: 'links from each molecule to its neighbours; more find more and need more room' },
  efConstruction: { name: 'ef when made', means: 'molecules looked at to place each one; more make a better net' },
  efSearch: { name: 'ef', means: 'molecules looked at in a search; more miss less and take longer' },
  seed: { name: 'Seed', means: 'begins the random numbers that it was made with' },
};

const METRICS: Readonly<Record<string, string>> = {
  cosine: 'cosine: two molecules are as alike as their vectors point the same way',
  ip: 'inner product of the vectors',
  l2: 'distance between the vectors',
};

export function IndexSection({ detail }: { readonly detail: LibraryDetail }) {
  const { backend, vectors } = detail;
  const kind = KINDS[backend.id];
  return (
    <section class="panel" aria-labelledby="library-index">
      <h2 id="library-index">How it is searched</h2>
      <p>The model turns every molecule into a list of {vectors.dimension} numbers, its vector. A search looks for the vectors nearest to that of the query; then they are ranked.</p>
      <dl class="told">
        <Fact name="Index"><strong>{kind?.name ?? backend.id}</strong>{kind !== undefined && `: ${kind.means}`}</Fact>
        <Fact name="Metric" means="how near two vectors are">{METRICS[vectors.metric] ?? vectors.metric}</Fact>
        {Object.entries(backend.parameters).map(([key, value]) => {
          const setting = SETTINGS[key];
          return <Fact key={key} name={setting?.name ?? key}>{plain(value)}{setting !== undefined && <span class="quiet"> {setting.means}</span>}</Fact>;
        })}
      </dl>
      <Recall detail={detail} />
    </section>
  );
}
