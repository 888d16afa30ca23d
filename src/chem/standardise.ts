/** From any accepted input to the parent: the one form in which a molecule is embedded, compared and stored. */
import { IsoLensError } from '../core/index.ts';
import { SYMBOLS } from './elements.ts';
import type { InputWarning } from './limits.ts';
import type { RdkitJson } from './molecule-graph.ts';
import { parseTrusted, smilesOfJson, withTrusted } from './rdkit.ts';
import { withReadable } from './repairs.ts';
import type { Repair, RepairWarning } from './repairs.ts';
import type { Mol, ParsedInput, Rdkit } from './rdkit.ts';
import { applyShift, findShift, forgetStereo } from './resonance.ts';
import { COMPLEX_METALS, METALS, RULES, SALTS_AND_SOLVENTS } from './rules.ts';
import type { EditRule, Rule, ShiftRule } from './rules.ts';

/** Changes when a rule or policy changes: bundles record it, and refuse to mix. */
export const STANDARDISER_VERSION = '3';

export interface StandardMolecule {
  /** Canonical SMILES of the parent, stereo kept. */
  readonly parentSmiles: string;
  /** Standard InChIKey of the parent: the identity for "same compound". */
  readonly inchiKey: string;
  /** First block of the InChIKey: the same skeleton, whatever stereo, isotopes and protonation. */
  readonly connectivityKey: string;
  /** Hill formula of the parent, its hydrogens as drawn. */
  readonly formula: string;
  readonly charge: number;
  /** Canonical SMILES of what was removed (counter-ions, solvents, smaller components), neutralised, each once. */
  readonly removedFragments: readonly string[];
  /** Names of the rules that changed something, in order. */
  readonly rules: readonly string[];
  readonly warnings: readonly StandardWarning[];
}

export type StandardWarning = 'MIXTURE' | 'CHARGED' | 'RADICAL' | 'ONLY_SALT_COMPONENTS' | InputWarning | RepairWarning;

export interface Standardiser {
  /** `use` sees the parent's RDKit molecule before it is freed; `input` is the molecule as given. */
  standardise<T>(text: string, use: (parent: Mol, standard: StandardMolecule, input: Mol) => T): T;
}

type CompiledRule =
  | { readonly rule: EditRule; readonly query: Mol }
  | { readonly rule: ShiftRule; readonly from: Mol; readonly to: Mol; readonly through: Mol };

const COMPLEX = new Set(COMPLEX_METALS);
/** Bonds of these to carbon (Grignard and the like) are refused; tin alone forms compounds that are met as such. */
const REACTIVE = new Set(METALS.filter((z) => z !== 50));
const METAL_SYMBOL = METALS.map((z) => SYMBOLS[z]!).sort((a, b) => b.length - a.length).join('|');
/** Nitro groups as RDKit writes them: charged, but nothing to change. */
const NITRO = /\[N\+\]\(=O\)\[O-\]|O=\[N\+\]\(\[O-\]\)/g;
/** What no rule can touch has one fragment, no charge, no arrow, no isotope and no metal: most molecules, and they skip the rules. */
const NEEDS_RULES = new RegExp(`\\.|->|<-|\\+|-\\d*\\]|\\[\\d|\\[(?:${METAL_SYMBOL})(?![a-z])`);
/** A metal that no rule took away: the parent would be a complex. */
const LEFT_METAL = new RegExp(`\\[(?:\\d*)(${METAL_SYMBOL.replace('|Sn', '')})(?![a-z])`);
const MAX_ROUNDS = 100;
/** Bond order of an arrow in RDKit's JSON. */
const DATIVE = 17;

export function createStandardiser(rdkit: Rdkit): Standardiser {
  const rules = RULES.map((rule) => compile(rdkit, rule));
  const salts = new Set(SALTS_AND_SOLVENTS.map(([, smiles]) => withTrusted(rdkit, smiles, flatSmiles)));
  return {
    standardise: (text, use) =>
      withReadable(rdkit, text, (input, parsed, repairs) => {
        const canonical = input.get_smiles();
        if (canonical === '') throw new IsoLensError('SMILES_EMPTY', 'Expected a molecule but received no atom.');
        if (parsed.notation !== 'molfile' && !NEEDS_RULES.test(canonical.replaceAll(NITRO, ''))) {
          requireOrganic(canonical);
          const untouched: Chosen = { smiles: canonical, removed: [], rules: [], warnings: [] };
          return use(input, describe(rdkit, input, parsed, withRepairs(untouched, repairs)), input);
        }
        const chosen = withRepairs(chooseParent(rdkit, canonical, rules, salts), repairs);
        return withTrusted(rdkit, chosen.smiles, (parent) => use(parent, describe(rdkit, parent, parsed, { ...chosen, smiles: parent.get_smiles() }), input));
      }),
  };
}

