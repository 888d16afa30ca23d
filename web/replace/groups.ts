/** Groups of the query that can be replaced, and what is known of the one that is chosen. */
import { computed, effect, signal } from '@preact/signals';
import type { ReplacementResponse } from '../../src/api/index.ts';
import { answer } from '../answer/answer.ts';
import { client, messageOf } from '../service/client.ts';
import { address, go } from '../shell/address.ts';

export type Group = ReplacementResponse['groups'][number];

/** The molecule that was searched; of a picture what was read. */
export const parent = computed(() => {
  const current = answer.value;
  if (current.state !== 'answered') return undefined;
  const { smiles, reading } = current.response.query;
  return smiles ?? reading?.smiles ?? undefined;
});

export const groups = signal<{ readonly smiles: string; readonly groups: readonly Group[] } | undefined>(undefined);
export type Known =
  | { readonly state: 'asking'; readonly key: string }
  | { readonly state: 'known'; readonly key: string; readonly group: Group; readonly proposals: ReplacementResponse['proposals']; readonly tookMs: number }
  | { readonly state: 'failed'; readonly key: string; readonly detail: string };
export const known = signal<Known | undefined>(undefined);

let asking: AbortController | undefined;

effect(() => {
  const smiles = parent.value;
  asking?.abort();
  if (smiles === undefined) {
    groups.value = undefined;
    return;
  }
  if (groups.peek()?.smiles === smiles) return;
  const controller = new AbortController();
  asking = controller;
  const { library } = address.peek();
  client.replace({ smiles, k: 1, ...(library === undefined ? {} : { index: library }) }, controller).then(
    (response) => (groups.value = { smiles, groups: response.groups.filter(({ total }) => total > 0) }),
    () => undefined,
  );
});

/** Replacements that are listed and drawn. */
const MOST = 60;
let looking: AbortController | undefined;

effect(() => {
  const smiles = parent.value;
  const { group } = address.value;
  if (smiles === undefined || group.length === 0) {
    known.value = undefined;
    return;
  }
  const key = `${smiles} ${group.join('.')}`;
  if (known.peek()?.key === key) return;
  looking?.abort();
  const controller = new AbortController();
  looking = controller;
  known.value = { state: 'asking', key };
  const { library } = address.peek();
  client.replace({ smiles, atoms: [...group], k: MOST, ...(library === undefined ? {} : { index: library }) }, controller).then(
    ({ groups: [found], proposals, tookMs }) => (known.value = found === undefined ? undefined : { state: 'known', key, group: found, proposals, tookMs }),
    (thrown: unknown) => {
      if (!controller.signal.aborted) known.value = { state: 'failed', key, detail: messageOf(thrown).detail };
    },
  );
});

/** The smallest group that holds an atom; where that is chosen, the next larger one. */
export function groupAt(atom: number): Group | undefined {
  const holding = (groups.value?.groups ?? []).filter(({ atoms }) => atoms.includes(atom)).sort((a, b) => a.atoms.length - b.atoms.length);
  const chosen = holding.findIndex(({ atoms }) => atoms.join('.') === address.value.group.join('.'));
  return holding[(chosen + 1) % Math.max(1, holding.length)];
}

export function choose(group: Group | undefined): void {
  go({ group: group === undefined ? [] : group.atoms });
}
