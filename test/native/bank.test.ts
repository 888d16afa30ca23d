/** A memory bank: the feed that numbers items and the rule that writes rows where they belong, on the processor and on a device. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, parseGraph } from '../../src/graph/index.ts';
import type { GraphIr } from '../../src/graph/index.ts';
import { train } from '../../src/native/index.ts';
import type { TrainConfig, TrainEvent } from '../../src/native/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/train/safetensors.ts';
import { buildEmulated, lossesOf, microConfig, temporaryFolder, tower, writeMicroData, WIDTH } from './support.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MINUTES = 60_000;
const path = temporaryFolder();
const ITEMS = 40;

beforeAll(buildEmulated, 20 * MINUTES);

/** Instance discrimination over a bank of the other side's embeddings (Wu et al. 2018, arXiv:1805.01978); `inputs`: the items themselves. */
function bankGraph(size = ITEMS): GraphIr {
  const g = new GraphBuilder('bank');
  const x = g.input('b', 'f32', ['N', WIDTH]);
  const row = g.input('row', 'i32', ['N']);
  const query = tower(g.scope('query'), g.input('a', 'f32', ['N', WIDTH]));
  const key = tower(g.scope('key'), x);
  const bank = g.parameter('bank', [size, 8], { kind: 'unitRows' }, { trainable: false });
  const inputs = g.parameter('inputs', [size, WIDTH], { kind: 'zeros' }, { trainable: false });
  const loss = g.apply('ContrastiveLoss', [query, key, g.constant(5), null, null, bank]);
  g.output(g.named('loss', loss));
  g.rule({ rule: 'scatterRows', parameter: bank, from: key, rows: row });
  g.rule({ rule: 'scatterRows', parameter: inputs, from: g.apply('Identity', [x]), rows: g.apply('Reshape', [row], { shape: [-1] }) });
  return g.toIr();
}

const feeds = (row: TrainConfig['feeds'][number] = { kind: 'row', column: 'row', inputs: { row: 'row' } }): TrainConfig['feeds'] => [
  { kind: 'dense', column: 'a', inputs: { dense: 'a' } }, { kind: 'dense', column: 'b', inputs: { dense: 'b' } }, row,
];

/** Two files, of 24 and of 16 items. */
const bankConfig = (checkpoint: string, extra: Partial<TrainConfig> = {}): TrainConfig => microConfig(path('data'), {
  graph: bankGraph(), metrics: [], feeds: feeds(), data: { train: [path('data'), path('more')], validation: path('data') }, symbols: { N: 8 },
  checkpoint: { path: checkpoint, every: 4 }, schedule: { steps: 15, warmupSteps: 3 }, ...extra,
});

function writeItems(): Float32Array {
  writeMicroData(path('data'), 24);
  writeMicroData(path('more'), 16, 2);
  return Float32Array.from([path('data'), path('more')].flatMap((file) => [...(readSafetensors(file).tensors['b']!.data as Float32Array)]));
}

async function run(config: TrainConfig): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  await train(config, (event) => events.push(event)).done;
  return events;
}

const held = (file: string, name: string): Float32Array => readSafetensors(file).tensors[`param/${name}`]!.data as Float32Array;

