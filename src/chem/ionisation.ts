/**
 * What a molecule or a group becomes in water at pH 7.4: an acid, a base, both or neither. Rules over the neutral form, for groups whose
 * usual pKa lies clearly on one side: acids below about 8.5 (hydroxamic acids, the usual stand-ins of carboxylic acids, included), bases
 * above about 7.5. Usual values: Perrin, Dempsey and Serjeant 1981 (pKa Prediction for Organic Acids and Bases);
 * Ballatore, Huryn and Smith 2013, doi:10.1002/cmdc.201200585 (isosteres of carboxylic acids).
 */
import { ELEMENT } from './atoms.ts';
import { DOUBLE, SINGLE, linksOf } from './cuts/part.ts';
import type { Part, PartLink } from './cuts/part.ts';
import { AROMATIC } from './molecule-graph.ts';

export const IONISATION_CLASSES = ['neutral', 'acid', 'base', 'zwitterion'] as const;
export type IonisationClass = (typeof IONISATION_CLASSES)[number];

export interface IonisableSites {
  /** Atoms that lose a proton, or carry a negative charge that no neighbour balances. */
  readonly acids: readonly number[];
  readonly bases: readonly number[];
}

const { C, N, O, P, S } = ELEMENT;
const SELENIUM = 34;

/** What an attachment point leads to: a saturated carbon, or one that draws the electrons of an amine (aryl, carbonyl, sulfonyl). */
export type Surroundings = 'saturated' | 'conjugated';

export function ionisableSites(part: Part, surroundings: Surroundings = 'saturated'): IonisableSites {
  const view = new View(part, surroundings);
  const all = part.atoms.map((_, a) => a);
  return { acids: all.filter((a) => view.isAcid(a)), bases: all.filter((a) => view.isBase(a)) };
}

export function ionisationClass({ acids, bases }: IonisableSites): IonisationClass {
  if (acids.length > 0) return bases.length > 0 ? 'zwitterion' : 'acid';
  return bases.length > 0 ? 'base' : 'neutral';
}

class View {
  private readonly part: Part;
  private readonly surroundings: Surroundings;
  private readonly links: readonly (readonly PartLink[])[];
  private readonly pointCount: readonly number[];

  constructor(part: Part, surroundings: Surroundings) {
    this.part = part;
    this.surroundings = surroundings;
    this.links = linksOf(part);
    this.pointCount = part.atoms.map((_, a) => part.points.filter((atom) => atom === a).length);
  }

  isAcid(a: number): boolean {
    const { charge, hydrogens, element } = this.atom(a);
    if (charge < 0) return !this.isBalanced(a, 1);
    if (hydrogens === 0 || charge !== 0) return false;
    if (element === O || element === S) return this.isAcidHydroxyl(a);
    return element === N && this.isAcidNitrogen(a);
  }

  isBase(a: number): boolean {
    const { charge, element, aromatic } = this.atom(a);
    if (charge > 0) return !this.isBalanced(a, -1);
    if (element !== N || charge !== 0 || aromatic) return false;
    if (this.doubleTo(a, C)) return this.isAmidine(a);
    return this.degree(a) > 0 && this.links[a]!.every(({ to, bond }) => this.kind(bond) === SINGLE && this.isSaturatedCarbon(to)) && (this.pointCount[a] === 0 || this.surroundings === 'saturated');
  }

  /** Charges that are no ions: beside an opposite one (nitro, N-oxide, azide), or both of one aromatic system (mesoionic rings). */
  private isBalanced(a: number, sign: 1 | -1): boolean {
    const isOpposite = (to: number): boolean => Math.sign(this.atom(to).charge) === sign;
    if (this.links[a]!.some(({ to }) => isOpposite(to) || this.links[to]!.some((next) => next.to !== a && isOpposite(next.to) && this.atom(to).charge !== 0))) return true;
    return this.isOnAromatic(a) && this.part.atoms.some((_, other) => isOpposite(other) && this.isOnAromatic(other));
  }

  private isOnAromatic(a: number): boolean {
    return this.atom(a).aromatic || this.links[a]!.some(({ to }) => this.atom(to).aromatic);
  }

  private isAcidHydroxyl(a: number): boolean {
    const [link] = this.links[a]!;
    if (link === undefined || this.kind(link.bond) !== SINGLE) return false;
    const centre = this.atom(link.to);
    if (centre.element === C) return !centre.aromatic && (this.doubleTo(link.to, O) || this.doubleTo(link.to, S) || this.isVinylogous(link.to));
    if (centre.element === S || centre.element === P || centre.element === SELENIUM) return this.doubleTo(link.to, O) || this.doubleTo(link.to, S);
    // Of a hydroxamic acid the nitrogen is told, which gives its proton away as readily; where it has none, the hydroxyl.
    return this.isHydroxamic(link.to) && centre.hydrogens === 0;
  }

  /** The nitrogen of C(=O)N-OH. */
  private isHydroxamic(a: number): boolean {
    const { element, aromatic } = this.atom(a);
    const isHydroxyl = (to: number): boolean => this.atom(to).element === O && this.atom(to).hydrogens > 0;
    return element === N && !aromatic && this.links[a]!.some(({ to }) => this.isCarbonyl(to)) && this.links[a]!.some(({ to }) => isHydroxyl(to));
  }

  /** The enol of a 1,3-dicarbonyl in a ring: O=C-C=C-OH (tetronic acids, squaric acids). */
  private isVinylogous(centre: number): boolean {
    if (!this.atom(centre).ring) return false;
    return this.links[centre]!.some(({ to, bond }) => this.kind(bond) === DOUBLE && this.atom(to).element === C && this.links[to]!.some((next) => next.to !== centre && this.isCarbonyl(next.to)));
  }

