/** Where a candidate comes from, where the library says so. */
import type { Hit } from '../../src/api/index.ts';

export function HitLink({ hit }: { readonly hit: Hit }) {
  const source = linkOf(hit);
  return source === undefined ? null : <a href={source} rel="noreferrer noopener" target="_blank">source</a>;
}

/** A column of the library that holds an address. */
export function linkOf({ properties }: Hit): string | undefined {
  const found = Object.values(properties).find((value) => typeof value === 'string' && /^https?:\/\/\S+$/.test(value));
  return typeof found === 'string' ? found : undefined;
}
