import { readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { IsoLensError } from '../../core/index.ts';
import { NAME_PATTERNS, listSites, patternOf, readPlateMap, siteTable } from '../../ingest/index.ts';
import { wholeNumber } from '../options.ts';
import type { Register } from './define.ts';

interface PlateFlags {
  readonly map?: string;
  readonly pattern?: string;
  readonly channels?: string;
  readonly plane?: number;
  readonly output: string;
}

export const registerPlate: Register = (program, contextOf) => {
  plateOptions(program.command('plate').description('List the sites of a folder of microscope images, with what their wells hold, as a table for training and probes.'))
    .action(async (folder: string, flags: PlateFlags) => {
      const context = contextOf();
      const map = flags.map === undefined ? undefined : readPlateMap(await textOf(flags.map), flags.map);
      const root = resolve(folder);
      const listing = listSites({ folder: root, pattern: flags.pattern === undefined ? undefined : patternOf(flags.pattern), channels: flags.channels, plane: flags.plane, map });
      const { sites, channels, pattern, problems } = listing;
      const output = resolve(flags.output);
      if (sites.length > 0) await writeFile(output, siteTable(listing, root, dirname(output)));
      const plates = new Set(sites.map(({ plate }) => plate));
      const wells = new Set(sites.map(({ plate, well }) => `${plate} ${well}`));
      context.print(`${sites.length} sites of ${wells.size} wells on ${plates.size} plates, named as by ${pattern.id}.`);
      context.print(`Channels, in this order: ${channels.map(({ id, name }) => (id === name ? name : `${id} = ${name}`)).join(', ')}. Others, or another order: --channels.`);
      for (const problem of problems) context.print(problem);
      if (sites.length === 0) throw new IsoLensError('DATASET_INVALID', `Expected sites with all of ${channels.length} channels in ${folder} but found none; name the channels with --channels.`);
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
    .option('--output <file>', 'where the table goes', 'sites.tsv');
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected a plate map in ${path} but the file cannot be read; check the path.`, { cause });
  });
}
