/** The page of a library: where it comes from, how it is searched and what that misses, the model, and what was left out. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faults } from './looks.ts';
import { HAS_BROWSER } from './browser.ts';
import { answered, downloaded, makePageWorld, names, noSideways, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

const BAD = 45;
const HEADER = 'name\tsmiles\ttarget\tpage\n';
const GOOD = [['Aspirin', 'CC(=O)Oc1ccccc1C(=O)O'], ['Ibuprofen', 'CC(C)Cc1ccc(cc1)C(C)C(=O)O'], ['Paracetamol', 'CC(=O)Nc1ccc(O)cc1'], ['Naproxen', 'COc1ccc2cc(ccc2c1)C(C)C(=O)O'], ['Caffeine', 'Cn1cnc2c1c(=O)n(C)c(=O)n2C']] as const;
const ROUGH = [
  HEADER,
  ...GOOD.map(([name, smiles], i) => `${name}\t${smiles}\t${i === 0 ? 'COX' : ''}\t\n`),
  'Aspirin again\tOC(=O)c1ccccc1OC(C)=O\t\t\n',
  'Open ring\tC1CCC\t\t\n',
  'Five bonds\tC(C)(C)(C)(C)C\t\t\n',
  '=1+1\tno molecule\t\t\n',
  ...Array.from({ length: BAD - 3 }, (_, i) => `Bad ${i}\tC1CC(N${i}\t\t\n`),
].join('');
const BARE = [HEADER, ...GOOD.map(([name, smiles]) => `${name}\t${smiles}\t\t\n`)].join('');

let world: PageWorld;
let page: Page;

const open = async (library: string | undefined, options = {}): Promise<void> => {
  page = await world.fresh(options);
  await page.goto(`${world.url}/#/library${library === undefined ? '' : `?in=${library}`}`);
};
const told = async (name: string): Promise<void> => page.locator('#library-name').getByText(name, { exact: true }).waitFor();
/** What stands beside a term. */
const fact = async (term: string): Promise<string> => (await page.locator('.told > div', { has: page.locator('dt', { hasText: new RegExp(`^${term}`) }) }).locator('dd').first().textContent()) ?? '';
const region = (name: string) => page.getByRole('region', { name, exact: true });

