import { join, resolve } from 'node:path';
import { DEFAULT_INDEX_BACKEND, INDEX_BACKENDS, indexBackend } from '../../ann/index.ts';
import { readModel, statedFacts } from '../../bundle/index.ts';
import type { Model } from '../../bundle/index.ts';
import { ChemPool } from '../../chem/index.ts';
import { IsoLensError } from '../../core/index.ts';
import { REJECTS_FILE, SHARD_RECORDS, buildBundle, forecastBuild } from '../../ingest/index.ts';
import { bundlePlace } from '../bundles.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { forecastPlan, forecastText } from '../library-plan.ts';
import { librarySource, readOptions } from '../library.ts';
import { libraryOptions, repeated, wholeNumber } from '../options.ts';
import type { LibraryFlags } from '../options.ts';
import { DEFAULT_MODEL } from '../shipped.ts';
import type { Register } from './define.ts';

interface IndexFlags extends LibraryFlags {
  readonly input: string;
  readonly bundle: string;
  readonly model?: string;
  readonly gallery?: readonly string[];
  readonly backend: string;
  readonly parameter?: readonly string[];
  readonly rejects?: string;
  readonly force?: boolean;
  readonly jobs?: number;
  readonly seed: number;
  readonly shardRecords: number;
  readonly licence?: string;
  readonly sourceUrl?: string;
  readonly link?: string;
  /** false with --no-map. */
  readonly map: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const registerIndex: Register = (program, contextOf) => {
  const command = program
    .command('index')
    .description('Make a searchable bundle from a library of molecules. Run it again after an interruption and it goes on.')
    .requiredOption('--input <file>', 'library.smi, .csv, .tsv, .sdf or .jsonl, each also .gz, or .parquet; "-" for standard input')
    .requiredOption('--bundle <name>', 'name of the bundle, or the path of its folder')
    .option('--model <folder>', `the model that embeds the molecules (default: the shipped ${DEFAULT_MODEL})`)
    .option('--gallery <modalities>', 'modalities, separated by commas, by which the molecules are embedded beside the model\'s own, for "isolens search --to"; may be repeated', repeated)
    .option('--backend <backend>', INDEX_BACKENDS.map((backend) => backend.id).join(' or '), DEFAULT_INDEX_BACKEND)
    .option('--parameter <name=value>', 'a parameter of the backend, e.g. m=32; may be given several times', repeated)
    .option('--rejects <file>', `also write the rejected records there (they are in the bundle's ${REJECTS_FILE} in any case)`)
    .option('--force', 'take nothing over from an interrupted run')
    .option('--jobs <number>', 'threads (default: all)', wholeNumber(1, 256))
    .option('--seed <number>', 'for the random pairs that scores are compared with', wholeNumber(0), 1)
    .option('--shard-records <number>', 'records in the unit that survives an interruption', wholeNumber(1), SHARD_RECORDS)
    .option('--licence <text>', 'terms under which the molecules may be used; told with the bundle')
    .option('--source-url <address>', 'where the library comes from')
    .option('--link <template>', 'where a molecule is described, e.g. https://example.org/{id}; {inchiKey} and {smiles} stand for those')
    .option('--no-map', 'make no map of the library')
    .option('--dry-run', 'only look through the library: what would be refused, and what its index would take')
    .option('--json', 'print a summary as JSON');
  libraryOptions(command).action(async (flags: IndexFlags) => {
    const context = contextOf();
    const { root, name } = bundlePlace(context, flags.bundle);
    const model = await readModel(flags.model === undefined ? join(context.models, DEFAULT_MODEL) : resolve(flags.model));
    const chem = new ChemPool({ workers: flags.jobs ?? context.threads });
    try {
      if (flags.dryRun === true) return await lookThrough(context, flags, model, chem);
      const { manifest, resumed } = await buildBundle({
        root,
        name,
        source: librarySource(context, flags.input, flags),
        read: readOptions(flags),
        model,
        galleries: galleriesOf(flags),
        backend: flags.backend,
        parameters: parametersOf(flags.backend, flags.parameter ?? []),
        chem,
        command: commandLine(flags),
        seed: flags.seed,
        now: () => new Date(context.date()),
        signal: context.signal,
        progress: context.progress,
        rejectsPath: flags.rejects === undefined ? undefined : resolve(flags.rejects),
        shardRecords: flags.shardRecords,
        fresh: flags.force === true,
        facts: statedFacts(flags),
        map: flags.map,
      });
      const { counts, count, generation } = manifest;
      if (flags.json === true) context.print(JSON.stringify({ bundle: name, generation, count, ...counts, resumed }));
      else context.note(`${name}: ${count} molecules from ${counts.records} records (${counts.merged} merged with an equal molecule, ${counts.rejected} rejected${resumed > 0 ? `, ${resumed} taken over from an earlier run` : ''}).`);
      if (counts.rejected > 0) {
        context.note(`The rejected records and the reasons are in ${flags.rejects ?? join(root, name, generation, REJECTS_FILE)}.`);
        process.exitCode = EXIT.rejects;
      }
    } finally {
      await chem.close();
    }
  });
};

async function lookThrough(context: Context, flags: IndexFlags, model: Model, chem: ChemPool): Promise<void> {
  const { progress, signal, now } = context;
  const forecast = await forecastBuild({ source: librarySource(context, flags.input, flags), read: readOptions(flags), model, galleries: galleriesOf(flags), chem, progress, signal, now });
  context.print(flags.json === true ? JSON.stringify({ ...forecast, plan: forecastPlan(forecast) }) : forecastText(forecast));
}

function galleriesOf({ gallery = [] }: IndexFlags): string[] {
  return gallery.flatMap((names) => names.split(',')).map((name) => name.trim());
}

/** `m=32` -> { m: 32 }, checked by the backend that it is for. */
function parametersOf(backend: string, texts: readonly string[]): Record<string, unknown> {
  const given = Object.fromEntries(texts.map((text) => {
    const at = text.indexOf('=');
    const value = Number(text.slice(at + 1));
    if (at < 1 || text.length === at + 1 || Number.isNaN(value)) throw new IsoLensError('ARGUMENT_INVALID', `Expected --parameter as NAME=NUMBER but received ${JSON.stringify(text)}.`);
    return [text.slice(0, at), value];
  }));
  const { parameters } = indexBackend(backend);
  const checked = parameters.safeParse(given);
  if (checked.success) return given;
  const { path, message } = checked.error.issues[0]!;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected parameters of ${backend} (${Object.keys(parameters.shape).join(', ')}) but received one that is not: ${path.join('.')} ${message}`);
}

/** For the manifest: what decides the result, without the folders of this machine. */
function commandLine(flags: IndexFlags): string {
  const { input, bundle, backend, parameter = [], seed, map } = flags;
  const galleries = galleriesOf(flags);
  const base = (path: string): string => path.split(/[/\\]/).at(-1)!;
  return ['isolens index', `--input ${base(input)}`, `--bundle ${base(bundle)}`, ...(galleries.length === 0 ? [] : [`--gallery ${galleries.join(',')}`]), `--backend ${backend}`, ...parameter.map((text) => `--parameter ${text}`), `--seed ${seed}`, ...(map ? [] : ['--no-map'])].join(' ');
}
