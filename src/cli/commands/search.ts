import { IsoLensError } from '../../core/index.ts';
import { readLibrary } from '../../ingest/index.ts';
import type { ReadItem } from '../../ingest/index.ts';
import type { SearchEngine, SearchOptions, SearchQuery } from '../../search/index.ts';
import { withEngine } from '../bundles.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { readImageFile } from '../files.ts';
import { describeResult } from '../hits.ts';
import { librarySource, readOptions } from '../library.ts';
import { bundleOption, libraryOptions, numberBetween, wholeNumber } from '../options.ts';
import type { LibraryFlags } from '../options.ts';
import type { Register } from './index.ts';

const MAX_K = 1000;
/** Queries of a list that are embedded together. */
const LIST_BATCH = 256;

interface SearchFlags extends LibraryFlags {
  readonly bundle: string;
  readonly smiles?: string;
  readonly image?: string;
  readonly id?: string;
  readonly text?: string;
  readonly input?: string;
  readonly k: number;
  readonly exact?: boolean;
  readonly efSearch?: number;
  readonly minScore?: number;
  readonly excludeSelf?: boolean;
  readonly json?: boolean;
}

export const registerSearch: Register = (program, contextOf) => {
  const command = bundleOption(program.command('search').description('Rank the molecules of a bundle by their likeness to a query.'))
    .option('--smiles <smiles>', 'a molecule')
    .option('--image <file>', 'a picture of a drawn structure')
    .option('--id <identifier>', 'a molecule of the bundle')
    .option('--text <text>', 'an identifier, a name, an InChIKey or a SMILES, whichever it is')
    .option('--input <file>', 'a list of molecules, one query each; "-" for standard input')
    .option('-k <number>', 'candidates to return', wholeNumber(1, MAX_K), 10)
    .option('--exact', 'compare with every vector instead of using the graph')
    .option('--ef-search <number>', 'breadth of the graph search: larger is slower and finds more', wholeNumber(1, 10_000))
    .option('--min-score <cosine>', 'leave out candidates below this cosine', numberBetween(-1, 1))
    .option('--exclude-self', 'leave out the query molecule itself')
    .option('--json', 'print JSON; with --input one object a line');
  libraryOptions(command).action(async (flags: SearchFlags) => {
    const context = contextOf();
    const given = (['smiles', 'image', 'id', 'text', 'input'] as const).filter((name) => flags[name] !== undefined);
    if (given.length !== 1) {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected exactly one of --smiles, --image, --id, --text and --input but received ${given.length === 0 ? 'none' : given.map((name) => `--${name}`).join(' and ')}.`);
    }
    const options: SearchOptions = { k: flags.k, exact: flags.exact, efSearch: flags.efSearch, minScore: flags.minScore, excludeSelf: flags.excludeSelf };
    const query = flags.input === undefined ? await queryOf(flags) : undefined;
    await withEngine(context, flags.bundle, { chemWorkers: query === undefined ? context.threads : 1 }, async ({ engine }) => {
      if (query === undefined) return searchList(context, engine, flags, options);
      const result = await engine.search(query, options);
      context.print(flags.json === true ? JSON.stringify(result) : describeResult(result, context.columns));
    });
  });
};

/** Read before the bundle is opened, so that a mistake is told at once. */
async function queryOf({ smiles, image, id, text }: SearchFlags): Promise<SearchQuery> {
  if (image !== undefined) return { kind: 'image', bytes: await readImageFile(image) };
  if (id !== undefined) return { kind: 'id', id };
  if (text !== undefined) return { kind: 'text', text };
  return { kind: 'smiles', smiles: smiles! };
}

/** Answers in the order of the list; what cannot be searched is named in its place, and the others go on. */
async function searchList(context: Context, engine: SearchEngine, flags: SearchFlags, options: SearchOptions): Promise<void> {
  let failed = 0;
  const answer = async (items: readonly ReadItem[]): Promise<void> => {
    const records = items.filter((item) => item.kind === 'record');
    const outcomes = await engine.searchMany(records.map((record) => record.structure), options);
    let at = 0;
    for (const item of items) {
      const outcome = item.kind === 'record' ? outcomes[at++]! : { ok: false as const, error: { code: item.code, message: item.message } };
      const queryId = item.id ?? (item.kind === 'record' ? item.names[0] : undefined) ?? `line ${item.line}`;
      if (!outcome.ok) failed++;
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
    context.note(`${failed} of the queries could not be answered; each says why in its place.`);
    process.exitCode = EXIT.rejects;
  }
}

function jsonLine(id: string, item: ReadItem, outcome: { ok: true; result: { query: object } } | { ok: false; error: { code: string; message: string } }): string {
  if (outcome.ok) return JSON.stringify({ ...outcome.result, query: { id, ...outcome.result.query } });
  const { code, message } = outcome.error;
  return JSON.stringify({ query: { id, input: item.kind === 'record' ? item.structure : item.input }, error: { line: item.line, code, message }, hits: [] });
}
