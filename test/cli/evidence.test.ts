/** Measured replacements in the answers of a search: the shipped table, over the drugs of the demo library. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchResponseSchema } from '../../src/api/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import type { StructuralChange } from '../../src/chem/index.ts';
import { shippedReplacements } from '../../src/cli/evidence.ts';
import { SearchEngine } from '../../src/search/index.ts';
import type { SearchDependencies, SearchHit, SearchOptions } from '../../src/search/index.ts';
import { writeAnyScore } from '../score/support.ts';
import { makeWorld } from './harness.ts';
import type { Outcome, World } from './harness.ts';

const INDEXES = fileURLToPath(new URL('../../indexes', import.meta.url));
const SHIPPED = shippedReplacements({ models: join(INDEXES, 'models') });
const METOPROLOL = 'COCCc1ccc(OCC(O)CNC(C)C)cc1';

let world: World;
let chem: ChemPool;
let indexed: Outcome;
beforeAll(async () => {
  world = await makeWorld();
  chem = new ChemPool({ workers: 1 });
  await writeAnyScore(world.model);
  await copyFile(join(INDEXES, 'demo-library', 'drugs.tsv'), world.path('drugs.tsv'));
  indexed = await world.run(['index', '--input', 'drugs.tsv', '--bundle', 'drugs', '--model', world.model]);
}, 600_000);
afterAll(async () => {
  await chem.close();
  await world.remove();
});

async function ask(dependencies: Partial<SearchDependencies>, options: Partial<SearchOptions> = {}): Promise<SearchHit[]> {
  const engine = await SearchEngine.open(world.path('indexes'), 'drugs', { chem, now: () => performance.now(), ...dependencies });
  try {
    return (await engine.search({ kind: 'smiles', smiles: METOPROLOL }, { k: 10, ...options })).hits;
  } finally {
    await engine.close();
  }
}

const named = (hits: readonly SearchHit[], name: string): SearchHit => hits.find(({ names }) => names.includes(name))!;

describe('evidence of a search', { timeout: 600_000 }, () => {
  it('is shown with its numbers, its replacement and the atoms that are kept', async () => {
    expect([0, 3], indexed.stderr).toContain(indexed.code);
    const answer = await world.run(['search', '--bundle', 'drugs', '--smiles', METOPROLOL, '--json']);
    const { hits } = searchResponseSchema.parse(JSON.parse(answer.stdout));
    const { smiles, reason, terms } = named(hits as SearchHit[], 'Atenolol');
    const evidence = reason!.evidence!;
    const table = SHIPPED.table();
    const whole = table.evidence('[*:1]COC', '[*:1]C(=O)N')!;
    expect(evidence).toMatchObject({ from: '[*:1]COC', to: '[*:1]C(=O)N', pairs: whole.pairs, assays: whole.assays, kept: whole.kept, deltaLogP: whole.deltaLogP });
    expect(evidence.environment.radius).toBeGreaterThanOrEqual(0);
    expect(evidence.environment.pairs).toBeLessThanOrEqual(evidence.pairs);
    expect(reason!.changes).toEqual([{ kind: 'group', from: '*COC', to: '*C(N)=O', text: '*COC -> *C(N)=O', names: { from: 'methoxymethyl', to: 'carboxamide' } }]);
    expect(reason!.text).toContain(`Measured: [*:1]COC -> [*:1]C(=O)N kept the activity in ${whole.kept} of ${whole.pairs} pairs of ${whole.assays} assays`);
    expect(terms.find(({ id }) => id === 'replacement')).toMatchObject({ raw: evidence.value, contribution: 0.5 * evidence.value });
    const { queryAtoms, atoms } = reason!.kept!;
    const heavy = (text: string): string[] => text.match(/[A-Z]|[cno]/g)!.filter((letter) => letter !== 'H');
    // The carbon that the amide has in the place of the ether's is kept as well.
    expect(atoms).toHaveLength(heavy(METOPROLOL).length - 2);
    const [from, to] = [heavy((await chem.standardise([METOPROLOL])).map((one) => (one.ok ? one.value.parentSmiles : ''))[0]!), heavy(smiles)];
    expect(queryAtoms.map((atom) => from[atom])).toEqual(atoms.map((atom) => to[atom]));
    expect((await world.run(['search', '--bundle', 'drugs', '--smiles', METOPROLOL])).stdout).toContain(evidence.text);
  });

  it('counts for a change that keeps the activity more often than is usual, and against one that keeps it less often', async () => {
    const table = SHIPPED.table();
    const known = table.replacementsOf('[*:1]C(=O)O').toSorted((a, b) => a.expectedKept - b.expectedKept);
    const change = (to: string): StructuralChange => ({ cuts: 1, from: '[*:1]C(=O)O', to, keptA: [], keptB: [], environments: [] });
    const [against, inFavour, nothing] = await SHIPPED.evidence!.support([[change(known[0]!.to)], [change(known.at(-1)!.to)], []]);
    expect(against!.value).toBeLessThan(-0.5);
    expect(inFavour!.value).toBeGreaterThan(0.5);
    expect(nothing).toBeUndefined();
  });

  it('ranks by the weight of the score, alike for every k; a query that is the hit has none', async () => {
    const plain = await ask({}, { k: 60 });
    const informed = await ask({ evidence: SHIPPED.evidence }, { k: 60 });
    // Evidence for a change raises the score, evidence against it lowers it, none leaves it alone.
    for (const { id, score, reason } of informed) {
      const before = plain.find((hit) => hit.id === id)!.score;
      const value = reason!.evidence?.value ?? 0;
      if (id !== informed[0]!.id) expect(Math.sign(Number((score - before).toFixed(9))), `${id} ${value}`).toBe(Math.sign(value));
    }
    expect(informed.some(({ reason }) => (reason!.evidence?.value ?? 0) !== 0)).toBe(true);
    expect(named(plain, 'Atenolol').reason).toMatchObject({ evidence: null, changes: [{ from: '*COC', to: '*C(N)=O' }] });
    expect(informed.map(({ score }) => score)).toEqual(informed.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(informed[0]!.reason).toMatchObject({ changes: [], evidence: null });
    const few = await ask({ evidence: SHIPPED.evidence }, { k: 4, reasons: 'none' });
    expect(few.map(({ id, score }) => ({ id, score }))).toEqual(informed.slice(0, 4).map(({ id, score }) => ({ id, score })));
  });

  it('is shown and ranks nothing in the order of cosines, or where the score gives it no weight', async () => {
    const cosines = await ask({ evidence: SHIPPED.evidence }, { mode: 'similarity', k: 50 });
    expect(cosines.map(({ id }) => id)).toEqual((await ask({}, { mode: 'similarity', k: 50 })).map(({ id }) => id));
    const shown = (await ask({ evidence: SHIPPED.evidence }, { mode: 'similarity', k: 200 })).filter(({ reason }) => reason!.evidence !== null);
    expect(shown.length).toBeLessThan(cosines.length);
    for (const { score, cosine, terms } of shown) expect({ score, terms }).toEqual({ score: cosine, terms: [] });
  });

  it('is the same for questions that come together', async () => {
    const engine = await SearchEngine.open(world.path('indexes'), 'drugs', { chem, now: () => performance.now(), evidence: SHIPPED.evidence });
    try {
      const drugs = ['CC(C)Cc1ccc(cc1)C(C)C(=O)O', METOPROLOL, 'CC(=O)Nc1ccc(O)cc1'];
      const asked = drugs.flatMap((smiles) => [smiles, smiles, smiles]);
      const answers = await Promise.all(asked.map((smiles) => engine.search({ kind: 'smiles', smiles }, { k: 20 })));
      answers.forEach(({ hits }, i) => expect(hits).toEqual(answers[i - (i % 3)]!.hits));
    } finally {
      await engine.close();
    }
  });

  it('answers where the table is not there, and says so when it is asked for', () => {
    const { table, evidence } = shippedReplacements({ models: world.folder });
    expect(evidence).toBeUndefined();
    expect(table).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }) as Error);
  });
});
