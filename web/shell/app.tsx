/** The frame: what every view shares. */
import { useEffect } from 'preact/hooks';
import { AnswerView } from '../answer/view.tsx';
import { basket } from '../basket/basket.ts';
import { QueryBox } from '../query/box.tsx';
import { describeService, isAway, service } from '../service/service.ts';
import { address, formatAddress, go } from './address.ts';
import type { View } from './address.ts';
import { Lazy } from './lazy.tsx';

const VIEWS: readonly { readonly view: View; readonly label: string }[] = [
  { view: 'search', label: 'Search' }, { view: 'basket', label: 'Basket' }, { view: 'batch', label: 'Batch' }, { view: 'library', label: 'Library' }, { view: 'api', label: 'API' },
];

export function App() {
  const { view } = address.value;
  useEffect(() => void describeService(), []);
  const total = service.value?.indexes.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <a class="skip" href="#answer" onClick={(event) => { event.preventDefault(); document.getElementById('answer')?.focus(); }}>Skip to the answer</a>
      <header class="top">
        <h1><a class="brand" href="#/search" onClick={(event) => { event.preventDefault(); go({ view: 'search' }); }}><strong>IsoLens</strong> <span class="quiet motto">What could I make or buy instead of this?</span></a></h1>
        <nav aria-label="Views">
          {VIEWS.map(({ view: one, label }) => (
            <a
              key={one}
              href={formatAddress({ ...address.value, view: one })}
              aria-current={view === one ? 'page' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                go({ view: one });
              }}
            >
              {label}{one === 'basket' && basket.value.length > 0 && ` (${basket.value.length})`}
            </a>
          ))}
        </nav>
        <p id="library" class="quiet">{total === undefined ? '' : `${total.toLocaleString('en')} molecules`}</p>
      </header>
      {isAway.value && <p class="away" role="alert">The service does not answer. Trying again …</p>}
      <main>
        {(view === 'search' || view === 'batch') && <QueryBox />}
        <div id="answer" tabIndex={-1}>
          {view === 'search' && <AnswerView />}
          {view === 'basket' && <Lazy key="basket" load={() => import('../basket/view.tsx').then(({ BasketView }) => BasketView)} what="The basket" />}
          {view === 'batch' && <Lazy key="batch" load={() => import('../batch/view.tsx').then(({ BatchView }) => BatchView)} what="The batch page" />}
          {view === 'library' && <Lazy key="library" load={() => import('../library/view.tsx').then(({ LibraryView }) => LibraryView)} what="The library page" />}
          {view === 'api' && <Lazy key="api" load={() => import('../reference/view.tsx').then(({ ReferenceView }) => ReferenceView)} what="The API page" />}
        </div>
      </main>
    </>
  );
}