  private isAcidNitrogen(a: number): boolean {
    if (this.atom(a).aromatic) return this.isAcidAzole(a);
    if (this.isHydroxamic(a)) return true;
    const neighbours = this.links[a]!.map(({ to }) => to);
    const sulfonyls = neighbours.filter((to) => this.atom(to).element === S && this.doubleTo(to, O)).length;
    const carbonyls = neighbours.filter((to) => this.isCarbonyl(to)).length;
    if (sulfonyls > 0) return sulfonyls > 1 || carbonyls > 0 || neighbours.some((to) => this.isNitrile(to) || this.isPoorAzine(to));
    // Imides with a further hetero atom beside them (thiazolidinediones, oxazolidinediones) and barbiturates.
    return carbonyls === 2 && this.atom(a).ring && neighbours.some((to) => this.links[to]!.some((next) => next.to !== a && this.isRingHetero(next.to)));
  }

  private isRingHetero(a: number): boolean {
    const { element, ring } = this.atom(a);
    return ring && (element === O || element === S || (element === N && this.links[a]!.filter(({ to }) => this.isCarbonyl(to)).length === 2));
  }

  /** Tetrazoles, and five-membered rings whose N-H stands between a carbonyl and O, S or N: oxadiazolones, 3-hydroxyisoxazoles. */
  private isAcidAzole(a: number): boolean {
    const ring = this.fiveRing(a);
    if (ring === undefined) return false;
    const count = (element: number): number => ring.filter((one) => this.atom(one).element === element).length;
    if (count(N) === 4) return true;
    const carbonyl = ring.some((one) => this.atom(one).element === C && (this.doubleTo(one, O) || this.doubleTo(one, S)));
    return carbonyl && count(O) + count(S) === 1;
  }

  /** The aromatic ring of five that holds the atom. */
  private fiveRing(a: number): number[] | undefined {
    const walk = (path: readonly number[]): number[] | undefined => {
      const last = path.at(-1)!;
      for (const { to, bond } of this.links[last]!) {
        if (this.kind(bond) !== AROMATIC) continue;
        if (to === a && path.length === 5) return [...path];
        if (path.length === 5 || path.includes(to)) continue;
        const found = walk([...path, to]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return walk([a]);
  }

  /** C=N with a nitrogen beside it, neither of them acylated, on an aryl or next to another hetero atom. */
  private isAmidine(a: number): boolean {
    const [link] = this.links[a]!.filter(({ bond }) => this.kind(bond) === DOUBLE);
    if (link === undefined) return false;
    const isQuiet = (n: number): boolean => this.links[n]!.every(({ to }) => to === link.to || this.isSaturatedCarbon(to)) && (this.pointCount[n] === 0 || this.surroundings === 'saturated');
    const others = this.links[link.to]!.filter(({ to, bond }) => to !== a && this.kind(bond) === SINGLE && this.atom(to).element === N);
    return others.length > 0 && isQuiet(a) && others.every(({ to }) => isQuiet(to));
  }

  private isSaturatedCarbon(a: number): boolean {
    const { element, aromatic } = this.atom(a);
    return element === C && !aromatic && this.links[a]!.every(({ bond }) => this.kind(bond) === SINGLE);
  }

  private isCarbonyl(a: number): boolean {
    return this.atom(a).element === C && (this.doubleTo(a, O) || this.doubleTo(a, S));
  }

  private isNitrile(a: number): boolean {
    return this.atom(a).element === C && this.links[a]!.some(({ to, bond }) => this.kind(bond) === 3 && this.atom(to).element === N);
  }

  /** The aromatic carbon of a diazine or azole that makes a sulfonamide acidic, as in sulfadiazine. */
  private isPoorAzine(a: number): boolean {
    if (!this.atom(a).aromatic) return false;
    const hetero = this.links[a]!.filter(({ to, bond }) => this.kind(bond) === AROMATIC && this.atom(to).element !== C).length;
    return hetero > 0;
  }

  private doubleTo(a: number, element: number): boolean {
    return this.links[a]!.some(({ to, bond }) => this.kind(bond) === DOUBLE && this.atom(to).element === element);
  }

  private degree(a: number): number {
    return this.links[a]!.length + this.pointCount[a]!;
  }

  private atom(a: number): Part['atoms'][number] {
    return this.part.atoms[a]!;
  }

  private kind(bond: number): number {
    return this.part.bonds[bond]!.kind;
  }
}

/** What a fragment is in water, and where: bonds from each attachment point's atom to the nearest atom that makes it so. */
export interface FragmentIonisation {
  readonly ionisation: IonisationClass;
  /** One a point; NO_SITE for a neutral fragment. */
  readonly places: readonly number[];
}

export const NO_SITE = 15;

export function fragmentIonisation(part: Part, surroundings: Surroundings): FragmentIonisation {
  const { acids, bases } = ionisableSites(part, surroundings);
  const ionisation = ionisationClass({ acids, bases });
  const sites = new Set(acids.length > 0 ? acids : bases);
  return { ionisation, places: part.points.map((atom) => nearest(part, atom, sites)) };
}

function nearest(part: Part, from: number, sites: ReadonlySet<number>): number {
  const links = linksOf(part);
  let ring = [from];
  const seen = new Set(ring);
  for (let bonds = 0; ring.length > 0 && bonds < NO_SITE; bonds++) {
    if (ring.some((atom) => sites.has(atom))) return bonds;
    ring = ring.flatMap((atom) => links[atom]!.map(({ to }) => to)).filter((to) => !seen.has(to) && seen.add(to));
  }
  return NO_SITE;
}
