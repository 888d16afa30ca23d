/** The page in a real browser, over the real service. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReadResponse, SearchResponse } from '../../src/api/index.ts';
import { makeWorld } from '../cli/harness.ts';
import type { Running, World } from '../cli/harness.ts';
import { drawing } from '../cli/fixtures.ts';
import { someSmiles } from '../ingest/model.ts';
import { HAS_BROWSER, launchBrowser } from './browser.ts';

/** Where screenshots go, for people to look at. */
const SCREENSHOTS = process.env['ISOLENS_SCREENSHOTS'];
/** Another service than the one made here, e.g. over the demo bundle. */
const URL_GIVEN = process.env['ISOLENS_URL'];
const SLOW = 60_000;

/** As if this were read of the strokes of `drawing()`: hashed, charged and unsure, so that all of it is seen. */
const READ: ReadResponse = {
  smiles: 'CC(N)=O', inchiKey: 'DLFVBJFMPXGRIB-UHFFFAOYSA-N', molfile: '\n  IsoLens\n\n  0  0  0  0  0  0  0  0  0  0999 V2000\nM  END\n', confidence: 0.834,
  atoms: [
    { x: 40, y: 130, label: 'C', charge: 0, confidence: 0.99 }, { x: 80, y: 60, label: 'C', charge: 0, confidence: 0.98 },
    { x: 140, y: 60, label: 'N', charge: 1, confidence: 0.41 }, { x: 180, y: 130, label: '<b>O', charge: 0, confidence: 0.9 },
  ],
  bonds: [
    { begin: 0, end: 1, order: 1, stereo: 'none', confidence: 0.97 }, { begin: 1, end: 2, order: 1, stereo: 'hash', confidence: 0.9 },
    { begin: 2, end: 3, order: 2, stereo: 'none', confidence: 0.5 },
  ],
  drawnAtoms: [], box: { left: 38, top: 58, right: 262, bottom: 172 }, structures: [], picture: { width: 300, height: 200 },
  removed: ['Cl'], warnings: ['Doubtful: 1 of 4 atoms and 1 of 3 bonds; compare the reading with the picture.'], tookMs: 1,
};

let world: World | undefined;
let service: Running | undefined;
let browser: Browser;
let page: Page;
let url = URL_GIVEN ?? '';
/** Everything that the browser complained about. */
const complaints: string[] = [];

