import { Option } from 'commander';
import { MAX_K } from '../../api/index.ts';
import { IsoLensError } from '../../core/index.ts';
import type { ReadItem } from '../../ingest/index.ts';
import { MODALITIES } from '../../modalities/index.ts';
import { PICTURE_VIAS, REASONS_WANTED, SEARCH_MODES, parseWindow } from '../../search/index.ts';
import type { ReasonsWanted, SearchEngine, SearchOptions, SearchQuery } from '../../search/index.ts';
import { withEngine } from '../with-engine.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { readImageFile, readText } from '../files.ts';
import type { HitsFile } from '../hits-file.ts';
import { describeResult } from '../hits.ts';
import { librarySource, readOptions } from '../library.ts';
import { bundleOption, libraryOptions, numberBetween, repeated, wholeNumber } from '../options.ts';
import type { LibraryFlags } from '../options.ts';
import type { Register } from './define.ts';

/** Queries of a list that are embedded together. */
const LIST_BATCH = 256;

interface SearchFlags extends LibraryFlags {
  readonly bundle: string;
  readonly smiles?: string;
  readonly image?: string;
  readonly via?: string;
  readonly cells?: readonly string[];
  readonly channels?: string;
  readonly pattern?: string;
  readonly profile?: string;
  readonly perturbation?: string;
  readonly id?: string;
  readonly text?: string;
  readonly input?: string;
  readonly from?: string;
  readonly to?: string;
  readonly k: number;
  readonly exact?: boolean;
  readonly efSearch?: number;
  readonly minScore?: number;
  readonly excludeSelf?: boolean;
  readonly mode?: string;
  readonly filter?: readonly string[];
  readonly require?: readonly string[];
  readonly forbid?: readonly string[];
  readonly maxTanimoto?: number;
  readonly differentScaffold?: boolean;
  readonly scaffoldDistance?: number;
  readonly onePerScaffold?: boolean;
  readonly alerts: boolean;
  readonly diversity?: number;
  readonly exclude?: string;
  readonly reasons: ReasonsWanted | false;
  readonly output?: string;
  readonly json?: boolean;
}

