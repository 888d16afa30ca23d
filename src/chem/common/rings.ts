/** Single rings in words and as SMILES: "benzene C-H -> pyridine N" says what changed where fragments of a ring would not. */
import { ELEMENT } from '../atoms.ts';
import { SYMBOLS } from '../elements.ts';
import { bondBetween, degreeOf } from '../molecule-graph.ts';
import type { MoleculeGraph } from '../molecule-graph.ts';

/** By the atoms around the ring, from any atom in any direction; aromatic ones in small letters. */
const NAMES: Readonly<Record<string, string>> = named({
  cccccc: 'benzene', cccccn: 'pyridine', ccccnn: 'pyridazine', cccncn: 'pyrimidine', ccnccn: 'pyrazine', cncncn: '1,3,5-triazine', ccncnn: '1,2,4-triazine', cccnnn: '1,2,3-triazine',
  ccccn: 'pyrrole', cccco: 'furan', ccccs: 'thiophene', cccnn: 'pyrazole', ccncn: 'imidazole', cccno: 'isoxazole', ccnco: 'oxazole', cccns: 'isothiazole', ccncs: 'thiazole',
  ccnnn: '1,2,3-triazole', cncnn: '1,2,4-triazole', cnnnn: 'tetrazole', ccnno: '1,2,3-oxadiazole', cncno: '1,2,4-oxadiazole', cnnco: '1,3,4-oxadiazole', cnonc: '1,2,5-oxadiazole',
  ccnns: '1,2,3-thiadiazole', cncns: '1,2,4-thiadiazole', cnncs: '1,3,4-thiadiazole', cnsnc: '1,2,5-thiadiazole',
  CCC: 'cyclopropane', CCN: 'aziridine', CCO: 'epoxide', CCCC: 'cyclobutane', CCCN: 'azetidine', CCCO: 'oxetane', CCCCC: 'cyclopentane', CCCCN: 'pyrrolidine', CCCCO: 'tetrahydrofuran', CCCCS: 'tetrahydrothiophene',
  CCNCN: 'imidazolidine', CCCNN: 'pyrazolidine', CCNCO: 'oxazolidine', CCNCS: 'thiazolidine', CCOCO: 'dioxolane', CCCCCC: 'cyclohexane', CCCCCN: 'piperidine', CCNCCN: 'piperazine', CCNCCO: 'morpholine',
  CCNCCS: 'thiomorpholine', CCCCCO: 'tetrahydropyran', CCCNCN: 'hexahydropyrimidine', CCOCCO: 'dioxane', CCCCCS: 'thiane', CCCCCCC: 'cycloheptane', CCCCCCN: 'azepane', CCCNCCN: 'diazepane',
});

function named(names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(names).map(([atoms, name]) => [leastTurn(atoms.match(/Cl|Br|Se|[A-Za-z]/g)!), name]));
}

/** The first in the alphabet of all texts around the ring. */
function leastTurn(letters: readonly string[]): string {
  const turns = letters.flatMap((_, i) => {
    const turned = [...letters.slice(i), ...letters.slice(0, i)];
    return [turned.join(''), [...turned].reverse().join('')];
  });
  return turns.reduce((least, one) => (one < least ? one : least));
}

function symbolOf(graph: MoleculeGraph, atom: number): string {
  const symbol = SYMBOLS[graph.element[atom]!]!;
  return graph.aromaticAtom[atom] ? symbol.toLowerCase() : symbol;
}

/** "benzene", "pyridinone", "ring of 8 atoms". */
export function ringName(graph: MoleculeGraph, ring: readonly number[]): string {
  const name = NAMES[leastTurn(ring.map((atom) => symbolOf(graph, atom)))];
  const doubles = ring.filter((atom, i) => {
    const bond = bondBetween(graph, atom, ring[(i + 1) % ring.length]!);
    return graph.order[bond]! > 1 && !graph.aromaticBond[bond];
  }).length;
  if (name === undefined) return `ring of ${ring.length} atoms`;
  if (doubles > 0) return `unsaturated ${name}`;
  const ketones = ring.filter((atom) => exocyclicDoubles(graph, atom).some((other) => graph.element[other] === ELEMENT.O)).length;
  return ketones === 0 ? name : `${name.replace(/e$/, '')}${ketones === 1 ? '' : ketones === 2 ? 'edi' : 'etri'}one`;
}

