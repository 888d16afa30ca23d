/** The one box: text, drawing, picture or list, and what it is taken for. */
import { useEffect, useRef } from 'preact/hooks';
import { isSearching } from '../answer/answer.ts';
import { service, takesPictures } from '../service/service.ts';
import { MODES, address, ask, go } from '../shell/address.ts';
import type { Mode } from '../shell/address.ts';
import { Lazy } from '../shell/lazy.tsx';
import { complaint, draft, isDrawing, open, submit, take, taken } from './draft.ts';
import { TakenFor } from './taken.tsx';

const MODE_WORDS: Readonly<Record<Mode, { readonly label: string; readonly tip: string }>> = {
  default: { label: 'What acts alike', tip: 'Ranked by the bioisostere score' },
  hop: { label: 'Another scaffold', tip: 'Another ring system, the same pharmacophore' },
  replace: { label: 'One group changed', tip: 'The same core with one group or ring changed' },
  similarity: { label: 'Nearest', tip: 'The order of embedding similarity alone' },
  tanimoto: { label: 'Same fingerprint', tip: 'The order of ECFP4 Tanimoto similarity alone, compared with every molecule' },
};

export function QueryBox() {
  const field = useRef<HTMLTextAreaElement>(null);
  const picture = useRef<HTMLInputElement>(null);
  const { mode, k, library, view } = address.value;
  const libraries = service.value?.indexes ?? [];
  const text = draft.value;
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight + 2, 200)}px`;
  }, [text]);
  useEffect(() => listen(field), []);
  /** What was typed since is what is meant. */
  const choose = (change: { mode?: Mode; k?: number; library?: string }): void => {
    const typed = draft.peek().trim();
    if (typed !== '' && typed !== address.peek().text?.trim() && taken.peek().kind !== 'list') ask({ text: typed }, change);
    else go({ ...change, ...(change.library === undefined ? {} : { generation: undefined }) });
  };
  return (
    <form
      class="query panel"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="ask">
        <label class="visually-hidden" for="text">Molecule</label>
        <textarea
          id="text"
          ref={field}
          rows={1}
          spellcheck={false}
          autocapitalize="off"
          autocorrect="off"
          aria-describedby="taken"
          placeholder="SMILES, name, identifier, InChI, molfile, or a list"
          value={text}
          onInput={(event) => (draft.value = event.currentTarget.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData('text/plain') ?? '';
            // A molfile lives by its lines, and a list as well: they replace what is there.
            if (!pasted.includes('\n') && pasted.length < 20_000) return;
            event.preventDefault();
            event.stopPropagation();
            take(pasted);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <div class="ways">
          <button type="button" aria-expanded={isDrawing.value} onClick={() => (isDrawing.value = !isDrawing.value)}>Draw</button>
          {takesPictures() && (
            <>
              <input
                ref={picture}
                id="picture"
                type="file"
                class="visually-hidden"
                aria-label="Picture of a drawn structure, or a file of molecules"
                onChange={(event) => {
                  const file = event.currentTarget.files?.[0];
                  // The same file may be chosen again.
                  event.currentTarget.value = '';
                  if (file !== undefined) void open(file);
                }}
              />
              <label for="picture" class="button">Picture or file</label>
            </>
          )}
          <button type="submit" class="main" aria-busy={isSearching.value}>Search</button>
        </div>
      </div>
      {complaint.value !== undefined && <p class="complaint" role="alert">{complaint.value}</p>}
      <div id="taken" aria-live="polite"><TakenFor /></div>
      {isDrawing.value && <Lazy load={() => import('./editor.tsx').then(({ Editor }) => Editor)} what="The structure editor" />}
      <div class="options">
        <fieldset class="modes">
          <legend class="visually-hidden">Look for</legend>
          {MODES.map((one) => (
            <label key={one} title={MODE_WORDS[one].tip}>
              <input type="radio" name="mode" value={one} checked={mode === one} onChange={() => choose({ mode: one })} />
              <span>{MODE_WORDS[one].label}</span>
            </label>
          ))}
        </fieldset>
        {view === 'search' && (
          <label class="small">
            Candidates{' '}
            <select value={String(k)} onChange={(event) => choose({ k: Number(event.currentTarget.value) })}>
              {[...new Set([12, 48, 200, 1000, 10_000, k])].sort((a, b) => a - b).map((count) => <option key={count} value={String(count)}>{count.toLocaleString('en')}</option>)}
            </select>
          </label>
        )}
        {libraries.length > 1 && (
          <label class="small">
            Library{' '}
            <select value={library ?? libraries[0]?.name} onChange={(event) => choose({ library: event.currentTarget.value })}>
              {libraries.map(({ name, count }) => <option key={name} value={name}>{`${name} (${count.toLocaleString('en')})`}</option>)}
            </select>
          </label>
        )}
        {view === 'search' && address.value.text === undefined && address.value.picture === undefined && <Examples />}
      </div>
    </form>
  );
}

const EXAMPLES = [
  { name: 'celecoxib', url: new URL('../examples/celecoxib.png', import.meta.url).href },
  { name: 'haloperidol', url: new URL('../examples/haloperidol.png', import.meta.url).href },
];

function Examples() {
  const byPicture = async (source: string): Promise<void> => open(await (await fetch(source)).blob());
  return (
    <div class="examples">
      <span class="quiet">Try</span>
      <button type="button" onClick={() => ask({ text: 'CC(C)Cc1ccc(cc1)C(C)C(=O)O' })}>ibuprofen as SMILES</button>
      <button type="button" onClick={() => ask({ text: 'Sildenafil' })}>sildenafil by name</button>
      {takesPictures() && EXAMPLES.map(({ name, url }) => (
        <button key={name} type="button" class="thumbnail" onClick={() => void byPicture(url)}>
          <img src={url} alt={`Drawing of ${name}`} width={72} height={48} />
        </button>
      ))}
    </div>
  );
}

/** Pictures and files may be dropped and pasted anywhere. */
function listen(field: { readonly current: HTMLTextAreaElement | null }): () => void {
  const over = (event: DragEvent): void => {
    event.preventDefault();
    document.body.classList.add('dropping');
  };
  const leave = (event: DragEvent): void => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    const text = event.dataTransfer?.getData('text/plain').trim() ?? '';
    if (file !== undefined) void open(file);
    else if (text !== '' && take(text)) submit();
  };
  const paste = (event: ClipboardEvent): void => {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (file !== undefined) {
      event.preventDefault();
      void open(file);
      return;
    }
    const isElsewhere = !(event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable], .editor') !== null);
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (isElsewhere && text.trim() !== '' && take(text)) field.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, .editor, dialog') !== null)) return;
    event.preventDefault();
    field.current?.select();
  };
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', leave);
  document.addEventListener('drop', drop);
  document.addEventListener('paste', paste);
  document.addEventListener('keydown', key);
  return () => {
    document.removeEventListener('dragover', over);
    document.removeEventListener('dragleave', leave);
    document.removeEventListener('drop', drop);
    document.removeEventListener('paste', paste);
    document.removeEventListener('keydown', key);
  };
}
