/** Candidates that were put aside, over several queries: kept in this browser. */
import { effect, signal } from '@preact/signals';
import type { Hit } from '../../src/api/index.ts';
import { answer } from '../answer/answer.ts';
import { nameOf } from '../answer/words.ts';
import { formatAddress, address } from '../shell/address.ts';

export interface Kept {
  readonly inchiKey: string;
  readonly id: string;
  readonly name: string;
  readonly smiles: string;
  /** The question that found it. */
  readonly query: string;
  readonly address: string;
  readonly library: string;
  readonly generation: string;
  readonly score: number | null;
}

const KEY = 'isolens.basket';

export const basket = signal<readonly Kept[]>(load());

effect(() => {
  try {
    localStorage.setItem(KEY, JSON.stringify(basket.value));
  } catch {
    // A browser that keeps nothing: the basket lasts as long as the page.
  }
});
// Another window may change it.
addEventListener('storage', ({ key }) => {
  if (key === KEY) basket.value = load();
});

function load(): readonly Kept[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept as Kept[] : [];
  } catch {
    return [];
  }
}

export function inBasket({ inchiKey }: Pick<Hit, 'inchiKey'>): boolean {
  return basket.value.some((kept) => kept.inchiKey === inchiKey);
}

export function toggle(hit: Pick<Hit, 'inchiKey' | 'smiles' | 'names'> & { readonly id: string; readonly score: number | null }): void {
  if (inBasket(hit)) {
    basket.value = basket.value.filter(({ inchiKey }) => inchiKey !== hit.inchiKey);
    return;
  }
  const current = answer.value;
  const index = current.state === 'answered' ? current.response.index : undefined;
  basket.value = [...basket.value, {
    inchiKey: hit.inchiKey, id: hit.id, name: nameOf(hit), smiles: hit.smiles, score: hit.score,
    query: address.value.text ?? 'a picture', address: formatAddress(address.value), library: index?.name ?? '', generation: index?.generation ?? '',
  }];
}

export function remove(inchiKey: string): void {
  basket.value = basket.value.filter((kept) => kept.inchiKey !== inchiKey);
}
