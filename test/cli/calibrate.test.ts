/** `isolens calibrate` from the outside: the score of a model, what evidence is worth, and what the model has met. */
import { mkdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChemPool, valueOf } from '../../src/chem/index.ts';
import { Domain, isCalibrationAssay, readScore } from '../../src/score/index.ts';
import type { EvidenceFit } from '../../src/score/index.ts';
import { resolveRecipe } from '../../src/train/resolve.ts';
import { measurements } from '../replacements/support.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Outcome, World } from './harness.ts';

const RELATIONS = { exact: '=', below: '>', above: '<' } as const;
const SHARE = 0.5;
/** Acids on rings and chains; what acts in an assay has its own ring. */
const RINGS = ['c1ccccc1', 'c1ccncc1', 'C1CCCCC1', 'c1ccsc1', 'C1CCOCC1', 'c1cnc[nH]1'];
const CHAINS = ['C', 'CC', 'CCC', 'CCCC', 'COC', 'CNC', 'CC(C)C'];
const grown = (ring: string): string[] => CHAINS.map((chain) => `OC(=O)${chain}${ring}`);

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  vi.stubEnv('ISOLENS_DATA', world.folder);
  const rows = measurements().map(({ assay, smiles, activity, relation }) => `${assay},${smiles},${activity},${RELATIONS[relation]}`);
  await world.write('activities.csv', `assay,smiles,log_value,relation\n${rows.join('\n')}\n`);
  const assays = Array.from({ length: 24 }, (_, n) => [...grown(RINGS[n % 6]!).map((smiles) => `assay ${n},${smiles},1.0`), ...grown(RINGS[(n + 1 + (n % 3)) % 6]!).map((smiles) => `assay ${n},${smiles},0.0`)]);
  await world.write('assays.csv', `assay,smiles,active\n${assays.flat().join('\n')}\n`);
  await mkdir(world.path('run/data'), { recursive: true });
  const learned = ['O', 'N', 'F', 'Cl', 'C#N', 'OC'].flatMap((end) => CHAINS.map((chain) => `O=C(O)${chain}c1ccc(${end})cc1`));
  await world.write('learned.smi', learned.join('\n'));
  await world.write('run/recipe.json', JSON.stringify({ ...resolveRecipe('bioactivity'), sources: [{ file: 'learned.smi', repeat: 1 }] }));
  const chem = new ChemPool({ workers: 1 });
  const keys = (await chem.standardise(learned)).map((one) => valueOf(one).inchiKey);
  await chem.close();
  await world.write('run/data/train-0001.json', JSON.stringify({ keys }));
}, 120_000);
afterAll(() => {
  vi.unstubAllEnvs();
  return world.remove();
});

const calibrate = (...args: string[]): Promise<Outcome> => world.run(['calibrate', '--model', world.model, '--data', 'assays.csv', '--held-out', 'none', '--screening', 'none', '--share', String(SHARE), ...args]);

describe('isolens calibrate', { timeout: 300_000 }, () => {
  it('fits a score, by a table that knows nothing of its assays, and counts what the encoder has met', async () => {
    const mined = await world.run(['mine', '--input', 'activities.csv', '--held-out', 'none', '--leave-out', String(SHARE), '--output', 'table', '--work', 'parts', '--threads', '1']);
    expect(mined.code, mined.stderr).toBe(0);
    const made = await calibrate('--replacements', 'table', '--domain', 'run', '--json');
    expect(made.code, made.stderr).toBe(0);
    const score = (await readScore(world.model, (JSON.parse(await readFile(world.path('model/score.json'), 'utf8')) as { encoder: string }).encoder))!;
    const evidence = score.provenance['replacement'] as EvidenceFit;
    expect(score.modes.default.weights.replacement).toBe(evidence.weight);
    expect(score.provenance['assays']).toBe(Array.from({ length: 24 }, (_, n) => `assay ${n}`).filter((id) => isCalibrationAssay(id, SHARE)).length);
    expect(score.provenance['command']).toMatch(/--replacements table --domain run --share 0\.5/);
    expect(score.domain).toMatchObject({ molecules: 6 * CHAINS.length, least: 5 });
    expect(new Domain(score.domain!).molecules).toBe(6 * CHAINS.length);
    // What is printed leaves the list of environments out.
    expect(made.stdout).not.toContain(score.domain!.environments.slice(0, 40));
    // A second fit keeps what was counted.
    expect((await calibrate()).code).toBe(0);
    const again = (await readScore(world.model, score.encoder))!;
    expect(again.domain).toEqual(score.domain);
    expect(again.modes.default.weights.replacement).toBe(1);
  });

  it('refuses a table that knows the assays, and a run that is none', async () => {
    expect((await world.run(['mine', '--input', 'activities.csv', '--held-out', 'none', '--output', 'all', '--work', 'parts', '--threads', '1'])).code).toBe(0);
    const known = await calibrate('--replacements', 'all');
    expect(errorCode(known)).toBe('ARGUMENT_INVALID');
    expect(known.stderr).toMatch(/isolens mine --leave-out 0\.5/);
    expect(errorCode(await calibrate('--replacements', 'nowhere'))).toBe('FILE_NOT_FOUND');
    expect(errorCode(await calibrate('--domain', 'nowhere'))).toBe('FILE_NOT_FOUND');
    expect(errorCode(await calibrate('--share', '0.001'))).toBe('DATASET_INVALID');
  });
});
