/**
 * A lexical look at a SMILES before RDKit sees it. RDKit's WebAssembly build dies (and stays dead) after very long chains and
 * deep nesting, so size is bounded on the characters alone; what is plainly not a molecule is named as such.
 */
import { IsoLensError } from '../core/index.ts';
import type { ErrorCode, ErrorDetails } from '../core/index.ts';
import { SYMBOLS } from './elements.ts';

export interface SmilesLimits {
  readonly characters: number;
  readonly atoms: number;
  readonly fragments: number;
  readonly nesting: number;
}

export const SMILES_LIMITS: SmilesLimits = Object.freeze({ characters: 1000, atoms: 250, fragments: 50, nesting: 64 });

/** What was read otherwise than it was written, or not at all. */
export type InputWarning =
  | 'NAME_IGNORED' | 'CXSMILES_IGNORED' | 'ENHANCED_STEREO' | 'TEXT_CLEANED' | 'LABELS_EXPANDED' | 'CHIRAL_FLAG_ABSENT' | 'INCHI_READ';

/** What the characters tell: the SMILES without its tail, and where each atom begins (for pointing at it in a message). */
export interface SmilesOutline {
  readonly smiles: string;
  /** The text after the first blank: a name or a CXSMILES block; empty if none. */
  readonly tail: string;
  /** `atomPositions[i]` = index in `smiles` of the first character of atom i, in RDKit's order before hydrogens are merged. */
  readonly atomPositions: readonly number[];
  readonly fragments: number;
  readonly warnings: readonly InputWarning[];
}

/** Hyphens, dashes and minus signs of a text processor. */
const DASHES = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;
/** Blanks that take no room or bind words: they come along when a text is copied. */
const INVISIBLE = /[\u00A0\u00AD\u200B-\u200F\u202F\u2060\uFEFF]/g;

/** The text with plain hyphens, and without blanks that cannot be seen. */
export function plainText(text: string): string {
  return text.replaceAll(INVISIBLE, '').replaceAll(DASHES, '-');
}

/** The InChIKey that the text is, upper case and without its prefix; undefined if it is none. */
export function asInchiKey(text: string): string | undefined {
  return /^(?:InChIKey\s*[=:]?\s*)?([A-Z]{14}-[A-Z]{10}-[A-Z])$/i.exec(plainText(text).trim())?.[1]?.toUpperCase();
}

export interface SmilesRules {
  /** Lets `*`, `[*:1]` and `[1*]` stand for where a fragment hangs on. Molecules have none; a drawing may show them. */
  readonly attachments?: boolean;
}

/** Checks and outlines; throws a coded `IsoLensError` whose details carry `position` (0-based) where there is one. */
export function checkSmiles(input: string, limits: SmilesLimits = SMILES_LIMITS, rules: SmilesRules = {}): SmilesOutline {
  const given = input.trim();
  const text = plainText(given).trim();
  if (text === '') fail('SMILES_EMPTY', 'Expected a SMILES but received an empty text; enter a molecule such as CC(=O)Oc1ccccc1C(=O)O.');
  requireOneLine(text);
  if (asInchiKey(text) !== undefined) {
    fail('SMILES_SYNTAX', 'Expected a SMILES but received an InChIKey, from which a structure cannot be rebuilt; give the SMILES.', { position: 0 });
  }
  if (/^InChI=/i.test(text)) {
    fail('SMILES_SYNTAX', 'Expected a SMILES but received an InChI, whose atoms have no order of their own; give the SMILES.', { position: 0 });
  }
  const blank = text.search(/\s/);
  const smiles = blank < 0 ? text : text.slice(0, blank);
  const tail = blank < 0 ? '' : text.slice(blank).trim();
  if (smiles.length > limits.characters) {
    fail('SMILES_TOO_LONG', `Expected at most ${limits.characters} characters but received ${smiles.length}; larger molecules are not supported.`, { length: smiles.length });
  }
  checkTail(tail);
  return new Scanner(smiles, tail, [...(text === given ? [] : ['TEXT_CLEANED' as const]), ...tailWarnings(tail)], limits, rules.attachments === true).run();
}

function requireOneLine(text: string): void {
  const position = text.search(/[\n\r\u2028\u2029]/);
  if (position < 0) {
    if (!/\bV[23]000\b/.test(text)) return;
    fail('SMILES_SYNTAX', 'Expected a SMILES but received a molfile whose line ends are lost; give it as a file, or paste the SMILES.');
  }
  const lines = text.split(/[\n\r\u2028\u2029]+/).length;
  fail(
    'SMILES_SYNTAX', `Expected one SMILES on one line but received ${lines} lines; give one molecule at a time (in JSON, write a backslash twice).`,
    { position },
  );
}

