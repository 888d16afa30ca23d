/** What the service is: asked once, and again when it has been away. */
import { signal } from '@preact/signals';
import type { Capabilities, IndexInfo } from '../../src/api/index.ts';
import { client } from './client.ts';

export const service = signal<{ readonly capabilities: Capabilities; readonly indexes: readonly IndexInfo[] } | undefined>(undefined);
export const isAway = signal(false);

export async function describeService(): Promise<void> {
  try {
    const [told, libraries] = await Promise.all([client.getCapabilities(), client.listIndexes()]);
    service.value = { capabilities: told, indexes: libraries };
    isAway.value = false;
  } catch {
    isAway.value = true;
    setTimeout(() => void describeService(), 3000);
  }
}

export function libraryOf(name: string | undefined): IndexInfo | undefined {
  return service.value?.indexes.find((one) => name === undefined || one.name === name);
}

export function takesPictures(): boolean {
  return service.value?.capabilities.modalities.some(({ source }) => source === 'image') ?? true;
}
