/**
 * A reader of standard InChI. An InChI holds no bond orders and shares its mobile hydrogens; both are found by a bounded search, and
 * what is built counts only if RDKit writes the same InChI for it.
 */
import { IsoLensError } from '../core/index.ts';
import { mainLayers, parseInchi } from './inchi-layers.ts';
import type { InchiComponent } from './inchi-layers.ts';
import { SMILES_LIMITS } from './limits.ts';
import type { JsonAtom, JsonBond } from './molecule-graph.ts';

export interface InchiTools {
  /** Canonical SMILES of RDKit JSON; throws where RDKit refuses it. */
  smilesOf(json: string): string;
  inchiOf(smiles: string): string;
}

const LIMITS = Object.freeze({ characters: 4000, placements: 400, trials: 60, steps: 20_000 });

export function looksLikeInchi(text: string): boolean {
  return /^\s*(?:InChI=\s*1S?\/|1S?\/(?=\d*[A-Z]))/i.test(text);
}

/** Canonical SMILES of an InChI (with or without `InChI=`); throws MOLECULE_UNSUPPORTED where no structure gives it back. */
export function readInchi(text: string, tools: InchiTools): string {
  if (text.length > LIMITS.characters) refuse(`it has more than ${LIMITS.characters} characters`);
  const components = parseInchi(text);
  if (components === undefined) refuse('its formula or connections cannot be read');
  const atoms = components.reduce((sum, { elements }) => sum + elements.length, 0);
  if (atoms > SMILES_LIMITS.atoms || components.length > SMILES_LIMITS.fragments) refuse(`it has more than ${SMILES_LIMITS.atoms} atoms`);
  const wanted = mainLayers(text);
  if (components.length === 1) return readComponent(components[0]!, wanted, tools) ?? refuse('no structure was found that gives it back');
  const parts = components.map((component) => readComponent(component, undefined, tools));
  if (parts.includes(undefined)) refuse('no structure was found for one of its components');
  const whole = parts.join('.');
  return mainLayers(tools.inchiOf(whole)) === wanted ? whole : refuse('its components do not give it back');
}

function refuse(why: string): never {
  throw new IsoLensError('MOLECULE_UNSUPPORTED', `Expected an InChI from which a structure can be rebuilt but ${why}; give the SMILES.`);
}

/** `wanted` is undefined where a component is only part of an InChI: the first structure is taken then. */
function readComponent(component: InchiComponent, wanted: string | undefined, tools: InchiTools): string | undefined {
  let trials = 0;
  for (const placement of placementsOf(component)) {
    for (const states of statesOf(component, placement)) {
      for (const orders of ordersOf(component, placement, states)) {
        if (++trials > LIMITS.trials) return undefined;
        const smiles = build(component, placement, states, orders, tools);
        if (smiles === undefined) continue;
        if (wanted === undefined || mainLayers(tools.inchiOf(smiles)) === wanted) return smiles;
      }
    }
  }
  return undefined;
}

/** Hydrogens by atom, each way of sharing out the mobile ones; nitrogen first, as amides and lactams are drawn. */
function* placementsOf({ elements, hydrogens, mobile, bonds }: InchiComponent): Generator<number[]> {
  const degree = degreesOf(elements.length, bonds);
  let left = LIMITS.placements;
  yield* place(0, 0, mobile[0]?.count ?? 0, [...hydrogens]);

  function* place(group: number, index: number, count: number, current: number[]): Generator<number[]> {
    if (left <= 0) return;
    if (group >= mobile.length) {
      left--;
      yield current;
      return;
    }
    const atoms = [...mobile[group]!.atoms].sort((a, b) => Number(elements[b] === 7) - Number(elements[a] === 7) || a - b);
    if (index >= atoms.length) {
      if (count === 0) yield* place(group + 1, 0, mobile[group + 1]?.count ?? 0, current);
      return;
    }
    const atom = atoms[index]!;
    const room = Math.max(0, (elements[atom] === 7 ? 3 : 2) - degree[atom]! - current[atom]!);
    for (let given = Math.min(count, room, 2); given >= 0; given--) {
      const next = [...current];
      next[atom] = next[atom]! + given;
      yield* place(group, index + 1, count - given, next);
    }
  }
}