function withRepairs(chosen: Chosen, repairs: readonly Repair[]): Chosen {
  return {
    ...chosen, rules: [...repairs.map(({ rule }) => rule), ...chosen.rules],
    warnings: [...repairs.flatMap(({ warning }) => warning ?? []), ...chosen.warnings],
  };
}

interface Chosen {
  readonly smiles: string;
  readonly removed: readonly string[];
  readonly rules: readonly string[];
  readonly warnings: readonly StandardWarning[];
}

function chooseParent(rdkit: Rdkit, canonical: string, rules: readonly CompiledRule[], salts: ReadonlySet<string>): Chosen {
  const fired: string[] = [];
  // Through the canonical text, so that the order of the input's atoms cannot change the outcome.
  const edited = withTrusted(rdkit, canonical, (mol) => applyRules(rdkit, mol, rules, fired));
  if (!edited.includes('.')) {
    requireOrganic(edited);
    return { smiles: edited, removed: [], rules: fired, warnings: [] };
  }
  fired.push('keep-largest-parent');
  return { ...largestParent(rdkit, edited.split('.'), salts), rules: fired };
}

function compile(rdkit: Rdkit, rule: Rule): CompiledRule {
  const read = (smarts: string): Mol => {
    const query = rdkit.module.get_qmol(smarts);
    if (query === null) throw new IsoLensError('INTERNAL', `Expected the SMARTS of rule ${rule.name} to be readable: ${smarts}`);
    return query;
  };
  if ('smarts' in rule) return { rule, query: read(rule.smarts) };
  return { rule, from: read(rule.from), to: read(rule.to), through: read(rule.through) };
}

/** Returns the SMILES after all rules; adds the names of those that changed something to `fired`. */
function applyRules(rdkit: Rdkit, mol: Mol, rules: readonly CompiledRule[], fired: string[]): string {
  const json = JSON.parse(mol.get_json()) as RdkitJson;
  const atoms = json.molecules[0]!.atoms;
  refuseComplexes(json);
  if (removeIsotopes(json)) fired.push('remove-isotopes');
  const hasArrow = json.molecules[0]!.bonds.some(({ bo }) => bo === DATIVE);
  if (hasArrow || atoms.some((atom) => (atom.chg ?? 0) !== 0 || METALS.includes(atom.z ?? 6))) runRules(rdkit, json, mol, rules, fired);
  return fired.length === 0 ? mol.get_smiles() : smilesOfJson(rdkit, JSON.stringify(json));
}

/** Each rule until it matches no more. `mol` shows what `json` says; after an edit it is read again. */
function runRules(rdkit: Rdkit, json: RdkitJson, mol: Mol, rules: readonly CompiledRule[], fired: string[]): void {
  let current = mol;
  let rounds = 0;
  try {
    for (const compiled of rules) {
      const { name } = compiled.rule;
      while (applyOnce(json, current, compiled)) {
        if (++rounds > MAX_ROUNDS) {
          throw new IsoLensError(
            'MOLECULE_UNSUPPORTED', `Expected charges that can be standardised but rule ${name} came to no end; draw the neutral form.`,
          );
        }
        if (fired.at(-1) !== name) fired.push(name);
        delete json.molecules[0]!.extensions; // aromaticity, CIP and rings are perceived afresh
        if (current !== mol) current.delete();
        current = mol;
        current = parseTrusted(rdkit, JSON.stringify(json));
      }
    }
  } finally {
    if (current !== mol) current.delete();
  }
}

/** Whether the rule matched, and `json` was edited. */
function applyOnce(json: RdkitJson, current: Mol, compiled: CompiledRule): boolean {
  if ('query' in compiled) {
    const matches = matchesOf(current, compiled.query);
    if (matches.length > 0) edit(json, compiled.rule, matches);
    return matches.length > 0;
  }
  const to = matchesOf(current, compiled.to);
  const from = to.length === 0 ? [] : matchesOf(current, compiled.from);
  if (from.length === 0) return false;
  const first = ({ atoms }: { atoms: number[] }): number => atoms[0]!;
  const path = findShift(json.molecules[0]!, {
    ...compiled.rule, from: from.map(first), to: new Set(to.map(first)), through: new Set(matchesOf(current, compiled.through).map(first)),
  });
  if (path !== undefined) applyShift(json.molecules[0]!, path);
  return path !== undefined;
}

