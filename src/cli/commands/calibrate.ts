import { join, resolve } from 'node:path';
import { readModel, writeAtomic } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import { readAssays } from '../../evaluate/index.ts';
import { openEncoder } from '../../ingest/index.ts';
import { SCORE_FILE, TERMS, calibrate } from '../../score/index.ts';
import type { ScoreModel } from '../../score/index.ts';
import type { Context } from '../context.ts';
import { heldOutList, screeningActives } from '../left-out.ts';
import { numberBetween, wholeNumber } from '../options.ts';
import { DEFAULT_MODEL } from '../shipped.ts';
import { formatTable } from '../table.ts';
import type { Register } from './define.ts';

interface CalibrateFlags {
  readonly model?: string;
  readonly data?: string;
  readonly heldOut?: string;
  readonly screening?: string;
  readonly share: number;
  readonly assays: number;
  readonly seed: number;
  readonly json?: boolean;
}

export const registerCalibrate: Register = (program, contextOf) => {
  program
    .command('calibrate')
    .description('Fit the bioisostere score of a model on measured activities; writes score.json into its folder.')
    .option('--model <folder>', `the model (default: the shipped ${DEFAULT_MODEL})`)
    .option('--data <file>', 'table with the columns assay, smiles and active (default: activity/fsmol_train.csv.gz in the data folder)')
    .option('--held-out <file>', 'keys of molecules that must not be learned from (default: heldout.txt.gz in the data folder; "none" for none)')
    .option('--screening <file>', 'a screening set whose actives must not be learned from (default: screening/dud.json.gz in the data folder; "none" for none)')
    .option('--share <number>', 'share of the assays, by a hash of their names; train encoders on the others', numberBetween(0, 1), 0.1)
    .option('--assays <number>', 'at most this many assays', wholeNumber(5), 400)
    .option('--seed <number>', 'everything drawn follows from it', wholeNumber(0), 1)
    .option('--json', 'print the coefficients as JSON')
    .action(async (flags: CalibrateFlags) => {
      const context = contextOf();
      const { progress, signal, data: folder } = context;
      const directory = flags.model === undefined ? join(context.models, DEFAULT_MODEL) : resolve(flags.model);
      const model = await readModel(directory);
      const heldOut = heldOutList(flags.heldOut, folder);
      const chem = new ChemPool({ workers: context.threads });
      try {
        const screening = await screeningActives(context, chem, flags.screening ?? join(folder, 'screening', 'dud.json.gz'));
        const encoder = await openEncoder(model);
        try {
          const score = await calibrate({
            assays: await readAssays(flags.data ?? join(folder, 'activity', 'fsmol_train.csv.gz')),
            encoder, chem, progress, signal,
            encoderSha256: model.towers.find(({ name }) => name === model.gallery)!.sha256,
            isExcluded: (key) => screening.has([key]) || heldOut.has([key]),
            assayShare: flags.share, maxAssays: flags.assays, seed: flags.seed,
          });
          const provenance = { ...score.provenance, heldOut: heldOut.size, screeningActives: screening.size, command: `isolens calibrate --share ${flags.share} --assays ${flags.assays} --seed ${flags.seed}` };
          await writeAtomic(join(directory, SCORE_FILE), `${JSON.stringify({ ...score, provenance }, null, 1)}\n`);
          report(context, flags, { ...score, provenance });
        } finally {
          await encoder.close();
        }
      } finally {
        await chem.close();
      }
    });
};

function report(context: Context, { json }: CalibrateFlags, score: ScoreModel): void {
  if (json === true) return context.print(JSON.stringify(score));
  const rows = TERMS.map(({ id }) => [id, ...[score.modes.default, score.modes.hop].map((mode) => (mode?.weights[id] ?? 0).toFixed(3))]);
  context.print(formatTable(['term', 'default', 'hop'].map((title, i) => ({ title, align: i === 0 ? 'left' as const : 'right' as const, cell: (row: readonly string[]) => row[i] ?? '' })), rows));
  context.print(JSON.stringify(score.provenance, null, 1));
}
