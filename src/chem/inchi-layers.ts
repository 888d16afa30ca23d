/** The layers of a standard InChI as atoms, connections and hydrogens, one component at a time (InChI Technical Manual, section IV). */
import { SYMBOLS } from './elements.ts';

export interface InchiComponent {
  /** Atomic numbers; atom i has the canonical number i + 1. */
  readonly elements: readonly number[];
  /** Pairs of atoms (0-based), the lower first, sorted. */
  readonly bonds: readonly (readonly [number, number])[];
  /** Hydrogens that are fixed to an atom. */
  readonly hydrogens: readonly number[];
  /** Hydrogens that are shared by several atoms. */
  readonly mobile: readonly { readonly count: number; readonly atoms: readonly number[] }[];
  readonly charge: number;
  /** Atom (0-based) to parity, +1 or -1, absolute. */
  readonly centres: ReadonlyMap<number, number>;
  /** Atoms of a double bond and its parity, +1 or -1. */
  readonly doubleBonds: readonly (readonly [number, number, number])[];
}

/** The text without the prefix, the protons (`/p`), and what follows the isotopes: what must come back from the molecule that is built. */
export function mainLayers(inchi: string): string {
  return inchi.trim().replace(/^InChI=/i, '').replace(/^1S?\//, '').replace(/\/[ifr].*$/, '').replace(/\/p[+-]\d+/, '');
}

/** Undefined where the text is not an InChI of this form. */
export function parseInchi(inchi: string): InchiComponent[] | undefined {
  const [formula = '', ...layers] = mainLayers(inchi).split('/');
  const layer = (letter: string): string => layers.find((text) => text.startsWith(letter))?.slice(1) ?? '';
  const formulas = formula.split('.').flatMap((part) => {
    const match = /^(\d*)((?:[A-Z][a-z]?\d*)+)$/.exec(part);
    return match === null ? [undefined] : Array.from({ length: Math.min(50, Number(match[1] || 1)) }, () => match[2]!);
  });
  const [connections, hydrogens, charges, doubles, centres] = ['c', 'h', 'q', 'b', 't'].map((letter) => componentsOf(layer(letter)));
  const inverted = layer('m');
  const components: InchiComponent[] = [];
  for (const [i, part] of formulas.entries()) {
    const elements = part === undefined ? undefined : elementsOf(part);
    if (elements === undefined) return undefined;
    const atom = (number: string): number => Number(number) - 1;
    const sign = inverted[i] === '1' ? -1 : 1;
    const component: InchiComponent = {
      elements,
      bonds: bondsOf(connections![i] ?? ''),
      ...hydrogensOf(hydrogens![i] ?? '', elements.length),
      charge: Number(charges![i] || 0),
      centres: new Map([...(centres![i] ?? '').matchAll(/(\d+)([+-])/g)].map(([, a, parity]) => [atom(a!), parity === '+' ? sign : -sign])),
      doubleBonds: [...(doubles![i] ?? '').matchAll(/(\d+)-(\d+)([+-])/g)].map(([, a, b, parity]) => [atom(a!), atom(b!), parity === '+' ? 1 : -1]),
    };
    if (component.bonds.some(([a, b]) => a < 0 || b >= elements.length || a === b)) return undefined;
    components.push(component);
  }
  return components;
}

/** `a;2*b;` to a, b, b and an empty one. */
function componentsOf(layer: string): string[] {
  return layer.split(';').flatMap((part) => {
    const match = /^(\d+)\*(.*)$/.exec(part);
    return match === null ? [part] : Array.from({ length: Math.min(50, Number(match[1])) }, () => match[2]!);
  });
}

function elementsOf(formula: string): number[] | undefined {
  const elements: number[] = [];
  for (const [, symbol, count] of formula.matchAll(/([A-Z][a-z]?)(\d*)/g)) {
    const element = SYMBOLS.indexOf(symbol!);
    if (element < 1 || Number(count) > 999) return undefined;
    if (element > 1) elements.push(...Array.from({ length: Number(count || 1) }, () => element));
  }
  return elements.length === 0 ? undefined : elements;
}

function bondsOf(layer: string): (readonly [number, number])[] {
  const bonds: [number, number][] = [];
  const stack: number[] = [];
  let last = -1;
  for (const [token] of layer.matchAll(/\d+|[(),]/g)) {
    if (token === '(') stack.push(last);
    else if (token === ')') last = stack.pop() ?? -1;
    else if (token === ',') last = stack.at(-1) ?? -1;
    else {
      const atom = Number(token) - 1;
      if (last >= 0) bonds.push([Math.min(last, atom), Math.max(last, atom)]);
      last = atom;
    }
  }
  return bonds.sort(([a, b], [c, d]) => a - c || b - d);
}

function hydrogensOf(layer: string, atoms: number): Pick<InchiComponent, 'hydrogens' | 'mobile'> {
  const hydrogens = Array.from({ length: atoms }, () => 0);
  const mobile: { count: number; atoms: number[] }[] = [];
  for (const [, count, list] of layer.matchAll(/\(H(\d*)-?,([\d,-]+)\)/g)) mobile.push({ count: Number(count || 1), atoms: numbersOf(list!) });
  for (const [, list, count] of layer.replaceAll(/\([^)]*\)/g, '').matchAll(/([\d,-]+)H(\d*)/g)) {
    for (const atom of numbersOf(list!)) if (atom < atoms) hydrogens[atom] = Number(count || 1);
  }
  if (atoms === 1 && /^H\d*$/.test(layer)) hydrogens[0] = Number(layer.slice(1) || 1);
  return { hydrogens, mobile };
}

function numbersOf(list: string): number[] {
  return list.split(',').filter((part) => part !== '').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: Math.max(0, Math.min(999, last! - first! + 1)) }, (_, i) => first! - 1 + i);
  });
}
