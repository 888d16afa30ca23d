/** A request as it is filled in: as code, and sent for real. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { service } from '../service/service.ts';
import { Copy } from '../shell/copy.tsx';
import type { OpenApi, Operation, Parameter } from './document.ts';
import { LANGUAGES, acceptable, exampleBody, isSafeToTry, parametersOf, readyRequest, takesJson, write } from './requests.ts';
import type { Filled, Language, Ready } from './requests.ts';
import { followed } from './document.ts';

/** Stays chosen from one operation to the next. */
const language = signal<Language>('curl');

export function RequestPanel({ operation, document }: { readonly operation: Operation; readonly document: OpenApi }) {
  const example = JSON.stringify(exampleBody(operation), null, 2);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => firstValues(operation));
  const [text, setText] = useState(example);
  const [accept, setAccept] = useState(acceptable(operation)[0]);
  // While it is typed it may be no JSON: the code keeps what was last good.
  const good = useRef<unknown>(exampleBody(operation));
  const { value, complaint } = parsed(text);
  if (complaint === undefined) good.current = value;
  const filled: Filled = { values, body: good.current, accept };
  const ready = readyRequest(operation, filled, location.origin);
  const missing = parametersOf(operation).filter(({ name, required }) => required === true && (values[name] ?? '').trim() === '').map(({ name }) => name);
  return (
    <>
      <section class="panel" aria-labelledby="as-code">
        <h3 id="as-code">The request as code</h3>
        <Code ready={ready} />
      </section>
      {isSafeToTry(operation) ? (
        <section class="panel try" aria-labelledby="try">
          <div class="line">
            <h3 id="try">Try it</h3>
            {(text !== example || Object.values(values).join() !== Object.values(firstValues(operation)).join()) && (
              <button type="button" class="link small" onClick={() => { setText(example); setValues(firstValues(operation)); }}>Back to the example</button>
            )}
          </div>
          <Sender ready={ready} problem={missing.length > 0 ? `Fill in ${missing.join(' and ')} first.` : complaint}>
            {parametersOf(operation).map((parameter) => (
              <Input key={parameter.name} parameter={parameter} document={document} value={values[parameter.name] ?? ''} onInput={(now) => setValues({ ...values, [parameter.name]: now })} />
            ))}
            {acceptable(operation).length > 0 && (
              <label class="small">Answer as{' '}
                <select value={accept} onChange={(event) => setAccept(event.currentTarget.value)}>{acceptable(operation).map((type) => <option key={type}>{type}</option>)}</select>
              </label>
            )}
            {takesJson(operation) && (
              <label class="body small">Body, as JSON
                <textarea rows={Math.min(16, example.split('\n').length + 1)} spellcheck={false} autocomplete="off" value={text} aria-invalid={complaint !== undefined} onInput={(event) => setText(event.currentTarget.value)} />
              </label>
            )}
            {complaint !== undefined && <p class="small complaint">{complaint}</p>}
          </Sender>
        </section>
      ) : (
        <p class="small quiet">It is not sent from this page, since it {reasonNotTo(operation)}. Copy the code instead.</p>
      )}
    </>
  );
}

function reasonNotTo({ method, described }: Operation): string {
  if (method === 'DELETE') return 'takes something away';
  return described.responses['202'] === undefined ? 'needs a file' : 'starts work that the service keeps';
}

function firstValues(operation: Operation): Record<string, string> {
  return Object.fromEntries(parametersOf(operation).map(({ name, required, example }) => {
    if (required !== true) return [name, ''];
    // The document knows no library of this service; the page does.
    const here = operation.path.includes('/indexes/{name}') && name === 'name' ? service.peek()?.indexes[0]?.name : undefined;
    return [name, here ?? (typeof example === 'string' || typeof example === 'number' ? String(example) : '')];
  }));
}

