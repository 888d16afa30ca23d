/**
 * The likeliest classes, charges, orders and bonds that no valence forbids. Everything starts as the reader sees it; where an atom
 * has too many bonds, a weaker order, a missing bond or another class is taken, whichever costs least in log probability.
 */
import { logit } from '../../core/index.ts';
import type { ReaderClass, ReaderVocabulary } from '../define.ts';
import { bondsByAtom } from './sketch.ts';
import type { Sketch, SketchBond } from './sketch.ts';
import type { AtomSpot } from './spots.ts';
import { greatestValence } from './valence.ts';

export interface AtomChoice {
  /** Index in the vocabulary. */
  readonly class: number;
  /** Index in the vocabulary's charges. */
  readonly charge: number;
  /** Logarithm of its probability. */
  readonly value: number;
}

/** What a bond that is struck out costs beside its log-odds: the reader misses few and invents few. */
const STRIKING = 0.5;
/** A class that no rule allows, so that any other change is better. */
const FORBIDDEN = -50;
/** A charge sign is small and easily missed: no charge costs more than this. */
const DEAREST_CHARGE = 4;

/** What a valence costs that leaves a hydrogen on a sulphur or phosphorus with double bonds. */
const ODD_VALENCE = 3;

/** Changes orders in place; returns the choice for each atom. */
export function repair(sketch: Sketch, vocabulary: ReaderVocabulary): AtomChoice[] {
  const lists = bondsByAtom(sketch);
  const choose = (atom: number): AtomChoice => chooseClass(sketch.atoms[atom]!, lists[atom]!, vocabulary);
  const choices = sketch.atoms.map((_, atom) => choose(atom));
  const frees = sketch.atoms.map((spot) => chooseClass(spot, [], vocabulary).value);
  const queue = choices.map((_, atom) => atom).filter((atom) => choices[atom]!.value < frees[atom]! - 1e-9);
  for (let atom = queue.shift(); atom !== undefined; atom = queue.shift()) {
    for (let change = bestChange(atom); change !== undefined; change = bestChange(atom)) {
      apply(change.bond, change.order);
      for (const end of [change.bond.begin, change.bond.end]) choices[end] = choose(end);
    }
  }
  return choices;

  function apply(bond: SketchBond, order: number): void {
    for (const end of [bond.begin, bond.end]) {
      const list = lists[end]!;
      if (order === 0) list.splice(list.indexOf(bond), 1);
      else if (bond.order === 0) list.push(bond);
    }
    bond.order = order;
  }

  function bestChange(atom: number): { bond: SketchBond; order: number } | undefined {
    let best: { bond: SketchBond; order: number } | undefined;
    let most = 1e-6;
    const own = [...lists[atom]!]; // trying a change alters the list
    for (const bond of own) {
      const before = bond.order;
      for (const order of otherOrders(bond)) {
        apply(bond, order);
        const gain = choose(bond.begin).value + choose(bond.end).value - choices[bond.begin]!.value - choices[bond.end]!.value;
        const cost = bondValue(bond, before) - bondValue(bond, order);
        apply(bond, before);
        if (gain - cost > most) [best, most] = [{ bond, order }, gain - cost];
      }
    }
    return best;
  }
}

function otherOrders({ order, isFixed }: SketchBond): readonly number[] {
  if (isFixed) return [0];
  return order === 1 ? [0, 2] : order === 2 ? [1, 0, 3] : [2, 0];
}

function bondValue({ spot, isFixed }: SketchBond, order: number): number {
  if (order === 0) return 0;
  const sure = Math.min(Math.max(spot.presence, 1e-6), 1 - 1e-6);
  return logit(sure) + STRIKING + (isFixed ? 0 : spot.orders[order - 1]!);
}

function chooseClass(spot: AtomSpot, bonds: readonly SketchBond[], { classes, charges }: ReaderVocabulary): AtomChoice {
  const total = bonds.reduce((sum, { order }) => sum + order, 0);
  const multiple = bonds.filter(({ order }) => order > 1).length;
  let best: AtomChoice = { class: 0, charge: Math.max(0, charges.indexOf(0)), value: Number.NEGATIVE_INFINITY };
  const odd = bonds.some((bond) => bond.order > 1) ? ODD_VALENCE : 0;
  const dearest = Math.max(...spot.charges) - DEAREST_CHARGE;
  classes.forEach((one, i) => {
    charges.forEach((charge, q) => {
      if (one.smiles !== undefined && charge !== 0) return;
      const fits = allows(one, charge, bonds.length, total, multiple);
      const value = spot.classes[i]! + (one.smiles === undefined ? Math.max(dearest, spot.charges[q]!) : 0) + (fits ? 0 : FORBIDDEN) - (isOdd(one, charge, total) ? odd : 0);
      if (value > best.value) best = { class: i, charge: q, value };
    });
  });
  return best;
}

/** Sulphur with three or five bonds, phosphorus with four: it would carry a hydrogen, which such atoms rarely do. */
function isOdd({ element, smiles }: ReaderClass, charge: number, total: number): boolean {
  if (charge !== 0 || smiles !== undefined) return false;
  return ((element === 16 || element === 34) && total > 2 && total % 2 === 1) || (element === 15 && total === 4);
}

function allows({ element, smiles }: ReaderClass, charge: number, degree: number, total: number, multiple: number): boolean {
  if (smiles !== undefined) return degree <= 1 && total <= 2;
  if (element === 7 && charge === 0 && total === 5 && multiple >= 2) return true; // nitro and azide as they were drawn once
  return total <= greatestValence(element, charge);
}
