/**
 * Sizes of tensors: whole numbers or symbols. A dynamic size is a monomial such as `N`, `2*N`, `N*V` or `H/4`, kept as text
 * in one canonical form so that equal sizes are equal strings.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

interface Monomial {
  readonly factor: number;
  /** 1 but for sizes that a stride has divided. */
  readonly divisor: number;
  readonly symbols: readonly string[];
}

export const SYMBOL_PATTERN = /^[A-Za-z][A-Za-z0-9_]*$/;

function parse(dim: Dim): Monomial {
  if (typeof dim === 'number') return { factor: dim, divisor: 1, symbols: [] };
  const [product, divisor = '1'] = dim.split('/');
  const parts = product!.split('*');
  const factor = /^\d+$/.test(parts[0]!) ? Number(parts.shift()) : 1;
  return { factor, divisor: Number(divisor), symbols: parts };
}

function format({ factor, divisor, symbols }: Monomial): Dim {
  if (symbols.length === 0 || factor === 0) return factor / divisor;
  const common = greatestCommonDivisor(factor, divisor);
  const product = symbols.toSorted().join('*');
  const whole = factor === common ? product : `${factor / common}*${product}`;
  return divisor === common ? whole : `${whole}/${divisor / common}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function multiplyDims(dims: Shape): Dim {
  let factor = 1;
  let divisor = 1;
  const symbols: string[] = [];
  for (const dim of dims) {
    const monomial = parse(dim);
    factor *= monomial.factor;
    divisor *= monomial.divisor;
    symbols.push(...monomial.symbols);
  }
  return format({ factor, divisor, symbols });
}

/** A symbolic size over a stride: `H` by 2 is `H/2`. Who gives the size sees to it that the division is exact. */
export function strideDim(dim: string, stride: number): Dim {
  const { factor, divisor, symbols } = parse(dim);
  return format({ factor, divisor: divisor * stride, symbols });
}

/** The exact quotient, or undefined where there is none. */
export function divideDims(dividend: Dim, divisor: Dim): Dim | undefined {
  const a = parse(dividend);
  const b = parse(divisor);
  if (b.factor === 0 || a.factor % b.factor !== 0 || b.divisor !== 1) return undefined;
  const symbols = [...a.symbols];
  for (const symbol of b.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return format({ factor: a.factor / b.factor, divisor: a.divisor, symbols });
}

/** The sum where it is again a monomial (N + N = 2*N), otherwise undefined. */
export function addDims(a: Dim, b: Dim): Dim | undefined {
  const left = parse(a);
  const right = parse(b);
  if (format({ ...left, factor: 1, divisor: 1 }) !== format({ ...right, factor: 1, divisor: 1 })) return undefined;
  const factor = left.factor * right.divisor + right.factor * left.divisor;
  return format({ factor, divisor: left.divisor * right.divisor, symbols: left.symbols });
}

/** Numpy broadcasting of one pair of sizes; undefined where they do not agree. */
function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b || b === 1) return a;
  return a === 1 ? b : undefined;
}

/** Numpy broadcasting of two shapes; undefined where they do not agree. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const dim = broadcastDim(a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1);
    if (dim === undefined) return undefined;
    result.push(dim);
  }
  return result;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

export function formatShape(shape: Shape): string {
  return `(${shape.join(', ')})`;
}

/** The size as a number, given the value of each symbol; a missing symbol gives NaN. */
export function evaluateDim(dim: Dim, sizes: Readonly<Record<string, number>>): number {
  const { factor, divisor, symbols } = parse(dim);
  return symbols.reduce((product, symbol) => product * (sizes[symbol] ?? NaN), factor) / divisor;
}

export function evaluateShape(shape: Shape, sizes: Readonly<Record<string, number>>): number[] {
  return shape.map((dim) => evaluateDim(dim, sizes));
}

/** Number of elements of a shape without symbols. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}
