import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { writeAtomic } from '../../bundle/index.ts';
import { IsoLensError, toIsoLensError } from '../../core/index.ts';
import { SITE_SCALINGS, flagSites, siteQuality } from '../../image/index.ts';
import type { ChannelQuality, SiteScaling } from '../../image/index.ts';
import { NAME_PATTERNS, listSites, patternOf, readPlateMap, siteTable } from '../../ingest/index.ts';
import type { PlateListing } from '../../ingest/index.ts';
import type { Context } from '../context.ts';
import { checkApart, writeCorrectedSites } from '../corrected-sites.ts';
import { EXIT } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import type { Register } from './define.ts';

interface PlateFlags {
  readonly map?: string;
  readonly pattern?: string;
  readonly channels?: string;
  readonly plane?: number;
  readonly check?: boolean;
  readonly write?: string;
  readonly normalise?: SiteScaling;
  readonly output: string;
}

export const registerPlate: Register = (program, contextOf) => {
  plateOptions(program.command('plate').description('List the sites of a folder of microscope images, with what their wells hold, as a table for training and probes.'))
    .action(async (folder: string, flags: PlateFlags) => {
      const context = contextOf();
      const map = flags.map === undefined ? undefined : readPlateMap(await textOf(flags.map), flags.map);
      const root = resolve(folder);
      const written = flags.write === undefined ? undefined : resolve(flags.write);
      if (written === undefined && flags.normalise !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected --normalise with --write: it says how the sites written are scaled; add --write or leave it out.');
      const listing = listSites({ folder: root, pattern: flags.pattern === undefined ? undefined : patternOf(flags.pattern), channels: flags.channels, plane: flags.plane, map });
      const { sites, channels, pattern, problems } = listing;
      if (written !== undefined) checkApart(root, written, listing);
      const output = resolve(flags.output);
      const checked = flags.check === true ? await checkSites(context, listing, root) : undefined;
      const wells = new Set(sites.map(({ plate, well }) => `${plate} ${well}`));
      context.print(`${sites.length} sites of ${wells.size} wells on ${new Set(sites.map(({ plate }) => plate)).size} plates, named as by ${pattern.id}.`);
      context.print(`Channels, in this order: ${channels.map(({ id, name }) => (id === name ? name : `${id} = ${name}`)).join(', ')}. Others, or another order: --channels.`);
      for (const problem of [...problems, ...(checked?.problems ?? [])]) context.print(problem);
      if (sites.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected sites with all of ${channels.length} channels in ${folder} but found none; name the channels with --channels.`);
      const table = written === undefined
        ? siteTable(listing, root, dirname(output), checked?.flags)
        : await correctedTable(context, { listing, root, written, to: dirname(output), flags: checked?.flags, scaling: flags.normalise ?? 'site' });
      await writeAtomic(output, table);
      context.note(`The table is ${output}.`);
    });
};

function plateOptions(command: Command): Command {
  return command
    .argument('<folder>', 'where the images lie, in folders of any depth: TIFF or PNG, one file a channel')
    .option('--map <file>', 'a table of wells: well, compound, SMILES, concentration, control, and plate where there are several')
    .option('--pattern <pattern>', `how files are named: ${NAME_PATTERNS.map(({ id }) => id).join(', ')}, or a regular expression with the groups well (or row and column), site, channel, plate and plane (default: the one that reads most names)`)
    .option('--channels <list>', 'the channels of a site in order, and what they show, as in 5=DNA,4=ER,3=RNA,2=AGP,1=Mito')
    .option('--plane <number>', 'the focal plane to take (default: the first of each site)', wholeNumber(0, 10_000))
    .option('--check', 'look at every site: say which are saturated, empty, out of focus or cannot be read, in a column of flags')
    .option('--write <folder>', 'write every site there, corrected by the light of its plate, as a TIFF of 8 bits with a page a channel; the table names these')
    .addOption(new Option('--normalise <by>', 'with --write: scale each site by itself, or all of a plate alike by its controls (default: site)').choices(SITE_SCALINGS))
    .option('--output <file>', 'where the table goes', 'sites.tsv');
}

interface Corrected {
  readonly listing: PlateListing;
  readonly root: string;
  /** Folder of the sites to write. */
  readonly written: string;
  /** Folder of the table. */
  readonly to: string;
  readonly flags: readonly string[] | undefined;
  readonly scaling: SiteScaling;
}

/** Writes the sites, and returns the table of those that were written. */
async function correctedTable(context: Context, { listing, root, written: folder, to, flags, scaling }: Corrected): Promise<string> {
  const { written, files, problems } = await writeCorrectedSites(context, listing, root, folder, scaling);
  for (const problem of problems) context.print(problem);
  if (written.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected sites that can be read in ${root} but none of ${listing.sites.length} can; look at them with --check.`);
  context.print(`${written.length} of ${listing.sites.length} sites were written.`);
  if (written.length < listing.sites.length) process.exitCode = EXIT.rejects;
  const sites = written.map((at, i) => ({ ...listing.sites[at]!, files: [files[i]!] }));
  return siteTable({ ...listing, sites }, folder, to, flags === undefined ? undefined : written.map((at) => flags[at]!));
}

/** What is wrong with each site, as the table has it, and sentences that sum it up. A site that cannot be read is flagged by its code. */
async function checkSites(context: Context, { sites, channels }: PlateListing, folder: string): Promise<{ flags: string[]; problems: string[] }> {
  const qualities: (ChannelQuality[] | string)[] = [];
  context.progress.start('checking sites', sites.length);
  for (const { files } of sites) {
    context.signal.throwIfAborted();
    qualities.push(await Promise.all(files.map((file) => readFile(join(folder, file)))).then(siteQuality).catch((thrown: unknown) => toIsoLensError(thrown, 'FILE_UNREADABLE').code));
    context.progress.update(qualities.length);
  }
  const flags = qualities.map((quality) => (typeof quality === 'string' ? quality : ''));
  for (const plate of new Set(sites.map((site) => site.plate))) {
    const own = Array.from(sites.keys()).filter((i) => sites[i]!.plate === plate && typeof qualities[i] !== 'string');
    flagSites(own.map((i) => qualities[i] as ChannelQuality[])).forEach((byChannel, at) => {
      flags[own[at]!] = byChannel.flatMap((found, channel) => found.map((flag) => `${channels[channel]!.name} ${flag}`)).join('; ');
    });
  }
  const bad = Array.from(sites.keys()).filter((i) => flags[i] !== '');
  context.progress.finish(`${bad.length} of ${sites.length} have a flag`);
  return { flags, problems: bad.slice(0, MOST_TOLD).map((i) => `${sites[i]!.plate} ${sites[i]!.well} site ${sites[i]!.site}: ${flags[i]!}.`) };
}

/** The table tells of the others. */
const MOST_TOLD = 20;

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected a plate map in ${path} but the file cannot be read; check the path.`, { cause });
  });
}