function parsed(text: string): { readonly value?: unknown; readonly complaint?: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (thrown) {
    return { complaint: `This is not JSON yet: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
}

function Code({ ready }: { readonly ready: Ready }) {
  const text = write(language.value, ready);
  return (
    <>
      <div class="line">
        <fieldset class="modes" role="radiogroup" aria-label="Language">
          {LANGUAGES.map((one) => (
            <label key={one}><input type="radio" name="language" checked={language.value === one} onChange={() => (language.value = one)} /><span>{one === 'TypeScript' ? 'TypeScript (fetch)' : one === 'Python' ? 'Python (requests)' : one}</span></label>
          ))}
        </fieldset>
        <Copy text={text} label="Copy" what={`the request as ${language.value}`} />
      </div>
      <pre class="code" tabIndex={0} role="region" aria-label={`The request as ${language.value}`}><code>{text}</code></pre>
    </>
  );
}

interface InputProps {
  readonly parameter: Parameter;
  readonly document: OpenApi;
  readonly value: string;
  readonly onInput: (value: string) => void;
}

function Input({ parameter: { name, required, schema = {} }, document, value, onInput }: InputProps) {
  const { schema: own } = followed(schema, document);
  const choices = own.enum;
  return (
    <label class="small">{name}{required === true && ' (required)'}{' '}
      {choices === undefined
        ? <input type="text" autocomplete="off" spellcheck={false} value={value} placeholder={own.default === undefined ? '' : JSON.stringify(own.default)} onInput={(event) => onInput(event.currentTarget.value)} />
        : <select value={value} onChange={(event) => onInput(event.currentTarget.value)}><option value="">not given</option>{choices.map((choice) => <option key={String(choice)}>{String(choice)}</option>)}</select>}
    </label>
  );
}

type Sent =
  | { readonly kind: 'sending' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answered'; readonly status: string; readonly isGood: boolean; readonly ms: number; readonly type: string; readonly text: string };

/** Characters of an answer that are shown. */
const MOST_SHOWN = 20_000;

interface SenderProps {
  readonly ready: Ready;
  /** Why it cannot be sent as it stands. */
  readonly problem: string | undefined;
  readonly children: preact.ComponentChildren;
}

function Sender({ ready, problem, children }: SenderProps) {
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  const [refused, setRefused] = useState(false);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const send = async (): Promise<void> => {
    running.current?.abort();
    setRefused(problem !== undefined);
    if (problem !== undefined) return;
    const controller = new AbortController();
    running.current = controller;
    setSent({ kind: 'sending' });
    const done = await answerTo(ready, controller.signal);
    if (!controller.signal.aborted) setSent(done);
  };
  return (
    <form
      class="sender"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      <div class="line"><button type="submit" class="main" aria-busy={sent?.kind === 'sending'}>Send</button></div>
      {refused && problem !== undefined && <p class="small complaint" role="alert">Nothing is sent. {problem}</p>}
      <div role="status" class="small">
        {sent?.kind === 'sending' && 'Waiting for the answer …'}
        {sent?.kind === 'answered' && <><strong class={sent.isGood ? '' : 'bad'}>{sent.status}</strong> in {sent.ms.toLocaleString('en')} ms, {sent.type === '' ? 'nothing in it' : `${sent.type}, ${sent.text.length.toLocaleString('en')} characters`}</>}
      </div>
      {sent?.kind === 'failed' && <p class="complaint small" role="alert">{sent.message}</p>}
      {sent?.kind === 'answered' && sent.text !== '' && <Shown text={sent.text} />}
    </form>
  );
}

function Shown({ text }: { readonly text: string }) {
  return (
    <>
      <div class="line">
        <Copy text={text} label="Copy the answer" />
        {text.length > MOST_SHOWN && <span class="small quiet">The first {MOST_SHOWN.toLocaleString('en')} characters are shown; the copy is whole.</span>}
      </div>
      <pre class="code answer-text" tabIndex={0} role="region" aria-label="The answer"><code>{text.slice(0, MOST_SHOWN)}</code></pre>
    </>
  );
}

/** As it comes, refusals and all: nothing is asked again. */
async function answerTo({ method, url, headers, body }: Ready, stop: AbortSignal): Promise<Sent> {
  const startedAt = performance.now();
  try {
    const response = await fetch(url, { method, headers, signal: stop, ...(body.kind === 'json' ? { body: JSON.stringify(body.value) } : {}) });
    const text = await response.text();
    const ms = Math.round(performance.now() - startedAt);
    const type = (response.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
    return { kind: 'answered', status: `${response.status} ${response.statusText}`.trim(), isGood: response.ok, ms, type, text: type.endsWith('json') && type !== 'application/x-ndjson' ? pretty(text) : text };
  } catch {
    return { kind: 'failed', message: 'Nothing answers. Is the service still running? Try again in a moment.' };
  }
}

function pretty(text: string): string {
  const { value, complaint } = parsed(text);
  return complaint === undefined ? JSON.stringify(value, null, 2) : text;
}
