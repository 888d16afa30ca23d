/** `isolens read` from the outside, with the shipped reader. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../architecture/sources.ts';
import { draw, ether, paracetamol } from '../image/structures.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

const CELECOXIB = join(ROOT, 'web', 'examples', 'celecoxib.png');

describe.skipIf(!existsSync(join(ROOT, 'indexes', 'models', 'structure-reader')))('isolens read', { timeout: 120_000 }, () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world.remove());

  it('prints SMILES, molfiles or everything', async () => {
    const plain = await world.run(['read', CELECOXIB]);
    expect(plain.code, plain.stderr).toBe(0);
    expect(plain.stdout).toMatch(/^\S*S\S*\t[01]\.\d\d\t\S+celecoxib\.png\n$/);
    expect((await world.run(['read', CELECOXIB, '--molfile'])).stdout).toMatch(/V2000\n[\s\S]*M {2}END/);
    const all = JSON.parse((await world.run(['read', CELECOXIB, '--json'])).stdout) as { atoms: unknown[]; bonds: unknown[]; inchiKey: string; confidence: number };
    expect(all.inchiKey).toMatch(/^[A-Z]{14}-/);
    expect(all.atoms.length).toBeGreaterThan(15);
    expect(all.bonds.length).toBeGreaterThan(15);
  });

  it('reads all structures of a picture, and one by its number', async () => {
    const two = await world.write('two.png', await draw(paracetamol([180, 150]) + ether([560, 150])));
    const answers = (await world.run(['read', two, '--structure', 'all', '--json'])).stdout.trim().split('\n').map((line) => JSON.parse(line) as { structures: unknown[]; box: { left: number } });
    expect(answers).toHaveLength(2);
    expect(answers[0]!.structures).toHaveLength(2);
    expect(new Set(answers.map(({ box }) => box.left)).size).toBe(2);
    expect(errorCode(await world.run(['read', two, '--structure', '7']))).toBe('ARGUMENT_INVALID');
  });

  it('goes on after a picture that cannot be read, and says which it was', async () => {
    const text = await world.write('text.png', 'no picture');
    const outcome = await world.run(['read', text, CELECOXIB]);
    expect(outcome.code).toBe(3);
    expect(outcome.stdout.trim().split('\n')).toHaveLength(1);
    expect(outcome.stderr).toMatch(/text\.png: .*\(IMAGE_/);
    expect(errorCode(await world.run(['read', text]))).toMatch(/^IMAGE_/);
    for (const wrong of [['read'], ['read', CELECOXIB, '--structure', '0']]) expect(errorCode(await world.run(wrong))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await world.run(['read', 'nowhere.png']))).toBe('FILE_NOT_FOUND');
  });
});
