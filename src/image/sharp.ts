/** sharp, loaded with the first picture: most commands see none, and its library takes a tenth of a second. */
import { createRequire } from 'node:module';
import type vendor from 'sharp';
import type { Sharp } from 'sharp';

const require = createRequire(import.meta.url);

export function sharp(...given: Parameters<typeof vendor>): Sharp {
  return (require('sharp') as typeof vendor)(...given);
}
