import { resolve } from 'node:path';
import { joinModels } from '../../train/index.ts';
import { repeated } from '../options.ts';
import type { Register } from './define.ts';

interface JoinFlags {
  readonly share: readonly string[];
  readonly output: string;
  readonly fullWeights?: boolean;
}

export const registerJoin: Register = (program, contextOf) => {
  program
    .command('join')
    .description('Make one model of several: their spaces side by side, so that one index knows what each of them knows.')
    .argument('<models...>', 'folders of models; the first names the encoders')
    .requiredOption('--share <share>', "a model's share of the joint similarity, once for each model; they add up to 1", repeated)
    .requiredOption('--output <folder>', 'where the model goes')
    .option('--full-weights', 'store weights as 32-bit floats (default: 16-bit)')
    .action(async (models: string[], flags: JoinFlags) => {
      const context = contextOf();
      const shares = flags.share.map((share) => `--share ${share}`).join(' ');
      await joinModels({
        models: models.map((model) => resolve(model)),
        shares: flags.share.map(Number),
        folder: resolve(flags.output),
        halfWeights: flags.fullWeights !== true,
        version: context.version,
        command: `isolens join ${models.map((model) => model.split('/').at(-1)).join(' ')} ${shares}`,
        date: context.date(),
      });
      context.note(`The model is in ${flags.output}. Index a library with: isolens index --model ${flags.output} --input LIBRARY --bundle NAME`);
    });
};
