/** Where a molecule of a library is described elsewhere: an address with a place for what names it. */
import { IsoLensError } from '../core/index.ts';

const PLACES: readonly string[] = ['{id}', '{inchiKey}', '{smiles}'];
const MAX_CHARACTERS = 2000;

/** What is wrong with a link template; undefined where nothing is. */
export function linkProblem(template: string): string | undefined {
  if (template.length > MAX_CHARACTERS) return `it has more than ${MAX_CHARACTERS} characters`;
  if (/[\s\p{Cc}"<>\\^`|]/u.test(template)) return 'it holds a character that no address may hold';
  const places = template.match(/\{[^}]*\}/g) ?? [];
  const unknown = places.find((place) => !PLACES.includes(place));
  if (unknown !== undefined) return `it holds ${unknown}`;
  if (places.length === 0) return 'it names no molecule';
  const [one, other] = [filled(template, 'a'), filled(template, 'b')];
  if (one === undefined || other === undefined) return 'it is no address';
  if (one.protocol !== 'http:' && one.protocol !== 'https:') return `it begins with ${one.protocol}`;
  if (one.username !== '' || one.password !== '') return 'it holds a user or a password';
  // What a library calls its molecules must not decide whom a browser talks to.
  return one.origin === other.origin ? undefined : 'the molecule decides the host';
}

/** Refuses with ARGUMENT_INVALID what cannot be a link template. */
export function checkedLink(template: string): string {
  const problem = linkProblem(template);
  if (problem === undefined) return template;
  const expected = `a link such as https://example.org/{id}, over http or https, with ${PLACES.join(', ')} in it`;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected ${expected}, but received ${JSON.stringify(template)}: ${problem}.`);
}

function filled(template: string, text: string): URL | undefined {
  try {
    return new URL(template.replaceAll(/\{[^}]*\}/g, text));
  } catch {
    return undefined;
  }
}
