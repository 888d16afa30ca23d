import { basename, join, resolve } from 'node:path';
import { galleryTower, readModel, readReaderModel, writeAtomic, writeReadingTrust } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import { readAssays } from '../../evaluate/index.ts';
import { openEncoder } from '../../ingest/index.ts';
import { IsoLensError, createRng } from '../../core/index.ts';
import { DrawingReader } from '../../reading/index.ts';
import { Replacements, TABLE_FILE, leftOutShareOf } from '../../replacements/index.ts';
import { SCORE_FILE, TERMS, calibrate, fitDomain, fitPictureTrust, fitReadTrust, fitReadingTrust, isCalibrationAssay, readScore, reliability } from '../../score/index.ts';
import type { CalibrationAssay, DomainModel, EvidenceSource, ScoreModel } from '../../score/index.ts';
import { sourcesOfRun, trainedKeys } from '../../train/index.ts';
import { withEngine } from '../with-engine.ts';
import type { Context } from '../context.ts';
import { evidenceFrom } from '../evidence.ts';
import { pictureSamples, readingSamples } from '../picture-samples.ts';
import { anyOf, heldOutList, moleculesOfNewTargets, screeningActives } from '../left-out.ts';
import { numberBetween, wholeNumber } from '../options.ts';
import { DEFAULT_MODEL, DEFAULT_READER } from '../shipped.ts';
import { formatTable, tableText } from '../table.ts';
import type { Register } from './define.ts';

interface CalibrateFlags {
  readonly model?: string;
  readonly data?: string;
  readonly heldOut?: string;
  readonly screening?: string;
  readonly leftOutOf?: string;
  readonly replacements?: string;
  readonly domain?: string;
  readonly share: number;
  readonly assays: number;
  readonly seed: number;
  readonly pictures?: string;
  readonly reader?: string | true;
  readonly bundle?: string;
  readonly count: number;
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
    .option('--left-out-of <recipe>', 'learn nothing from the molecules of the targets that this recipe leaves out: new targets are measured on them')
    .option('--replacements <folder>', 'fit what evidence of replacements is worth, by the table that "isolens mine --leave-out" made without these assays (default: its log-odds count as they are)')
    .option('--domain <run>', 'count what the encoder has met, so that queries far from it are told: what "isolens train" was given as --output')
    .option('--share <number>', 'share of the assays, by a hash of their names; train encoders on the others', numberBetween(0, 1), 0.1)
    .option('--assays <number>', 'at most this many assays', wholeNumber(5), 400)
    .option('--seed <number>', 'everything drawn follows from it', wholeNumber(0), 1)
    .option('--pictures <file>', 'fit how far pictures can be trusted instead: a library of molecules, most of which --bundle does not hold')
    .option('--reader [folder]', 'with --pictures: fit how far what a reader reads can be trusted (default: the shipped one)')
    .option('--bundle <name>', 'with --pictures: a bundle that was made with the model')
    .option('--count <number>', 'with --pictures: molecules that are drawn of either kind', wholeNumber(20), 1000)
    .option('--json', 'print the coefficients as JSON')
    .action(async (flags: CalibrateFlags) => {
      const context = contextOf();
      const { progress, signal, data: folder } = context;
      if (flags.reader !== undefined) return calibrateReader(context, flags);
      const directory = flags.model === undefined ? join(context.models, DEFAULT_MODEL) : resolve(flags.model);
      const model = await readModel(directory);
      const { sha256: encoderSha256 } = galleryTower(model);
      if (flags.pictures !== undefined) return calibratePictures(context, flags, directory, encoderSha256);
      // What was fitted on pictures, and counted of the encoder, stays, unless the encoder is another.
      const earlier = await readScore(directory, encoderSha256).catch(() => undefined);
      const heldOut = heldOutList(flags.heldOut, folder);
      const evidence = flags.replacements === undefined ? undefined : evidenceOfOthers(flags.replacements, flags.share);
      const chem = new ChemPool({ workers: context.threads });
      try {
        const newTargets = flags.leftOutOf === undefined ? undefined : await moleculesOfNewTargets(context, chem, flags.leftOutOf);
        const screening = await screeningActives(context, chem, flags.screening ?? join(folder, 'screening', 'dud.json.gz'));
        const excluded = anyOf([screening, heldOut, ...(newTargets === undefined ? [] : [newTargets])]);
        const encoder = await openEncoder(model);
        try {
          const assays = await readAssays(flags.data ?? join(folder, 'activity', 'fsmol_train.csv.gz'));
          const isExcluded = (key: string): boolean => excluded.has([key]);
          const domain = flags.domain === undefined ? earlier?.domain : await domainOf(context, chem, flags.domain, { assays, share: flags.share, isExcluded });
          const score = await calibrate({
            assays,
            encoder, chem, evidence, progress, signal,
            encoderSha256,
            isExcluded,
            assayShare: flags.share, maxAssays: flags.assays, seed: flags.seed,
          });
          const provenance = { ...score.provenance, heldOut: heldOut.size, screeningActives: screening.size, ...(newTargets === undefined ? {} : { ofNewTargets: newTargets.size }), command: commandOf(flags) };
          await writeAtomic(join(directory, SCORE_FILE), `${JSON.stringify({ ...score, ...(earlier?.pictures === undefined ? {} : { pictures: earlier.pictures }), ...(domain === undefined ? {} : { domain }), provenance }, null, 1)}\n`);
          report(context, flags, { ...score, provenance });
        } finally {
          await encoder.close();
        }
      } finally {
        await chem.close();
      }
    });
};

