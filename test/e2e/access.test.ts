/** Accessibility by axe in every state, at three widths, in light and dark; weight, first paint and scrolling. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER } from './browser.ts';
import { SCHEMES, WIDTHS, faults } from './looks.ts';
import { answered, ask, makePageWorld, noSideways, shoot } from './world.ts';
import type { PageWorld } from './world.ts';

let world: PageWorld;

/** How each state is reached. */
const STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  empty: async () => {},
  typing: async (page) => {
    await page.fill('#text', 'sildenafil citrate');
    await page.locator('#taken .kind').waitFor();
  },
  answered: async (page) => {
    await ask(page, 'Sildenafil');
    await answered(page);
  },
  failed: async (page) => {
    await ask(page, 'C1CC(');
    await page.locator('.failed').waitFor();
  },
  none: async (page) => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&only=mw%3C%3D50`);
    await page.locator('.none').waitFor();
  },
  detail: async (page) => {
    await ask(page, 'Sildenafil');
    await answered(page);
    await page.locator('.card .drawings').nth(1).click();
    await page.getByRole('dialog').waitFor();
  },
  table: async (page) => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&show=table`);
    await page.locator('.hit-table').waitFor();
  },
  plane: async (page) => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&show=plane`);
    await page.locator('.plane canvas').waitFor();
  },
  replacements: async (page) => {
    await page.goto(`${world.url}/#/search?q=Ibuprofen&group=10.11.12`);
    await page.locator('.proposal').first().waitFor();
  },
  picture: async (page) => {
    await page.getByRole('button', { name: 'Drawing of celecoxib' }).click();
    await page.locator('.laid > svg').waitFor();
  },
  editor: async (page) => {
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    await page.locator('.editor .canvas > *').first().waitFor();
  },
  basket: async (page) => {
    await ask(page, 'Ibuprofen');
    await answered(page);
    await page.locator('.card').nth(0).getByText('To basket').click();
    await page.locator('nav').getByText('Basket (1)').click();
    await page.locator('.kept li').waitFor();
  },
};

describe.skipIf(!HAS_BROWSER)('everybody can use it', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    world = await makePageWorld();
  }, 600_000);
  afterAll(() => world?.close());
  afterEach(() => expect(world.complaints()).toEqual([]));

  for (const [state, reach] of Object.entries(STATES)) {
    it(`${state}: no serious violation, no sideways scrolling, in six settings`, async () => {
      // Each width from the start: what is open at first depends on it.
      for (const [width, height] of WIDTHS) {
        const page = await world.fresh({ viewport: { width, height }, bypassCSP: true });
        await page.goto(world.url);
        await page.locator('.top').waitFor();
        await reach(page);
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          // Drawings follow.
          await page.waitForTimeout(150);
          await shoot(page, `${state}-${width}-${colorScheme}`);
          expect(await faults(page), `${state} ${width} ${colorScheme}`).toEqual([]);
          await noSideways(page);
        }
        await page.context().close();
      }
    });
  }

  it('paints at once, with little script', async () => {
    const page = await world.fresh();
    const scripts: number[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) void response.body().then((body) => scripts.push(body.length), () => undefined);
    });
    await page.goto(world.url);
    await page.locator('#library:has-text("molecules")').waitFor();
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity);
    expect(paint).toBeLessThan(3000);
    const total = scripts.reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThan(250_000);
    await page.context().close();
  });

  it('redraws for the other paper when the theme changes', async () => {
    const page = await world.fresh({ colorScheme: 'light' });
    await page.goto(`${world.url}/#/search?q=Ibuprofen`);
    await answered(page);
    const before = await page.locator('.card img').first().getAttribute('src');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction((old) => document.querySelector('.card img')?.getAttribute('src') !== old, before);
    await page.context().close();
  });

  it('prints all that is shown', async () => {
    const page = await world.fresh();
    await page.goto(`${world.url}/#/search?q=Ibuprofen&k=12`);
    await answered(page);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.query').isVisible()).toBe(false);
    const pdf = await page.pdf();
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.context().close();
  });
});
