/** `isolens evaluate profiles`, from the outside. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signatureTable } from '../ingest/profiles/tables.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { World } from './harness.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
  const strong = { compounds: 8, shared: 0.8, strength: 20 };
  await world.write('ten.csv', signatureTable(strong));
  await world.write('forty.csv.gz', gzipSync(signatureTable({ ...strong, noiseSeed: 9 })));
  await world.write('odd.csv', signatureTable(strong).replace('Cells_F0', 'Metadata_F0').replace(/(P1,W20,.*),[^,]*$/m, '$1,far'));
}, 120_000);
afterAll(() => world.remove());

describe('evaluate profiles', { timeout: 60_000 }, () => {
  it('prints what was read, replicates and mechanisms, and says how it whitened', async () => {
    const { code, stdout, stderr } = await world.run(['evaluate', 'profiles', '--data', 'ten.csv', '--data', 'forty.csv.gz', '--permutations', '1000']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^ten +1 +48 +16 +0 +8 /m);
    expect(stdout).toMatch(/^all +sphered +\d\.\d{3} /m);
    expect(stdout).toMatch(/^forty +ten +raw +1\.000 /m);
    expect(stderr).toMatch(/forty, sphered: whitened by controls, shrinkage 0\.\d/);
    const json = JSON.parse((await world.run(['evaluate', 'profiles', '--data', 'ten.csv', '--method', 'robust', '--json'])).stdout) as { mechanisms: { top1: { value: number } }[] };
    expect(json.mechanisms.map(({ top1 }) => top1.value)).toEqual([1]);
  });

  it('names the column that it cannot read', async () => {
    const refused = await world.run(['evaluate', 'profiles', '--data', 'odd.csv']);
    expect([refused.code, errorCode(refused)]).toEqual([1, 'RECORD_INVALID']);
    expect(refused.stderr).toContain('"Cells_F39"');
    expect(errorCode(await world.run(['evaluate', 'profiles', '--data', 'ten.csv', '--method', 'best']))).toBe('ARGUMENT_INVALID');
  });
});