/** Hetero atoms on a double bond that is in no ring. */
export function exocyclicDoubles(graph: MoleculeGraph, atom: number): number[] {
  const found: number[] = [];
  for (let i = graph.offset[atom]!; i < graph.offset[atom + 1]!; i++) {
    const [to, bond] = [graph.neighbour[i]!, graph.bondOf[i]!];
    if (graph.order[bond] === 2 && !graph.ringBond[bond] && graph.element[to] !== ELEMENT.C) found.push(to);
  }
  return found;
}

/** An atom of a ring as chemists call it: "C-H", "CH2", "N", "N-H"; what else hangs on it is not told. */
export function ringAtomText(graph: MoleculeGraph, atom: number): string {
  const symbol = SYMBOLS[graph.element[atom]!]!;
  const hydrogens = graph.hydrogens[atom]!;
  const charge = graph.charge[atom] === 0 ? '' : graph.charge[atom]! > 0 ? '+' : '-';
  if (hydrogens === 0) return `${symbol}${exocyclicDoubles(graph, atom).map((other) => `=${SYMBOLS[graph.element[other]!]!}`).join('')}${charge}`;
  return hydrogens === 1 && symbol.length === 1 ? `${symbol}-H${charge}` : `${symbol}H${hydrogens === 1 ? '' : hydrogens}${charge}`;
}

/** The ring by itself, hydrogens in the place of what hangs on it by single bonds: `c1ccncc1`, `O=C1CCCN1`. */
export function ringSmiles(graph: MoleculeGraph, ring: readonly number[]): string {
  const hydrogenated = ring.every((atom) => graph.aromaticAtom[atom] === 1) ? aromaticHydrogens(graph, ring) : undefined;
  const isAromatic = hydrogenated !== undefined;
  const doubleBond = (from: number, to: number): string => (!isAromatic && graph.order[bondBetween(graph, from, to)] === 2 ? '=' : '');
  return ring.map((atom, i) => {
    const element = SYMBOLS[graph.element[atom]!]!;
    const symbol = isAromatic ? element.toLowerCase() : element;
    const own = hydrogenated?.has(atom) === true ? `[${symbol}H]` : symbol.length > 1 ? `[${symbol}]` : symbol;
    const closure = i === 0 ? '1' : i === ring.length - 1 ? `${doubleBond(atom, ring[0]!)}1` : '';
    const oxo = exocyclicDoubles(graph, atom).map((other) => `(=${SYMBOLS[graph.element[other]!]!})`).join('');
    return `${i === 0 ? '' : doubleBond(ring[i - 1]!, atom)}${own}${closure}${oxo}`;
  }).join('');
}

/** Nitrogens that carry a hydrogen when the ring stands alone; undefined where it is then no longer aromatic. */
function aromaticHydrogens(graph: MoleculeGraph, ring: readonly number[]): ReadonlySet<number> | undefined {
  const isNitrogen = (atom: number): boolean => graph.element[atom] === ELEMENT.N && graph.charge[atom] === 0;
  const isDonor = (atom: number): boolean => isNitrogen(atom) && (graph.hydrogens[atom]! > 0 || degreeOf(graph, atom) > 2);
  // Every other atom needs a partner for its double bond; a nitrogen at a fusion may be either.
  const paired = ring.filter((atom) => exocyclicDoubles(graph, atom).length === 0 && (graph.element[atom] === ELEMENT.C || graph.element[atom] === ELEMENT.N));
  const donors = new Set(ring.filter(isDonor));
  for (const candidates of [donors, new Set<number>(), new Set(paired.filter(isNitrogen).slice(0, 1))]) {
    if (runsPair(ring, new Set(paired.filter((atom) => !candidates.has(atom))))) return candidates;
  }
  return undefined;
}

/** Whether neighbours can be paired: every run of atoms around the ring has an even length. */
function runsPair(ring: readonly number[], open: ReadonlySet<number>): boolean {
  const start = ring.findIndex((atom) => !open.has(atom));
  if (start < 0) return ring.length % 2 === 0;
  let run = 0;
  for (let i = 1; i <= ring.length; i++) {
    if (open.has(ring[(start + i) % ring.length]!)) run++;
    else if (run % 2 === 1) return false;
    else run = 0;
  }
  return true;
}
