/** The same look before RDKit at a molfile: bounded size, and what is not a plain molecule is named. */
import { IsoLensError } from '../core/index.ts';
import type { ErrorCode } from '../core/index.ts';
import { SMILES_LIMITS } from './limits.ts';

const MAX_CHARACTERS = 256 * 1024;

export function looksLikeMolfile(input: string): boolean {
  return /\n/.test(input.trim()) && /V2000|V3000|M {2}END|^\$RXN/m.test(input);
}

/** Returns the molfile alone (an SD record's data are cut off), or throws a coded error. */
export function checkMolfile(input: string): string {
  if (input.length > MAX_CHARACTERS) fail('SMILES_TOO_LONG', `Expected a molfile of at most ${MAX_CHARACTERS} characters but received ${input.length}.`);
  const text = input.replace(/\r\n?/g, '\n');
  if (text.trimStart().startsWith('$RXN')) fail('SMILES_IS_REACTION', 'Expected a molecule but received a reaction file; give one of its molecules.');
  const end = text.indexOf('M  END');
  if (end < 0) fail('SMILES_SYNTAX', 'Expected a molfile that ends with "M  END" but it is cut off; export it again.');
  const body = text.slice(0, end);
  const atoms = atomCount(body);
  if (atoms === undefined) fail('SMILES_SYNTAX', 'Expected a molfile with a counts line (V2000 or V3000) as its fourth line; export it again.');
  if (atoms === 0) fail('SMILES_EMPTY', 'Expected a molecule but the molfile has no atom.');
  if (atoms > SMILES_LIMITS.atoms) fail('SMILES_TOO_COMPLEX', `Expected at most ${SMILES_LIMITS.atoms} atoms but received ${atoms}; larger molecules are not supported.`);
  if (/^M {2}STY.*\b(SRU|MON|COP|MER|CRO|GRA|ANY)\b/m.test(body) || /^M {2}V30 \d+ (SRU|MON|COP|MER|CRO|GRA|ANY) /m.test(body)) {
    fail('MOLECULE_UNSUPPORTED', 'Expected a molecule but received a polymer (repeat-unit brackets); give one repeat unit, capped.');
  }
  if (/^M {2}(RGP|ALS|APO|LOG)/m.test(body) || /\bR#|RGROUPS=|ATTCHPT=/.test(body) || genericAtom(body)) {
    fail('SMILES_IS_QUERY', 'Expected a molecule but the molfile holds R groups, atom lists or generic atoms; replace them by atoms.');
  }
  return `${body}M  END\n`;
}

function atomCount(body: string): number | undefined {
  const v3000 = /^M {2}V30 COUNTS (\d+)/m.exec(body);
  if (v3000 !== null) return Number(v3000[1]);
  const counts = body.split('\n')[3];
  const number = counts === undefined ? Number.NaN : Number.parseInt(counts.slice(0, 3), 10);
  return Number.isInteger(number) ? number : undefined;
}

function genericAtom(body: string): boolean {
  return /^(?: +-?\d+\.\d+){3} (?:A|Q|X|M|L|LP|\*|R\d*) /m.test(body) || /^M {2}V30 \d+ (?:A|Q|X|M|\*|NOT|\[)[ [,]/m.test(body);
}

function fail(code: ErrorCode, message: string): never {
  throw new IsoLensError(code, message);
}
