import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IsoLensError } from '../../src/core/index.ts';
import { readDrawingAt } from '../../src/image/index.ts';
import { inkBox } from '../../src/image/ink-box.ts';
import { structureSigns } from '../../src/image/structure-signs.ts';
import { workingInk } from '../../src/image/working-ink.ts';
import { hexagon } from './fixtures.ts';
import { hopeless, negatives } from './negatives.ts';
import { arrow, benzene, chain, draw, ether, label, paracetamol } from './structures.ts';

const SIZE = { height: 64, width: 96 };
const DRAWN = join(process.env['ISOLENS_DATA'] ?? 'data', 'drawn');

/** The warnings, or the code of a refusal. */
async function outcome(bytes: Uint8Array): Promise<readonly string[]> {
  return readDrawingAt(bytes, [SIZE]).then(
    ({ warnings }) => warnings,
    (error: unknown) => [error instanceof IsoLensError ? error.code : `uncoded: ${String(error)}`],
  );
}

describe('what is no structure', () => {
  it.each(hopeless())('$name is refused', async ({ png }) => {
    expect(await outcome(await png)).toEqual(['IMAGE_NOT_A_DRAWING']);
  });

  it.each(negatives())('$name is refused or marked', async ({ png }) => {
    expect(['IMAGE_NOT_A_DRAWING', 'DOUBTFUL_DRAWING']).toContain((await outcome(await png))[0]);
  });

  it('says what it looks like and what to do', async () => {
    const [dot] = hopeless();
    await expect(readDrawingAt(await dot!.png, [SIZE])).rejects.toThrow(/a dot or a single line; .*cut out the structure/);
  });
});

describe('a structure alone is read without a word', () => {
  const [thin, bold] = [{ bond: 30, wide: 1 }, { bond: 40, wide: 5 }];
  const legend = label([400, 320], 'Figure 3. Structure of the ether that was tested', 16)
    + label([400, 345], 'in the second series of experiments.', 16);
  const pictures: [string, string][] = [
    ['paracetamol', paracetamol([420, 200])],
    ['thin lines', paracetamol([420, 200], thin)],
    ['bold lines', paracetamol([420, 200], bold)],
    ['large', ether([400, 200], { bond: 70, wide: 3 })],
    ['an ether', ether([400, 200])],
    ['benzene', benzene([400, 200], { bond: 80, wide: 2 })],
    ['octane', chain([200, 200], 7)],
    ['with HCl beside it', paracetamol([320, 200]) + label([620, 200], 'HCl', 22)],
    ['with Na+ beside it', ether([320, 200]) + label([650, 200], 'Na<tspan dy="-8">+</tspan>', 22)],
    ['with acetate beside it', ether([300, 200]) + chain([620, 200], 2) + label([600, 205], 'O', 20)],
  ];
  it.each(pictures)('%s', async (_name, content) => {
    expect(await outcome(await draw(content))).toEqual([]);
  });

  it.each([
    ['its name below', paracetamol([420, 180]) + label([420, 330], 'Paracetamol (1)', 20)],
    ['a legend of two lines', ether([400, 150]) + legend],
  ])('but for words beside it, which are left out: %s', async (_name, content) => {
    expect(await outcome(await draw(content))).toEqual(['TEXT_LEFT_OUT']);
  });

  it('a thumbnail', async () => {
    expect(await outcome(await draw(paracetamol([50, 30], { bond: 11, wide: 1 }), 90, 60))).toEqual([]);
  });
});

