/** Pictures: whether the library holds the drawn molecule, what was read, and the ways on. In a real browser, with the shipped reader. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { answered, makePageWorld, names, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

const EXAMPLE = fileURLToPath(new URL('../../web/examples/celecoxib.png', import.meta.url));

let world: PageWorld;
let page: Page;

const give = (buffer: Buffer, name = 'picture.png'): Promise<void> => page.setInputFiles('#picture', { name, mimeType: 'image/png', buffer });

describe.skipIf(!HAS_BROWSER)('pictures', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
  }, 600_000);
  afterAll(() => world?.close());
  beforeEach(async () => {
    page = await world.fresh();
    await page.goto(world.url);
    await page.locator('#library:has-text("molecules")').waitFor();
  });
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('says that it is probably the first, shows what was read, and leads to the full search', async () => {
    await page.getByRole('button', { name: 'Drawing of celecoxib' }).click();
    await answered(page);
    expect((await names(page))[0]).toBe('Celecoxib');
    const card = page.locator('.by-picture');
    expect(await card.locator('.verdict').textContent()).toBe('Probably the first of these');
    await card.getByText(/^Chance that/).waitFor();
    expect(await card.textContent()).toMatch(/Chance that the first hit is the drawn molecule: 9\d %/);
    await card.locator('.offers li').nth(2).waitFor();
    expect(await card.locator('.offers li').count()).toBe(3);
    const overlay = card.getByRole('img', { name: /What was read, sure to \d+ %, \d+ doubtful places?/ });
    await overlay.first().waitFor();
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.by-picture .molecule img')?.naturalWidth ?? 0) > 0);
    await shoot(page, '30-picture');
    await page.getByLabel('Show the reading').uncheck();
    await page.locator('.laid > svg').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Search by this structure' }).click();
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Celecoxib');
    await page.goBack();
    await page.locator('.by-picture').waitFor();
  });

  it('says that a molecule is not in the library', async () => {
    // Haloperidol is in the named drugs; the small library is asked for a structure that no library holds.
    const response = await fetch(`${world.url}/v1/depictions`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'image/svg+xml' }, body: JSON.stringify({ smiles: 'Cc1cc(C2CCN(C(=O)c3cccnc3Cl)CC2)n(CC(F)F)n1', width: 600, height: 400 }) });
    await give(await sharp(Buffer.from(await response.arrayBuffer())).flatten({ background: '#fff' }).png().toBuffer());
    await answered(page);
    expect(await page.locator('.verdict').textContent()).toBe('Probably not in this library');
    await page.getByRole('button', { name: 'Search by this structure' }).click();
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Not in this library');
    await answered(page);
    expect(await page.locator('.card .sentence').first().textContent()).toMatch(/Keeps|Shares/);
  });

  it('crops and turns in the browser', async () => {
    const turned = await sharp(await readFile(EXAMPLE)).rotate(90).extend({ right: 300, background: '#fff' }).png().toBuffer();
    await give(turned);
    await answered(page);
    await page.getByRole('button', { name: 'Crop or turn' }).click();
    await page.getByRole('group', { name: 'Crop or turn the picture' }).getByLabel('Right').fill('60');
    for (let i = 0; i < 3; i++) await page.getByRole('button', { name: /Turn by 90/ }).click();
    await shoot(page, '31-crop');
    const before = page.url();
    await page.getByRole('button', { name: 'Search this part' }).click();
    await page.waitForURL((url) => url.href !== before);
    await answered(page);
    expect((await names(page))[0]).toBe('Celecoxib');
  });

  it('offers each of several structures', async () => {
    const one = await sharp(await readFile(EXAMPLE)).resize(420, 320, { fit: 'contain', background: '#fff' }).png().toBuffer();
    const other = await sharp(fileURLToPath(new URL('../../web/examples/haloperidol.png', import.meta.url))).resize(300, 220, { fit: 'contain', background: '#fff' }).png().toBuffer();
    const both = await sharp({ create: { width: 900, height: 420, channels: 3, background: '#fff' } }).composite([{ input: one, left: 20, top: 40 }, { input: other, left: 560, top: 90 }]).png().toBuffer();
    await give(both);
    await answered(page);
    await page.getByText('The picture holds 2 structures').waitFor();
    await shoot(page, '32-several');
    const before = page.url();
    await page.getByRole('button', { name: 'Structure 2' }).click();
    await page.waitForURL((url) => url.href !== before);
    await answered(page);
    expect((await names(page))[0]).toBe('Haloperidol');
  });

  it('opens the reading in the editor', async () => {
    await page.getByRole('button', { name: 'Drawing of celecoxib' }).click();
    await answered(page);
    await page.getByRole('button', { name: 'Correct in the editor' }).click();
    await page.locator('.editor canvas, .editor .canvas > *').first().waitFor();
    expect(await page.inputValue('#text')).toContain('S');
    await page.waitForTimeout(500);
    await shoot(page, '33-editor');
    await page.getByRole('button', { name: 'Search this structure' }).click();
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Celecoxib');
  });

  it('refuses a curve, a paragraph, a photograph and a broken file in words, and keeps what was typed', async () => {
    await page.fill('#text', 'Ibuprofen');
    const photograph = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 120, sigma: 60 } } }).png().toBuffer();
    const curve = await sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="500" height="300"><rect width="500" height="300" fill="#fff"/><path d="M20 280L20 20M20 280L480 280M20 270C200 270 260 40 480 30" fill="none" stroke="#000" stroke-width="2"/></svg>')).png().toBuffer();
    for (const [name, buffer] of [['photograph.png', photograph], ['broken.png', Buffer.from('no picture')]] as const) {
      await give(buffer, name);
      await page.locator('.failed').waitFor();
      expect((await page.locator('.failed p').first().textContent())!.length).toBeGreaterThan(20);
    }
    const paragraph = await sharp({ text: { text: 'We tested both compounds in cells. Neither was toxic up to ten micromolar, and the effect was gone after a day. '.repeat(4), width: 500, rgba: false } }).negate().png().toBuffer();
    for (const [name, buffer] of [['curve.png', curve], ['paragraph.png', paragraph]] as const) {
      await give(buffer, name);
      await page.waitForFunction(() => document.querySelector('.failed') !== null || /Not sure|Probably not/.test(document.querySelector('.verdict')?.textContent ?? ''));
      await shoot(page, `34-${name.replace('.png', '')}`);
    }
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
  });
});
