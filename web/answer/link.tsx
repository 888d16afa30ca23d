/** Where a candidate comes from, where the library says so. */
import type { Hit } from '../../src/api/index.ts';
import { libraryOf } from '../service/service.ts';
import { answer } from './answer.ts';
import { nameOf } from './words.ts';

type Named = Pick<Hit, 'id' | 'inchiKey' | 'smiles' | 'properties'>;

export function HitLink({ hit }: { readonly hit: Hit }) {
  const current = answer.value;
  const library = current.state === 'answered' ? libraryOf(current.response.index.name) : undefined;
  const source = linkOf(hit, library?.link);
  return source === undefined ? null : <a href={source} rel="noreferrer noopener" target="_blank" title={source} aria-label={`source of ${nameOf(hit)}`}>source</a>;
}

/** By the template of the library, or the first column that holds an address. */
export function linkOf(hit: Named, template: string | null | undefined): string | undefined {
  return webAddress(template === null || template === undefined ? undefined : filled(template, hit)) ?? columnOf(hit);
}

function filled(template: string, { id, inchiKey, smiles }: Named): string {
  const values: Readonly<Record<string, string>> = { id, inchiKey, smiles };
  // One pass: braces of a value are no places.
  return template.replaceAll(/\{(id|inchiKey|smiles)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
}

function columnOf({ properties }: Named): string | undefined {
  for (const value of Object.values(properties)) {
    const found = typeof value === 'string' && /^https?:\/\/\S+$/.test(value) ? webAddress(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A library may hold anything: nothing that a browser would run becomes a link. */
function webAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const { protocol, href } = new URL(text);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}
