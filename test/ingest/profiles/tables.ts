/** Synthetic tables of profiles: controls of plain noise, compounds with a signature each. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, matrixOf } from '../../../src/core/index.ts';
import type { Profiles, Well } from '../../../src/ingest/index.ts';

export async function tableFile(content: string | Uint8Array, name = 'profiles.csv'): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'profiles-')), name);
  await writeFile(path, content);
  return path;
}

export function well(place: string, more: Partial<Well> = {}): Well {
  return { plate: 'P1', well: place, compound: null, name: null, smiles: null, inchiKey: null, mechanisms: [], isControl: false, ...more };
}

/** Wells of noise with another centre and spread in each feature; every `every`-th is a control. */
export function noisyProfiles(rows: number, cols: number, { seed = 1, plates = 1, every = 2 } = {}): Profiles {
  const rng = createRng(seed);
  const centres = Array.from({ length: cols }, () => 10 * rng.normal());
  const spreads = Array.from({ length: cols }, () => 0.5 + 3 * rng.next());
  const data = Float32Array.from({ length: rows * cols }, (_, i) => centres[i % cols]! + spreads[i % cols]! * rng.normal());
  const wells = Array.from({ length: rows }, (_, i) => well(`W${i}`, { plate: `P${i % plates}`, isControl: Math.floor(i / plates) % every === 0 }));
  return { wells, features: Array.from({ length: cols }, (_, c) => `Cells_${c}`), matrix: matrixOf(data, cols) };
}

export interface Signatures {
  readonly compounds: number;
  /** Compounds i and i + 1 of an even i share a mechanism and, with this weight, their signature. */
  readonly shared: number;
  readonly strength: number;
  readonly seed?: number;
  readonly noiseSeed?: number;
  readonly features?: number;
}

/** CSV in the shape of the JUMP pilots: 4 wells a compound, 16 controls, signatures by `seed`, noise by `noiseSeed`. */
export function signatureTable({ compounds, shared, strength, seed = 1, noiseSeed = 2, features = 40 }: Signatures): string {
  const rng = createRng(seed);
  const noise = createRng(noiseSeed);
  const draw = (): number[] => Array.from({ length: features }, () => rng.normal());
  const lines = [['Metadata_Plate', 'Metadata_Well', 'Metadata_broad_sample', 'Metadata_InChIKey', 'Metadata_moa', 'Metadata_control_type', ...draw().map((_, f) => `Cells_F${f}`)].join(',')];
  let place = 0;
  const add = (metadata: readonly string[], signature: readonly number[]): void => {
    lines.push(['P1', `W${place++}`, ...metadata, ...signature.map((value) => (strength * value + noise.normal()).toFixed(5))].join(','));
  };
  for (let i = 0; i < 16; i++) add(['DMSO', '', '', 'negcon'], Array.from({ length: features }, () => 0));
  let common = draw();
  for (let i = 0; i < compounds; i++) {
    if (i % 2 === 0) common = draw();
    const own = draw();
    const signature = own.map((value, f) => shared * common[f]! + (1 - shared) * value);
    const key = String.fromCodePoint(65 + Math.floor(i / 26), 65 + (i % 26)).padEnd(14, 'X');
    for (let replicate = 0; replicate < 4; replicate++) add([`BRD-K0000${String(i).padStart(4, '0')}-001-0${replicate}-1`, `${key}-UHFFFAOYSA-N`, `mechanism ${Math.floor(i / 2)}`, ''], signature);
  }
  return `${lines.join('\n')}\n`;
}

/** CSV of one plate with SMILES: `wells` of every molecule and 16 controls; features by `seed`, noise by `noiseSeed`. */
export function profileTable(smiles: readonly string[], { wells = 3, features = 12, seed = 1, noiseSeed = 2, strength = 3, names = Array.from({ length: features }, (_, f) => `Cells_F${f}`) } = {}): string {
  const rng = createRng(seed);
  const noise = createRng(noiseSeed);
  const treatments = [...Array<string>(16).fill(''), ...smiles.flatMap((one) => Array<string>(wells).fill(one))];
  const signatures = new Map(['', ...smiles].map((one) => [one, Array.from({ length: features }, () => (one === '' ? 0 : strength * rng.normal()))]));
  const lines = treatments.map((one, i) => ['P1', `W${i}`, one, one === '' ? 'negcon' : '', ...signatures.get(one)!.map((value) => (value + noise.normal()).toFixed(5))].join(','));
  return `${[['Metadata_Plate', 'Metadata_Well', 'Metadata_smiles', 'Metadata_control_type', ...names].join(','), ...lines].join('\n')}\n`;
}
