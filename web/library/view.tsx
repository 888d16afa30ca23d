/** One library: what it holds, where that comes from, how it is searched, and what was left out. */
import { useEffect, useState } from 'preact/hooks';
import type { LibraryDetail } from '../../src/api/index.ts';
import { client, messageOf } from '../service/client.ts';
import { describeService, isAway, service } from '../service/service.ts';
import { address, formatAddress, go } from '../shell/address.ts';
import { IndexSection } from './backend.tsx';
import { ModelSection } from './model.tsx';
import { Provenance } from './provenance.tsx';
import { Rejects } from './rejects.tsx';
import './style.css';

type Failure = ReturnType<typeof messageOf>;
type State = { readonly name: string; readonly detail: LibraryDetail } | { readonly name: string; readonly failure: Failure };

export function LibraryView() {
  const [state, setState] = useState<State | undefined>(undefined);
  const [tries, setTries] = useState(0);
  const libraries = service.value?.indexes ?? [];
  const name = address.value.library ?? libraries[0]?.name;
  useEffect(() => {
    if (name === undefined) return undefined;
    const controller = new AbortController();
    client.getIndex(name, controller).then((detail) => setState({ name, detail }), (thrown: unknown) => {
      if (!controller.signal.aborted) setState({ name, failure: messageOf(thrown) });
    });
    return () => controller.abort();
  }, [name, tries]);
  useEffect(() => {
    document.title = name === undefined ? 'Library: IsoLens' : `${name}, library: IsoLens`;
  }, [name]);
  const again = (): void => {
    setState(undefined);
    setTries(tries + 1);
    void describeService();
  };
  if (name === undefined) return <div class="library">{isAway.value ? <Failed failure={AWAY} again={() => void describeService()} /> : <Loading />}</div>;
  // What is known of another library must not be taken for this one.
  const known = state?.name === name ? state : undefined;
  return (
    <div class="library" aria-busy={known === undefined}>
      {libraries.length > 1 && <Chooser name={name} names={libraries.map((one) => one.name)} />}
      {known === undefined && <Loading />}
      {known !== undefined && 'failure' in known && (known.failure.code === 'BUNDLE_NOT_FOUND' ? <Unknown name={name} /> : <Failed failure={known.failure} again={again} />)}
      {known !== undefined && 'detail' in known && <Told key={`${name}@${known.detail.generation}`} detail={known.detail} />}
    </div>
  );
}

const AWAY: Failure = { title: 'The service does not answer', detail: 'Is it still running? The page asks again every few seconds.', code: 'AWAY' };

function Told({ detail }: { readonly detail: LibraryDetail }) {
  return (
    <>
      {detail.refused !== null && (
        <p class="panel complaint" role="alert">
          A newer generation of this library cannot be opened, so this one still answers. {detail.refused.message} ({detail.refused.code})
        </p>
      )}
      <Provenance detail={detail} />
      <IndexSection detail={detail} />
      <ModelSection detail={detail} />
      <Rejects detail={detail} />
    </>
  );
}

function Loading() {
  return <p class="panel quiet" role="status">Loading the library …</p>;
}

function choose(name: string): void {
  go({ library: name, generation: undefined });
}

function Chooser({ name, names }: { readonly name: string; readonly names: readonly string[] }) {
  return (
    <p class="chooser small">
      <label for="library-chosen">Library</label>{' '}
      <select id="library-chosen" value={name} onChange={(event) => choose(event.currentTarget.value)}>
        {!names.includes(name) && <option value={name}>{name} (not there)</option>}
        {names.map((one) => <option key={one} value={one}>{one}</option>)}
      </select>
    </p>
  );
}

function Failed({ failure, again }: { readonly failure: Failure; readonly again: () => void }) {
  return (
    <section class="panel failed" role="alert">
      <h2>{failure.title}</h2>
      <p>{failure.detail}</p>
      <button type="button" class="main" onClick={again}>Try again</button>
    </section>
  );
}

function Unknown({ name }: { readonly name: string }) {
  const libraries = service.value?.indexes ?? [];
  return (
    <section class="panel failed" role="alert">
      <h2>There is no library called "{name}" here</h2>
      <p>It may have been renamed, or this service does not open it. {libraries.length > 0 && 'These are here:'}</p>
      <ul class="others-here">
        {libraries.map(({ name: one, count }) => (
          <li key={one}>
            <a href={formatAddress({ ...address.value, library: one, generation: undefined })} onClick={(event) => { event.preventDefault(); choose(one); }}>{one}</a>
            <span class="quiet"> {count.toLocaleString('en')} molecules</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
