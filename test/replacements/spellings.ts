/**
 * Whether proposals depend on how a molecule is written, and whether each is what a second construction, which knows nothing of the
 * product's, makes of the same group and fragment: the text of the constant part and of the fragment, joined by ring closures.
 */
import type { Kernel } from '../../src/chem/index.ts';
import { assemble } from '../../src/chem/cuts/assemble.ts';
import { answerGroups } from '../../src/chem/cuts/query.ts';
import type { ReplaceableGroup } from '../../src/chem/cuts/groups.ts';
import { smilesOfJson, withTrusted } from '../../src/chem/rdkit.ts';
import type { RdkitJson } from '../../src/chem/molecule-graph.ts';
import type { Replacements } from '../../src/replacements/index.ts';

/** Most atoms of a group: that of the table. */
const SIZE = 13;

export function randomSpellings(kernel: Kernel, smiles: string, count: number, seed: number): string[] {
  return withTrusted(kernel.rdkit, smiles, (mol) => Array.from({ length: count }, (_, i) => mol.get_smiles(JSON.stringify({ doRandom: true, randomSeed: seed + i }))));
}

export interface SpelledProposal {
  readonly group: ReplaceableGroup & { readonly inputAtoms: readonly number[] };
  readonly to: string;
  /** undefined where valences do not allow it. */
  readonly smiles: string | undefined;
}

export interface Spelled {
  readonly parent: string;
  readonly proposals: readonly SpelledProposal[];
}

/** The `count` best replacements of every group. */
export function proposalsOf(kernel: Kernel, table: Replacements, smiles: string, count: number): Spelled {
  const answer = answerGroups(kernel, { smiles, size: SIZE });
  if (answer.kind !== 'molecule') throw new Error(`${smiles} is no molecule`);
  const parent = answer.molecule.parentSmiles;
  const proposals = answer.groups.flatMap((group) => table.replacementsOf(group.fragment, group.environments).slice(0, count).map(({ to }) => ({ group, to, smiles: built(kernel, parent, group, to) })));
  return { parent, proposals };
}

function built(kernel: Kernel, smiles: string, group: ReplaceableGroup, to: string): string | undefined {
  try {
    return assemble(kernel, { smiles, group, to });
  } catch {
    return undefined;
  }
}

export function hasRadical(kernel: Kernel, smiles: string): boolean {
  return withTrusted(kernel.rdkit, smiles, (mol) => (JSON.parse(mol.get_json()) as RdkitJson).molecules[0]!.atoms.some(({ nRad = 0 }) => nRad > 0));
}

export function flat(kernel: Kernel, smiles: string): string {
  return withTrusted(kernel.rdkit, smiles, (mol) => mol.get_smiles('{"doIsomericSmiles":false}'));
}

/** Flat SMILES of the molecule with `to` in the place of the group. */
export function independently(kernel: Kernel, parent: string, { group, to }: SpelledProposal): string {
  const json = withTrusted(kernel.rdkit, parent, (mol) => JSON.parse(mol.get_json()) as RdkitJson);
  const source = json.molecules[0]!;
  const removed = new Set(group.atoms);
  const atoms: RdkitJson['molecules'][number]['atoms'] = source.atoms.map(({ stereo: _, ...atom }) => atom);
  const bonds = source.bonds.filter(({ atoms: [a, b] }) => !removed.has(a) && !removed.has(b)).map(({ bo = 1, atoms: pair }) => ({ bo, atoms: pair }));
  group.points.forEach(({ outside }, point) => {
    bonds.push({ bo: 1, atoms: [outside, atoms.length] });
    atoms.push({ z: 0, impHs: 0, isotope: point + 1 });
  });
  const kept = atoms.map((_, a) => a).filter((a) => !removed.has(a));
  const place = new Map(kept.map((atom, at) => [atom, at]));
  const core = smilesOfJson(kernel.rdkit, JSON.stringify({ ...json, molecules: [{ atoms: kept.map((a) => atoms[a]), bonds: bonds.map(({ bo, atoms: [a, b] }) => ({ bo, atoms: [place.get(a), place.get(b)] })) }] }));
  if (to === '[*:1][H]') return flat(kernel, closed(core).replaceAll('%91', ''));
  return flat(kernel, `${closed(core)}.${closed(to.replaceAll(/\[\*:(\d)\]/g, '[$1*]'))}`);
}

/** Points written as open ring closures: two texts that share a number are bonded there. */
function closed(smiles: string): string {
  return smiles.split('.').map((component) => [1, 2, 3].reduce((text, point) => {
    const [mark, closure] = [`[${point}*]`, `%9${point}`];
    if (text.startsWith(mark)) return text.slice(mark.length).replace(/^(\[[^\]]*\]|Br|Cl|[A-Za-z])/, `$1${closure}`);
    return text.replace(`(${mark})`, closure).replace(mark, closure);
  }, component)).join('.');
}
