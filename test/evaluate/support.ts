import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { EmbedMolecules } from '../../src/evaluate/index.ts';
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
export async function countEmbedding(dimension = 512): Promise<EmbedMolecules> {
  const kernel = await createKernel();
  return (smiles) => {
    const { rows, counts, molecules, errors } = featurise(kernel, smiles, { counts: { m: { kind: 'morgan', radius: 2, bits: dimension } } });
    const data = new Float32Array(rows.length * dimension);
    const { indices, values, offsets } = counts['m']!;
    rows.forEach((_, row) => {
      const [from, to] = [Number(offsets[row]!), Number(offsets[row + 1]!)];
      const norm = Math.hypot(...values.subarray(from, to));
      for (let i = from; i < to; i++) data[row * dimension + indices[i]!] = values[i]! / norm;
    });
    return Promise.resolve({ rows, vectors: { data, rows: rows.length, cols: dimension }, molecules, errors });
  };
}
