/** The only door to RDKit (WebAssembly). Every molecule is freed by `withMolecule`: nothing collects them otherwise (24 kB each). */
import rdkitModule from '@rdkit/rdkit';
import type { Log, MainModule, Mol } from '@rdkit/rdkit';
import { IsoLensError } from '../core/index.ts';
import { looksLikeInchi, readInchi } from './inchi.ts';
import { SMILES_LIMITS, checkSmiles, plainText } from './limits.ts';
import type { InputWarning, SmilesOutline, SmilesRules } from './limits.ts';
import { checkMolfile, looksLikeMolfile } from './molfile.ts';
import { parseFailure } from './parse-errors.ts';

export type { Mol } from '@rdkit/rdkit';

/** One RDKit instance: synchronous, not shareable between threads, dead after a WebAssembly trap (replace the worker then). */
export interface Rdkit {
  readonly module: MainModule;
  readonly version: string;
  readonly errors: Log;
}

export async function loadRdkit(): Promise<Rdkit> {
  const silent = { print: () => {}, printErr: () => {} };
  const module = await rdkitModule.default(silent);
  module.disable_logging();
  module.use_legacy_stereo_perception(true);
  const errors = module.set_log_capture('rdApp.error');
  if (errors === null) throw new IsoLensError('INTERNAL', 'Expected RDKit to offer its error log but it did not; reinstall @rdkit/rdkit.');
  return { module, version: module.version(), errors };
}

/** What an input was before RDKit read it. */
export interface ParsedInput {
  readonly notation: 'smiles' | 'molfile';
  /** The text that RDKit read. */
  readonly text: string;
  readonly outline: SmilesOutline | undefined;
  readonly warnings: readonly InputWarning[];
}

/** Reads a SMILES or a molfile, runs `use`, and frees the molecule. Throws coded errors with RDKit's own reason. */
export function withMolecule<T>(rdkit: Rdkit, input: string, use: (mol: Mol, parsed: ParsedInput) => T, rules: SmilesRules = {}): T {
  const parsed = checkInput(rdkit, input, rules);
  const mol = parse(rdkit, parsed.text, parsed.outline);
  try {
    return use(mol, parsed);
  } finally {
    mol.delete();
  }
}

/** The caller must `delete()` it; `withTrusted` does so by itself. */
export function parseTrusted(rdkit: Rdkit, text: string): Mol {
  return parse(rdkit, text, undefined);
}

/** For text that this program wrote itself (canonical SMILES, JSON): no lexical check. */
export function withTrusted<T>(rdkit: Rdkit, text: string, use: (mol: Mol) => T): T {
  const mol = parseTrusted(rdkit, text);
  try {
    return use(mol);
  } finally {
    mol.delete();
  }
}

/**
 * Canonical SMILES of an edited RDKit JSON. RDKit restores E/Z from JSON under its newer stereo perception only; that one, in turn,
 * is less canonical on symmetric dienes, so it is used for this step alone. `hydrogens`: whether some may be atoms, which SMILES leaves out.
 */
export function smilesOfJson(rdkit: Rdkit, json: string, { hydrogens = true }: { readonly hydrogens?: boolean } = {}): string {
  rdkit.module.use_legacy_stereo_perception(false);
  try {
    return withTrusted(rdkit, json, (mol) => {
      if (hydrogens) mol.remove_hs_in_place();
      return mol.get_smiles();
    });
  } finally {
    rdkit.module.use_legacy_stereo_perception(true);
  }
}

function checkInput(rdkit: Rdkit, input: string, rules: SmilesRules): ParsedInput {
  if (looksLikeMolfile(input)) return { notation: 'molfile', ...checkMolfile(input), outline: undefined };
  if (looksLikeInchi(plainText(input))) {
    const smiles = readInchi(plainText(input).trim(), {
      smilesOf: (json) => smilesOfJson(rdkit, json),
      inchiOf: (text) => withTrusted(rdkit, text, (mol) => mol.get_inchi()),
    });
    return { notation: 'smiles', text: smiles, outline: undefined, warnings: ['INCHI_READ'] };
  }
  const outline = checkSmiles(input, SMILES_LIMITS, rules);
  return { notation: 'smiles', text: `${outline.smiles.replace(/:\d+\]/g, ']')}${pointLabels(outline)}`, outline, warnings: outline.warnings };
}

/** Numbered attachment points as a CXSMILES block that labels them R1, R2, ...; empty where there is none. */
function pointLabels({ smiles, atomPositions }: SmilesOutline): string {
  const labels = atomPositions.map((position) => /^\[\d*\*:(\d+)\]/.exec(smiles.slice(position, position + 14))?.[1]);
  if (labels.every((label) => label === undefined)) return '';
  return ` |$${labels.map((label) => (label === undefined ? '' : `R${label}`)).join(';')}$|`;
}

function parse(rdkit: Rdkit, text: string, outline: SmilesOutline | undefined): Mol {
  const mol = rdkit.module.get_mol(text);
  if (mol !== null) return mol;
  const reason = rdkit.errors.get_buffer();
  rdkit.errors.clear_buffer();
  throw parseFailure(reason, outline);
}
