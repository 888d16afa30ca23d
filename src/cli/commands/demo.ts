import { join, resolve } from 'node:path';
import type { SearchEngine, SearchResult } from '../../search/index.ts';
import { readAccess } from '../access.ts';
import type { Context } from '../context.ts';
import { DEMO_BUNDLE, withDemoBundle } from '../demo-bundle.ts';
import { readImageFile } from '../files.ts';
import { describeResult } from '../hits.ts';
import { LiveBundles } from '../live-bundles.ts';
import { listenOptions } from '../options.ts';
import { MOLECULE_TIMEOUT_MS, serveBundles } from '../serving.ts';
import type { ListenOptions } from '../serving.ts';
import { DEFAULT_MODEL } from '../shipped.ts';
import type { Register } from './define.ts';

/** Sildenafil as SMILES, and celecoxib as a picture. */
const SMILES = 'CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1';
const PICTURE = 'celecoxib.png';
const SHOWN = 5;

interface DemoFlags extends ListenOptions {
  readonly once?: boolean;
  readonly model?: string;
}

export const registerDemo: Register = (program, contextOf) => {
  const command = program
    .command('demo')
    .description('Make the demo bundle if it is absent, answer two queries, then serve the page.')
    .option('--once', 'end after the two queries')
    .option('--model <folder>', `another model than the shipped ${DEFAULT_MODEL}`);
  listenOptions(command)
    .action(async ({ once, model, ...listen }: DemoFlags) => {
      const context = contextOf();
      const access = await readAccess(context, listen);
      const folder = model === undefined ? join(context.models, DEFAULT_MODEL) : resolve(model);
      const options = { reads: true, chemWorkers: once === true ? 1 : context.threads, moleculeTimeoutMs: MOLECULE_TIMEOUT_MS };
      await withDemoBundle(context, folder, options, async ({ engine, chem, replacements, reader }) => {
        await answerTwo(context, engine);
        if (once !== true) await serveBundles(context, { bundles: LiveBundles.of([engine], context.logger), chem, replacements, reader }, access, listen);
      });
    });
};

async function answerTwo(context: Context, engine: SearchEngine): Promise<void> {
  const picture = join(context.root, 'web', 'examples', PICTURE);
  const bytes = await readImageFile(picture);
  const example = (query: string, result: SearchResult): void => context.print(`\nisolens search --bundle ${DEMO_BUNDLE} ${query}\n${describeResult(result, context.columns)}`);
  context.signal.throwIfAborted();
  example(`--smiles '${SMILES}'`, await engine.search({ kind: 'smiles', smiles: SMILES }, { k: SHOWN }));
  example(`--image web/examples/${PICTURE}`, await engine.search({ kind: 'image', bytes }, { k: SHOWN }));
  context.print('');
}
