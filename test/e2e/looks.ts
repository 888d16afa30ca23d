/** How a state of the page looks: no serious fault for a screen reader, nothing that scrolls sideways, at three widths, by day and by night. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { noSideways, shoot } from './world.ts';

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
export const WIDTHS = [[1440, 900], [800, 900], [390, 844]] as const;
export const SCHEMES = ['light', 'dark'] as const;

interface Fault {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** The page must have been opened with `bypassCSP`: it takes no script from elsewhere. */
export async function faults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.addScriptTag({ content: await readFile(AXE, 'utf8') });
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run: (context: unknown) => Promise<{ violations: Fault[] }> } }).axe
    // The editor draws itself, within a shadow of its own.
    .run({ exclude: [['.editor .canvas']] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}

/** Leaves the page wide and light. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of WIDTHS) {
      await page.setViewportSize({ width, height });
      // Rows near the screen are drawn anew.
      await page.waitForTimeout(150);
      await noSideways(page);
      await shoot(page, `${name}-${width}-${colorScheme}`);
      expect(await faults(page), `${name} at ${width}, ${colorScheme}`).toEqual([]);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

export const EVERY_WIDTH = [320, 390, 480, 600, 800, 960, 1000, 1280, 1440, 1920];

export async function fitsEveryWidth(page: Page): Promise<void> {
  for (const width of EVERY_WIDTH) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(50);
    await noSideways(page);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
