import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel, writeModel } from '../../src/bundle/index.ts';
import type { Model } from '../../src/bundle/index.ts';
import { encoderById, encoderConfig } from '../../src/encoders/index.ts';
import { modalityById, modalityConfig as modalityConfigOf } from '../../src/modalities/index.ts';
import { buildEncoderGraph } from '../../src/model/index.ts';
import { initialWeights, writeOnnx } from '../../src/graph/index.ts';

const DIMENSION = 32;
const BITS = 512;
const PICTURE = { height: 64, width: 64 };

interface SmallTower {
  readonly name: string;
  readonly modality: string;
  readonly modalityConfig: Record<string, unknown>;
  readonly encoder: string;
}

const TWO: readonly SmallTower[] = [
  { name: 'drawing', modality: 'drawing', modalityConfig: PICTURE, encoder: 'resnet' },
  { name: 'structure', modality: 'fingerprint', modalityConfig: { radius: 2, bits: BITS, transform: 'log1p' }, encoder: 'mlp' },
];
/** As the recipe "four-modalities" names them. */
export const FOUR: readonly SmallTower[] = [
  ...TWO,
  { name: 'graph', modality: 'graph', modalityConfig: {}, encoder: 'gin' },
  { name: 'smiles', modality: 'smiles', modalityConfig: { length: 48 }, encoder: 'transformer' },
];

/** An untrained model of small towers: distances mean little, but every part runs. */
export async function makeModel(directory: string, seed = 1, towers = TWO): Promise<Model> {
  await mkdir(directory, { recursive: true });
  const described = [];
  for (const { name, modality, modalityConfig, encoder: id } of towers) {
    const encoder = encoderById(id);
    const reader = modalityById(modality);
    const overrides = reader.encoderFields(modalityConfigOf(reader, modalityConfig));
    const preset = encoderConfig(encoder, 'tiny');
    const config = encoderConfig(encoder, preset, Object.fromEntries(Object.entries(overrides).filter(([field]) => Object.hasOwn(preset as object, field))));
    const { ir } = buildEncoderGraph({ encoder, config, prefix: name, projection: { layers: 1, hidden: 64 } }, DIMENSION);
    await writeFile(join(directory, `${name}.onnx`), writeOnnx(ir, initialWeights(ir, seed), { foldBatchNormalization: false }));
    described.push({ name, modality, modalityConfig, encoder: id, encoderConfig: config as Record<string, unknown>, file: `${name}.onnx` });
  }
  await writeModel(directory, { dimension: DIMENSION, gallery: 'structure', towers: described, info: { recipe: 'test' } });
  return readModel(directory);
}

const RINGS = ['c1ccccc1', 'c1ccncc1', 'C1CCNCC1', 'c1ccsc1', 'C1CCOCC1', 'c1cc[nH]c1', 'c1cnc2ccccc2c1'];
const LINKERS = ['O', 'N', 'C(=O)N', 'S(=O)(=O)N', 'C(=O)O', 'C(F)', 'C(Cl)', 'C(=O)'];

/** Different molecules, always the same ones in the same order: chain, linker, chain, linker, ring. */
export function someSmiles(count: number): string[] {
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    const chain = 'C'.repeat(1 + (Math.floor(i / 448) % 9));
    found.push(`${chain}${LINKERS[i % 8]}CC${LINKERS[Math.floor(i / 8) % 8]}${RINGS[Math.floor(i / 64) % 7]}`);
  }
  return found;
}
