/** How often measured pairs as alike as a band says acted alike. */
import { useEffect, useState } from 'preact/hooks';
import type { LibraryDetail } from '../../src/api/index.ts';
import { client } from '../service/client.ts';
import { answer } from './answer.ts';

export type Bands = NonNullable<NonNullable<LibraryDetail['model']['score']>['bands']>;

/** Fewer pairs say nothing of a band. */
export const LEAST_COUNTED = 30;
const bandsOf = new Map<string, Promise<Bands | undefined>>();

/** Of the library that answered; undefined where its model has none. */
export function useBands(): Bands | undefined {
  const [bands, setBands] = useState<Bands | undefined>(undefined);
  const current = answer.value;
  const library = current.state === 'answered' ? current.response.index.name : undefined;
  useEffect(() => {
    if (library === undefined) return;
    const asked = bandsOf.get(library) ?? client.getIndex(library).then(({ model }) => model.score?.bands ?? undefined, () => undefined);
    bandsOf.set(library, asked);
    void asked.then(setBands);
  }, [library]);
  return bands;
}
