/** The line under the box: how the text is read, or where it cannot be. */
import type { Failure } from '../answer/answer.ts';
import { nameOf } from '../answer/words.ts';
import { address, ask } from '../shell/address.ts';
import { taken } from './draft.ts';

export function TakenFor() {
  const current = taken.value;
  // What was searched is told with the answer.
  if (current.kind === 'nothing' || ('text' in current && current.text === address.value.text)) return null;
  // The batch page tells what a list holds.
  if (current.kind === 'list') return address.value.view === 'batch' ? null : <p class="taken">A list of {current.lines} lines. Enter opens it as a batch.</p>;
  if (current.kind === 'unclear') return <p class="taken quiet">{current.failure.code === 'NAME_UNKNOWN' ? <Near failure={current.failure} /> : <>Not readable yet: <AtPosition text={current.text} failure={current.failure} /></>}</p>;
  const { kind, formula, descriptors, names, id, removed } = current.understanding;
  return (
    <p class="taken">
      <span class="kind">{kind}</span> {id === null ? 'a molecule that is not in this library' : nameOf({ names, id })} · <Formula text={formula} /> · {(descriptors['molecularWeight'] ?? 0).toFixed(1)} g/mol
      {removed.length > 0 && <> · {removed.length === 1 ? 'one salt or solvent' : `${removed.length} salts or solvents`} set aside</>}
    </p>
  );
}

/** Names that may be meant, each one click away. */
export function Near({ failure }: { readonly failure: Failure }) {
  const near = (failure.details?.['near'] as string[] | undefined) ?? [];
  if (near.length === 0) return <>No molecule of this library is called so, and it is no structure.</>;
  return (
    <>
      No molecule is called so. Did you mean{' '}
      {near.map((name, i) => (
        <span key={name}>{i > 0 && ', '}<button type="button" class="link" onClick={() => ask({ text: name })}>{name}</button></span>
      ))}
      ?
    </>
  );
}

/** Characters around the place that cannot be read. */
const AROUND = 24;

export function AtPosition({ text, failure }: { readonly text: string; readonly failure: Failure }) {
  const position = failure.details?.['position'];
  if (typeof position !== 'number' || text.includes('\n')) return <>{failure.detail}</>;
  const start = Math.max(0, position - AROUND);
  return (
    <>
      <code class="at">
        {start > 0 && '\u2026'}{text.slice(start, position)}<mark>{text.charAt(position) || '\u23CE'}</mark>{text.slice(position + 1, position + AROUND)}{text.length > position + AROUND && '\u2026'}
      </code>{' '}
      {failure.detail}
    </>
  );
}

/** Figures of a formula are set low. */
export function Formula({ text }: { readonly text: string }) {
  return <span>{text.split(/(\d+)/).map((part, i) => (/^\d+$/.test(part) ? <sub key={i}>{part}</sub> : part))}</span>;
}
