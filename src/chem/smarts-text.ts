/**
 * A SMARTS as a chemist writes it, in the words that the library is written in: hydrogens are counts there and no atoms, and nitro
 * groups, azides and N-oxides have charges. What cannot be said so is refused with a hint.
 */
import { IsoLensError } from '../core/index.ts';

interface Token {
  readonly kind: 'atom' | 'bond' | 'open' | 'close' | 'ring' | 'dot';
  text: string;
}

/** Positions in the list of tokens. */
interface Bond {
  readonly from: number;
  readonly to: number;
  /** Undefined where the bond is not written. */
  readonly token: number | undefined;
}

/** Returns an equal pattern; throws SMARTS_INVALID where an explicit hydrogen cannot become a count. */
export function plainSmarts(text: string): string {
  return rewrite(text, false);
}

function rewrite(text: string, isRecursive: boolean): string {
  const tokens = tokensOf(text);
  if (tokens === undefined) return text; // RDKit says what is wrong
  for (const token of tokens) if (token.kind === 'atom') token.text = rewriteRecursive(token.text);
  mergeHydrogens(tokens, isRecursive);
  chargeNitrogen(tokens);
  return tokens.map((token) => token.text).join('');
}

const PATTERN = /(?<atom>Cl|Br|[BCNOPSFIHbcnopsAa*])|(?<bond>[-=#~:/\\@!?,;&$]+)|(?<open>\()|(?<close>\))|(?<ring>%\d\d|\d)|(?<dot>\.)/y;

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const end = text[at] === '[' ? closing(text, at, '[', ']') : -1;
    if (text[at] === '[' && end < 0) return undefined;
    if (end >= 0) {
      tokens.push({ kind: 'atom', text: text.slice(at, end + 1) });
      at = end + 1;
      continue;
    }
    PATTERN.lastIndex = at;
    const groups = PATTERN.exec(text)?.groups;
    const found = Object.entries(groups ?? {}).find(([, value]) => value !== undefined);
    if (found === undefined) return undefined;
    tokens.push({ kind: found[0] as Token['kind'], text: found[1] });
    at += found[1].length;
  }
  return tokens;
}

function closing(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) return at;
  }
  return -1;
}

function rewriteRecursive(atom: string): string {
  let out = '';
  let at = 0;
  for (let start = atom.indexOf('$('); start >= 0; start = atom.indexOf('$(', at)) {
    const end = closing(atom, start + 1, '(', ')');
    if (end < 0) return atom;
    out += `${atom.slice(at, start)}$(${rewrite(atom.slice(start + 2, end), true)})`;
    at = end + 1;
  }
  return out + atom.slice(at);
}

function bondsOf(tokens: readonly Token[]): Bond[] {
  const bonds: Bond[] = [];
  const stack: number[] = [];
  const rings = new Map<string, number>();
  let last = -1;
  let bond: number | undefined;
  tokens.forEach(({ kind, text }, i) => {
    if (kind === 'bond') bond = i;
    else if (kind === 'open') stack.push(last);
    else if (kind === 'close') last = stack.pop() ?? -1;
    else if (kind === 'dot') last = -1;
    else if (kind === 'ring') {
      const open = rings.get(text);
      if (open === undefined) rings.set(text, last);
      else {
        bonds.push({ from: open, to: last, token: bond });
        rings.delete(text);
      }
      bond = undefined;
    } else {
      if (last >= 0) bonds.push({ from: last, to: i, token: bond });
      last = i;
      bond = undefined;
    }
  });
  return bonds;
}