describe.skipIf(!HAS_BROWSER)('page', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    browser = await launchBrowser();
    if (URL_GIVEN !== undefined) return;
    world = await makeWorld();
    const drugs = ['Sildenafil,CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1,Phosphodiesterase 5', 'Ibuprofen,CC(C)Cc1ccc(cc1)C(C)C(=O)O,Cyclooxygenase'];
    await world.write('library.csv', `name,smiles,target\n${drugs.join('\n')}\n${someSmiles(60).map((smiles, i) => `M${i},${smiles},`).join('\n')}\n`);
    await world.run(['index', '--input', 'library.csv', '--bundle', 'small', '--model', world.model]);
    service = world.start(['serve', '--bundle', 'small', '--port', '0']);
    url = /http:\S+/.exec(await service.said(/listens on \S+/))![0];
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    service?.child.kill('SIGTERM');
    await service?.ended;
    await world?.remove();
  });
  beforeEach(async () => {
    complaints.length = 0;
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
    page.setDefaultTimeout(SLOW);
    page.on('console', (message) => {
      // The browser reports every refused request; the page shows those itself.
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    await page.locator('#library:has-text("molecules")').waitFor();
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  const shoot = async (name: string): Promise<void> => {
    if (SCREENSHOTS === undefined) return;
    await mkdir(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };
  /** The service's own answers to pictures, with what a reader would add to them. */
  const withReading = async (chance: number | null, read: { status: number; json: object }, reading: Partial<ReadResponse> = {}): Promise<void> => {
    const { smiles, inchiKey, molfile, confidence } = { ...READ, ...reading };
    await page.route('**/v1/search/image*', async (route) => {
      const response = await route.fetch();
      const answer = await response.json() as SearchResponse;
      await route.fulfill({ response, json: { ...answer, query: { ...answer.query, chance, reading: { smiles, inchiKey, molfile, confidence } } } });
    });
    await page.route('**/v1/read', (route) => route.fulfill(read));
  };
  const givePicture = async (): Promise<void> => page.setInputFiles('#image', { name: 'a.png', mimeType: 'image/png', buffer: await drawing() });
  const searched = async (): Promise<number> => {
    await page.locator('#results:not([hidden]):not([aria-busy])').waitFor();
    // What is further down is drawn when it comes near.
    await page.waitForFunction(() => [...document.querySelectorAll<HTMLImageElement>('.hits img, .understood img')].slice(0, 2).every((image) => image.naturalWidth > 0));
    return page.locator('.card').count();
  };

  it('waits for a query', async () => {
    expect(await page.title()).toContain('IsoLens');
    expect(await page.locator('#results').isVisible()).toBe(false);
    expect(await page.locator('#error').isVisible()).toBe(false);
    await shoot('1-empty');
  });

  it('searches by SMILES and shows drawn candidates', async () => {
    await page.fill('#text', 'CC(C)Cc1ccc(cc1)C(C)C(=O)O.[Na]Cl');
    await page.fill('#k', '8');
    await page.press('#text', 'Enter');
    expect(await searched()).toBe(8);
    const first = page.locator('.card').first();
    expect(await first.locator('h3').textContent()).toBe('Ibuprofen');
    expect(await first.textContent()).toMatch(/the query itself.*cosine 1\.000 closer than/s);
    expect(await first.textContent()).toContain('Cyclooxygenase');
    expect(await page.locator('#understood').textContent()).toMatch(/Searched as.*HEFNNWSXXWATRW.*Set aside/s);
    expect(await page.locator('#status').textContent()).toMatch(/^8 of [\d,]+ molecules in \d+ ms/);
    await shoot('2-smiles');
  });

  it('makes a hit the next query, and goes back', async () => {
    await page.fill('#text', 'Sildenafil');
    await page.click('button[type=submit]');
    await searched();
    const before = await page.locator('.card .smiles').allTextContents();
    await page.locator('.card').nth(2).getByText('Search with this').click();
    await page.waitForFunction((smiles) => document.querySelector('#understood .smiles')?.textContent === smiles, before[2]);
    expect(await page.inputValue('#text')).toBe(before[2]);
    await page.goBack();
    await page.waitForFunction((smiles) => document.querySelector('.card .smiles')?.textContent === smiles, before[0]);
    expect(await page.inputValue('#text')).toBe('Sildenafil');
    await page.locator('.card .copy').first().click();
    await page.locator('.card .copy:has-text("Copied")').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(before[0]);
  });

  it('searches by a dropped, a chosen and an example picture', async () => {
    const bytes = [...(await drawing())];
    const data = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(content)], 'drawing.png', { type: 'image/png' }));
      return transfer;
    }, bytes);
    await page.dispatchEvent('#drop', 'dragover', { dataTransfer: data });
    await shoot('3-dragging');
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    expect(await searched()).toBeGreaterThan(5);
    expect(await page.locator('#understood').textContent()).toContain('Searched by the picture');
    const dropped = await page.locator('.card .smiles').allTextContents();

    await page.setInputFiles('#image', { name: 'again.png', mimeType: 'image/png', buffer: Buffer.from(bytes) });
    await searched();
    expect(await page.locator('.card .smiles').allTextContents()).toEqual(dropped);

    await page.locator('[data-image]').first().click();
    await page.waitForFunction((first) => document.querySelector('.card .smiles')?.textContent !== first || document.querySelectorAll('.card').length > 0, dropped[0]);
    await searched();
    await shoot('4-picture');
  });

  it('searches a pasted molfile, keeps what was typed when the mode changes, and says that pictures know no mode', async () => {
    const molfile = '\n  test\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n    1.5000    0.0000    0.0000 C   0  0\n    2.2000    1.3000    0.0000 O   0  0\n  1  2  1  0\n  2  3  1  0\nM  END\n';
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, molfile);
    await searched();
    expect(await page.locator('#understood .smiles').textContent()).toBe('CCO');
    await page.fill('#text', 'Ibuprofen');
    await page.selectOption('#mode', 'similarity');
    await page.waitForFunction(() => document.querySelector('.card h3')?.textContent === 'Ibuprofen');
    expect(await page.inputValue('#text')).toBe('Ibuprofen');
    await page.selectOption('#mode', 'hop').catch(() => undefined);
    await page.setInputFiles('#image', { name: 'a.png', mimeType: 'image/png', buffer: await drawing() });
    await page.locator('#status:has-text("was not applied")').waitFor();
  });

  it('lays what was read over the picture, and searches by it', async () => {
    await withReading(0.92, { status: 200, json: READ });
    await page.fill('#k', '5');
    // Now, not in the midst of what follows: the change searches anew.
    await page.locator('#k').blur();
    await givePicture();
    await searched();
    const overlay = page.getByRole('img', { name: 'Read as SMILES CC(N)=O, sure to 83 %, 2 doubtful places' });
    await overlay.waitFor();
    const [over, under] = await Promise.all([overlay.boundingBox(), page.locator('.laid img').boundingBox()]);
    expect(over).toEqual(under);
    expect(await overlay.locator('.doubtful').count()).toBe(2);
    expect(await overlay.locator('text').allTextContents()).toEqual(['N+', '<b>O']);
    const panel = page.locator('#understood');
    expect(await panel.textContent()).toContain('Probably the first hit (92 %).');
    expect(await panel.locator('li').allTextContents()).toEqual(expect.arrayContaining(['Set aside: Cl', ...READ.warnings]));
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.redrawn')?.naturalWidth ?? 0) > 0);
    await shoot('8-reading');

    const tick = page.getByLabel('Show the reading');
    expect(await tick.isChecked()).toBe(true);
    await tick.focus();
    await page.keyboard.press('Space');
    expect(await overlay.isVisible()).toBe(false);
    await page.keyboard.press('Space');
    expect(await overlay.isVisible()).toBe(true);

    await panel.getByText('Copy molfile').click();
    await panel.getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(READ.molfile);
    await panel.getByText('Search by this structure').click();
    await page.waitForFunction(() => document.querySelector('#understood h2')?.textContent === 'Searched as');
    expect(await page.inputValue('#text')).toBe('CC(N)=O');
    expect(await page.inputValue('#k')).toBe('5');
    expect(await searched()).toBe(5);
    await page.goBack();
    await overlay.waitFor();
    expect(await page.inputValue('#text')).toBe('');
  });

  it.each([
    { chance: 0.04, confidence: 0.8, says: 'Probably not in this library (4 % that it is the first hit).' },
    { chance: 0.3, confidence: 0.2, says: 'Not sure: compare the reading with your picture.' },
    { chance: null, confidence: 0.8, says: null },
  ])('says $says of a chance of $chance, read with $confidence', async ({ chance, confidence, says }) => {
    await withReading(chance, { status: 200, json: { ...READ, confidence } }, { confidence });
    await givePicture();
    await searched();
    const verdict = page.locator('#understood .verdict');
    expect(await verdict.allTextContents()).toEqual(says === null ? [] : [says]);
  });

  it('does without the reading where none comes, and without a structure where none was read', async () => {
    await withReading(null, { status: 422, json: { code: 'MODALITY_UNSUPPORTED' } }, { smiles: null, inchiKey: null, confidence: 0 });
    await givePicture();
    expect(await searched()).toBeGreaterThan(5);
    const panel = page.locator('#understood');
    expect(await panel.textContent()).toContain('What was read is no molecule.');
    expect(await panel.getByRole('button').allTextContents()).toEqual(['Copy molfile']);
    expect(await panel.locator('.overlay, .redrawn').count()).toBe(0);
  });

  it('draws what is lost from the query beside what is new', async () => {
    await page.fill('#text', 'CC(C)Cc1ccc(cc1)C(C)C(=O)O');
    await page.press('#text', 'Enter');
    await searched();
    expect(await page.locator('.card').first().locator('.lost').isVisible()).toBe(false);
    const lost = page.locator('.lost:not([hidden]) img').first();
    await lost.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.lost:not([hidden]) img')?.naturalWidth ?? 0) > 0);
    await shoot('7-lost');
  });

  it('searches by the examples in words', async () => {
    for (const example of await page.locator('[data-text]').all()) {
      await example.click();
      expect(await searched()).toBeGreaterThan(5);
    }
  });

  it('says in words what is wrong, and recovers', async () => {
    await page.click('button[type=submit]');
    expect(await page.locator('#error').textContent()).toContain('Nothing to search');
    await page.fill('#text', 'C1CC(');
    await page.press('#text', 'Enter');
    await page.locator('#error-title:has-text("SMILES")').waitFor();
    expect(await page.locator('#error-detail').textContent()).toMatch(/^Expected/);
    expect(await page.locator('#results').isVisible()).toBe(false);
    await shoot('5-error');
    await page.setInputFiles('#image', { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.locator('#error-title:has-text("image format")').waitFor();
    await page.locator('[data-text]').first().click();
    await searched();
    expect(await page.locator('#error').isVisible()).toBe(false);
  });

  it('takes names as text, not as markup', async () => {
    await page.fill('#text', '<img src=x onerror=alert(1)>');
    await page.press('#text', 'Enter');
    await page.locator('#error:not([hidden])').waitFor();
    expect(await page.locator('#error img').count()).toBe(0);
  });

  it('saves the candidates as a table', async () => {
    await page.locator('[data-text]').first().click();
    const count = await searched();
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    const stream = await download.createReadStream();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(download.suggestedFilename()).toBe('candidates.csv');
    expect(text.split('\r\n')).toHaveLength(count + 1);
    expect(text).toMatch(/^rank,id,names,smiles,inchiKey,score,cosine,percentile,tanimoto,sameScaffold,reason,target/);
  });

  it('fits a phone, and a dark room', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('[data-text]').first().click();
    await searched();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shoot('6-phone-dark');
    await withReading(0.92, { status: 200, json: READ });
    await givePicture();
    await page.locator('.laid .overlay').waitFor();
    await searched();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await shoot('9-phone-dark-reading');
  });
});