function matchesOf(mol: Mol, query: Mol): { atoms: number[] }[] {
  const matches = JSON.parse(mol.get_substruct_matches(query)) as { atoms: number[] }[] | object;
  return Array.isArray(matches) ? matches : []; // RDKit writes {} for none
}

/** Edits every match that shares no atom with an earlier one; the others are found again in the next round. */
function edit(json: RdkitJson, rule: EditRule, matches: readonly { atoms: number[] }[]): void {
  const molecule = json.molecules[0]!;
  const touched = new Set<number>();
  for (const { atoms } of matches) {
    if (atoms.some((a) => touched.has(a))) continue;
    for (const a of atoms) touched.add(a);
    for (const change of rule.atoms) {
      const atom = molecule.atoms[atoms[change.atom]!]!;
      atom.chg = (atom.chg ?? 0) + (change.charge ?? 0);
      atom.impHs = Math.max(0, (atom.impHs ?? 0) + (change.hydrogens ?? 0));
    }
    for (const change of rule.bonds ?? []) setOrder(json, atoms[change.atoms[0]]!, atoms[change.atoms[1]]!, change.order);
  }
}

function setOrder(json: RdkitJson, a: number, b: number, order: number): void {
  const molecule = json.molecules[0]!;
  const at = molecule.bonds.findIndex(({ atoms }) => (atoms[0] === a && atoms[1] === b) || (atoms[0] === b && atoms[1] === a));
  if (order === 0) molecule.bonds.splice(at, 1);
  else {
    molecule.bonds[at]!.bo = order;
    forgetStereo(molecule.bonds[at]!);
  }
}

function removeIsotopes(json: RdkitJson): boolean {
  let found = false;
  for (const atom of json.molecules[0]!.atoms) {
    if ((atom.isotope ?? 0) === 0) continue;
    delete atom.isotope;
    found = true;
  }
  return found;
}

/** Complexes and organometallics: no rule turns them into an organic parent without inventing chemistry. */
function refuseComplexes(json: RdkitJson): void {
  const { atoms, bonds } = json.molecules[0]!;
  const elementOf = (a: number): number => atoms[a]!.z ?? 6;
  for (const { atoms: [a, b] } of bonds) {
    if (COMPLEX.has(elementOf(a)) || (REACTIVE.has(elementOf(a)) && elementOf(b) === 6)) refuseMetal(elementOf(a));
    if (COMPLEX.has(elementOf(b)) || (REACTIVE.has(elementOf(b)) && elementOf(a) === 6)) refuseMetal(elementOf(b));
  }
  const metal = atoms.find((atom) => COMPLEX.has(atom.z ?? 6));
  if (metal !== undefined && atoms.some((atom) => (atom.z ?? 6) === 6 && (atom.chg ?? 0) < 0)) refuseMetal(metal.z!);
}

function refuseMetal(element: number): never {
  const symbol = SYMBOLS[element]!;
  throw new IsoLensError('MOLECULE_UNSUPPORTED', `Expected an organic molecule but received a metal complex or an organometallic compound of ${symbol}; give the organic ligand alone.`, { details: { element: symbol } });
}

interface Fragment {
  readonly smiles: string;
  readonly heavyAtoms: number;
  readonly weight: number;
  readonly organic: boolean;
  readonly salt: boolean;
}

/** Largest organic fragment that is no known salt or solvent: heavy atoms, then molecular weight, then the smaller SMILES text. */
function largestParent(rdkit: Rdkit, texts: readonly string[], salts: ReadonlySet<string>): Omit<Chosen, 'rules'> {
  const fragments = [...new Set(texts)].map((text) => withTrusted(rdkit, text, (mol) => fragmentOf(mol, salts)));
  const organic = fragments.filter((fragment) => fragment.organic);
  if (organic.length === 0) requireOrganic(texts.join('.'));
  const real = organic.filter((fragment) => !fragment.salt);
  const candidates = real.length > 0 ? real : organic;
  candidates.sort((a, b) => b.heavyAtoms - a.heavyAtoms || b.weight - a.weight || (a.smiles < b.smiles ? -1 : 1));
  const parent = candidates[0]!;
  const warnings: StandardWarning[] = [];
  if (candidates.length > 1) warnings.push(real.length > 0 ? 'MIXTURE' : 'ONLY_SALT_COMPONENTS');
  return { smiles: parent.smiles, removed: fragments.filter((f) => f !== parent).map((f) => f.smiles), warnings };
}