const HYDROGEN = /^(?:\[(?:H|#1)\]|H)$/;

function mergeHydrogens(tokens: Token[], isRecursive: boolean): void {
  const bonds = bondsOf(tokens);
  const counts = new Map<number, number>();
  const drop = new Set<number>();
  tokens.forEach((token, i) => {
    if (token.kind !== 'atom' || !HYDROGEN.test(token.text)) return;
    const own = bonds.filter(({ from, to }) => from === i || to === i);
    const neighbour = own.length === 1 ? (own[0]!.from === i ? own[0]!.to : own[0]!.from) : -1;
    const bond = own[0]?.token === undefined ? '' : tokens[own[0].token]!.text;
    const isBranched = tokens[i + 1]?.kind === 'open' || tokens[i + 1]?.kind === 'ring';
    const partner = tokens[neighbour]?.text ?? '[H]';
    const isPlain = !HYDROGEN.test(partner) && !partner.includes('@') && ['', '-', '~'].includes(bond);
    if (!isPlain || isBranched || (isRecursive && i === 0)) refuseHydrogen();
    counts.set(neighbour, (counts.get(neighbour) ?? 0) + 1);
    drop.add(i);
    if (own[0]!.token !== undefined) drop.add(own[0]!.token);
  });
  if (drop.size === 0) return;
  for (const [atom, count] of counts) {
    tokens[atom]!.text = withTerm(tokens[atom]!.text, Array.from({ length: count }, (_, i) => `!H${i}`).join(';'));
  }
  for (const i of [...drop].sort((a, b) => b - a)) tokens.splice(i, 1);
  for (let i = tokens.length - 2; i >= 0; i--) {
    if (tokens[i]!.kind === 'open' && tokens[i + 1]!.kind === 'close') tokens.splice(i, 2);
  }
}

function refuseHydrogen(): never {
  throw new IsoLensError(
    'SMARTS_INVALID',
    'Expected hydrogens as counts but received an atom [H] that cannot be merged into its neighbour; write [OX2H] for OH, [NX3;H2] for NH2.',
  );
}

/** `O` and `!H0` give `[O;!H0]`; an atom map stays at the end. */
function withTerm(atom: string, term: string): string {
  if (!atom.startsWith('[')) return `[${atom};${term}]`;
  return atom.replace(/(:\d+)?\]$/, `;${term}$1]`);
}

/** Without a charge, a list or a negation: an atom that can be given a charge. */
const PLAIN_NITROGEN = /^(?:[Nn]|\[(?:[Nn]|#7)(?:;?(?:[XDH]\d?|&))*(?::\d+)?\])$/;
const PLAIN_OXYGEN = /^(?:O|\[(?:O|#8)(?:;?(?:[XDH]\d?|&))*(?::\d+)?\])$/;

/** Nitrogen with five bonds: one =O becomes [O-], a #N becomes =[N-]. Sulfur with the charges of an oxide loses them. */
function chargeNitrogen(tokens: Token[]): void {
  const bonds = bondsOf(tokens);
  const orderOf = ({ token }: Bond): string => (token === undefined ? '' : tokens[token]!.text);
  tokens.forEach((atom, i) => {
    if (atom.kind !== 'atom') return;
    const own = bonds.filter(({ from, to }) => from === i || to === i);
    const far = (bond: Bond): number => (bond.from === i ? bond.to : bond.from);
    const isEnd = (bond: Bond): boolean => bonds.filter(({ from, to }) => from === far(bond) || to === far(bond)).length === 1;
    const change = (bond: Bond, order: string, sign: string): void => {
      tokens[bond.token!]!.text = order;
      atom.text = withTerm(atom.text, '+');
      tokens[far(bond)]!.text = withTerm(tokens[far(bond)]!.text, sign);
    };
    if (PLAIN_NITROGEN.test(atom.text)) {
      const multiple = own.filter((bond) => ['=', '#'].includes(orderOf(bond)));
      const oxide = multiple.find((bond) => orderOf(bond) === '=' && PLAIN_OXYGEN.test(tokens[far(bond)]!.text) && isEnd(bond));
      const diazo = multiple.find((bond) => orderOf(bond) === '#' && PLAIN_NITROGEN.test(tokens[far(bond)]!.text) && isEnd(bond));
      const isAromatic = /^\[?n/.test(atom.text);
      if (oxide !== undefined && (multiple.length > 1 || isAromatic)) change(oxide, '-', '-');
      else if (diazo !== undefined && multiple.length > 1) change(diazo, '=', '-');
    } else if (/^\[S\+\]$/.test(atom.text)) {
      const oxide = own.find((bond) => ['', '-'].includes(orderOf(bond)) && tokens[far(bond)]!.text === '[O-]');
      if (oxide === undefined) return;
      atom.text = 'S';
      tokens[far(oxide)]!.text = 'O';
      if (oxide.token === undefined) tokens[Math.max(oxide.from, oxide.to)]!.text = `=${tokens[Math.max(oxide.from, oxide.to)]!.text}`;
      else tokens[oxide.token]!.text = '=';
    }
  });
}