function tailWarnings(tail: string): InputWarning[] {
  if (tail === '') return [];
  if (!tail.startsWith('|')) return ['NAME_IGNORED'];
  const block = /^\|([^|]*)/.exec(tail)![1]!;
  return /(?:^|,)(?:[&o]\d*:|r(?:,|$))/.test(block) ? ['CXSMILES_IGNORED', 'ENHANCED_STEREO'] : ['CXSMILES_IGNORED'];
}

function checkTail(tail: string): void {
  const block = /^\|(.*)\|/.exec(tail)?.[1];
  if (block === undefined) return;
  if (/(^|,)S[gG]:/.test(block)) fail('MOLECULE_UNSUPPORTED', 'Expected a molecule but received a polymer (CXSMILES "Sg"); give one repeat unit, capped.');
  if (/_R\d*|_AP\d|_R_p|(^|,)(m|LN|rb|s|u):/.test(block)) {
    fail('SMILES_IS_QUERY', 'Expected a molecule but received open attachment points or a query (CXSMILES); replace them by atoms.');
  }
}

const ORGANIC_TWO = new Set(['Cl', 'Br']);
const ORGANIC_ONE = /[BCNOPSFIbcnops]/;

class Scanner {
  private at = 0;
  private depth = 0;
  private fragments = 1;
  private afterDot = true;
  private readonly branchStarts: number[] = [];
  private readonly openRings = new Map<string, number>();
  private readonly atomPositions: number[] = [];
  private readonly smiles: string;
  private readonly tail: string;
  private readonly warnings: readonly InputWarning[];
  private readonly limits: SmilesLimits;
  private readonly attachments: boolean;

  constructor(smiles: string, tail: string, warnings: readonly InputWarning[], limits: SmilesLimits, attachments: boolean) {
    this.attachments = attachments;
    this.smiles = smiles;
    this.tail = tail;
    this.warnings = warnings;
    this.limits = limits;
  }

  run(): SmilesOutline {
    while (this.at < this.smiles.length) this.step(this.smiles[this.at]!);
    const unclosedBranch = this.branchStarts.at(-1);
    if (unclosedBranch !== undefined) this.syntax(unclosedBranch, 'this branch is opened but not closed');
    const [ring] = this.openRings;
    if (ring !== undefined) {
      fail('SMILES_UNCLOSED_RING', `Expected ring bond ${ring[0]} to be closed, but it is only opened at position ${ring[1]}; write the same number on the closing atom.`, { position: ring[1] });
    }
    if (this.afterDot) this.syntax(this.smiles.length - 1, 'an atom is missing here');
    return { smiles: this.smiles, tail: this.tail, atomPositions: this.atomPositions, fragments: this.fragments, warnings: this.warnings };
  }

  private step(c: string): void {
    if (c === '[') return this.bracketAtom();
    if (c === '*' && this.attachments) return this.atom(1);
    if (c === '*') return this.query(this.at, 'an open attachment point (*)');
    const two = this.smiles.slice(this.at, this.at + 2);
    if (ORGANIC_TWO.has(two)) return this.atom(2);
    if (ORGANIC_ONE.test(c)) return this.atom(1);
    if (c === '(') return this.open();
    if (c === ')') return this.close();
    if (c === '.') return this.dot();
    if (c >= '0' && c <= '9') return this.ring(c, 1);
    if (c === '%') return this.longRing();
    if (two === '->' || two === '<-') return this.skip(2);
    if (c === '>') fail('SMILES_IS_REACTION', `Expected a molecule but received a reaction (">" at position ${this.at}); give one of its molecules.`, { position: this.at });
    if ('-=#$:/\\'.includes(c)) return this.skip(1);
    if ('~!&,;@?'.includes(c)) return this.query(this.at, `the SMARTS symbol ${c}`);
    if (/[RXQAMZaG]/.test(c)) return this.maybeGroup(c);
    if (c === '{' || c === '}') fail('MOLECULE_UNSUPPORTED', `Expected a molecule but received a polymer notation ("${c}" at position ${this.at}); give one repeat unit, capped.`, { position: this.at });
    return this.syntax(this.at, `the character ${JSON.stringify(c)} does not belong in a SMILES`);
  }