function degreesOf(atoms: number, bonds: readonly (readonly [number, number])[]): number[] {
  const degree = Array.from({ length: atoms }, () => 0);
  for (const pair of bonds) for (const atom of pair) degree[atom]!++;
  return degree;
}

/** Charges by atom. */
type States = readonly number[];

/** The charges that the connections force, then few more until the sum is right. */
function* statesOf(component: InchiComponent, hydrogens: readonly number[]): Generator<States> {
  const { elements, bonds, charge } = component;
  const degree = degreesOf(elements.length, bonds);
  const neighbours = elements.map((_, a) => bonds.filter((pair) => pair.includes(a)).map(([x, y]) => (x === a ? y : x)));
  const filled = (a: number): number => degree[a]! + hydrogens[a]!;
  const isEnd = (a: number, element: number): boolean => elements[a] === element && degree[a] === 1 && hydrogens[a] === 0;
  const forced = elements.map(() => 0);
  const doubtful: [number, number][] = [];
  elements.forEach((element, a) => {
    if (degree[a] === 0 && elements.length === 1) forced[a] = charge;
    else if (element === 7 && filled(a) === 4) forced[a] = 1;
    else if (element === 8 && filled(a) === 3) forced[a] = 1;
    else if ((element === 5 || element === 13) && filled(a) === 4) forced[a] = -1;
    if (element !== 7) return;
    const oxygens = neighbours[a]!.filter((b) => isEnd(b, 8));
    if (filled(a) === 4 && oxygens.length > 0) forced[oxygens[0]!] = -1;
    else if (filled(a) === 3 && oxygens.length > 1) [forced[a], forced[oxygens[0]!]] = [1, -1];
    else if (filled(a) === 3 && oxygens.length === 1) doubtful.push([a, oxygens[0]!]);
    const last = neighbours[a]!.find((b) => isEnd(b, 7) || isEnd(b, 6));
    if (last !== undefined && filled(a) === 2) doubtful.push([a, last]);
  });
  // What is doubtful is a dipole or is not: N-oxides, azides, diazo compounds and isocyanides.
  const choices = Math.min(1 << doubtful.length, 64);
  for (let choice = 0; choice < choices; choice++) {
    const states = [...forced];
    doubtful.forEach(([plus, minus], i) => {
      if (((choice >> i) & 1) === 1) [states[plus], states[minus]] = [1, -1];
    });
    const missing = charge - states.reduce((sum, value) => sum + value, 0);
    yield* balance(states, missing);
  }
  // Mesoionic rings and ylides: a dipole of atoms that are not neighbours.
  const minus = elements.flatMap((_, a) => (isEnd(a, 8) || isEnd(a, 16) || isEnd(a, 7) ? [a] : []));
  for (const a of elements.keys()) {
    if (elements[a] !== 7 || filled(a) !== 3 || forced[a] !== 0) continue;
    for (const b of minus) {
      if (forced[b] === 0) yield forced.map((value, i) => (i === a ? 1 : i === b ? -1 : value));
    }
  }

  function* balance(states: number[], missing: number): Generator<States> {
    if (missing === 0) yield states;
    else if (Math.abs(missing) <= 2) {
      const sign = Math.sign(missing);
      const takers = sign > 0 ? [7, 8, 16, 15, 34, 53, 6] : [8, 16, 7, 6, 5, 34, 15];
      for (const element of takers) {
        for (let a = 0; a < elements.length; a++) {
          if (elements[a] !== element || states[a] !== 0 || (sign < 0 && element !== 6 && element !== 5 && filled(a) > 2)) continue;
          const next = [...states];
          next[a] = sign;
          yield* balance(next, missing - sign);
        }
      }
    }
  }
}

const VALENCES: Readonly<Record<number, readonly number[]>> = {
  5: [3], 6: [4], 7: [3], 8: [2], 9: [1], 14: [4], 15: [3, 5], 16: [2, 4, 6], 17: [1, 3, 5, 7], 32: [4], 33: [3, 5],
  34: [2, 4, 6], 35: [1, 3, 5], 50: [2, 4],
  52: [2, 4, 6], 53: [1, 3, 5, 7], 1: [1], 13: [3],
};

