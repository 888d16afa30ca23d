/** What was found: cards, details, table, plane, filters, files, the basket. In a real browser over the real service. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { answered, ask, copied, downloaded, makePageWorld, names, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

let world: PageWorld;
let page: Page;

const SMILES = /\[\*|c1cc|=O\)|\(=O|\*C/;

describe.skipIf(!HAS_BROWSER)('the answer', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
  }, 600_000);
  afterAll(() => world?.close());
  beforeEach(async () => {
    page = await world.fresh();
    await page.goto(`${world.url}/#/search?q=Ibuprofen`);
    await answered(page);
  });
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('tells each candidate in a sentence without SMILES, beside the query', async () => {
    const cards = await page.locator('.card').all();
    expect(cards.length).toBeGreaterThan(4);
    const texts = await page.locator('.card .sentence').allTextContents();
    expect(texts[0]).toBe('The query itself.');
    for (const text of texts.slice(1)) {
      expect(text).not.toMatch(SMILES);
      expect(text).toMatch(/Keeps \d+ of 15 atoms|Keeps all 15|Shares no larger part/);
    }
    expect(await page.locator('.card').nth(1).locator('img').count()).toBe(2);
    expect(await page.locator('.card').nth(1).locator('.bar').getAttribute('aria-label')).toMatch(/^score 0\.\d\d: /);
    await shoot(page, '10-cards');
  });

  it('opens a candidate by keyboard, walks over the cards by arrow keys, and puts one into the basket by s', async () => {
    await page.locator('.card .drawings').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => Number(document.activeElement?.closest<HTMLElement>('[data-position]')?.dataset['position']) > 1);
    await page.keyboard.press('s');
    await page.locator('nav').getByText('Basket (1)').waitFor();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('dialog');
    await detail.waitFor();
    expect(await detail.locator('table').count()).toBeGreaterThanOrEqual(2);
    expect(await detail.textContent()).toMatch(/What makes the score.*embedding/s);
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('dialog .pair img')].every((image) => image.naturalWidth > 0));
    await shoot(page, '11-detail');
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'hidden' });
    // The focus is where it was.
    expect(await page.evaluate(() => document.activeElement?.classList.contains('drawings'))).toBe(true);
  });

  it('saves what is shown as SDF, SMILES, CSV and JSONL, with where it came from', async () => {
    const total = await answered(page);
    const save = (label: string): Promise<{ name: string; text: string }> => downloaded(page, () => page.locator('.export').getByRole('button', { name: label, exact: true }).click());
    const sdf = await save('SDF');
    expect(sdf.name).toBe('isolens-Ibuprofen-default-small.sdf');
    expect(sdf.text.match(/^\$\$\$\$$/gm)).toHaveLength(total);
    expect(sdf.text).toMatch(/>\s+<generation>\n\d{8}T/);
    expect(sdf.text).toMatch(/ 15 15 .*V2000/);
    expect((await save('SMILES')).text.trim().split('\n')).toHaveLength(total);
    const csv = (await save('CSV')).text;
    expect(csv.trim().split('\r\n')).toHaveLength(total + 1);
    expect(csv).toMatch(/^id,smiles,rank,names,inchiKey,score/);
    const rows = (await save('JSONL')).text.trim().split('\n').map((line) => JSON.parse(line) as { id: string; provenance: { link: string } });
    expect(rows).toHaveLength(total);
    expect(rows[0]!.provenance.link).toContain('#/search?q=Ibuprofen');
  });

  it('copies the question as code that gives the same answer', async () => {
    await page.getByLabel('Without the query').check();
    await answered(page);
    await page.locator('.menu summary').click();
    const curl = await copied(page, () => page.getByRole('button', { name: 'Copy as curl' }).click());
    const body = JSON.parse(/-d '(.*)'$/.exec(curl)![1]!) as object;
    const response = await fetch(`${world.url}/v1/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { hits } = await response.json() as { hits: { id: string; names: string[] }[] };
    expect(hits.slice(0, 4).map(({ id, names: own }) => own[0] ?? id)).toEqual((await names(page)).slice(0, 4));
  });

  it('filters by sliders with histograms, by groups by name, and shows it in the address', async () => {
    const before = await answered(page);
    await page.getByLabel('MW, g/mol: at most').fill('250');
    await page.waitForURL(/only=mw/);
    await page.locator('.status').getByText(/mw<=250: [\d,]+/).waitFor();
    await answered(page);
    expect(await page.locator('.histogram').count()).toBeGreaterThan(4);
    await page.getByRole('combobox', { name: 'Must not hold' }).fill('carboxylic acid');
    await page.keyboard.press('Enter');
    await page.waitForURL(/without=carboxylic/);
    await page.locator('.status').getByText(/without carboxylic acid/).waitFor();
    await answered(page);
    for (const sentence of await page.locator('.card .sentence').allTextContents()) expect(sentence).not.toBe('');
    await shoot(page, '12-filters');
    await page.getByRole('button', { name: 'Remove all filters' }).click();
    await page.waitForFunction(() => !/mw<=250/.test(document.querySelector('.status')?.textContent ?? ''));
    expect(await answered(page)).toBe(before);
  });

  it('finds what differs by one group alone, and says which', async () => {
    await page.goto(`${world.url}/#/search?q=Metoprolol&mode=replace`);
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Metoprolol');
    await page.locator('.card').getByText('Atenolol', { exact: true }).waitFor();
    const sentences = await page.locator('.card .sentence').allTextContents();
    expect(sentences.join(' ')).toMatch(/Methoxymethyl → carboxamide/);
  });

  it('takes a drawn group as a filter, and draws it again from the address', async () => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&k=24`);
    const before = await answered(page);
    await page.getByRole('button', { name: 'Draw a group: Must hold' }).click();
    const canvas = page.locator('.drawn-group .canvas');
    await canvas.locator('> *').first().waitFor();
    await page.evaluate(() => navigator.clipboard.writeText('C(F)(F)F'));
    await canvas.locator('[tabindex="0"]').press('Control+v');
    await page.getByRole('button', { name: 'Use this group' }).click();
    await page.waitForURL(/with=(?:[CF()]|%2[89])+(?:&|$)/);
    await page.locator('.status').getByText(/with /).waitFor();
    expect(await answered(page)).toBeGreaterThan(0);
    const { text } = await downloaded(page, () => page.getByRole('button', { name: 'SMILES', exact: true }).click());
    for (const line of text.trim().split('\n')) expect(line.split(' ')[0]).toMatch(/C\(F\)\(F\)F|FC\(F\)\(F\)/);
    await shoot(page, '13-drawn-group');
    const colleague = await world.fresh();
    await colleague.goto(page.url());
    await answered(colleague);
    const chip = colleague.getByRole('button', { name: 'Remove the drawn group' });
    await chip.scrollIntoViewIfNeeded();
    await chip.locator('img[src]').waitFor();
    await colleague.context().close();
    await page.getByRole('button', { name: 'Remove the drawn group' }).click();
    expect(await answered(page)).toBe(before);
  });

  it('shows the same selection as cards, table and plane', async () => {
    await page.getByRole('button', { name: 'Plane' }).click();
    await page.locator('.plane canvas').waitFor();
    await page.getByRole('button', { name: 'Show the corner of bioisosteres' }).click();
    await page.getByText('candidates are chosen in the plot').waitFor();
    const chosen = Number(/^(\d+) of/.exec((await page.locator('.status').textContent()) ?? '')![1]);
    await shoot(page, '13-plane');
    await page.getByRole('button', { name: 'Table' }).click();
    await page.locator('.hit-table').waitFor();
    expect(Number(await page.locator('.hit-table').getAttribute('aria-rowcount'))).toBe(chosen + 1);
    await shoot(page, '14-table');
    await page.getByRole('button', { name: 'Cards' }).click();
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.locator('.status').textContent()).toMatch(/^48 of/);
  });

  it('keeps a basket over several queries, and saves it', async () => {
    await page.locator('.card').nth(1).getByText('To basket').click();
    await ask(page, 'Sildenafil');
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Sildenafil');
    await answered(page);
    await page.locator('.card').nth(1).getByText('To basket').click();
    await page.locator('nav').getByText('Basket (2)').click();
    await page.getByRole('heading', { name: '2 in the basket' }).waitFor();
    await page.locator('.kept li').nth(1).waitFor();
    await shoot(page, '15-basket');
    const { text } = await downloaded(page, () => page.getByRole('button', { name: 'CSV', exact: true }).click());
    expect(text).toMatch(/foundFor/);
    expect(text.trim().split('\r\n')).toHaveLength(3);
    await page.reload();
    await page.getByRole('heading', { name: '2 in the basket' }).waitFor();
    await page.locator('.kept a').first().click();
    await answered(page);
    expect((await names(page))[0]).toBe('Ibuprofen');
  });

  it('shows thousands of candidates without drawing them all', async () => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&k=10000`);
    await page.waitForFunction(() => /^1,\d{3} of/.test(document.querySelector('.status')?.textContent ?? ''));
    await answered(page);
    expect(await page.locator('.card').count()).toBeLessThan(60);
    const height = await page.evaluate(() => document.querySelector('.hits')!.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(100_000);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
    await page.locator('.card').first().waitFor();
    await page.locator('.card .drawings').nth(3).click();
    // Why it is there is told of one that is opened.
    await page.getByRole('dialog').getByText(/Keeps|Shares no larger part/).waitFor();
  });
});