describe.skipIf(!HAS_BROWSER)('the library page', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld([
      { name: 'rough', tsv: ROUGH, flags: ['--licence', 'CC BY 4.0', '--source-url', 'https://example.org/library', '--link', 'https://example.org/m/{id}?key={inchiKey}'] },
      { name: 'bare', tsv: BARE, flags: ['--no-map', '--backend', 'exact'] },
    ]);
  }, 600_000);
  afterAll(() => world?.close());
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('tells where a library comes from', async () => {
    await open('rough');
    await told('rough');
    expect(await page.title()).toContain('rough');
    expect(await fact('Molecules')).toContain(`5 distinct, from ${6 + BAD} records; 1 was the same molecule as an earlier one, ${BAD} could not be used.`);
    expect(await fact('Made')).toMatch(/^\d{1,2} \w+ \d{4} at \d\d:\d\d/);
    expect(await fact('Generation')).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
    expect(await fact('Licence')).toBe('CC BY 4.0');
    expect(await fact('File')).toMatch(/^rough\.tsv, .*kB, 51 records \(SHA-256 [0-9a-f]{12}/);
    expect(await fact('Columns')).toBe('target, given for 20 %, e.g. COX');
    expect(await fact('Links')).toBe('https://example.org/m/the identifier?key=the InChIKey');
    expect(await fact('Size on disk')).toMatch(/^[\d.]+ MB: the model [\d.]+ MB; /);
    expect(await fact('Ask by')).toMatch(/a molecule: a SMILES.*a picture of a drawn structure/);
    const source = page.getByRole('link', { name: 'https://example.org/library' });
    expect(await source.getAttribute('href')).toBe('https://example.org/library');
    expect(await source.getAttribute('rel')).toContain('noreferrer');
    await shoot(page, '70-library');
  });

  it('says what was not stated, and that nothing was rejected', async () => {
    await open('bare');
    await told('bare');
    expect(await fact('Licence')).toContain('not stated');
    expect(await fact('Source')).toBe('not stated');
    expect(await fact('Columns')).toContain('none');
    expect(await fact('Map')).toContain('without one');
    expect(await fact('Index')).toMatch(/^exact: every molecule is compared/);
    await page.getByText('None: each of the 5 records could be used.').waitFor();
    expect(await page.getByLabel('ef', { exact: true }).count()).toBe(0);
  });

  it('tells the settings of the index in words', async () => {
    await open('small');
    await told('small');
    expect(await fact('Index')).toMatch(/^HNSW: a net of neighbours/);
    expect(await fact('M')).toMatch(/./);
    const section = region('How it is searched');
    expect(await section.textContent()).toMatch(/M24 links.*ef200 molecules looked at/s);
    expect(await fact('Metric')).toMatch(/^cosine: /);
    expect(await fact('Map')).toMatch(/\d+ % lie near it/);
  });

  it('tells the model: encoders, training data, score with its bands, reader', async () => {
    await open('small');
    await told('small');
    const model = region('The model');
    const text = (await model.textContent()) ?? '';
    expect(text).toMatch(/drawing \(resnet, [\d.]+ MB\) reads: A drawn structure/);
    expect(text).toMatch(/structure \(mlp, [\d.]+ MB\).*It made the vectors of the library/s);
    expect(text).toContain('fsmol_train.csv.gz');
    expect(text).toContain('1,462 molecules were left out');
    expect(text).toMatch(/Reads a drawn structure.*Licence: MIT/s);
    await model.locator('details', { hasText: 'Settings' }).first().locator('summary').click();
    await model.getByText('normalisation', { exact: false }).or(model.getByText('widths')).first().waitFor();
    const weights = region('Weights of the score');
    expect(await weights.getByRole('row', { name: /^embedding/ }).textContent()).toMatch(/embedding\d\.\d\d/);
    const bands = region('How often pairs acted alike');
    expect(await bands.locator('tbody tr').count()).toBeGreaterThan(4);
    expect(await bands.locator('tbody').textContent()).toMatch(/\d+ % of [\d,]+/);
    expect(await bands.locator('tbody tr').first().textContent()).toContain('too few pairs');
  });

  it('measures recall, by keyboard, says so from the first moment, and keeps what was measured', async () => {
    await open('small');
    await told('small');
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/recall', async (route) => {
      await held;
      await route.continue();
    });
    const k = page.getByLabel('k', { exact: true });
    await k.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('5');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('40');
    await page.keyboard.press('Enter');
    await page.getByText('Measuring …').waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(1);
    release();
    const table = region('What was measured').locator('tbody tr');
    await table.first().waitFor();
    expect(await table.first().textContent()).toMatch(/^540100 molecules[\d.]+ %(less than )?[\d.]+ ms[\d.]+ ms$/);
    await page.getByText(/^Recall [\d.]+ % of the 5 nearest at ef 40/).waitFor();
    await k.fill('10');
    await page.getByRole('button', { name: 'Measure recall' }).click();
    await table.nth(1).waitFor();
    // They stay while the page is open.
    await page.getByRole('link', { name: /^Basket/ }).click();
    await page.getByRole('link', { name: 'Library' }).click();
    await table.nth(1).waitFor();
    expect(await table.first().textContent()).toMatch(/^1040/);
    await shoot(page, '71-recall');
  });

  it('says what is wrong with a measurement, and stops one', async () => {
    await open('small');
    await told('small');
    const measure = page.getByRole('button', { name: 'Measure recall' });
    await page.getByLabel('k', { exact: true }).fill('101');
    await measure.click();
    await page.getByRole('alert').getByText('k is a whole number from 1 to 100.').waitFor();
    expect(await page.getByLabel('k', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('k', { exact: true }).fill('10');
    await page.getByLabel('ef', { exact: true }).fill('');
    await measure.click();
    await page.getByRole('alert').getByText('ef is a whole number from 1 to 10,000.').waitFor();
    await page.getByLabel('ef', { exact: true }).fill('100');
    await page.route('**/recall', () => {});
    await measure.click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Measuring …').waitFor({ state: 'hidden' });
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.unroute('**/recall');
    await page.route('**/recall', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify({ title: 'The vector index cannot be read', detail: 'Build it again.', code: 'INDEX_CORRUPT' }) }));
    await measure.click();
    await page.getByRole('alert').getByText('The vector index cannot be read. Build it again.').waitFor();
  });

  it('shows rejected records page by page, each with its reason, and saves them', async () => {
    await open('rough');
    await told('rough');
    const section = region('Rejected records');
    const rows = section.locator('tbody tr');
    await rows.first().waitFor();
    expect(await section.textContent()).toMatch(/45 records of 51 could not be used.*1 a ring is opened but not closed SMILES_UNCLOSED_RING/s);
    expect(await rows.count()).toBe(20);
    expect(await rows.first().textContent()).toMatch(/^8Open ringC1CCCExpected ring bond 1 to be closed.*SMILES_UNCLOSED_RING$/);
    const previous = section.getByRole('button', { name: 'Previous' });
    const next = section.getByRole('button', { name: 'Next' });
    expect(await previous.getAttribute('aria-disabled')).toBe('true');
    const { name, text } = await downloaded(page, () => section.getByRole('button', { name: 'Download these as CSV' }).click());
    expect(name).toBe('rough-rejects-1-20.csv');
    const lines = text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('line,id,input,code,message');
    // A spreadsheet must not run it.
    expect(lines[3]).toMatch(/^10,'=1\+1,no molecule,/);
    await next.focus();
    await page.keyboard.press('Enter');
    await section.getByText('21 to 40 of 45').waitFor();
    await page.keyboard.press('Enter');
    await section.getByText('41 to 45 of 45').waitFor();
    expect(await rows.count()).toBe(5);
    // The button keeps the focus at the end, and does nothing more.
    expect(await next.evaluate((button) => document.activeElement === button)).toBe(true);
    await page.keyboard.press('Enter');
    await previous.click();
    await section.getByText('21 to 40 of 45').waitFor();
    await page.getByRole('link', { name: 'See which' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('library-rejects');
  });

  it('changes the library, in the address as well, and searches it', async () => {
    await open(undefined);
    await told('small');
    await page.getByLabel('Library', { exact: true }).selectOption('rough');
    await page.waitForURL(/#\/library\?in=rough$/);
    await told('rough');
    await page.goBack();
    await told('small');
    await page.goForward();
    await told('rough');
    await page.getByRole('link', { name: 'Search this library' }).click();
    await page.waitForURL(/#\/search\?in=rough$/);
    await page.fill('#text', 'Aspirin');
    await page.press('#text', 'Enter');
    expect(await answered(page)).toBe(5);
    expect((await names(page))[0]).toBe('Aspirin');
  });

  it('offers the libraries there are where one is not', async () => {
    await open('nobody');
    await page.getByRole('heading', { name: 'There is no library called "nobody" here' }).waitFor();
    await page.getByRole('link', { name: 'bare' }).click();
    await told('bare');
    expect(page.url()).toContain('in=bare');
  });

  it('shows that it loads, and survives a service that is away', async () => {
    await open(undefined);
    await told('small');
    await world.stop();
    await page.getByLabel('Library', { exact: true }).selectOption('rough');
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    await world.start();
    await page.route('**/v1/indexes/rough', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Loading the library …').waitFor();
    await told('rough');
  });

  it.each([[1440, 'light'], [1440, 'dark'], [800, 'light'], [800, 'dark'], [390, 'light'], [390, 'dark']] as const)('is accessible at %i pixels, %s', async (width, colorScheme) => {
    await open('rough', { viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await told('rough');
    await region('Rejected records').locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: 'Measure recall' }).click();
    await region('What was measured').waitFor();
    for (const summary of await page.locator('.library summary').all()) await summary.click();
    expect(await faults(page)).toEqual([]);
    await shoot(page, `72-library-${width}-${colorScheme}`);
    await page.goto(`${world.url}/#/library?in=nobody`);
    await page.getByRole('heading', { name: /^There is no library/ }).waitFor();
    expect(await faults(page)).toEqual([]);
  });

  it.each([320, 390, 600, 800, 1000, 1440, 1920])('needs no sideways scrolling at %i pixels', async (width) => {
    await open('rough', { viewport: { width, height: 900 } });
    await told('rough');
    await region('Rejected records').locator('tbody tr').first().waitFor();
    await page.getByRole('button', { name: 'Measure recall' }).click();
    await region('What was measured').waitFor();
    for (const summary of await page.locator('.library summary').all()) await summary.click();
    await noSideways(page);
    // Nor under the room that is kept for the scroll bar.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.body.offsetWidth)).toBeLessThanOrEqual(0);
  });
});