function fragmentOf(mol: Mol, salts: ReadonlySet<string>): Fragment {
  const smiles = mol.get_smiles();
  const json = JSON.parse(mol.get_json()) as RdkitJson;
  const atoms = json.molecules[0]!.atoms;
  return {
    smiles,
    heavyAtoms: mol.get_num_atoms(true),
    weight: roughWeight(json),
    organic: atoms.some((atom) => (atom.z ?? 6) === 6),
    salt: salts.has(flatSmiles(mol)),
  };
}

/** Mass numbers stand in for weights: only fragments of equally many heavy atoms are compared by it. */
function roughWeight(json: RdkitJson): number {
  return json.molecules[0]!.atoms.reduce((sum, atom) => sum + 2 * (atom.z ?? 6) + (atom.impHs ?? 0), 0);
}

function flatSmiles(mol: Mol): string {
  return mol.get_smiles('{"doIsomericSmiles":false}');
}

function requireOrganic(smiles: string): void {
  const hasCarbon = /\[\d*[Cc](?![a-z])/.test(smiles) || /C(?!l)|c/.test(smiles.replaceAll(/\[[^\]]*\]/g, ''));
  if (hasCarbon) return;
  throw new IsoLensError('MOLECULE_UNSUPPORTED', `Expected an organic molecule but received none with carbon (${smiles.slice(0, 60)}); give the organic component.`);
}

function describe(rdkit: Rdkit, parent: Mol, parsed: ParsedInput, chosen: Chosen): StandardMolecule {
  const parentSmiles = chosen.smiles;
  const inchi = parent.get_inchi();
  const inchiKey = inchi === '' ? '' : rdkit.module.get_inchikey_for_inchi(inchi);
  if (inchiKey === '') throw new IsoLensError('MOLECULE_UNSUPPORTED', `Expected a molecule that has an InChI but ${parentSmiles.slice(0, 60)} has none; check valences and radicals.`);
  if (LEFT_METAL.test(parentSmiles)) refuseMetal(SYMBOLS.indexOf(LEFT_METAL.exec(parentSmiles)![1]!));
  const { formula, charge } = compositionOfInchi(inchi);
  const warnings = [...chosen.warnings];
  if (charge !== 0) warnings.push('CHARGED');
  if (hasRadical(parent, parentSmiles)) warnings.push('RADICAL');
  warnings.push(...parsed.warnings.filter((warning) => warning !== 'CHIRAL_FLAG_ABSENT' || parentSmiles.includes('@')));
  return { parentSmiles, inchiKey, connectivityKey: inchiKey.slice(0, 14), formula, charge, removedFragments: chosen.removed, rules: chosen.rules, warnings };
}

/** Atoms whose hydrogens RDKit must write out although they have no charge: only among these can a radical be. */
const BARE_ATOM = /\[(?!nH\])[A-Z][a-z]?(?:@{1,2})?(?:H\d?)?\]|\[[bcops]H?\]/;

function hasRadical(parent: Mol, smiles: string): boolean {
  if (!BARE_ATOM.test(smiles) && !/[+-]\d?\]/.test(smiles)) return false;
  return (JSON.parse(parent.get_json()) as RdkitJson).molecules[0]!.atoms.some((atom) => (atom.nRad ?? 0) > 0);
}

/** InChI states the formula before the protons of /p are added or taken, and the charge as /q. */
export function compositionOfInchi(inchi: string): { formula: string; charge: number } {
  const [, formula = '', ...layers] = inchi.split('/');
  const protons = Number(layers.find((layer) => layer.startsWith('p'))?.slice(1) ?? 0);
  const charge = chargeOf(layers.find((layer) => layer.startsWith('q'))?.slice(1) ?? '') + protons;
  return { formula: protons === 0 || formula.includes('.') ? formula : addHydrogens(formula, protons), charge };
}

/** `+1` or, for several components (InChI parts metals and metalloids), `;-1;2*+1`. */
function chargeOf(layer: string): number {
  return layer.split(';').reduce((sum, part) => {
    const match = /^(?:(\d+)\*)?([+-]\d+)$/.exec(part);
    return match === null ? sum : sum + Number(match[1] ?? 1) * Number(match[2]);
  }, 0);
}

function addHydrogens(formula: string, count: number): string {
  const match = /H(?![a-z])(\d*)/.exec(formula);
  if (match === null) return formula.replace(/^(C\d*)?/, `$1H${count === 1 ? '' : count}`);
  const total = Number(match[1] === '' ? 1 : match[1]) + count;
  const hydrogens = total === 0 ? '' : `H${total === 1 ? '' : total}`;
  return formula.slice(0, match.index) + hydrogens + formula.slice(match.index + match[0].length);
}