  /** `R`, `R1`, `X`, `Q`, `A`... outside brackets: an R group or a generic atom, never an element. */
  private maybeGroup(c: string): void {
    if (c === 'R') return this.rGroup(this.at, /^R[\d'#]*/.exec(this.smiles.slice(this.at))![0]);
    if (c === 'A' || c === 'a') return this.query(this.at, `the generic group ${c}`);
    return this.syntax(this.at, `${c} is not an element that may stand without brackets`);
  }

  private bracketAtom(): void {
    const start = this.at;
    const end = this.smiles.indexOf(']', start);
    if (end < 0) this.syntax(start, 'this bracket is opened but not closed');
    const body = this.smiles.slice(start + 1, end);
    if (this.attachments && ATTACHMENT.test(body)) return this.atom(end - start + 1);
    const symbol = BRACKET_ATOM.exec(body)?.[1];
    if (symbol === undefined || !ELEMENTS.has(symbol)) {
      if (/^R(?:[#'\d_]|[a-z]?$)/.test(body)) this.rGroup(start, `[${body}]`);
      if (/[*#!,;&$~RXDvx?^]|^a|^A$|^\d*[QGM](?![a-z])/.test(body)) this.query(start, `the query or generic atom [${body}]`);
      this.syntax(start, `[${body}] is not an atom`);
    }
    this.atom(end - start + 1);
  }

  private atom(length: number): void {
    this.atomPositions.push(this.at);
    if (this.atomPositions.length > this.limits.atoms) {
      fail('SMILES_TOO_COMPLEX', `Expected at most ${this.limits.atoms} atoms but received more; larger molecules are not supported.`, { position: this.at });
    }
    this.afterDot = false;
    this.skip(length);
  }

  private open(): void {
    if (++this.depth > this.limits.nesting) {
      fail('SMILES_TOO_COMPLEX', `Expected at most ${this.limits.nesting} nested branches but received more; write the main chain without parentheses.`, { position: this.at });
    }
    if (this.atomPositions.length === 0) this.syntax(this.at, 'a branch cannot come before the first atom');
    this.branchStarts.push(this.at);
    this.skip(1);
  }

  private close(): void {
    if (this.branchStarts.pop() === undefined) this.syntax(this.at, 'this parenthesis was never opened');
    this.depth--;
    this.skip(1);
  }

  private dot(): void {
    if (this.afterDot) this.syntax(this.at, 'an atom is missing before this dot');
    this.afterDot = true;
    if (++this.fragments > this.limits.fragments) {
      fail('SMILES_TOO_COMPLEX', `Expected at most ${this.limits.fragments} fragments but received more; give one compound at a time.`, { position: this.at });
    }
    this.skip(1);
  }

  private ring(label: string, length: number): void {
    if (this.atomPositions.length === 0) this.syntax(this.at, 'a ring bond needs an atom before it');
    const key = String(Number(label));
    if (!this.openRings.delete(key)) this.openRings.set(key, this.at);
    this.skip(length);
  }

  private longRing(): void {
    const match = /^%(?:(\d\d)|\((\d{1,5})\))/.exec(this.smiles.slice(this.at, this.at + 8));
    if (match === null) this.syntax(this.at, '% must be followed by two digits');
    this.ring((match[1] ?? match[2])!, match[0].length);
  }

  private skip(count: number): void {
    this.at += count;
  }

  private rGroup(position: number, label: string): never {
    return fail(
      'SMILES_IS_QUERY',
      `Expected a molecule but received the R group ${label} at position ${position}; replace it by atoms, `
        + 'or write attachment points as [*:1] where a group is asked for.',
      { position },
    );
  }

  private query(position: number, what: string): never {
    return fail('SMILES_IS_QUERY', `Expected a molecule but received ${what} at position ${position}; replace it by atoms.`, { position });
  }

  private syntax(position: number, why: string): never {
    return fail('SMILES_SYNTAX', `Expected a SMILES but at position ${position} ${why}: ${excerpt(this.smiles, position)}`, { position });
  }
}

/** isotope? symbol chirality? hydrogens? charge? map? -- the OpenSMILES bracket atom, without `*`. */
const BRACKET_ATOM = /^\d{0,3}([A-Z][a-z]?|b|c|n|o|p|s|se|as|te|si)(?:@(?:@|TH[12]|AL[12]|SP[1-3]|TB\d{1,2}|OH\d{1,2})?)?(?:H\d?)?(?:\+\d{1,2}|-\d{1,2}|\+{1,4}|-{1,4})?(?::\d{1,5})?$/;

/** isotope? `*` map? */
const ATTACHMENT = /^\d{0,3}\*(?::\d{1,5})?$/;

const ELEMENTS = new Set([...SYMBOLS.slice(1), 'b', 'c', 'n', 'o', 'p', 's', 'se', 'as', 'te', 'si']);

/** The few characters around a position, for a message. */
export function excerpt(text: string, position: number): string {
  const from = Math.max(0, position - 12);
  const piece = text.slice(from, position + 12);
  return `${from > 0 ? '...' : ''}${piece}${position + 12 < text.length ? '...' : ''}`;
}

function fail(code: ErrorCode, message: string, details: ErrorDetails = {}): never {
  throw new IsoLensError(code, message, { details });
}
