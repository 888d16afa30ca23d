/** The page over a real service: the shipped model and its table of replacements, over named drugs and some other molecules. */
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { CHROMIUM } from './browser.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'bin', 'isolens.js');
const LIBRARY = join(ROOT, 'indexes', 'demo-library');
/** Where screenshots go, for people to look at. */
const SCREENSHOTS = process.env['ISOLENS_SCREENSHOTS'];
/** Another service than the one made here, e.g. over the demo bundle. */
const URL_GIVEN = process.env['ISOLENS_URL'];
const OTHERS = 1500;

export interface PageWorld {
  readonly url: string;
  readonly folder: string;
  /** A browser that knows nothing yet. */
  fresh(options?: BrowserContextOptions): Promise<Page>;
  /** Ends the service, and starts it again at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
  /** Everything that browsers complained about since it was asked last. */
  complaints(): string[];
}

/** Another library beside the first. */
export interface OtherLibrary {
  readonly name: string;
  readonly tsv: string;
  readonly flags: readonly string[];
}

export async function makePageWorld(others: readonly OtherLibrary[] = []): Promise<PageWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  const environment = { ...process.env, ISOLENS_INDEXES: join(folder, 'indexes') };
  const browser = await launch();
  const said: string[] = [];
  let url = URL_GIVEN ?? '';
  let stopService = async (): Promise<void> => {};
  const startService = async (): Promise<void> => {
    if (URL_GIVEN !== undefined) return;
    const child = spawn(process.execPath, [BIN, 'serve', ...['small', ...others.map(({ name }) => name)].flatMap((name) => ['--bundle', name]), '--port', url === '' ? '0' : new URL(url).port], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
    stopService = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    let text = '';
    url = await new Promise((resolve, reject) => {
      const read = (data: Buffer): void => {
        text += data.toString();
        const found = /listens on (http:\S+)/.exec(text);
        if (found !== null) resolve(found[1]!);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      void ended.then(() => reject(new Error(`The service ended: ${text}`)));
    });
  };
  if (URL_GIVEN === undefined) {
    await mkdir(join(folder, 'indexes'), { recursive: true });
    await symlink(join(ROOT, 'indexes', 'models'), join(folder, 'indexes', 'models'));
    const index = async (name: string, file: string, tsv: string, flags: readonly string[]): Promise<void> => {
      await writeFile(join(folder, file), tsv);
      await new Promise<void>((resolve, reject) => {
        const child = spawn(process.execPath, [BIN, 'index', '--input', join(folder, file), '--bundle', name, ...flags], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
        let text = '';
        child.stderr.on('data', (data: Buffer) => (text += data.toString()));
        child.on('close', (code) => (code === 0 || code === 3 ? resolve() : reject(new Error(text))));
      });
    };
    await index('small', 'library.tsv', await library(), []);
    for (const { name, tsv, flags } of others) await index(name, `${name}.tsv`, tsv, flags);
    await startService();
  }
  return {
    get url() { return url; },
    folder,
    fresh: async (options = {}) => openPage(browser, options, said),
    stop: () => stopService(),
    start: startService,
    close: async () => {
      await browser.close();
      await stopService();
      await rm(folder, { recursive: true, force: true });
    },
    complaints: () => said.splice(0),
  };
}

async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

async function openPage(browser: Browser, options: BrowserContextOptions, said: string[]): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'], acceptDownloads: true, ...options });
  const page = await context.newPage();
  // Four times what a shared machine needs when it is busy; what hangs, hangs.
  page.setDefaultTimeout(90_000);
  page.on('console', (message) => {
    // The browser reports every refused request; the page shows those itself.
    if (message.type() === 'error' && !/status of [45]\d\d|ERR_CONNECTION_REFUSED/.test(message.text())) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return page;
}

/** What `press` puts into the clipboard: the page writes there in its own time, and says so only for a moment. */
export async function copied(page: Page, press: () => Promise<unknown>): Promise<string> {
  const before = 'nothing was copied';
  await page.evaluate((text) => navigator.clipboard.writeText(text), before);
  await press();
  for (let looks = 0; looks < 1200; looks++) {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    if (text !== before) return text;
    await page.waitForTimeout(50);
  }
  throw new Error('Nothing was copied within a minute');
}

/** Drugs by their names, with what they bind, and others by number. */
async function library(): Promise<string> {
  const drugs = (await readFile(join(LIBRARY, 'drugs.tsv'), 'utf8')).trim().split('\n');
  const others = gunzipSync(await readFile(join(LIBRARY, 'molecules.smi.gz'))).toString('utf8').split('\n').filter((line) => line !== '');
  const step = Math.floor(others.length / OTHERS);
  const rows = others.filter((_, i) => i % step === 0).map((line) => line.split(' ')).map(([smiles = '', id = '']) => `${id}\t${smiles}\t\t\t`);
  return `${drugs.join('\n')}\n${rows.join('\n')}\n`;
}

export async function shoot(page: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** Waits until the answer that was asked for stands on the screen, and its first drawings with it. */
export async function answered(page: Page): Promise<number> {
  // What was asked a moment ago shows as busy in the next frame.
  await page.evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); }));
  await page.locator('.answer[aria-busy=false] .status').waitFor();
  await page.waitForFunction(() => {
    const images = [...document.querySelectorAll<HTMLImageElement>('.hits img, .molecule img')].slice(0, 3);
    return images.every((image) => image.naturalWidth > 0);
  });
  const text = await page.locator('.status').textContent();
  return Number(/^([\d,]+) of/.exec(text ?? '')?.[1]?.replaceAll(',', '') ?? 0);
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.fill('#text', text);
  await page.press('#text', 'Enter');
}

/** Names of the cards that are on the screen. */
export async function names(page: Page): Promise<string[]> {
  await page.locator('.card h3').first().waitFor();
  return page.locator('.card h3').allTextContents();
}

export async function downloaded(page: Page, act: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  let text = '';
  for await (const chunk of await download.createReadStream()) text += String(chunk);
  return { name: download.suggestedFilename(), text };
}

export async function noSideways(page: Page): Promise<void> {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(content).toBeLessThanOrEqual(view ?? 0);
}