describe('a bank of one row an item', { timeout: 5 * MINUTES }, () => {
  it('holds, after every epoch, what each item gave, at its row in the data', async () => {
    const items = writeItems();
    await run(bankConfig(path('one'), { schedule: { steps: 1 } }));
    const first = held(path('one'), 'inputs');
    const written = Array.from({ length: ITEMS }, (_, r) => first.subarray(r * WIDTH, (r + 1) * WIDTH).some((value) => value !== 0));
    expect(written.filter(Boolean)).toHaveLength(8);
    written.forEach((is, r) => {
      const wanted = is ? items.subarray(r * WIDTH, (r + 1) * WIDTH) : new Float32Array(WIDTH);
      expect(first.subarray(r * WIDTH, (r + 1) * WIDTH), `row ${r}`).toEqual(wanted);
    });
    await run(bankConfig(path('epoch'), { schedule: { steps: ITEMS / 8 } }));
    expect(held(path('epoch'), 'inputs')).toEqual(items);
  });

  it('learns, and resumes to the same bits', async () => {
    writeItems();
    const whole = lossesOf(await run(bankConfig(path('whole'))));
    const interrupted = train(bankConfig(path('part')), (event) => {
      if (event.event === 'step' && event.step === 6) interrupted.cancel();
    });
    await expect(interrupted.done).rejects.toMatchObject({ code: 'CANCELLED' });
    const stopped = Number(readSafetensors(path('part')).metadata['step']);
    expect(lossesOf(await run(bankConfig(path('part'), { resume: true })))).toEqual(whole.slice(stopped));
    expect(readFileSync(path('part')).equals(readFileSync(path('whole')))).toBe(true);
  });

  it('is the same on a device', () => {
    const items = writeItems();
    const on = (device: string): { losses: number[]; file: string } => {
      writeFileSync(path('config.json'), JSON.stringify(bankConfig(path(device))));
      const { stdout, stderr, status } = spawnSync(`${root}build/isolens-train`, ['train', path('config.json'), '--device', device], { encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return { losses: lossesOf(stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as TrainEvent)), file: path(device) };
    };
    const [here, there] = [on('cpu'), on('emulated')];
    there.losses.forEach((loss, i) => expect(loss / here.losses[i]!, `step ${i + 1}`).toBeCloseTo(1, 3));
    expect(held(there.file, 'inputs')).toEqual(items);
    const [bank, other] = [held(here.file, 'bank'), held(there.file, 'bank')];
    expect(Math.max(...other.map((value, i) => Math.abs(value - bank[i]!)))).toBeLessThan(2e-3);
  });
});

describe('what a bank cannot keep is refused', () => {
  it.each([
    ['fewer rows than items', { graph: bankGraph(ITEMS - 1) }, /bank to hold a row for each of 40 items but it holds 39/],
    ['accumulated batches', { accumulate: 2 }, /whole batches.*bank/],
  ] as const)('%s, before the first step', async (_, changed, message) => {
    writeItems();
    await expect(train(bankConfig(path('run'), changed)).done).rejects.toMatchObject({ code: 'ARGUMENT_INVALID', message: expect.stringMatching(message) as unknown });
  });

  it('a row that the bank does not have, by whatever else names rows', async () => {
    writeItems();
    for (const file of [path('data'), path('more')]) {
      const { tensors } = readSafetensors(file);
      const rows = tensors['b']!.shape[0]!;
      writeSafetensors(file, { ...tensors, place: { data: Int32Array.from({ length: rows }, (_, r) => r + ITEMS), shape: [rows] } }, { rows: String(rows) });
    }
    const config = bankConfig(path('run'), { feeds: feeds({ kind: 'group', column: 'place', inputs: { label: 'row' } }) });
    await expect(train(config).done).rejects.toMatchObject({ code: 'DATASET_INVALID', message: expect.stringMatching(/rows within the 40 of bank but received \d+ at position 0/) as unknown });
  });

  const broken = (rule: object): unknown => ({ ...bankGraph(), rules: [{ rule: 'scatterRows', parameter: 'bank', ...rule }] });
  const key = bankGraph().rules!.find(({ parameter }) => parameter === 'bank') as { from: string };
  it.each([
    ['rows that are not there', { from: key.from, rows: 'zz' }, /an output or an input of the graph that names rows but received "zz"/],
    ['rows that are no numbers', { from: key.from, rows: 'a' }, /rows i32\(N\) but received f32\(N, 12\)/],
    ['a parameter that names rows', { from: key.from, rows: 'inputs' }, /names rows but received "inputs"/],
    ['rows of another width', { from: 'loss', rows: 'row' }, /as wide as/],
    ['what is no output', { from: 'row', rows: 'row' }, /an output of the graph to take/],
    ['a bank that is trained', { parameter: 'query.out.weight', from: key.from, rows: 'row' }, /not trained/],
    ['no rows', { from: key.from }, /rows/],
  ])('%s', (_, rule, message) => {
    expect(() => parseGraph(broken(rule))).toThrow(message);
  });

  it('rows that are computed become an output', () => {
    const g = new GraphBuilder('places');
    const rows = g.apply('Reshape', [g.input('row', 'i32', ['N', 1])], { shape: [-1] });
    const x = g.input('x', 'f32', ['N', 3]);
    g.rule({ rule: 'scatterRows', parameter: g.parameter('bank', [4, 3], { kind: 'zeros' }, { trainable: false }), from: g.apply('Neg', [x]), rows });
    expect(g.toIr().outputs).toContain(rows.name);
  });
});