function commandOf({ leftOutOf, replacements, domain, share, assays, seed }: CalibrateFlags): string {
  const folder = (path: string | undefined): string | undefined => (path === undefined ? undefined : basename(path));
  const options = Object.entries({ 'left-out-of': leftOutOf, replacements: folder(replacements), domain: folder(domain), share, assays, seed });
  return ['isolens calibrate', ...options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]))].join(' ');
}

/** New molecules that the domain is measured by. */
const MEASURED_BY = 400;

async function domainOf({ data, progress, signal }: Context, chem: ChemPool, run: string, { assays, share, isExcluded }: { readonly assays: readonly CalibrationAssay[]; readonly share: number; readonly isExcluded: (key: string) => boolean }): Promise<DomainModel> {
  const keys = trainedKeys(join(run, 'data'));
  const others = createRng(1).shuffle([...new Set(assays.filter(({ id }) => isCalibrationAssay(id, share)).flatMap(({ smiles }) => smiles))]).slice(0, MEASURED_BY);
  const domain = await fitDomain({ smiles: sourcesOfRun(run, data), isTrainedOn: (key) => keys.has(key), isExcluded, others, chem, progress, signal });
  return { ...domain, provenance: { others: others.length, share } };
}

/** A table that the share's assays are in would be asked what it was told. */
function evidenceOfOthers(folder: string, share: number): EvidenceSource {
  const table = Replacements.open(join(folder, TABLE_FILE));
  const leftOut = leftOutShareOf(folder);
  if (leftOut >= share) return evidenceFrom(() => table);
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a table in ${folder} that leaves out the assays of the share ${share} but it leaves out ${leftOut}; make one with "isolens mine --leave-out ${share}".`);
}

async function calibrateReader(context: Context, { reader: folder, pictures, count, json }: CalibrateFlags): Promise<void> {
  if (pictures === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected --pictures with --reader: a library of molecules that are drawn.');
  const model = await readReaderModel(folder === true || folder === undefined ? join(context.models, DEFAULT_READER) : resolve(folder));
  const chem = new ChemPool({ workers: context.threads });
  const reader = await DrawingReader.open(model);
  try {
    const samples = await readingSamples(context, reader, chem, pictures, count);
    const trust = { ...fitReadingTrust(samples), provenance: { pictures: samples.length, exact: samples.filter(({ isExact }) => isExact).length, command: `isolens calibrate --reader --pictures ${basename(pictures)} --count ${count}` } };
    await writeReadingTrust(model, trust);
    context.print(json === true ? JSON.stringify(trust) : JSON.stringify(trust, null, 1));
  } finally {
    await reader.close();
    await chem.close();
  }
}

/** Fewer pictures that were read tell nothing. */
const LEAST_READ = 40;

async function calibratePictures(context: Context, { pictures, bundle, count, json }: CalibrateFlags, directory: string, encoder: string): Promise<void> {
  if (bundle === undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected --bundle with --pictures: a bundle that was made with the model.');
  const score = await readScore(directory, encoder);
  if (score === undefined) throw new IsoLensError('MODEL_INVALID', `Expected a score in ${directory}; run "isolens calibrate" without --pictures first.`);
  await withEngine(context, bundle, { chemWorkers: context.threads, reads: true }, async ({ engine, chem }) => {
    const asked = await pictureSamples(context, { engine, chem, outside: pictures!, count });
    const samples = asked.map(({ whole }) => whole);
    const read = asked.flatMap((one) => one.read ?? []);
    // Every third is left out to see whether the chances come true.
    const [fitted, leftOut] = [samples.filter((_, i) => i % 3 !== 0), samples.filter((_, i) => i % 3 === 0)];
    const trust = { ...fitPictureTrust(fitted, { pictures: fitted.length, bundle, outside: basename(pictures!), command: `isolens calibrate --pictures ${basename(pictures!)} --bundle ${bundle} --count ${count}` }), ...(read.length < LEAST_READ ? {} : { read: fitReadTrust(read) }) };
    const bands = reliability(trust, leftOut);
    await writeAtomic(join(directory, SCORE_FILE), `${JSON.stringify({ ...score, pictures: { ...trust, provenance: { ...trust.provenance, leftOut: bands } } }, null, 1)}\n`);
    if (json === true) return context.print(JSON.stringify({ ...trust, leftOut: bands }));
    const columns = ['chance', 'pictures', 'expected', 'came true'].map((title, i) => ({ title, align: 'right' as const, cell: (row: readonly string[]) => row[i] ?? '' }));
    context.print(formatTable(columns, bands.map((band) => [`${band.from}-${band.to}`, String(band.pictures), band.expected.toFixed(2), band.came.toFixed(2)])));
  });
}

function report(context: Context, { json }: CalibrateFlags, score: ScoreModel): void {
  if (json === true) return context.print(JSON.stringify(score));
  const rows = TERMS.map(({ id }) => [id, ...[score.modes.default, score.modes.hop].map((mode) => (mode?.weights[id] ?? 0).toFixed(3))]);
  context.print(tableText([['term', 'default', 'hop'], ...rows]));
  context.print(JSON.stringify(score.provenance, null, 1));
}
