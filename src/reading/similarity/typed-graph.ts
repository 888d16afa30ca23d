/**
 * A molecular graph reduced to what two drawings of one molecule share: elements, bonds, and how unsaturated each atom is.
 * Orders of single bonds are left out, for they depend on the Kekule form; the unsaturation of an atom does not, because its
 * valence, hydrogens and charge are the same in every form. Stereo, charges, hydrogens and isotopes are left out as well.
 */
import { IsoLensError } from '../../core/index.ts';

/** As read from a drawing: no hydrogens, Kekule orders. */
export interface KekuleGraph {
  /** Atomic numbers; 0: an attachment point or R group. */
  readonly elements: ArrayLike<number>;
  /** Indices of two atoms, and an order of 1 to 3. */
  readonly bonds: readonly (readonly [begin: number, end: number, order: number])[];
}

export interface TypedGraph {
  /** (atoms) Atomic numbers. */
  readonly element: Uint8Array;
  /** (atoms) Bonds beyond the first to each neighbour. */
  readonly unsaturation: Uint8Array;
  /** (atoms + 1) The neighbours of atom a are neighbour[offset[a] .. offset[a + 1]]. */
  readonly offset: Uint32Array;
  /** (2 bonds) */
  readonly neighbour: Uint32Array;
}

export const [HYDROGEN, NITROGEN, OXYGEN, PHOSPHORUS, SULFUR] = [1, 7, 8, 15, 16] as const;

