/** The map of the library with query and hits on it, and links to where a candidate comes from. In a real browser over the real service. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LibraryMap, PlacesResponse } from '../../src/api/index.ts';
import { WHOLE, rankColour } from '../../web/answer/map-view.ts';
import { faults } from './looks.ts';
import { HAS_BROWSER } from './browser.ts';
import { answered, makePageWorld, noSideways, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

const HEADER = 'id\tname\tsmiles\tpage\tmore\n';
const LINKED = `${HEADER}A/1 b\tAspirin\tCC(=O)Oc1ccccc1C(=O)O\t\t\n{smiles}\tIbuprofen\tCC(C)Cc1ccc(cc1)C(C)C(=O)O\tjavascript:alert(1)\thttps://example.com/column\n`;
const COLUMNS = `${HEADER}1\tAspirin\tCC(=O)Oc1ccccc1C(=O)O\tjavascript:alert(1)\tdata:text/html,x\n2\tIbuprofen\tCC(C)Cc1ccc(cc1)C(C)C(=O)O\tjavascript:alert(1)//https://example.org\thttps://example.org/x?a=1\n`;

interface Spot { readonly x: number; readonly y: number }

let world: PageWorld;
let page: Page;

const canvas = () => page.locator('.map-plot canvas');
const plot = () => page.locator('.map-plot');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dataUrl = (): Promise<string> => canvas().evaluate((element: HTMLCanvasElement) => element.toDataURL());

const open = async (library: string, options = {}, text = 'Ibuprofen'): Promise<void> => {
  page = await world.fresh(options);
  await page.goto(`${world.url}/#/search?q=${text}&in=${library}&show=map`);
  await answered(page);
};
const drawn = async (): Promise<void> => {
  await page.waitForFunction(() => {
    const element = document.querySelector<HTMLCanvasElement>('.map-plot canvas');
    const context = element?.getContext('2d');
    return context !== null && context !== undefined && element!.width > 0 && context.getImageData(0, 0, element!.width, element!.height).data.some((value) => value > 0);
  });
};
/** Colour at a spot of the plot, as it is shown. */
const colourAt = ({ x, y }: Spot): Promise<number[]> => canvas().evaluate((element: HTMLCanvasElement, spot) => {
  const scale = element.width / element.clientWidth;
  return [...element.getContext('2d')!.getImageData(Math.round(spot.x * scale), Math.round(spot.y * scale), 1, 1).data];
}, { x, y });

