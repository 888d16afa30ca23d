/** The query box, the address, and the states of the page, in a real browser over the real service. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { answered, ask, makePageWorld, names, noSideways, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

const IBUPROFEN = 'CC(C)Cc1ccc(cc1)C(C)C(=O)O';
const MOLFILE = '\n  RDKit          2D\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 C   0  0\n    2.2000    1.3000    0.0000 O   0  0\n  1  2  1  0\n  2  3  1  0\nM  END\n';

let world: PageWorld;
let page: Page;

const paste = (text: string): Promise<void> => page.evaluate((pasted) => {
  const data = new DataTransfer();
  data.setData('text/plain', pasted);
  document.querySelector('#text')!.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, text);

describe.skipIf(!HAS_BROWSER)('the page', { timeout: 300_000 }, () => {
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

  it('waits for a query, with examples that work', async () => {
    expect(await page.title()).toContain('IsoLens');
    await shoot(page, '01-empty');
    for (const name of ['ibuprofen as SMILES', 'sildenafil by name']) {
      await page.goto(`${world.url}/#/search`);
      await page.reload();
      await page.getByRole('button', { name }).click();
      expect(await answered(page)).toBeGreaterThan(10);
    }
    expect(await names(page)).toContain('Sildenafil');
  });

  it.each([[1440, 900], [390, 844]])('shows the first candidate without scrolling at %i x %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    await ask(page, 'Sildenafil');
    await answered(page);
    const box = await page.locator('.card').first().boundingBox();
    expect(box!.y + 200).toBeLessThan(height);
    await shoot(page, `02-first-${width}`);
  });

  it('says what it takes the text for, while it is typed', async () => {
    const taken = page.locator('#taken');
    await page.fill('#text', 'sildenafil citrate');
    await taken.getByText('name of a salt').waitFor();
    expect(await taken.textContent()).toMatch(/Sildenafil · C22H30N6O4S · 474\.6 g\/mol/);
    await page.fill('#text', `${IBUPROFEN}.[Na]`);
    await taken.getByText('SMILES').waitFor();
    expect(await taken.textContent()).toMatch(/C13H18O2 .*one salt or solvent set aside/);
    await page.fill('#text', 'InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3');
    await taken.getByText('InChI', { exact: true }).waitFor();
    await page.fill('#text', 'HEFNNWSXXWATRW-UHFFFAOYSA-N');
    await taken.getByText('InChIKey').waitFor();
    expect(await taken.textContent()).toContain('Ibuprofen');
    await page.fill('#text', 'C1CC(N');
    await taken.locator('mark').waitFor();
    expect(await taken.locator('mark').textContent()).toBe('(');
    await page.fill('#text', 'Sildenafill');
    await taken.getByRole('button', { name: 'Sildenafil' }).click();
    await answered(page);
    expect((await names(page))[0]).toBe('Sildenafil');
  });

  it('keeps the lines of a molfile', async () => {
    await paste(MOLFILE);
    expect(await page.inputValue('#text')).toBe(MOLFILE);
    await page.locator('#taken').getByText('molfile').waitFor();
    await page.press('#text', 'Enter');
    await answered(page);
    expect(await page.locator('#text').inputValue()).toBe(MOLFILE);
  });

  it('takes a dropped and a chosen file, and refuses what is too long without losing what was there', async () => {
    await page.setInputFiles('#picture', { name: 'ethanol.mol', mimeType: 'chemical/x-mdl-molfile', buffer: Buffer.from(MOLFILE) });
    await answered(page);
    await page.fill('#text', 'Ibuprofen');
    await paste('C'.repeat(1_100_000));
    await page.getByRole('alert').getByText('1.1 million characters').waitFor();
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
    await page.setInputFiles('#picture', { name: 'many.smi', mimeType: 'text/plain', buffer: Buffer.from('CCO\n'.repeat(300_000)) });
    await page.getByText('larger than 1 MB').waitFor();
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
  });

  it('recognises a list, and opens it as a batch', async () => {
    await paste('Ibuprofen\nSildenafil\n# a comment\nnonsense here\n');
    await page.locator('#taken').getByText('A list of 3 lines').waitFor();
    await page.press('#text', 'Enter');
    await page.waitForURL(/#\/batch/);
    expect(await page.inputValue('#text')).toContain('Sildenafil');
  });

  it('keeps what was typed when the mode is chosen', async () => {
    await ask(page, 'Ibuprofen');
    await answered(page);
    await page.fill('#text', 'Sildenafil');
    await page.locator('.modes').getByText('Another scaffold').click();
    await page.waitForURL(/mode=hop/);
    await page.waitForFunction(() => document.querySelector('.understood h2')?.textContent === 'Sildenafil');
    expect(await page.inputValue('#text')).toBe('Sildenafil');
  });

  it('has an address that a colleague can open, and goes back and forward over it', async () => {
    await ask(page, 'Ibuprofen');
    await answered(page);
    await page.locator('.modes').getByText('Nearest').click();
    await page.waitForURL(/mode=similarity/);
    await answered(page);
    await page.getByLabel('Without the query').check();
    await page.getByLabel('No structural alerts').check();
    await page.waitForURL(/noAlerts/);
    await answered(page);
    await page.getByLabel('Sort by').selectOption('logP');
    const shown = (await names(page)).slice(0, 6);
    expect(shown).not.toContain('Ibuprofen');
    const link = page.url();
    expect(link).toMatch(/#\/search\?q=Ibuprofen.*generation=/);
    const colleague = await world.fresh();
    await colleague.goto(link);
    await answered(colleague);
    expect((await names(colleague)).slice(0, 6)).toEqual(shown);
    expect(await colleague.getByLabel('No structural alerts').isChecked()).toBe(true);
    await colleague.context().close();
    await page.locator('.card').nth(1).getByText('Search with this').click();
    await page.waitForFunction((before) => document.querySelector('.card h3')?.textContent !== before, shown[0]);
    await answered(page);
    await page.goBack();
    await page.waitForURL(link);
    await answered(page);
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
    expect((await names(page)).slice(0, 6)).toEqual(shown);
    await page.goForward();
    await page.waitForFunction((before) => document.querySelector('.card h3')?.textContent !== before, shown[0]);
  });

  it('says that a link is of another generation, and that a picture is no part of one', async () => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&generation=20200101T000000Z-00000000`);
    await answered(page);
    await page.getByText('made with another generation').waitFor();
    await page.goto(`${world.url}/#/search?picture=gone-1`);
    await page.getByText('A picture is no part of a link').waitFor();
  });

  it('tells what is wrong, keeps it in the box, and recovers', async () => {
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByText('Type a SMILES, a name').waitFor();
    for (const [text, says] of [['C1CC(', /not closed/], ['C(C)(C)(C)(C)C', /permitted number of bonds/], ['qwertzuiop', /No molecule of this library is called so|No molecule is called so/]] as const) {
      await ask(page, text);
      await page.locator('.failed').getByText(says).first().waitFor();
      expect(await page.inputValue('#text')).toBe(text);
    }
    await shoot(page, '03-error');
    await ask(page, '<img src=x onerror=alert(1)>');
    await page.locator('.failed').waitFor();
    expect(await page.locator('.failed img').count()).toBe(0);
    await ask(page, 'Ibuprofen');
    await answered(page);
    expect(await page.locator('.failed').count()).toBe(0);
  });

  it('names the filter that left nothing, and removes it', async () => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&only=mw%3C%3D50`);
    await page.locator('.none').waitFor();
    expect(await page.locator('.none').textContent()).toContain('No molecule passes the filter "mw<=50"');
    await shoot(page, '04-none');
    await page.locator('.none').getByText('Remove all filters').click();
    expect(await answered(page)).toBeGreaterThan(10);
  });

  it('survives a service that starts again', async () => {
    await page.fill('#text', 'Ibuprofen');
    await page.locator('#taken').getByText('Ibuprofen').waitFor();
    await world.stop();
    await page.press('#text', 'Enter');
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
    await shoot(page, '05-away');
    await world.start();
    await page.getByRole('button', { name: 'Try again' }).click();
    expect(await answered(page)).toBeGreaterThan(10);
  });

  it.each([320, 390, 600, 800, 1000, 1440, 1920])('needs no sideways scrolling at %i pixels, drawings or not', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await noSideways(page);
    await page.route('**/v1/depictions', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '9' }, body: '{}' }));
    await ask(page, 'Sildenafil');
    await page.locator('.card').first().waitFor();
    await noSideways(page);
    await page.unroute('**/v1/depictions');
    await ask(page, IBUPROFEN);
    await answered(page);
    await noSideways(page);
  });
});
