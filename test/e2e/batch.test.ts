/** The batch page: a list becomes a job, and what it finds is looked through, put right and taken away. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../src/api/index.ts';
import { HAS_BROWSER } from './browser.ts';
import { fitsEveryWidth, looksRight } from './looks.ts';
import { answered, copied, downloaded, makePageWorld, noSideways } from './world.ts';
import type { PageWorld } from './world.ts';

const MIXED = '# first try\nIbuprofen\nCC(=O)Oc1ccccc1C(=O)O my acid\nC1CC(N wrong\nSildenafil\n';
const DRUGS = new URL('../../indexes/demo-library/drugs.tsv', import.meta.url);
const record = (title: string, atom: string): string => `${title}\n  RDKit          2D\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 C   0  0\n    2.2000    1.3000    0.0000 ${atom}   0  0\n  1  2  1  0\n  2  3  1  0\nM  END\n`;

let world: PageWorld;
let page: Page;
/** SMILES of drugs, as often as are asked for. */
let many: (count: number) => string;

const paste = (text: string): Promise<void> => page.evaluate((pasted) => {
  const data = new DataTransfer();
  data.setData('text/plain', pasted);
  document.querySelector('#text')!.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, text);
const choose = (name: string, text: string): Promise<void> => page.setInputFiles('#picture', { name, mimeType: 'text/plain', buffer: Buffer.from(text) });
const run = async (list: string, candidates = 5): Promise<string> => {
  await paste(list);
  await page.getByLabel('Candidates for each').selectOption(String(candidates));
  await page.getByRole('button', { name: 'Run the batch' }).click();
  await page.waitForURL(/job=/);
  return /job=([\w-]+)/.exec(page.url())![1]!;
};
const opened = () => page.locator('.opened');
const done = async (): Promise<void> => {
  await opened().locator('.state-done').waitFor({ timeout: 120_000 });
  // Rows are fetched as they come near.
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('.result')];
    return rows.length > 0 && rows.every((row) => !row.textContent.includes('Loading …'));
  });
};
const job = async (id: string): Promise<Job> => await (await fetch(`${world.url}/v1/jobs/${id}`)).json() as Job;
const answeredSoFar = (): Promise<number> => page.locator('.opened progress').evaluate((progress) => (progress as HTMLProgressElement).value);