/** Where hits and the query must lie, as the service tells it. */
async function expected(): Promise<{ hits: readonly { readonly name: string; readonly rank: number; readonly at: Spot }[]; query: Spot; total: number; map: LibraryMap }> {
  return page.evaluate(async (whole) => {
    const post = async <Result>(path: string, body: unknown): Promise<Result> => (await (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()) as Result;
    interface Hit { id: string; names: string[]; isQuery: boolean }
    const { hits, query } = await post<{ hits: Hit[]; query: { smiles: string } }>('/v1/search', { query: { text: 'Ibuprofen' }, k: 48, index: 'small' });
    const { places, query: own } = await post<PlacesResponse>('/v1/indexes/small/places', { ids: hits.map(({ id }) => id), smiles: query.smiles });
    const map = (await (await fetch('/v1/indexes/small/map')).json()) as LibraryMap;
    const size = document.querySelector('.map-plot canvas')!.clientWidth;
    const span = whole.right - whole.left;
    const spot = ([x, y]: readonly [number, number]): Spot => ({ x: ((x - whole.left) / span) * size, y: size - ((y - whole.low) / span) * size });
    const found = hits.map((hit, rank) => ({ name: hit.names[0] ?? hit.id, rank, isQuery: hit.isQuery, at: spot(places[rank]!) }));
    return { hits: found.filter(({ isQuery }) => !isQuery), query: spot(own!), total: hits.length, map };
  }, WHOLE);
}

const within = async ({ x, y }: Spot): Promise<Spot> => {
  await plot().scrollIntoViewIfNeeded();
  const box = (await canvas().boundingBox())!;
  return { x: box.x + x, y: box.y + y };
};
const drag = async (from: Spot, to: Spot): Promise<void> => {
  const [a, b] = [await within(from), await within(to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move((a.x + b.x) / 2, (a.y + b.y) / 2);
  await page.mouse.move(b.x, b.y);
  await page.mouse.up();
};
const chosenCount = async (): Promise<number> => Number(/^(\d+) of \d+ candidates are chosen/.exec((await page.locator('.status').textContent()) ?? '')?.[1] ?? -1);

describe.skipIf(!HAS_BROWSER)('the map', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld([
      { name: 'linked', tsv: LINKED, flags: ['--no-map', '--link', 'https://example.org/m/{id}?key={inchiKey}&s={smiles}'] },
      { name: 'columns', tsv: COLUMNS, flags: ['--no-map'] },
    ]);
  }, 600_000);
  afterAll(() => world?.close());
  afterEach(async () => {
    await page.context().close();
    expect(world.complaints()).toEqual([]);
  });

  it('shows the library, the hits by rank, and the query as a ring', async () => {
    await open('small');
    await drawn();
    const { hits, query, map } = await expected();
    expect(await canvas().getAttribute('aria-label')).toBe(`Map of ${map.count.toLocaleString('en')} molecules with ${hits.length} candidates and the query on it`);
    // The first is drawn last: its colour is seen whole, unless the ring of the query lies over it.
    const seen = hits.filter(({ at }) => Math.abs(Math.hypot(at.x - query.x, at.y - query.y) - 10) > 4);
    const first = seen[0]!;
    const [r = 0, g = 0, b = 0] = /rgb\((\d+) (\d+) (\d+)\)/.exec(rankColour(first.rank / Math.max(...hits.map(({ rank }) => rank)), 'light'))!.slice(1).map(Number);
    expect((await colourAt(first.at)).slice(0, 3).map((value, i) => Math.abs(value - [r, g, b][i]!) <= 3)).toEqual([true, true, true]);
    for (const { at } of hits) expect((await colourAt(at))[3]).toBeGreaterThan(200);
    for (const angle of [0, 1, 2, 3, 4, 5]) {
      const ring = await colourAt({ x: query.x + 10 * Math.cos(angle), y: query.y + 10 * Math.sin(angle) });
      expect(Math.max(...ring.slice(0, 3)), `ring at ${angle}`).toBeLessThan(110);
    }
    // The library itself is fainter and everywhere.
    expect(map.points.length).toBe(map.count);
    await shoot(page, '80-map');
  });

  it('keeps to the hits under a box that is drawn, in the cards as well', async () => {
    await open('small');
    await drawn();
    const { hits } = await expected();
    const size = await canvas().evaluate((element) => element.clientWidth);
    const xs = hits.map(({ at }) => at.x).sort((a, b) => a - b);
    // Between two hits, so that none lies on the edge.
    const half = Math.floor(xs.length / 2);
    const edge = (xs[half]! + xs[half + 1]!) / 2;
    await drag({ x: 2, y: 2 }, { x: edge, y: size - 2 });
    const wanted = hits.filter(({ at }) => at.x < edge).length;
    expect(Math.abs((await chosenCount()) - wanted)).toBeLessThanOrEqual(1);
    expect(await page.locator('.map-plot rect.brush').count()).toBe(1);
    const chosen = await chosenCount();
    await button('Cards').click();
    await plot().waitFor({ state: 'hidden' });
    expect(await chosenCount()).toBe(chosen);
    await button('Table').click();
    expect(await chosenCount()).toBe(chosen);
    await button('Map').click();
    await drawn();
    expect(await chosenCount()).toBe(chosen);
    await page.locator('.tools').getByRole('button', { name: 'Show all' }).click();
    await page.locator('.status').getByText(/molecules in/).waitFor();
    // A click beside every hit shows all as well.
    await drag({ x: 2, y: 2 }, { x: edge, y: size - 2 });
    expect(await chosenCount()).toBe(chosen);
    const corners = [{ x: 3, y: 3 }, { x: size - 3, y: 3 }, { x: 3, y: size - 3 }, { x: size - 3, y: size - 3 }];
    const empty = corners.find((corner) => hits.every(({ at }) => Math.hypot(at.x - corner.x, at.y - corner.y) > 12))!;
    const at = await within(empty);
    await page.mouse.click(at.x, at.y);
    await page.locator('.status').getByText(/molecules in/).waitFor();
  });

  it('chooses by buttons and keys alone', async () => {
    await open('small');
    await drawn();
    const near = button(/^Only the hits near the query/);
    const count = Number(/\((\d+)\)/.exec((await near.textContent()) ?? '')?.[1]);
    expect(count).toBeGreaterThan(0);
    await near.focus();
    await page.keyboard.press('Enter');
    expect(await chosenCount()).toBe(count);
    await page.locator('.map-side').getByRole('button', { name: 'Show all' }).press('Enter');
    await page.locator('.status').getByText(/molecules in/).waitFor();
    expect(await button('Only the hits in view').isDisabled()).toBe(true);
    await button('Go to the query').press('Enter');
    await button('Only the hits in view').press('Enter');
    const inView = await chosenCount();
    expect(inView).toBeGreaterThan(0);
    await button('Cards').press('Enter');
    expect(await chosenCount()).toBe(inView);
    await page.locator('.card').first().waitFor();
    expect(await page.locator('.card').count()).toBeGreaterThan(0);
  });

  it('shows what is under the pointer, and opens it by a click', async () => {
    await open('small');
    await drawn();
    const { hits } = await expected();
    // One that no other lies on.
    const alone = hits.find(({ rank, at }) => hits.every((other) => other.rank === rank || Math.hypot(other.at.x - at.x, other.at.y - at.y) > 6))!;
    const at = await within(alone.at);
    await page.mouse.move(at.x, at.y);
    const hover = page.locator('.map-plot .hover');
    await hover.waitFor();
    expect(await hover.textContent()).toContain(alone.name);
    expect(await hover.textContent()).toContain(`rank ${alone.rank + 1}`);
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.map-plot .hover img')?.naturalWidth ?? 0) > 0);
    await shoot(page, '81-map-hover');
    await page.mouse.click(at.x, at.y);
    await page.getByRole('dialog').getByRole('heading', { name: alone.name }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('zooms and moves by keys, buttons and wheel, and comes back to the whole', async () => {
    await open('small');
    await drawn();
    const whole = await dataUrl();
    const changes = async (act: () => Promise<void>): Promise<void> => {
      const before = await dataUrl();
      await act();
      await expect.poll(dataUrl).not.toBe(before);
    };
    await plot().focus();
    for (const key of ['+', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', '-']) await changes(() => page.keyboard.press(key));
    await page.keyboard.press('+');
    await page.keyboard.press('0');
    await expect.poll(dataUrl).toBe(whole);
    await changes(() => button('Nearer').click());
    await changes(() => button('Farther').click());
    await changes(() => button('Go to the query').click());
    await button('Whole map').click();
    await expect.poll(dataUrl).toBe(whole);
    const middle = await within({ x: 200, y: 200 });
    await page.mouse.move(middle.x, middle.y);
    const before = await page.evaluate(() => scrollY);
    await changes(() => page.mouse.wheel(0, -200));
    expect(await page.evaluate(() => scrollY)).toBe(before);
    await button('Drag moves the map').click();
    await changes(() => drag({ x: 200, y: 200 }, { x: 260, y: 240 }));
    expect(await chosenCount()).toBe(-1);
    await button('Whole map').click();
    // Away from the whole the wheel belongs to the page.
    await page.mouse.wheel(0, 300);
    await page.waitForFunction((from) => scrollY > from, before);
  });

  it('is drawn anew in the other theme', async () => {
    await open('small', { colorScheme: 'light' });
    await drawn();
    const light = await dataUrl();
    const { hits, query } = await expected();
    const first = hits.find(({ at }) => Math.abs(Math.hypot(at.x - query.x, at.y - query.y) - 10) > 4)!;
    const dark = await colourAt(first.at);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(dataUrl).not.toBe(light);
    const lighter = await colourAt(first.at);
    expect(lighter[0]! + lighter[1]!).toBeGreaterThan(dark[0]! + dark[1]! + 150);
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(dataUrl).toBe(light);
  });

  it('says so where a library has none, without asking for it', async () => {
    const asked: string[] = [];
    page = await world.fresh();
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(world.url);
    await page.locator('#library:has-text("molecules")').waitFor();
    await page.goto(`${world.url}/#/search?q=Ibuprofen&in=linked&show=map`);
    await page.getByRole('heading', { name: 'This library has no map' }).waitFor();
    expect(await page.locator('.card').count()).toBe(2);
    expect(asked.filter((url) => /\/map$|\/places$/.test(url))).toEqual([]);
  });

  it('says what went wrong, and tries again', async () => {
    page = await world.fresh();
    await page.route('**/v1/indexes/small/map', (route) => route.abort('connectionrefused'));
    await page.goto(`${world.url}/#/search?q=Ibuprofen&in=small&show=map`);
    await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
    await page.unroute('**/v1/indexes/small/map');
    await button('Try again').click();
    await drawn();
  });

  it.each([[1440, 'light'], [1440, 'dark'], [800, 'light'], [800, 'dark'], [390, 'light'], [390, 'dark']] as const)('is accessible at %i pixels, %s', async (width, colorScheme) => {
    await open('small', { viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await drawn();
    await button(/^Only the hits near the query/).click();
    expect(await faults(page)).toEqual([]);
    await noSideways(page);
    await plot().scrollIntoViewIfNeeded();
    await shoot(page, `82-map-${width}-${colorScheme}`);
  });

  it.each([320, 600, 1000, 1920])('needs no sideways scrolling at %i pixels', async (width) => {
    await open('small', { viewport: { width, height: 900 } });
    await drawn();
    await noSideways(page);
    const [map, view] = [(await plot().boundingBox())!, await page.evaluate(() => document.body.offsetWidth)];
    expect(map.x + map.width).toBeLessThanOrEqual(view);
  });

  describe('links to where a candidate comes from', () => {
    const hrefs = async (): Promise<(string | null)[]> => Promise.all(['Ibuprofen', 'Aspirin'].map(async (name) => {
      const link = page.locator('.card', { has: page.getByRole('heading', { name }) }).getByRole('link', { name: `source of ${name}` });
      return (await link.count()) === 0 ? null : link.getAttribute('href');
    }));

    it('are made by the template of the library, its values encoded once', async () => {
      await open('linked');
      const [ibuprofen, aspirin] = await hrefs();
      expect(aspirin).toBe('https://example.org/m/A%2F1%20b?key=BSYNRYMUTXBXSQ-UHFFFAOYSA-N&s=CC(%3DO)Oc1ccccc1C(%3DO)O');
      // Braces in an identifier are no place.
      expect(ibuprofen).toContain('/m/%7Bsmiles%7D?key=HEFNNWSXXWATRW-UHFFFAOYSA-N&s=');
      const link = page.getByRole('link', { name: 'source of Aspirin' });
      expect([await link.getAttribute('target'), await link.getAttribute('rel')]).toEqual(['_blank', 'noreferrer noopener']);
    });

    it('are those of a column, and never run anything', async () => {
      await open('columns');
      expect(await hrefs()).toEqual(['https://example.org/x?a=1', null]);
      expect(await page.locator('a[href^="javascript:" i], a[href^="data:" i]').count()).toBe(0);
    });

    it('are not made by a template that would run', async () => {
      page = await world.fresh();
      await page.route('**/v1/indexes', async (route) => {
        const libraries = (await (await route.fetch()).json()) as { link: string | null }[];
        await route.fulfill({ json: libraries.map((one) => ({ ...one, link: 'javascript:alert(1)//{id}' })) });
      });
      await page.goto(`${world.url}/#/search?q=Ibuprofen&in=columns`);
      await answered(page);
      expect(await hrefs()).toEqual(['https://example.org/x?a=1', null]);
      expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0);
    });
  });
});
