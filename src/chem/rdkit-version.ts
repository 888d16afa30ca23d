/** Apart from the door to RDKit, so that asking for the version loads no WebAssembly. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
// The package exports no package.json: by its path.
const { version } = require(join(dirname(require.resolve('@rdkit/rdkit')), '..', 'package.json')) as { readonly version: string };

/** Of the installed package: layouts and InChIKeys may differ under another one. */
export const RDKIT_VERSION = version;