export const registerSearch: Register = (program, contextOf) => {
  const command = bundleOption(program.command('search').description('Rank the molecules of a bundle by their likeness to a query.'))
    .option('--smiles <smiles>', 'a molecule')
    .option('--image <file>', 'a picture of a drawn structure')
    .option('--via <what>', 'of a picture: both, to find the drawn molecule; reading, to search what is read as a SMILES; embedding, the picture as a whole')
    .option('--cells <path>', 'sites of cells of one perturbation: a stack, or a folder with a file for each channel; may be repeated, the mean is searched', repeated)
    .option('--channels <list>', 'with --cells: the channels of a site in order, as in 5=DNA,4=ER,3=RNA,2=AGP,1=Mito')
    .option('--pattern <pattern>', 'with --cells: how files are named, as in "isolens plate"')
    .option('--profile <table>', 'a table of profiles of wells with their negative controls: CSV, TSV or Parquet')
    .option('--perturbation <name>', 'with --profile: which one, by identifier, name, SMILES, InChIKey or well (default: the only one)')
    .option('--id <identifier>', 'a molecule of the bundle')
    .option('--text <text>', 'an identifier, a name, an InChIKey or a SMILES, whichever it is')
    .option('--input <file>', 'a list of molecules, one query each; "-" for standard input')
    .option('--from <modality>', `what the query is read as: ${MODALITIES.map(({ id }) => id).join(', ')} (default: the modality that the bundle was made with, or the picture's)`)
    .option('--to <modality>', 'which vectors of the molecules it is compared with; the bundle must hold them, see "isolens index --gallery"')
    .option('-k <number>', 'candidates to return', wholeNumber(1, MAX_K), 10)
    .option('--exact', 'compare with every vector instead of using the graph')
    .option('--ef-search <number>', 'breadth of the graph search: larger is slower and finds more', wholeNumber(1, 10_000))
    .option('--min-score <number>', 'leave out candidates whose score is below this', numberBetween(-1, 1))
    .option('--mode <mode>', `${SEARCH_MODES.join(', ')}: by the bioisostere score; another scaffold; one group changed; by the cosine alone`)
    .option('--filter <window>', 'mw<=450, tpsa=40..90, or logp~1 for within 1 of the query; may be given several times', repeated)
    .option('--require <smarts>', 'candidates must hold this substructure; may be given several times', repeated)
    .option('--forbid <smarts>', 'candidates must not hold this substructure; may be given several times', repeated)
    .option('--max-tanimoto <number>', 'largest ECFP4 Tanimoto to the query', numberBetween(0, 1))
    .option('--different-scaffold', 'only Murcko scaffolds other than the query\'s')
    .option('--scaffold-distance <share>', 'only scaffolds of which at least this share is new by its shape, 0 to 1 (default: 0.3 in the mode hop)', numberBetween(0, 1))
    .option('--one-per-scaffold', 'only the best of each Murcko scaffold')
    .option('--no-alerts', 'only candidates without structural alerts')
    .option('--diversity <number>', '0 ranks by the score alone; towards 1, candidates are ever more unlike those before', numberBetween(0, 1))
    .option('--exclude <file>', 'identifiers, names, InChIKeys or SMILES not to show, one a line')
    .addOption(new Option('--reasons <which>', 'of which hits to say what is kept and what changes').choices(REASONS_WANTED).default('all'))
    .option('--no-reasons', 'the same as --reasons none')
    .option('--exclude-self', 'leave out the query molecule itself')
    .option('--output <file>', 'write the hits to an .sdf, .smi, .csv or .jsonl file instead of printing them')
    .option('--json', 'print JSON; with --input one object a line');
  libraryOptions(command).action(async (flags: SearchFlags) => {
    const context = contextOf();
    const given = (['smiles', 'image', 'cells', 'profile', 'id', 'text', 'input'] as const).filter((name) => flags[name] !== undefined);
    if (given.length !== 1) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected exactly one of --smiles, --image, --cells, --profile, --id, --text and --input but received ${given.length === 0 ? 'none' : given.map((name) => `--${name}`).join(' and ')}.`);
    }
    const options = await optionsOf(flags);
    if (flags.output !== undefined && flags.json === true) {
      throw new IsoLensError('ARGUMENT_INVALID', 'Expected either --output or --json; a name that ends with .jsonl gives JSON in a file.');
    }
    const file = flags.output === undefined ? undefined : await hitsFile(flags.output);
    const query = flags.input === undefined ? await queryOf(context, flags) : undefined;
    const workers = { chemWorkers: query === undefined ? context.threads : 1, reads: flags.image !== undefined };
    await withEngine(context, flags.bundle, workers, async ({ engine, chem }) => {
      const asked = { context, engine, flags, options, file };
      if (query === undefined) await searchList(asked);
      else await searchOne(asked, typeof query === 'function' ? query(engine) : query);
      if (file !== undefined) context.note(await file.write(chem, { single: query !== undefined }));
    });
  });
};

// What few searches need is loaded where one does: the first answer does not wait for it.

async function hitsFile(path: string): Promise<HitsFile> {
  const { HitsFile } = await import('../hits-file.ts');
  return new HitsFile(path);
}

interface Asked {
  readonly context: Context;
  readonly engine: SearchEngine;
  readonly flags: SearchFlags;
  readonly options: SearchOptions;
  /** Where hits go instead of the standard output. */
  readonly file: HitsFile | undefined;
}

async function searchOne({ context, engine, flags, options, file }: Asked, query: SearchQuery): Promise<void> {
  const result = await engine.search(query, options);
  if (file !== undefined) return file.add({ id: '1', text: result.query.input ?? '' }, result);
  context.print(flags.json === true ? JSON.stringify(result) : describeResult(result, context.columns));
}

async function optionsOf(flags: SearchFlags): Promise<SearchOptions> {
  const { from, to, k, exact, efSearch, minScore, excludeSelf, filter, require, forbid, maxTanimoto, differentScaffold, scaffoldDistance, onePerScaffold, diversity, reasons } = flags;
  const mode = SEARCH_MODES.find((one) => one === flags.mode);
  if (flags.mode !== undefined && mode === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected a mode (${SEARCH_MODES.join(', ')}) but received ${JSON.stringify(flags.mode)}.`);
  filter?.forEach(parseWindow);
  const exclude = flags.exclude === undefined ? undefined : (await readText(flags.exclude, 'a list of molecules')).split(/\r?\n/).filter((line) => line.trim() !== '');
  return { from, to, k, exact, efSearch, minScore, excludeSelf, mode, properties: filter, require, forbid, maxTanimoto, differentScaffold, scaffoldDistance, onePerScaffold, diversity, noAlerts: !flags.alerts, exclude, reasons: reasons === false ? 'none' : reasons };
}

/** Read before the bundle is opened, so that a mistake is told at once. */
async function queryOf(context: Context, { smiles, image, id, text, via, cells, channels, pattern, profile, perturbation }: SearchFlags): Promise<SearchQuery | ((engine: SearchEngine) => SearchQuery)> {
  const wanted = PICTURE_VIAS.find((one) => one === via);
  if (via !== undefined && wanted === undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected --via ${PICTURE_VIAS.join(', ')} but received ${JSON.stringify(via)}.`);
  if (image !== undefined) return { kind: 'image', bytes: await readImageFile(image), via: wanted };
  if (cells !== undefined) {
    const { sitesQuery } = await import('../cells-query.ts');
    const { query, remarks } = await sitesQuery(cells, { channels, pattern });
    for (const remark of remarks) context.note(remark);
    return query;
  }
  if (profile !== undefined) {
    const [{ readProfiles }, { profileOfTable }] = await Promise.all([import('../../ingest/index.ts'), import('../cells-query.ts')]);
    const table = await readProfiles(profile);
    // Which features are wanted is the bundle's affair.
    return (engine) => profileOfTable(engine, table, perturbation);
  }
  if (id !== undefined) return { kind: 'id', id };
  if (text !== undefined) return { kind: 'text', text };
  return { kind: 'smiles', smiles: smiles! };
}

/** Answers in the order of the list; what cannot be searched is named in its place, and the others go on. */
async function searchList({ context, engine, flags, options, file }: Asked): Promise<void> {
  const { readLibrary } = await import('../../ingest/index.ts');
  let failed = 0;
  const answer = async (items: readonly ReadItem[]): Promise<void> => {
    const records = items.filter((item) => item.kind === 'record');
    const outcomes = await engine.searchMany(records.map((record) => record.structure), options);
    let at = 0;
    for (const item of items) {
      const outcome = item.kind === 'record' ? outcomes[at++]! : { ok: false as const, error: { code: item.code, message: item.message } };
      const queryId = item.id ?? (item.kind === 'record' ? item.names[0] : undefined) ?? `line ${item.line}`;
      if (!outcome.ok) failed++;
      if (file !== undefined) {
        if (outcome.ok) file.add({ id: queryId, text: outcome.result.query.input ?? '' }, outcome.result);
        else context.note(`${queryId}: error ${outcome.error.code}: ${outcome.error.message}`);
        continue;
      }
      context.print(flags.json === true ? jsonLine(queryId, item, outcome) : `${queryId}\n${outcome.ok ? describeResult(outcome.result, context.columns) : `error ${outcome.error.code}: ${outcome.error.message}`}\n`);
    }
  };
  let batch: ReadItem[] = [];
  for await (const item of readLibrary(librarySource(context, flags.input!, flags), readOptions(flags))) {
    batch.push(item);
    if (batch.length < LIST_BATCH) continue;
    await answer(batch);
    batch = [];
  }
  await answer(batch);
  if (failed > 0) {
    context.note(`${failed} of the queries could not be answered; each says why${file === undefined ? ' in its place' : ''}.`);
    process.exitCode = EXIT.rejects;
  }
}

function jsonLine(id: string, item: ReadItem, outcome: { ok: true; result: { query: object } } | { ok: false; error: { code: string; message: string } }): string {
  if (outcome.ok) return JSON.stringify({ ...outcome.result, query: { id, ...outcome.result.query } });
  const { code, message } = outcome.error;
  return JSON.stringify({ query: { id, input: item.kind === 'record' ? item.structure : item.input }, error: { line: item.line, code, message }, hits: [] });
}
