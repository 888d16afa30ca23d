/** The API page: every operation of the service's own document, and requests that are made for real. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { fitsEveryWidth, looksRight } from './looks.ts';
import { copied, downloaded, makePageWorld } from './world.ts';
import type { PageWorld } from './world.ts';

interface Described { readonly operationId: string; readonly summary: string; readonly tags: readonly string[]; readonly responses: Readonly<Record<string, unknown>> }
interface Document { readonly info: { readonly version: string }; readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>> }
interface Operation extends Described { readonly method: string; readonly path: string }

const run = promisify(execFile);
const has = (command: string, ...args: string[]): Promise<boolean> => run(command, args).then(() => true, () => false);

let world: PageWorld;
let page: Page;
let operations: readonly Operation[];

const open = async (id?: string): Promise<void> => {
  await page.goto(`${world.url}/#/api${id === undefined ? '' : `?operation=${id}`}`);
  await page.locator(id === undefined ? '#about-api' : '#operation').waitFor();
};
const copyAs = async (language: string): Promise<string> => {
  await page.locator('.modes').getByText(language).click();
  return copied(page, () => page.getByRole('button', { name: `the request as ${language.split(' ', 1)[0]}` }).click());
};

describe.skipIf(!HAS_BROWSER)('the API page', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
    const document = await (await fetch(`${world.url}/openapi.json`)).json() as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, described]) => ({ method: method.toUpperCase(), path, ...described })));
    expect(operations.length).toBeGreaterThan(20);
  }, 600_000);
  afterAll(() => world?.close());
  beforeEach(async () => {
    page = await world.fresh({ bypassCSP: true });
  });
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('lists every operation under its heading, with method, path and summary', async () => {
    await open();
    const listed = await page.locator('.operations li').allTextContents();
    expect(listed.toSorted()).toEqual(operations.map(({ method, path, summary }) => `${method} ${path}${summary}`).toSorted());
    const headings = await page.locator('.operations h3').allTextContents();
    expect(headings.toSorted()).toEqual([...new Set(operations.flatMap(({ tags }) => tags))].toSorted());
  });

  it('shows each operation whole: every status, a request, and nothing that failed', async () => {
    for (const { operationId, method, path, summary, responses } of operations) {
      await open(operationId);
      expect(await page.locator('#operation').textContent()).toBe(`${method} ${path}`);
      expect(await page.locator('.operation header').textContent()).toContain(summary);
      const told = await page.locator('.told').textContent();
      for (const status of Object.keys(responses)) expect(told, operationId).toContain(status);
      expect(told).not.toMatch(/undefined|\[object|anything or anything/);
      for (const language of ['curl', 'TypeScript', 'Python']) {
        await page.locator('.modes').getByText(language).click();
        expect(await page.locator('.code').first().textContent(), operationId).toContain(world.url);
      }
      expect(await page.getByRole('button', { name: 'Send' }).count(), operationId).toBe(method === 'DELETE' || ['createJob', 'searchByImage', 'searchByCells', 'searchByProfile', 'read', 'indexLibrary'].includes(operationId) ? 0 : 1);
    }
  });

  it('goes down into fields, nested ones and choices, and back over the operations', async () => {
    await open();
    await page.locator('.operations').getByText('/v1/search', { exact: true }).click();
    await page.waitForURL(/operation=search$/);
    const body = page.getByRole('region', { name: 'Request body' });
    const field = body.locator('.field').filter({ has: page.locator('code', { hasText: /^k$/ }) });
    expect(await field.textContent()).toBe('k integerHow many candidates to return.1 to 10,000; 20 where absent');
    await body.getByText('Fields of query').click();
    await body.getByText('Either').waitFor();
    expect(await body.locator('details details .field-name').allTextContents()).toEqual(['smiles', 'id', 'text', 'embedding']);
    const answers = page.getByRole('region', { name: 'Answers' });
    await answers.getByText('Fields', { exact: true }).first().click();
    await answers.getByText('Fields of hits').click();
    await answers.getByText('Fields of reason').click();
    await answers.locator('.field-name', { hasText: /^propertyChanges$/ }).waitFor();
    expect(await page.getByRole('region', { name: 'Error codes' }).textContent()).toContain('SMILES_SYNTAX');
    await page.locator('.operations').getByText('The bundles that can be searched').click();
    await page.waitForURL(/operation=listIndexes/);
    await page.goBack();
    await page.locator('#operation', { hasText: '/v1/search' }).waitFor();
    await page.goBack();
    await page.locator('#about-api').waitFor();
  });

  it('has a link for each operation, which gives away nothing that is being searched', async () => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen`);
    await page.locator('nav').getByText('API', { exact: true }).click();
    await page.locator('.operations').getByText('What this service accepts').click();
    const link = await copied(page, () => page.getByRole('button', { name: 'Copy link' }).click());
    expect(link).toBe(`${world.url}/#/api?operation=getCapabilities`);
    const colleague = await world.fresh();
    await colleague.goto(link);
    await colleague.locator('#operation').waitFor();
    expect(await colleague.locator('.told').textContent()).toBe(await page.locator('.told').textContent());
    await colleague.goto(`${world.url}/#/api?operation=mineGold`);
    await colleague.getByText('no operation called "mineGold"').waitFor();
    await colleague.getByText('See what there is').click();
    await colleague.locator('#about-api').waitFor();
    await colleague.context().close();
  });

  it('gives code that runs as it is', async () => {
    await open('search');
    const script = await copyAs('TypeScript (fetch)');
    await mkdir(world.folder, { recursive: true });
    // What node runs without a compiler is TypeScript all the same.
    await writeFile(join(world.folder, 'search.mjs'), script);
    expect((await run(process.execPath, [join(world.folder, 'search.mjs')])).stdout).toMatch(/^200 \{[^]*hits: \[/);
    const command = await copyAs('curl');
    if (await has('curl', '--version')) {
      const { stdout } = await run('bash', ['-c', `${command} --silent`]);
      expect((JSON.parse(stdout) as { hits: unknown[] }).hits.length).toBe(10);
    }
    const python = await copyAs('Python (requests)');
    if (await has('python3', '-c', 'import requests')) {
      await writeFile(join(world.folder, 'search.py'), python);
      expect((await run('python3', [join(world.folder, 'search.py')])).stdout).toMatch(/^200 \{[^]*'hits': \[/);
    }
  });

  it('gives code for what is awkward to quote, a picture and a deletion', async () => {
    await open('export');
    const odd = String.raw`it's "C\C=C\C" $HOME \" \' µ ☃`;
    await page.getByLabel('Body, as JSON').fill(JSON.stringify({ format: 'jsonl', records: [{ smiles: 'CCO', id: odd }] }));
    for (const [language, file, command] of [['TypeScript (fetch)', 'odd.mjs', process.execPath], ['curl', 'odd.sh', 'bash'], ['Python (requests)', 'odd.py', 'python3']] as const) {
      const code = await copyAs(language);
      if (language.startsWith('curl') && !(await has('curl', '--version'))) continue;
      if (language.startsWith('Python') && !(await has('python3', '-c', 'import requests'))) continue;
      await writeFile(join(world.folder, file), code);
      const { stdout } = await run(command, [join(world.folder, file)]);
      expect(JSON.parse(stdout.replace(/^200 /, '')), language).toMatchObject({ id: odd });
    }
    await open('searchByImage');
    expect(await copyAs('curl')).toContain('--data-binary @structure.png');
    await open('searchByProfile');
    expect(await copyAs('curl')).toContain("--form 'table=@plate.csv'");
    expect(await copyAs('TypeScript (fetch)')).toContain("form.append('table', new Blob([await readFile('plate.csv')]), 'plate.csv');");
    expect(await copyAs('Python (requests)')).toContain('files={"table": file}');
    await page.locator('.ready').getByText('needs a file').waitFor();
    await open('removeJob');
    expect(await copyAs('curl')).toContain('curl --request DELETE');
    await open('createJob');
    await page.locator('.ready').getByText('starts work that the service keeps').waitFor();
  });

  it('sends what is filled in, and shows the answer as it came', async () => {
    await open('search');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('status').getByText('200 OK').waitFor();
    expect(await page.locator('.answer-text').textContent()).toContain('"hits": [');
    expect((await page.locator('.answer-text').textContent())!.length).toBeLessThanOrEqual(20_000);
    await page.getByLabel('format').selectOption('csv');
    await page.getByLabel('Body, as JSON').fill('{ "query": { "text": "Ibuprofen" }, "k": 3 }');
    expect(await page.locator('.code').first().textContent()).toMatch(/format=csv[^]*Ibuprofen/);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('status').getByText('text/csv').waitFor();
    expect((await page.locator('.answer-text').textContent())!.trim().split('\n')).toHaveLength(4);
    await page.getByLabel('Body, as JSON').fill('{ "query": { "smiles": "C1CC(" } }');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('status').getByText(/^422|^400/).waitFor();
    expect(await page.locator('.answer-text').textContent()).toContain('"code": "SMILES_');
    await page.getByLabel('Body, as JSON').fill('{ "query": ');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('Nothing is sent').waitFor();
    await page.getByText('Back to the example').click();
    expect(JSON.parse(await page.getByLabel('Body, as JSON').inputValue())).toMatchObject({ k: 10 });
  });

  it('fills in a library that is here, and asks for what is missing', async () => {
    await open('getIndex');
    await page.getByLabel('name (required)').fill('');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('Fill in name first').waitFor();
    await page.getByLabel('name (required)').fill('small');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('status').getByText('200 OK').waitFor();
    await open();
    await page.locator('#library:has-text("molecules")').waitFor();
    await page.locator('.operations').getByText('/v1/indexes/{name}/map').click();
    expect(await page.getByLabel('name (required)').inputValue()).toBe('small');
    await open('depict');
    await page.getByLabel('Answer as').selectOption('application/json');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.answer-text').getByText('"svg"').waitFor();
    expect(await page.locator('.code').first().textContent()).toContain('accept: application/json');
  });

  it('finds operations by words, and is used by keyboard alone', async () => {
    await open();
    await page.getByLabel('Find an operation').focus();
    await page.keyboard.type('JOBS delete');
    expect(await page.locator('.operations li').count()).toBe(1);
    await page.getByText('1 of ').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/operation=removeJob/);
    await page.getByLabel('Find an operation').fill('gold');
    await page.getByText('No operation has these words.').waitFor();
    await page.getByLabel('Find an operation').fill('capabilities');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#operation', { hasText: '/v1/capabilities' }).waitFor();
    await page.locator('.modes input').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.code').first().textContent()).toContain('await fetch');
    await page.keyboard.press('Tab');
    expect(await copied(page, () => page.keyboard.press('Enter'))).toContain('await fetch');
    await page.getByRole('button', { name: 'Send' }).press('Enter');
    await page.getByRole('status').getByText('200 OK').waitFor();
  });

  it('gives the document itself', async () => {
    await open();
    const { name, text } = await downloaded(page, () => page.getByText('Save the OpenAPI document').click());
    expect(name).toBe('isolens-openapi.json');
    expect(Object.keys((JSON.parse(text) as Document).paths).length).toBeGreaterThan(10);
  });

  it('says that the service is away, and recovers', async () => {
    await page.goto(`${world.url}/#/search`);
    await page.route('**/openapi.json', (route) => route.abort('connectionrefused'));
    await page.locator('nav').getByText('API', { exact: true }).click();
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    await page.unroute('**/openapi.json');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.operations').getByText('/v1/capabilities').click();
    await page.locator('#operation').waitFor();
    await page.route('**/v1/capabilities', (route) => route.abort('connectionrefused'));
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Nothing answers').waitFor();
  });

  it('survives a document whose references go in circles', async () => {
    const round = { type: 'object', properties: { name: { type: 'string' }, inner: { $ref: '#/components/schemas/Round' } } };
    const circle = { openapi: '3.1.0', info: { title: 'Circles', version: '1' }, components: { schemas: { Round: round, Loop: { $ref: '#/components/schemas/Loop' } } }, paths: { '/round': { get: { summary: 'Round', responses: { 200: { description: 'The answer', content: { 'application/json': { schema: { $ref: '#/components/schemas/Round' } } } }, 400: { description: 'Bad', content: { 'application/json': { schema: { $ref: '#/components/schemas/Loop' } } } } } } } } };
    await page.route('**/openapi.json', (route) => route.fulfill({ json: circle }));
    await page.goto(`${world.url}/#/api?operation=get+%2Fround`);
    await page.getByText('Fields', { exact: true }).first().click();
    await page.getByText('The fields are those of Round, above.').waitFor();
    expect(await page.locator('.operations h3').textContent()).toBe('round');
  });

  it('looks right by day and night, on a screen, a tablet and a telephone', async () => {
    await open();
    await looksRight(page, 'api-0-start');
    await open('search');
    // Twice: what lies in them is drawn when they are opened.
    for (let layer = 0; layer < 2; layer++) {
      await page.evaluate(() => document.querySelectorAll<HTMLDetailsElement>('.told details').forEach((details) => (details.open = true)));
      await page.waitForTimeout(100);
    }
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('status').getByText('200 OK').waitFor();
    await looksRight(page, 'api-1-search');
  });

  it('needs no sideways scrolling at any width', async () => {
    await open();
    await fitsEveryWidth(page);
    for (const id of ['search', 'getJobResults', 'depict', 'searchByImage']) {
      await open(id);
      await page.locator('.told summary').first().click();
      await fitsEveryWidth(page);
    }
  });
});