function valencesOf(element: number, charge: number): readonly number[] {
  const neutral = VALENCES[element];
  if (neutral === undefined) return [0, 1, 2, 3, 4, 5, 6];
  if (charge === 0) return neutral;
  if (element === 6) return [3];
  if (element === 5 || element === 13) return neutral.map((valence) => valence - charge);
  return neutral.map((valence) => valence + charge);
}

/** Bond orders by bond: orders above one go where an atom has valences left. */
function* ordersOf({ elements, bonds }: InchiComponent, hydrogens: readonly number[], states: States): Generator<number[]> {
  const degree = degreesOf(elements.length, bonds);
  const allowed = elements.map((element, a) => (
    valencesOf(element, states[a]!).map((valence) => valence - degree[a]! - hydrogens[a]!).filter((left) => left >= 0)
  ));
  if (allowed.some((left) => left.length === 0)) return;
  const around = elements.map((_, a) => (
    bonds.flatMap((pair, bond) => (pair.includes(a) ? [{ bond, other: pair[0] === a ? pair[1] : pair[0] }] : []))
  ));
  const extra = bonds.map(() => 0);
  const used = elements.map(() => 0);
  const budget = { steps: LIMITS.steps };
  yield* search();

  function* search(): Generator<number[]> {
    if (--budget.steps < 0) return;
    let best: { bond: number; other: number }[] | undefined;
    let atom = -1;
    for (let a = 0; a < elements.length; a++) {
      if (allowed[a]!.includes(used[a]!)) continue;
      const options = around[a]!.filter(({ bond, other }) => extra[bond]! < 2 && allowed[other]!.at(-1)! > used[other]!);
      if (options.length === 0 || used[a]! > allowed[a]!.at(-1)!) return;
      if (best === undefined || options.length < best.length) [best, atom] = [options, a];
    }
    if (best === undefined) {
      yield extra.map((more) => more + 1);
      return;
    }
    for (const { bond, other } of best) {
      extra[bond]!++;
      used[atom]!++;
      used[other]!++;
      yield* search();
      extra[bond]!--;
      used[atom]!--;
      used[other]!--;
    }
  }
}

/**
 * Bonds are listed by rising number, so that RDKit's tags and the parities see the neighbours in one order; RDKit puts a hydrogen
 * last, InChI first, which is an odd permutation.
 */
function build(
  { elements, bonds, centres, doubleBonds }: InchiComponent, hydrogens: readonly number[], states: States, orders: readonly number[],
  tools: InchiTools,
): string | undefined {
  const atoms: JsonAtom[] = elements.map((z, a) => ({ z, impHs: hydrogens[a]!, chg: states[a]!, ...stereoOf(a) }));
  const json: JsonBond[] = bonds.map(([a, b], i) => ({ atoms: [a, b], bo: orders[i]!, ...geometryOf(a, b, orders[i]!) }));
  const molecule = { atoms, bonds: json };
  try {
    return tools.smilesOf(JSON.stringify({
      rdkitjson: { version: 12 },
      defaults: { atom: { z: 6, impHs: 0, chg: 0, nRad: 0, isotope: 0, stereo: 'unspecified' }, bond: { bo: 1, stereo: 'unspecified' } },
      molecules: [molecule],
    }));
  } catch (thrown) {
    if (thrown instanceof IsoLensError) return undefined;
    throw thrown;
  }

  function stereoOf(a: number): { stereo?: string } {
    const parity = centres.get(a);
    if (parity === undefined) return {};
    const hasHydrogen = bonds.filter((pair) => pair.includes(a)).length === 3; // or a lone pair
    return { stereo: (hasHydrogen ? -parity : parity) > 0 ? 'cw' : 'ccw' };
  }

  function geometryOf(a: number, b: number, order: number): Pick<JsonBond, 'stereo' | 'stereoAtoms'> {
    const found = doubleBonds.find(([x, y]) => (x === a && y === b) || (x === b && y === a));
    if (found === undefined || order !== 2) return {};
    const highest = (atom: number, but: number): number => (
      Math.max(-1, ...bonds.flatMap(([x, y]) => (x === atom && y !== but ? [y] : y === atom && x !== but ? [x] : [])))
    );
    const ends = [highest(a, b), highest(b, a)];
    return ends.includes(-1) ? {} : { stereo: found[2] > 0 ? 'trans' : 'cis', stereoAtoms: ends };
  }
}
