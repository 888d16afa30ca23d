/**
 * The page against a service that runs: weight, first paint, time to the first candidates, and frames a second while
 * 10,000 candidates scroll by. `node test/bench/page.mjs http://127.0.0.1:8080`
 */
import { chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:8080';
const candidates = 10_000;
const runs = Number(process.argv[3] ?? 5);
const scrolledSeconds = 4;
/** A quick hand on a wheel, in pixels a second. */
const speed = 3000;

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function opened(path, work) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const responses = [];
  page.on('response', (response) => responses.push(response));
  const begun = performance.now();
  await page.goto(`${url}${path}`);
  const result = await work(page, begun);
  let script = 0;
  let all = 0;
  for (const response of responses) {
    const { length } = await response.body().catch(() => '');
    all += length;
    if (new URL(response.url()).pathname.endsWith('.js')) script += length;
  }
  await context.close();
  return { ...result, scriptBytes: script, bytes: all };
}

async function first(page) {
  await page.locator('#library:has-text("molecules")').waitFor();
  return { paintMs: await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime) };
}

async function answer(page, begun) {
  await page.locator('.card').first().waitFor({ timeout: 60_000 });
  return { cardsMs: performance.now() - begun };
}

/** Frames while the page scrolls evenly; what it has to draw comes from the service meanwhile. */
async function scrolled(page, row) {
  await page.locator(row).first().waitFor({ timeout: 60_000 });
  const frames = await page.evaluate(async ({ seconds, pixels }) => {
    const times = [];
    const start = performance.now();
    let last = start;
    while (last - start < seconds * 1000) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      scrollBy(0, (pixels * (now - last)) / 1000);
      times.push(now - last);
      last = now;
    }
    return times.slice(1);
  }, { seconds: scrolledSeconds, pixels: speed });
  return {
    framesASecond: 1000 / (frames.reduce((sum, one) => sum + one, 0) / frames.length),
    longestMs: Math.max(...frames),
    elements: await page.evaluate(() => document.querySelectorAll('*').length),
  };
}

const table = {};
for (const [name, path, work] of [
  ['first page', '/', first],
  ['48 candidates', '/#/search?q=Sildenafil', answer],
  [`${candidates} candidates as cards`, `/#/search?q=Sildenafil&k=${candidates}`, (page) => scrolled(page, '.card')],
  [`${candidates} candidates as a table`, `/#/search?q=Sildenafil&show=table&k=${candidates}`, (page) => scrolled(page, '.hit-table tbody tr')],
]) {
  const results = [];
  for (let i = 0; i < runs; i++) results.push(await opened(path, work));
  table[name] = Object.fromEntries(Object.keys(results[0]).map((key) => [key, Number(median(results.map((result) => result[key])).toFixed(1))]));
}

console.log(JSON.stringify(table, null, 1));
await browser.close();
