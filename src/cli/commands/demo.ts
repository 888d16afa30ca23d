import { join, resolve } from 'node:path';
import { IsoLensError } from '../../core/index.ts';
import { withEngine } from '../bundles.ts';
import type { Context } from '../context.ts';
import { DEMO_BUNDLE, prepareDemoBundle } from '../demo-bundle.ts';
import { readImageFile } from '../files.ts';
import { describeResult } from '../hits.ts';
import { wholeNumber } from '../options.ts';
import { serve } from '../serving.ts';
import { DEFAULT_MODEL } from '../shipped.ts';
import type { Register } from './index.ts';

/** Sildenafil by SMILES; as a picture the drug that web/examples names. */
const SMILES = 'CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1';
const PICTURE = 'celecoxib.png';
const SHOWN = 5;

interface DemoFlags {
  readonly once?: boolean;
  readonly host: string;
  readonly port: number;
  readonly model?: string;
}

export const registerDemo: Register = (program, contextOf) => {
  program
    .command('demo')
    .description('Make the demo bundle if it is absent, answer two queries, then serve the page.')
    .option('--once', 'end after the two queries')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0, 65_535), 8080)
    .option('--model <folder>', `another model than the shipped ${DEFAULT_MODEL}`)
    .action(async ({ once, host, port, model }: DemoFlags) => {
      const context = contextOf();
      const folder = model === undefined ? join(context.models, DEFAULT_MODEL) : resolve(model);
      await prepareDemoBundle(context, folder);
      await answerTwo(context);
      if (once !== true) await serve(context, { bundles: [DEMO_BUNDLE], host, port });
    });
};

async function answerTwo(context: Context): Promise<void> {
  const picture = join(context.root, 'web', 'examples', PICTURE);
  const bytes = await readImageFile(picture);
  await withEngine(context, DEMO_BUNDLE, { chemWorkers: 1 }, async ({ engine }) => {
    if (context.signal.aborted) throw new IsoLensError('CANCELLED', 'The demo was interrupted.');
    context.print(`\n--smiles '${SMILES}'   (sildenafil)`);
    context.print(describeResult(await engine.search({ kind: 'smiles', smiles: SMILES }, { k: SHOWN }), context.columns));
    context.print(`\n--image web/examples/${PICTURE}`);
    context.print(`${describeResult(await engine.search({ kind: 'image', bytes }, { k: SHOWN }), context.columns)}\n`);
  });
}
