/** One operation: what it takes, what it answers, how it fails, and a request that is ready. */
import { useEffect, useRef } from 'preact/hooks';
import { formatAddress, parseAddress } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { errorsOf, isGood } from './document.ts';
import type { Answer, Media, OpenApi, Operation } from './document.ts';
import { Field, Fields, hasFields, typeInWords } from './schema.tsx';
import { RequestPanel } from './try.tsx';

interface OperationProps {
  readonly operation: Operation;
  readonly document: OpenApi;
}

/** For a link: without what is being searched, which is nobody else's. */
export function addressOf(id: string): string {
  return formatAddress({ ...parseAddress(''), view: 'api', operation: id });
}

export function OperationView({ operation, document }: OperationProps) {
  const { id, method, path, summary, described } = operation;
  const heading = useRef<HTMLHeadingElement>(null);
  // Chosen from the list, which is gone on a narrow screen: the reader follows.
  useEffect(() => {
    if (window.document.activeElement === window.document.body) heading.current?.focus({ preventScroll: true });
    if ((heading.current?.getBoundingClientRect().top ?? 0) < 0) heading.current?.scrollIntoView();
  }, []);
  const parameters = described.parameters ?? [];
  const errors = errorsOf(described);
  return (
    <article class="operation" aria-labelledby="operation">
      <header class="panel">
        <h2 id="operation" ref={heading} tabIndex={-1}><Method method={method} /> <code>{path}</code></h2>
        <p>{summary}.</p>
        {described.description !== undefined && <p>{described.description}</p>}
        <p class="line small"><span class="quiet">Called <code>{id}</code> in the document</span> <Copy text={() => `${location.origin}${location.pathname}${addressOf(id)}`} label="Copy link" what="to this operation" /></p>
      </header>
      <div class="ready"><RequestPanel operation={operation} document={document} /></div>
      <div class="told">
        {parameters.length > 0 && (
          <section class="panel" aria-labelledby="parameters">
            <h3 id="parameters">Parameters</h3>
            <ul class="fields">
              {parameters.map((parameter) => (
                <Field
                  key={`${parameter.in} ${parameter.name}`} name={parameter.name} isRequired={parameter.required ?? false} document={document} within={[]}
                  schema={parameter.schema ?? {}} description={[`In the ${parameter.in}.`, parameter.description ?? parameter.schema?.description ?? ''].join(' ').trim()}
                />
              ))}
            </ul>
          </section>
        )}
        {described.requestBody !== undefined && (
          <section class="panel" aria-labelledby="body">
            <h3 id="body">Request body</h3>
            {described.requestBody.description !== undefined && <p>{described.requestBody.description}</p>}
            <Contents contents={described.requestBody.content} document={document} isOpen />
          </section>
        )}
        <section class="panel" aria-labelledby="answers">
          <h3 id="answers">Answers</h3>
          {Object.entries(described.responses).filter(([status]) => isGood(status)).map(([status, answer]) => <GoodAnswer key={status} status={status} answer={answer} document={document} />)}
        </section>
        {errors.length > 0 && (
          <section class="panel" aria-labelledby="errors">
            <h3 id="errors">Errors</h3>
            <p class="small">Each is a problem (RFC 9457): its code stays what it is, its detail says what to do.</p>
            <div class="scrolled" tabIndex={0} role="region" aria-label="Error codes">
              <table>
                <thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">What it means</th></tr></thead>
                <tbody>{errors.map(({ status, code, title }) => <tr key={`${status} ${code}`}><td>{status}</td><td>{code !== undefined && <code>{code}</code>}</td><td>{title}</td></tr>)}</tbody>
              </table>
            </div>
            <Problem described={described.responses} document={document} />
          </section>
        )}
      </div>
    </article>
  );
}

export function Method({ method }: { readonly method: string }) {
  return <span class={`method ${method.toLowerCase()}`}>{method}</span>;
}

function GoodAnswer({ status, answer, document }: { readonly status: string; readonly answer: Answer; readonly document: OpenApi }) {
  const headers = Object.entries(answer.headers ?? {});
  return (
    <>
      <p><strong>{status}</strong> {status === '202' ? 'The work has started' : answer.description}</p>
      <Contents contents={answer.content ?? {}} document={document} isOpen={false} />
      {headers.length > 0 && (
        <details>
          <summary>Headers</summary>
          <ul class="fields">
            {headers.map(([name, { description, schema }]) => (
              <li key={name} class="field"><p><code class="field-name">{name}</code> <span class="small quiet">{typeInWords(schema ?? {}, document)}</span></p>{description !== undefined && <p class="small">{description}</p>}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** What can be sent or comes back, by its media type; types of the same shape stand together. */
function Contents({ contents, document, isOpen }: { readonly contents: Readonly<Record<string, Media>>; readonly document: OpenApi; readonly isOpen: boolean }) {
  const shapes = new Map<string, { types: string[]; media: Media }>();
  for (const [type, media] of Object.entries(contents)) {
    const key = JSON.stringify(media);
    const known = shapes.get(key);
    if (known === undefined) shapes.set(key, { types: [type], media });
    else known.types.push(type);
  }
  return (
    <>
      {[...shapes.values()].map(({ types, media }) => (
        <div key={types[0]} class="content">
          <p class="small">As {types.map((type, i) => <span key={type}>{i > 0 && ', '}<code>{type}</code></span>)}{media.schema !== undefined && <span class="quiet">: {typeInWords(media.schema, document)}</span>}</p>
          {media.schema !== undefined && hasFields(media.schema, document) && <details open={isOpen}><summary>Fields</summary><Fields schema={media.schema} document={document} /></details>}
          {media.example !== undefined && <Example value={media.example} type={types[0] ?? ''} />}
        </div>
      ))}
    </>
  );
}

function Example({ value, type }: { readonly value: unknown; readonly type: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <details>
      <summary>Example</summary>
      <div class="line"><Copy text={text} label="Copy" what={`the example as ${type}`} /></div>
      <pre class="code" tabIndex={0} role="region" aria-label={`Example as ${type}`}><code>{text}</code></pre>
    </details>
  );
}

/** All problems have the same fields. */
function Problem({ described, document }: { readonly described: Operation['described']['responses']; readonly document: OpenApi }) {
  const content = Object.entries(described).find(([status, answer]) => !isGood(status) && answer.content !== undefined)?.[1].content;
  return content === undefined ? null : <Contents contents={content} document={document} isOpen={false} />;
}
