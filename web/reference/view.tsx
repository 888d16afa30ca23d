/** The HTTP API, drawn from the document in which the service describes itself. */
import { useEffect, useState } from 'preact/hooks';
import { address, formatAddress, go } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { DOCUMENT_PATH, api, grouped, load, matches, operationsOf, trouble } from './document.ts';
import type { OpenApi, Operation } from './document.ts';
import { Method, OperationView } from './operation.tsx';
import './style.css';

export function ReferenceView() {
  useEffect(() => {
    if (api.value === undefined) void load();
  }, []);
  const document = api.value;
  if (document !== undefined) return <Reference document={document} />;
  if (trouble.value === undefined) return <p class="quiet" role="status">Loading the description of the service …</p>;
  return (
    <section class="panel" role="alert">
      <h2>{trouble.value.title}</h2>
      <p>{trouble.value.detail}</p>
      <button type="button" onClick={() => void load()}>Try again</button>
    </section>
  );
}

function Reference({ document }: { readonly document: OpenApi }) {
  const operations = operationsOf(document);
  const { operation: wanted } = address.value;
  const chosen = operations.find(({ id }) => id === wanted);
  return (
    <div class={`reference ${wanted === undefined ? '' : 'opened-one'}`}>
      <Operations operations={operations} chosen={wanted} />
      <div class="shown">
        {wanted !== undefined && <p class="small back"><To operation={undefined}>All operations</To></p>}
        {wanted === undefined && <About document={document} count={operations.length} />}
        {chosen !== undefined && <OperationView key={chosen.id} operation={chosen} document={document} />}
        {wanted !== undefined && chosen === undefined && (
          <section class="panel">
            <h2>There is no such operation</h2>
            <p>This service has no operation called "{wanted}". The link may come from another version. <To operation={undefined}>See what there is</To></p>
          </section>
        )}
      </div>
    </div>
  );
}

function To({ operation, isCurrent = false, children }: { readonly operation: string | undefined; readonly isCurrent?: boolean; readonly children: preact.ComponentChildren }) {
  return (
    <a
      href={formatAddress({ ...address.value, operation })}
      aria-current={isCurrent ? 'true' : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go({ operation });
      }}
    >
      {children}
    </a>
  );
}

function Operations({ operations, chosen }: { readonly operations: readonly Operation[]; readonly chosen: string | undefined }) {
  const [wanted, setWanted] = useState('');
  const found = operations.filter((operation) => matches(operation, wanted.trim()));
  return (
    <nav class="panel operations" aria-label="Operations">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (found[0] !== undefined) go({ operation: found[0].id });
        }}
      >
        <label class="small" for="find-operation">Find an operation</label>
        <input id="find-operation" type="search" autocomplete="off" spellcheck={false} placeholder="e.g. jobs, POST, picture" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        <p class="small quiet" role="status">{wanted.trim() === '' ? `${operations.length} operations` : found.length === 0 ? 'No operation has these words.' : `${found.length} of ${operations.length}; Enter opens the first`}</p>
      </form>
      {[...grouped(found)].map(([group, members]) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <ul>
            {members.map((operation) => (
              <li key={operation.id}>
                <To operation={operation.id} isCurrent={operation.id === chosen}><span class="call"><Method method={operation.method} /> <code>{operation.path}</code></span><span class="small summary">{operation.summary}</span></To>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function About({ document, count }: { readonly document: OpenApi; readonly count: number }) {
  const { title, version, summary, description } = document.info;
  return (
    <section class="panel about-api" aria-labelledby="about-api">
      <h2 id="about-api">{title} {version}: the HTTP API</h2>
      <p>{summary}</p>
      <p>{description}</p>
      <p>IsoLens in the browser uses these {count} operations and nothing else. Choose one to see what it takes and what it answers, with code that calls it.</p>
      <p class="line small">The service is at <code>{location.origin}</code> <Copy text={location.origin} label="Copy" what="the address of the service" /></p>
      <p class="line small">
        <a class="button" href={DOCUMENT_PATH} download="isolens-openapi.json">Save the OpenAPI document</a>
        <a href={DOCUMENT_PATH} target="_blank" rel="noreferrer">Look at it</a>
        <span class="quiet">OpenAPI {document.openapi}, for tools that make clients</span>
      </p>
    </section>
  );
}
