/** What is in the query box, and what it is taken for while it is typed. */
import { computed, effect, signal } from '@preact/signals';
import type { Understanding } from '../../src/api/index.ts';
import { keepPicture } from '../picture/pictures.ts';
import { client, messageOf } from '../service/client.ts';
import type { Failure } from '../answer/answer.ts';
import { address, ask, go } from '../shell/address.ts';
import { isList, isMolfile, readList } from './list.ts';

/** Under this name the last list outlives a reload; the tab forgets it when it is closed. */
const KEPT_LIST = 'isolens.list';

/** The last list that was in the box: a search from it takes the box, and must not cost the list. */
let keptList = storedList();

export const draft = signal(address.peek().text ?? keptList);
/** The box follows the address: back and forward bring the old question, and the batch its list. */
effect(() => {
  const { text, view } = address.value;
  if (view === 'search' && text !== undefined) draft.value = text;
  if (view === 'batch' && keptList !== '' && !isList(draft.peek())) draft.value = keptList;
});
effect(() => {
  const text = draft.value;
  if (!isList(text) && address.peek().view !== 'batch') return;
  keptList = text;
  try {
    sessionStorage.setItem(KEPT_LIST, text);
  } catch {
    // A browser that keeps nothing: the list lasts as long as the page.
  }
});

function storedList(): string {
  try {
    return sessionStorage.getItem(KEPT_LIST) ?? '';
  } catch {
    return '';
  }
}

/** The structure editor is open. */
export const isDrawing = signal(false);

export type Taken =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'list'; readonly lines: number }
  | { readonly kind: 'molecule'; readonly text: string; readonly understanding: Understanding }
  | { readonly kind: 'unclear'; readonly text: string; readonly failure: Failure };

/** Characters of a list that the box holds; more belongs in a file. */
export const MOST_TYPED = 1_000_000;
const PAUSE_MS = 250;

const understood = signal<Taken>({ kind: 'nothing' });

/** What the list in the box holds; undefined where there is none. */
export const list = computed(() => (isList(draft.value) ? readList(draft.value) : undefined));

/** Of the draft as it stands now: never of an older one. */
export const taken = computed((): Taken => {
  const text = draft.value;
  if (text.trim() === '') return { kind: 'nothing' };
  if (isList(text)) return { kind: 'list', lines: list.value?.queries.length ?? 0 };
  const last = understood.value;
  return 'text' in last && last.text === text ? last : { kind: 'nothing' };
});

let running: AbortController | undefined;
let pause: ReturnType<typeof setTimeout> | undefined;

effect(() => {
  const text = draft.value;
  const { library } = address.value;
  clearTimeout(pause);
  running?.abort();
  if (text.trim() === '' || isList(text)) return;
  const controller = new AbortController();
  running = controller;
  pause = setTimeout(() => {
    client.understand({ text, ...(library === undefined ? {} : { index: library }) }, { signal: controller.signal }).then(
      (understanding) => (understood.value = { kind: 'molecule', text, understanding }),
      (thrown: unknown) => {
        if (!controller.signal.aborted) understood.value = { kind: 'unclear', text, failure: messageOf(thrown) };
      },
    );
  }, PAUSE_MS);
});

/** Something was asked that is no question. */
export const complaint = signal<string | undefined>(undefined);

export function submit(): void {
  const text = draft.value;
  complaint.value = undefined;
  if (text.trim() === '') complaint.value = 'Type a SMILES, a name or an identifier, draw a structure, or give a picture of one.';
  else if (isList(text)) go({ view: 'batch', job: undefined });
  else ask({ text: text.trim() === text ? text : isMolfile(text) ? text : text.trim() });
}

/** A picture, or a file of text: a molecule, or many. */
export async function open(file: File | Blob): Promise<void> {
  const name = file instanceof File ? file.name : '';
  complaint.value = undefined;
  if (!/\.(?:mol|sdf|sd|smi|smiles|txt|csv|tsv|inchi)$/i.test(name)) {
    ask({ picture: keepPicture(file) });
    return;
  }
  if (file.size > MOST_TYPED) {
    complaint.value = `${name} is larger than ${MOST_TYPED / 1e6} MB. Search it with "isolens search --input ${name}" on the command line.`;
    return;
  }
  take((await file.text()).replace(/\r?\n\$\$\$\$\s*$/, '\n'));
  if (!isList(draft.value)) submit();
  else go({ view: 'batch', job: undefined });
}

/** Text that came from elsewhere; what is too long for the box is refused, and what was there stays. */
export function take(text: string): boolean {
  if (text.length > MOST_TYPED) {
    complaint.value = `The text has ${(text.length / 1e6).toFixed(1)} million characters; the box takes 1 million. Search a long list with "isolens search --input FILE" on the command line.`;
    return false;
  }
  draft.value = text;
  return true;
}
