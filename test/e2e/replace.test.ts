/** The query drawn and clickable, and what was put in the place of its groups. In a real browser over the real service and table. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { answered, makePageWorld, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

let world: PageWorld;
let page: Page;

const proposals = (): Promise<string[]> => page.locator('.proposal h3').allTextContents();

describe.skipIf(!HAS_BROWSER)('replacements on the drawing', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
  }, 600_000);
  afterAll(() => world?.close());
  beforeEach(async () => {
    page = await world.fresh();
    await page.goto(world.url);
    await page.getByRole('button', { name: 'ibuprofen as SMILES' }).click();
    await answered(page);
    await page.locator('.group-list').waitFor();
  });
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('shows on hover how many are known, and by a click what they are, drawn in place', async () => {
    // The parent is CC(C)Cc1ccc(C(C)C(=O)O)cc1: atom 11 is the oxygen of the acid.
    const oxygen = page.locator('circle[data-atom="11"]');
    await oxygen.hover();
    expect(await page.locator('.count').textContent()).toMatch(/^\d+ replacements known$/);
    await oxygen.click();
    await page.getByRole('heading', { name: /replacements of carboxylic acid/ }).waitFor();
    await page.waitForURL(/group=10\.11\.12/);
    await page.waitForFunction(() => document.querySelectorAll('.proposal img[src]').length > 2);
    const listed = await proposals();
    expect(listed).toContain('tetrazole');
    expect(listed.slice(0, 12)).toContain('hydroxamic acid');
    const first = page.locator('.proposal').first();
    expect(await first.textContent()).toMatch(/\d+ % expected to keep the activity.*pairs kept it, in \d+ assays/s);
    expect(await first.textContent()).toMatch(/virtual|in the library/);
    await shoot(page, '20-replacements');
  });

  it('has one dot a matched pair', async () => {
    await page.locator('circle[data-atom="11"]').click();
    const strip = page.locator('.proposal .dots').first();
    await strip.waitFor();
    const label = (await strip.getAttribute('aria-label'))!;
    const told = Number(/Change of activity in (\d+) of/.exec(label)![1]);
    const isSingle = !/one dot is/.test((await strip.locator('title').textContent())!);
    if (isSingle) expect(await strip.locator('circle').count()).toBe(told);
    expect(told).toBeGreaterThan(2);
  });

  it('narrows by charge class and by the change of logP and TPSA', async () => {
    await page.locator('circle[data-atom="11"]').click();
    await page.locator('.proposal').first().waitFor();
    const all = (await proposals()).length;
    await page.getByRole('group', { name: 'Charge class' }).getByRole('button', { name: 'neutral' }).click();
    const neutral = (await proposals()).length;
    expect(neutral).toBeLessThan(all);
    for (const chips of await page.locator('.proposal .chips').allTextContents()) expect(chips).toContain('neutral');
    await page.getByRole('group', { name: 'Charge class' }).getByRole('button', { name: 'all' }).click();
    await page.getByText('Change of logP and TPSA').click();
    await page.locator('.brush-box').getByLabel('logP from').fill('0.5');
    await page.locator('.brush-box').getByLabel('logP from').blur();
    expect((await proposals()).length).toBeLessThan(all);
    await page.locator('.brush-box').getByRole('button', { name: 'All' }).click();
    expect((await proposals()).length).toBe(all);
  });

  it('is chosen by keyboard as well, and is part of the address', async () => {
    await page.locator('.group-list summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('.group-list button', { hasText: 'isobutyl' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /replacements of isobutyl/ }).waitFor();
    const listed = await proposals();
    const colleague = await world.fresh();
    await colleague.goto(page.url());
    await colleague.getByRole('heading', { name: /replacements of isobutyl/ }).waitFor();
    await colleague.locator('.proposal').first().waitFor();
    expect(await colleague.locator('.proposal h3').allTextContents()).toEqual(listed);
    await colleague.context().close();
    await page.getByRole('button', { name: 'Close' }).first().click();
    await page.locator('.replacements').waitFor({ state: 'detached' });
  });

  it('takes a second click on an atom for the next larger group', async () => {
    const oxygen = page.locator('circle[data-atom="11"]');
    await oxygen.click();
    await page.waitForURL(/group=10\.11\.12/);
    await page.mouse.move(0, 0);
    await oxygen.click();
    await page.waitForURL((url) => !url.hash.includes('group=10.11.12') && url.hash.includes('group='));
  });

  it('reaches a replacement of the acid of ibuprofen in three actions from the first page', async () => {
    const fresh = await world.fresh();
    await fresh.goto(world.url);
    await fresh.getByRole('button', { name: 'ibuprofen as SMILES' }).click(); // 1
    await answered(fresh);
    await fresh.locator('circle[data-atom="11"]').click(); // 2
    await fresh.getByRole('heading', { name: 'tetrazole' }).first().waitFor();
    await fresh.locator('.proposal', { hasText: 'tetrazole' }).first().getByText('Search with this').click(); // 3
    await fresh.waitForURL(/q=.*n/);
    await fresh.context().close();
  });

  it('reaches a hop of sildenafil in SDF in four actions', async () => {
    const fresh = await world.fresh();
    await fresh.goto(world.url);
    await fresh.getByRole('button', { name: 'sildenafil by name' }).click(); // 1
    await answered(fresh);
    await fresh.locator('.modes').getByText('Another scaffold').click(); // 2
    await fresh.waitForURL(/mode=hop/);
    await answered(fresh);
    const [download] = await Promise.all([fresh.waitForEvent('download'), fresh.getByRole('button', { name: 'SDF' }).click()]); // 3
    expect(download.suggestedFilename()).toBe('isolens-Sildenafil-hop-small.sdf');
    await fresh.context().close();
  });
});
