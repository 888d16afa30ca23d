import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { EmbedMolecules, EvaluationEncoder } from '../../src/evaluate/index.ts';
import { matrixOf } from '../../src/core/index.ts';
import { createKernel, featurise } from '../../src/chem/index.ts';

/** A folder that is gone after the tests of the file. */
export function scratch(): (name: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'evaluate-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(content) : content);
    return path;
  };
}

/** A stand-in for a trained tower: folded counts of the parent's Morgan environments, at unit length. */
export function countEncoder(dimension = 512): EvaluationEncoder {
  return {
    dimension,
    request: { counts: { m: { kind: 'morgan', radius: 2, bits: dimension } } },
    encode: ({ rows, counts }) => {
      const data = new Float32Array(rows.length * dimension);
      const { indices, values, offsets } = counts['m']!;
      rows.forEach((_, row) => {
        const [from, to] = [Number(offsets[row]!), Number(offsets[row + 1]!)];
        const norm = Math.hypot(...values.subarray(from, to));
        for (let i = from; i < to; i++) data[row * dimension + indices[i]!] = values[i]! / norm;
      });
      return Promise.resolve(data);
    },
  };
}

/** The same for whole lists of molecules. */
export async function countEmbedding(dimension = 512): Promise<EmbedMolecules> {
  const kernel = await createKernel();
  const { request, encode } = countEncoder(dimension);
  return async (smiles) => {
    const batch = featurise(kernel, smiles, request);
    return { rows: batch.rows, vectors: matrixOf(await encode(batch), dimension), molecules: batch.molecules, errors: batch.errors };
  };
}