/** Reads a Kekule graph; hydrogens that were drawn are dropped. */
export function typedGraph({ elements, bonds }: KekuleGraph): TypedGraph {
  const unsaturation = new Uint8Array(elements.length);
  const pairs = new Uint32Array(2 * bonds.length);
  bonds.forEach(([begin, end, order], b) => {
    if (!(begin in elements) || !(end in elements) || begin === end || !(order >= 1 && order <= 3)) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected a bond of order 1 to 3 between two of ${elements.length} atoms but received ${begin}, ${end}, ${order}.`);
    }
    pairs[2 * b] = begin;
    pairs[2 * b + 1] = end;
    unsaturation[begin]! += order - 1;
    unsaturation[end]! += order - 1;
  });
  return settle(assemble(Uint8Array.from(elements), unsaturation, pairs));
}

/** From bonds as pairs of atoms, without the hydrogens. */
export function assemble(element: Uint8Array, unsaturation: Uint8Array, pairs: ArrayLike<number>): TypedGraph {
  return element.includes(HYDROGEN) ? select(element, unsaturation, pairs, (atom) => element[atom] !== HYDROGEN) : connect(element, unsaturation, pairs);
}

function connect(element: Uint8Array, unsaturation: Uint8Array, pairs: ArrayLike<number>): TypedGraph {
  const offset = new Uint32Array(element.length + 1);
  const neighbour = new Uint32Array(pairs.length);
  for (let i = 0; i < pairs.length; i++) offset[pairs[i]! + 1]!++;
  for (let a = 0; a < element.length; a++) offset[a + 1]! += offset[a]!;
  const next = offset.slice(0, element.length);
  for (let i = 0; i < pairs.length; i++) neighbour[next[pairs[i]!]!++] = pairs[i ^ 1]!;
  return { element, unsaturation, offset, neighbour };
}

function select(element: Uint8Array, unsaturation: Uint8Array, pairs: ArrayLike<number>, keep: (atom: number) => boolean): TypedGraph {
  const kept = Array.from(element.keys()).filter(keep);
  const place = new Map(kept.map((atom, i) => [atom, i]));
  const bonds: number[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [begin, end] = [place.get(pairs[i]!), place.get(pairs[i + 1]!)];
    if (begin !== undefined && end !== undefined) bonds.push(begin, end);
  }
  return connect(Uint8Array.from(kept, (atom) => element[atom]!), Uint8Array.from(kept, (atom) => unsaturation[atom]!), bonds);
}

/** Bonds as pairs of atoms, each once. */
export function pairsOf({ element, offset, neighbour }: TypedGraph): number[] {
  const pairs: number[] = [];
  for (let a = 0; a < element.length; a++) for (let i = offset[a]!; i < offset[a + 1]!; i++) if (neighbour[i]! > a) pairs.push(a, neighbour[i]!);
  return pairs;
}

/** Terminal oxygens with a single bond are bonded twice where the other atom must else be charged. */
function isOwedBond(element: number, degree: number, unsaturation: number): boolean {
  if (element === NITROGEN) return degree === 3 ? unsaturation === 1 : degree === 4 && unsaturation === 0;
  if (element === SULFUR) return degree === 3 ? unsaturation === 0 : degree === 4 && unsaturation < 2;
  return element === PHOSPHORUS && degree === 4 && unsaturation === 0;
}

/** Gives nitro groups, N-oxides, sulfoxides, phosphates and azides one form, whether drawn with charges or without. */
export function settle(graph: TypedGraph): TypedGraph {
  const { element, unsaturation, offset, neighbour } = graph;
  for (let a = 0; a < element.length; a++) {
    if (offset[a + 1]! - offset[a]! !== 1) continue;
    const other = neighbour[offset[a]!]!;
    const degree = offset[other + 1]! - offset[other]!;
    if (element[a] === OXYGEN && unsaturation[a] === 0 && isOwedBond(element[other]!, degree, unsaturation[other]!)) {
      unsaturation[a] = 1;
      unsaturation[other]!++;
    } else if (element[a] === NITROGEN && element[other] === NITROGEN && degree === 2 && unsaturation[other]! >= 2) {
      settleAzide(graph, a, other);
    }
  }
  return graph;
}

/** As if drawn N=N=N, from N-N#N or N=N#N. */
function settleAzide({ element, unsaturation, offset, neighbour }: TypedGraph, end: number, middle: number): void {
  const first = offset[middle]!;
  const begin = neighbour[first] === end ? neighbour[first + 1]! : neighbour[first]!;
  unsaturation[end] = 1;
  unsaturation[middle] = 2;
  if (element[begin] === NITROGEN) unsaturation[begin] = Math.max(1, unsaturation[begin]!);
}

/** The fragment of each atom, and how many atoms each has. */
function fragmentsOf({ element, offset, neighbour }: TypedGraph): { of: Int32Array; sizes: number[] } {
  const of = new Int32Array(element.length).fill(-1);
  const sizes: number[] = [];
  const stack: number[] = [];
  for (let start = 0; start < element.length; start++) {
    if (of[start] !== -1) continue;
    of[start] = sizes.length;
    stack.push(start);
    let size = 0;
    while (stack.length > 0) {
      const a = stack.pop()!;
      size++;
      for (let i = offset[a]!; i < offset[a + 1]!; i++) {
        if (of[neighbour[i]!] !== -1) continue;
        of[neighbour[i]!] = sizes.length;
        stack.push(neighbour[i]!);
      }
    }
    sizes.push(size);
  }
  return { of, sizes };
}

/** A molecule without its counter-ions, which are mostly not drawn. */
export function largestFragment(graph: TypedGraph): TypedGraph {
  const { of, sizes } = fragmentsOf(graph);
  if (sizes.length < 2) return graph;
  const largest = sizes.indexOf(Math.max(...sizes));
  return select(graph.element, graph.unsaturation, pairsOf(graph), (atom) => of[atom] === largest);
}

/** A reading without its crumbs (letters of a caption, an ion): its molecule may have come apart, so that every larger part counts. */
export function largerFragments(graph: TypedGraph, atoms = 3): TypedGraph {
  const { of, sizes } = fragmentsOf(graph);
  return sizes.every((size) => size >= atoms) ? graph : select(graph.element, graph.unsaturation, pairsOf(graph), (atom) => sizes[of[atom]!]! >= atoms);
}
