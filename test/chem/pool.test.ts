import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { ChemPool, ECFP4 } from '../../src/chem/index.ts';
import type { ChemPoolOptions } from '../../src/chem/index.ts';
import { DRUG_SMILES } from './fixtures.ts';

const pools: ChemPool[] = [];
function open(options: Partial<ChemPoolOptions> = {}): ChemPool {
  const pool = new ChemPool({ workers: 1, ...options });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

/** A dense cage that RDKit's ring perception works on for longer than any test waits. */
const STALLS = 'C12C3C4C1C5C2C3C45'.repeat(31);

describe('ChemPool', () => {
  it('answers in input order, whatever the pieces', async () => {
    const pool = open({ workers: 2, pieceSize: 3 });
    const inputs = [...DRUG_SMILES, 'C(', ...DRUG_SMILES];
    const outcomes = await pool.standardise(inputs);
    expect(outcomes).toHaveLength(inputs.length);
    expect(outcomes[DRUG_SMILES.length]).toMatchObject({ ok: false, error: { index: DRUG_SMILES.length, code: 'SMILES_SYNTAX', details: { position: 1 } } });
    DRUG_SMILES.forEach((_, i) => expect(outcomes[i]).toEqual(outcomes[DRUG_SMILES.length + 1 + i]));
    const batch = await pool.featurise(inputs, { bits: { ecfp4: ECFP4 } });
    expect(batch.bits['ecfp4']!.data.length).toBe(batch.rows.length * 256);
    expect(Array.from(batch.rows)).toEqual(inputs.flatMap((_, i) => (i === DRUG_SMILES.length ? [] : [i])));
  });

  it('gives nothing for nothing', async () => {
    const pool = open();
    expect(await pool.standardise([])).toEqual([]);
    expect((await pool.featurise([], { graph: true })).graph?.atomFeatures.length).toBe(0);
    expect(await pool.depict([])).toEqual([]);
  });

  it('blames the molecule that stalls, and loses no other', async () => {
    const pool = open({ itemTimeoutMs: 2000 });
    // CoordGen needs more than a minute for so many cages; reading and standardising them takes a moment.
    const batch = await pool.featurise(['CCO', 'c1ccccc1', STALLS, 'CCN', 'CCF'], { layouts: { kinds: ['coordgen'], of: 'input' } });
    expect(batch.molecules.map((molecule) => molecule.parentSmiles)).toEqual(['CCO', 'c1ccccc1', 'CCN', 'CCF']);
    expect(batch.errors.map(({ index, code }) => [index, code])).toEqual([[2, 'MOLECULE_TIMEOUT']]);
    expect((await pool.standardise(['CCBr']))[0]).toMatchObject({ ok: true });
  });

  it('refuses the hostile set with a code each, and works on', async () => {
    const pool = open();
    const hostile = ['', 'C'.repeat(10_000), 'C'.repeat(1000), `${'C('.repeat(400)}C${')'.repeat(400)}`, Array(100).fill('C').join('.'), 'C(C)(C)(C)(C)C', 'C1CC', 'C>>C', '[#6]', '*C*', '[Fe](C)C', '\u0000', 'C\uD800', '[999999999C]', '[C+99999]'];
    const outcomes = await pool.standardise(hostile);
    expect(outcomes.map((outcome) => (outcome.ok ? 'accepted' : outcome.error.code))).toEqual([
      'SMILES_EMPTY', 'SMILES_TOO_LONG', 'SMILES_TOO_COMPLEX', 'SMILES_TOO_LONG', 'SMILES_TOO_COMPLEX', 'SMILES_VALENCE', 'SMILES_UNCLOSED_RING', 'SMILES_IS_REACTION',
      'SMILES_IS_QUERY', 'SMILES_IS_QUERY', 'MOLECULE_UNSUPPORTED', 'SMILES_SYNTAX', 'SMILES_SYNTAX', 'SMILES_SYNTAX', 'SMILES_SYNTAX',
    ]);
    expect((await pool.standardise(['CCO']))[0]).toMatchObject({ ok: true });
  });

  it.each([
    ['bits of a kind that does not exist', { bits: { a: { kind: 'nonsense', bits: 2048 } } }, 'ARGUMENT_INVALID', /morgan.*pattern.*"nonsense"/],
    ['counts of a kind that does not exist', { counts: { a: [ECFP4, { kind: 'toString', bits: 2048 }] } }, 'ARGUMENT_INVALID', /"toString"/],
    ['counts of a kind that has bits alone', { counts: { a: { kind: 'pattern', bits: 2048 } } }, 'ARGUMENT_INVALID', /for counts.*"pattern"/],
    ['a width that is none', { bits: { a: { kind: 'morgan', bits: 12 } } }, 'ARGUMENT_INVALID', /multiple of 8/],
    ['a fingerprint that is none', { bits: { a: null } }, 'INTERNAL', /null/],
    ['a layout that does not exist', { layouts: { kinds: 1, of: 'input' } }, 'INTERNAL', /kinds/],
    ['what cannot be copied to a thread', { bits: { a: { kind: () => 'morgan', bits: 2048 } } }, 'ARGUMENT_INVALID', /could not be cloned/],
  ])('rejects %s at once, and works on', async (_, wanted, code, message) => {
    const pool = open({ itemTimeoutMs: 60_000 });
    // With one worker, whatever comes later waits behind it; more molecules than a worker is given at a time.
    const refused = expect(pool.featurise(Array(300).fill('CCO'), wanted as never)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    const later = pool.standardise(['CCN']);
    await refused;
    expect((await later)[0]).toMatchObject({ ok: true });
    await expect(pool.featurise(['CCO'], wanted as never)).rejects.toMatchObject({ code });
    expect((await pool.featurise(['CCO'], { bits: { ecfp4: ECFP4 } })).rows).toHaveLength(1);
  });

  it('rejects a fingerprint that does not exist from whatever asks for it', async () => {
    const pool = open();
    await expect(pool.fingerprint(['CCO'], { kind: 'nonsense', bits: 64 } as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(pool.featurise([], { bits: { a: { kind: 'nonsense', bits: 64 } } } as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
    await expect(pool.standardise([undefined as never])).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await pool.standardise(['CCO']))[0]).toMatchObject({ ok: true });
  });

  it('blames the molecule on which RDKit traps, and replaces the worker', async () => {
    const pool = open();
    // SMILES that this program wrote are not looked at before RDKit reads them; its module dies of a chain as long as this.
    const outcomes = await pool.changes([['CCO', 'CCN'], ['C'.repeat(20_000), 'CCO'], ['CCO', 'CCF']]);
    expect(outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.error.code))).toEqual(['done', 'MOLECULE_UNSUPPORTED', 'done']);
    expect((await pool.standardise(['CCO']))[0]).toMatchObject({ ok: true });
  });

  it('lets an urgent call pass', async () => {
    const pool = open({ pieceSize: 20 });
    let bulkDone = false;
    const bulk = pool.standardise(Array(400).fill(DRUG_SMILES[2]!)).then(() => (bulkDone = true));
    await pool.standardise(['CCO'], { urgent: true });
    expect(bulkDone).toBe(false);
    await bulk;
  });

  it('stops when told to', async () => {
    const pool = open();
    const abort = new AbortController();
    const work = pool.standardise(Array(5000).fill('CCO'), { signal: abort.signal });
    abort.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
    const late = pool.standardise(Array(5000).fill('CCO'));
    const refused = expect(late).rejects.toMatchObject({ code: 'CANCELLED' });
    await pool.close();
    await refused;
    await expect(pool.standardise(['C'])).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('leaves nothing on a signal that outlives its calls', async () => {
    const pool = open();
    const { signal } = new AbortController();
    for (let call = 0; call < 200; call++) await pool.standardise(['CCO', 'C('], { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await Promise.all(Array.from({ length: 10 }, () => pool.depict([{ smiles: 'CCN' }, { smiles: 'CCO' }], { signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const abort = new AbortController();
    const cancelled = [1, 2, 3].map(() => pool.standardise(Array(2000).fill('CCO'), { signal: abort.signal }));
    abort.abort();
    for (const outcome of await Promise.allSettled(cancelled)) expect(outcome.status).toBe('rejected');
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    const unfinished = pool.standardise(Array(2000).fill('CCO'), { signal });
    const refused = expect(unfinished).rejects.toMatchObject({ code: 'CANCELLED' });
    await pool.close();
    await refused;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('draws', async () => {
    const pool = open();
    const [light, dark, aligned, bad, size] = await pool.depict([
      { smiles: 'CCO' },
      { smiles: 'CCO', theme: 'dark', highlightAtoms: [1], width: 120, height: 90 },
      { smiles: 'CC(=O)Nc1ccc(OC)cc1', alignTo: 'CC(=O)Nc1ccc(O)cc1', highlightDifference: true },
      { smiles: 'C(' },
      { smiles: 'CCO', width: 1_000_000 },
    ]);
    expect(light).toMatchObject({ ok: true });
    const svg = (outcome: typeof light): string => (outcome!.ok ? outcome!.value : '');
    expect(svg(light)).toContain('<svg');
    expect(svg(light)).not.toContain('<rect'); // transparent
    expect(svg(dark)).toContain("width='120px' height='90px'");
    expect(svg(dark)).not.toBe(svg(light));
    expect(svg(aligned)).toContain('<svg');
    expect(bad).toMatchObject({ ok: false, error: { index: 3, code: 'SMILES_SYNTAX' } });
    expect(size).toMatchObject({ ok: false, error: { index: 4, code: 'ARGUMENT_INVALID' } });
  });

  it('gives its workers up when told to rest, and starts others when it is asked again', async () => {
    const resting = new ChemPool({ workers: 2 });
    try {
      const before = await resting.standardise(['CCO', 'CCN']);
      resting.rest();
      expect(await resting.standardise(['CCO', 'CCN'])).toEqual(before);
      // What is under way is not disturbed.
      const asked = resting.standardise(['CCO', 'CCN']);
      resting.rest();
      expect(await asked).toEqual(before);
    } finally {
      await resting.close();
    }
  });
});
