import { existsSync } from 'node:fs';

/** Debian's; others are named in CHROMIUM. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Without a browser the page is not tested: that is no success where tests decide (CI). */
export const HAS_BROWSER = existsSync(CHROMIUM);
if (!HAS_BROWSER) {
  const message = `The page is NOT tested: there is no browser at ${CHROMIUM}. Install chromium, or name one in the variable CHROMIUM.`;
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`${message}\n`);
}
