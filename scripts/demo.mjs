/** `npm run demo`: prepares the clone, then hands over to `isolens demo`. */
import { prepare } from './prepare.mjs';

prepare();
process.argv.splice(2, 0, 'demo');
await import('../bin/isolens.js');