describe('several structures are told', () => {
  const heated = arrow([310, 200], 120) + label([370, 180], 'NaH, DMF', 16);
  const numbered = label([180, 320], '1', 20) + label([580, 320], '2', 20);
  const pictures: [string, Promise<Buffer>][] = [
    ['side by side', draw(paracetamol([180, 200]) + ether([560, 200]))],
    ['one above the other', draw(paracetamol([400, 150]) + ether([400, 440]), 800, 600)],
    ['of different sizes', draw(paracetamol([200, 200], { bond: 28, wide: 2 }) + ether([560, 200], { bond: 40, wide: 2 }), 900)],
    ['with an arrow between', draw(paracetamol([180, 200]) + arrow([320, 200], 90) + ether([620, 200]), 900)],
    ['with words over the arrow', draw(paracetamol([180, 200]) + heated + ether([640, 200]), 900)],
    ['with numbers below', draw(paracetamol([180, 180]) + numbered + ether([580, 180]), 900)],
    ['three', draw(paracetamol([180, 150]) + ether([560, 150]) + paracetamol([400, 400]), 900, 520)],
  ];
  it.each(pictures)('%s', async (_name, bytes) => {
    expect(await outcome(await bytes)).toEqual(['SEVERAL_DRAWINGS']);
  });
});

describe.skipIf(!existsSync(DRAWN))('real drawings', () => {
  it('at most 0.5 % are refused, 2 % doubted, and 2 % of those of one molecule said to be several', async () => {
    const rows = readFileSync(join(DRAWN, 'labels.tsv'), 'utf8').trim().split('\n').slice(1).filter((_, i) => i % 8 === 0);
    const counts = { IMAGE_NOT_A_DRAWING: 0, DOUBTFUL_DRAWING: 0, SEVERAL_DRAWINGS: 0 };
    let single = 0;
    for (const row of rows) {
      const [file, smiles] = row.split('\t') as [string, string];
      const found = await outcome(readFileSync(join(DRAWN, file)));
      if (!smiles.includes('.')) single++;
      for (const one of found) if (one !== 'SEVERAL_DRAWINGS' || !smiles.includes('.')) counts[one as keyof typeof counts]++;
    }
    // A sample of one in eight: the bounds leave room for chance.
    expect(counts.IMAGE_NOT_A_DRAWING / rows.length).toBeLessThanOrEqual(0.007);
    expect(counts.DOUBTFUL_DRAWING / rows.length).toBeLessThanOrEqual(0.03);
    expect(counts.SEVERAL_DRAWINGS / single).toBeLessThanOrEqual(0.02);
  });
});

it('the measure takes less than 10 ms', async () => {
  const { data, rows, columns } = hexagon(900, 1400);
  const ink = data.map((grey) => 255 - grey);
  const box = inkBox(ink, rows, columns)!;
  const times = Array.from({ length: 12 }, () => {
    const start = process.cpuUsage();
    structureSigns(workingInk(ink, columns, box));
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  // The least of several runs, with room for a slower or busier machine.
  expect(Math.min(...times)).toBeLessThan(25);
});

describe('the structure among other ink', () => {
  const size = { height: 128, width: 192 };
  const caption = Array.from({ length: 3 }, (_, i) => `<text x="60" y="${420 + 32 * i}" font-size="24" font-family="sans-serif">Figure 2. Binding of compound 7 to its target</text>`).join('');
  const structure = paracetamol([400, 160], { bond: 60, wide: 3 });

  it('is cut out where a caption lies beside it, and left whole where there is none', async () => {
    const plain = await readDrawingAt(await draw(structure, 800, 540), [size]);
    const captioned = await readDrawingAt(await draw(structure + caption, 800, 540), [size]);
    expect(plain.warnings).toEqual([]);
    expect(captioned.warnings).toEqual(['TEXT_LEFT_OUT']);
    // Nearly the same canvas, but for the margin of the cut.
    const [one, other] = [plain, captioned].map(({ canvases }) => canvases[0]!.data);
    const shared = one!.reduce((sum, value, i) => sum + Math.min(value, other![i]!), 0);
    expect(shared).toBeGreaterThan(0.15 * one!.reduce((sum, value) => sum + value, 0));
    expect(occupied(captioned.canvases[0]!.data, size.width)).toBeGreaterThan(0.85 * occupied(plain.canvases[0]!.data, size.width));
  });
});

/** Rows of a canvas with ink. */
function occupied(data: Float32Array, width: number): number {
  return Array.from({ length: data.length / width }, (_, y) => data.subarray(y * width, (y + 1) * width).some((value) => value > 0.3)).filter(Boolean).length;
}