describe.skipIf(!HAS_BROWSER)('the batch page', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
    const smiles = (await readFile(DRUGS, 'utf8')).trim().split('\n').slice(1).map((line) => line.split('\t')[1]!).filter((one) => one.length < 60);
    many = (count) => Array.from({ length: count }, (_, i) => `${smiles[i % smiles.length]!}\tno-${i + 1}`).join('\n');
  }, 600_000);
  afterAll(() => world?.close());
  beforeEach(async () => {
    page = await world.fresh({ bypassCSP: true });
    await page.goto(`${world.url}/#/batch`);
    await page.locator('#library:has-text("molecules")').waitFor();
  });
  afterEach(async () => {
    await page.context().close();
    // What still runs would keep the next list waiting.
    const jobs = await (await fetch(`${world.url}/v1/jobs`)).json() as Job[];
    for (const { id, state } of jobs) if (state === 'waiting' || state === 'running') await fetch(`${world.url}/v1/jobs/${id}`, { method: 'DELETE' });
    expect(world.complaints()).toEqual([]);
  });

  it('says what it takes, with an example that works', async () => {
    await page.getByText('Search a whole list').waitFor();
    await page.getByRole('button', { name: 'Try an example list' }).click();
    await page.getByRole('heading', { name: 'A list of 4 queries' }).waitFor();
    await page.getByText('One a line; 1 blank or comment line passed over').waitFor();
    await page.getByRole('button', { name: 'Run the batch' }).click();
    await done();
    expect(await page.locator('.rejected').count()).toBe(0);
    expect(await page.locator('.query-cell .called').allTextContents()).toEqual(['1. Ibuprofen', '2. Sildenafil', '3. my acid', '4. my base']);
  });

  it('works off names, SMILES and a wrong line, and lays the hits beside their queries', async () => {
    await paste(MIXED);
    await page.getByRole('heading', { name: 'A list of 4 queries' }).waitFor();
    expect(await page.locator('.first-queries li').allTextContents()).toEqual(['Ibuprofen', 'CC(=O)Oc1ccccc1C(=O)O my acid', 'C1CC(N wrong', 'Sildenafil']);
    await run(MIXED);
    await done();
    expect(await opened().textContent()).toMatch(/4 queries, 1 could not be answered/);
    const rows = page.locator('.result');
    expect(await rows.count()).toBe(4);
    expect(await page.locator('.query-cell .called').allTextContents()).toEqual(['1. Ibuprofen', '2. my acid', '3. wrong', '4. Sildenafil']);
    for (const row of [0, 1, 3]) {
      const cells = rows.nth(row).locator('.hit-cell');
      expect(await cells.count()).toBe(5);
      const scores = (await cells.locator('.small').allTextContents()).slice(1).map((text) => Number(/[\d.]+$/.exec(text)?.[0]));
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
    expect(await rows.nth(0).locator('.hit-cell').first().textContent()).toBe('Ibuprofenthe query itself');
    expect(await rows.nth(2).locator('.problem').textContent()).toContain('not closed');
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('.results img')].every((image) => image.naturalWidth > 0));
    await rows.nth(0).locator('.hit-cell a').nth(1).click();
    await page.waitForURL(/#\/search\?q=/);
    expect(await answered(page)).toBeGreaterThan(10);
    await page.goBack();
    await rows.nth(3).waitFor();
  });

  it('shows what is wrong with a line, and puts it right in the box', async () => {
    const id = await run(MIXED);
    await done();
    const rejected = page.locator('.rejected');
    expect(await rejected.locator('li').textContent()).toMatch(/^3\. C1CC\(N wrong.*not closed/);
    expect(await copied(page, () => page.getByRole('button', { name: 'Copy the rejected lines' }).click())).toBe('C1CC(N\twrong');
    await rejected.getByRole('button', { name: 'Put it right in the box' }).click();
    await page.waitForURL(/#\/search/);
    expect(await page.inputValue('#text')).toBe('C1CC(N');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('text');
    await page.locator('#taken mark').waitFor();
    await page.keyboard.press('End');
    await page.fill('#text', 'C1CCN1');
    await page.keyboard.press('Enter');
    expect(await answered(page)).toBeGreaterThan(10);
    // The list is still there: it is put right, and runs anew.
    await page.locator('nav').getByText('Batch', { exact: true }).click();
    expect(await page.inputValue('#text')).toBe(MIXED);
    await page.fill('#text', MIXED.replace('C1CC(N', 'C1CCN1'));
    await page.getByRole('button', { name: 'Run the batch' }).click();
    await page.waitForFunction((before) => /job=/.test(location.hash) && !location.hash.includes(before), id);
    await done();
    expect(await opened().textContent()).not.toContain('could not be answered');
  });

  it('saves every hit of every query, in each format', async () => {
    const id = await run(MIXED);
    await done();
    const files: Record<string, { name: string; text: string }> = {};
    for (const label of ['SDF', 'CSV', 'SMILES', 'JSONL']) files[label] = await downloaded(page, () => page.getByRole('group', { name: 'Take away' }).getByRole('button', { name: label }).click());
    for (const [label, ending] of [['SDF', 'sdf'], ['CSV', 'csv'], ['SMILES', 'smi'], ['JSONL', 'jsonl']] as const) expect(files[label]!.name).toBe(`isolens-job-${id.slice(0, 8)}.${ending}`);
    expect(files['SDF']!.text.match(/^\$\$\$\$/gm)).toHaveLength(15);
    expect(files['SMILES']!.text.trim().split('\n')).toHaveLength(15);
    const rows = files['JSONL']!.text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(15);
    for (const called of ['1', 'my acid', '4']) expect(rows.filter(({ queryId }) => queryId === called), called).toHaveLength(5);
    const lines = files['CSV']!.text.trim().split('\r\n');
    expect(lines).toHaveLength(16);
    expect(lines[0]).toContain('queryId,queryText');
    for (const query of ['Ibuprofen', 'my acid', 'Sildenafil']) expect(files['CSV']!.text).toContain(query);
  });

  it('shows how far it is, and is cancelled with what it has found', async () => {
    const id = await run(many(1000), 50);
    await opened().locator('.state-running').waitFor();
    await page.waitForFunction(() => (document.querySelector<HTMLProgressElement>('.opened progress')?.value ?? 0) >= 5);
    const before = await answeredSoFar();
    await page.waitForFunction((value) => (document.querySelector<HTMLProgressElement>('.opened progress')?.value ?? 0) > value, before);
    expect(await opened().textContent()).toMatch(/\d+ of 1,000 queries, .*a second, .*left/);
    expect(await page.locator('.hit-cell').count()).toBeGreaterThan(12);
    // Searching goes on beside it.
    const other = await world.fresh();
    await other.goto(`${world.url}/#/search?q=Sildenafil`);
    expect(await answered(other)).toBeGreaterThan(10);
    await other.context().close();
    await looksRight(page, 'batch-1-running');
    await opened().getByRole('button', { name: /^Cancel the batch/ }).click();
    await opened().locator('.state-cancelled').waitFor();
    await opened().getByText('what was found before is kept').waitFor();
    const { done: kept } = await job(id);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(1000);
    await page.waitForFunction((count) => document.querySelector('.results')?.getAttribute('aria-rowcount') === String(count + 1), kept);
    const { text } = await downloaded(page, () => page.getByRole('group', { name: 'Take away' }).getByRole('button', { name: 'SMILES' }).click());
    expect(text.trim().split('\n')).toHaveLength(kept * 50);
    // Only what is near the screen is drawn; the last row is there when it is scrolled to.
    expect(await page.locator('.result').count()).toBeLessThan(Math.max(60, kept));
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.locator(`.result[aria-rowindex="${kept + 1}"] .hit-cell`).first().waitFor();
  });

  it('deletes what it was asked for twice, and nothing that is kept', async () => {
    const id = await run(MIXED);
    await done();
    await opened().getByRole('button', { name: /^Delete the batch/ }).click();
    const asked = opened().getByRole('group', { name: /^Delete/ });
    await asked.waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
    await page.keyboard.press('Enter');
    expect((await job(id)).state).toBe('done');
    await opened().getByRole('button', { name: /^Delete the batch/ }).click();
    await asked.getByRole('button', { name: 'Yes, delete' }).click();
    await page.waitForURL(/#\/batch$/);
    expect((await fetch(`${world.url}/v1/jobs/${id}`)).status).toBe(404);
    await page.goto(`${world.url}/#/batch?job=${id}`);
    await page.getByRole('heading', { name: 'This batch is gone' }).waitFor();
    await page.getByRole('link', { name: 'All batches' }).click();
    await page.locator('.new-batch').waitFor();
  });

  it('has an address that shows the same in another browser, and a list of all jobs', async () => {
    await run(MIXED);
    await done();
    const link = await copied(page, () => page.getByRole('button', { name: 'Copy link' }).click());
    expect(link).not.toContain('acid');
    await page.locator('.hit-cell').nth(10).waitFor();
    const cells = await page.locator('.results').textContent();
    const colleague = await world.fresh();
    await colleague.goto(link);
    await colleague.locator('.opened .state-done').waitFor();
    await colleague.locator('.hit-cell').nth(10).waitFor();
    expect(await colleague.locator('.results').textContent()).toBe(cells);
    expect(await colleague.inputValue('#text')).toBe('');
    await colleague.getByRole('link', { name: 'All batches' }).click();
    await colleague.locator('.jobs li').first().getByRole('link').click();
    await colleague.locator('.opened .state-done').waitFor();
    expect(colleague.url()).toBe(link);
    await colleague.context().close();
  });

  it('takes a table with quotes and a typographic header, and an SDF', async () => {
    await choose('orders.csv', '\uFEFF\u201CCompound name\u201D,\u201CSMILES\u201D,Note\r\n"acid, ""mine""",CC(=O)Oc1ccccc1C(=O)O,"two\nlines"\r\nno structure,,\r\nplain,c1ccccc1O,\r\n');
    await page.getByRole('heading', { name: 'A list of 2 queries' }).waitFor();
    await page.getByText('From a table; 1 row without a structure passed over').waitFor();
    await page.getByRole('button', { name: 'Run the batch' }).click();
    await done();
    expect(await page.locator('.query-cell .called').allTextContents()).toEqual(['1. acid, "mine"', '2. plain']);
    await choose('two.sdf', `${record('ethanol', 'O')}>  <note>\nx\n\n$$$$\n${record('ethylamine', 'N')}$$$$\n`);
    await page.getByRole('heading', { name: 'A list of 2 queries' }).waitFor();
    await page.getByText('From molfiles').waitFor();
    await page.getByRole('button', { name: 'Run the batch' }).click();
    await done();
    expect(await page.locator('.query-cell .called').allTextContents()).toEqual(['1. ethanol', '2. ethylamine']);
    expect(await page.locator('.rejected').count()).toBe(0);
  });

  it('says in clear words what is too long', async () => {
    await paste(many(1200));
    const alert = page.locator('.new-batch').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/^The list holds 1,200 queries; a batch takes 1,000\. Take 200 of them out.*isolens search --input FILE/);
    expect(await page.getByRole('button', { name: 'Run the batch' }).count()).toBe(0);
    await noSideways(page);
    await paste(many(900));
    await page.getByLabel('Candidates for each').selectOption('1000');
    await page.getByText('at most 222 for each').waitFor();
    expect(await page.getByRole('button', { name: 'Run the batch' }).isDisabled()).toBe(true);
  });

  it('goes on when the service starts again', async () => {
    const id = await run(many(200), 10);
    await page.waitForFunction(() => (document.querySelector<HTMLProgressElement>('.opened progress')?.value ?? 0) >= 5);
    await world.stop();
    await page.locator('.batch > .away').waitFor();
    await opened().getByText('200 queries,').first().waitFor();
    await world.start();
    await page.locator('.batch > .away').waitFor({ state: 'detached' });
    await done();
    const ended = await job(id);
    expect([ended.state, ended.done, ended.rejected]).toEqual(['done', 200, 0]);
  });

  it('looks right by day and night, at every width', async () => {
    await paste(MIXED);
    await page.getByRole('heading', { name: 'A list of 4 queries' }).waitFor();
    await looksRight(page, 'batch-0-typed');
    await fitsEveryWidth(page);
    await run(MIXED, 20);
    await done();
    await page.locator('.hit-cell').nth(20).waitFor();
    await looksRight(page, 'batch-2-done');
    await fitsEveryWidth(page);
    await page.getByRole('link', { name: 'All batches' }).click();
    await page.locator('.jobs li').first().waitFor();
    await looksRight(page, 'batch-3-jobs');
    await fitsEveryWidth(page);
  });
});
