/** From a folder of microscope files to a list of sites, each with its channels and with what its well holds. */
import { readdirSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { IsoLensError } from '../../core/index.ts';
import { channelsOf } from './channels.ts';
import type { Channel } from './channels.ts';
import { NAME_PATTERNS, readName } from './names.ts';
import type { FileName, NamePattern } from './names.ts';
import { some } from './plate-map.ts';
import type { PlateMap, WellContent } from './plate-map.ts';

export interface PlateSite {
  /** One for each channel, relative to the folder, in the order of the channels. */
  readonly files: readonly string[];
  readonly plate: string;
  readonly well: string;
  readonly site: string;
  /** undefined without a map, and for wells that it says nothing of. */
  readonly content: WellContent | undefined;
}

export interface PlateListing {
  readonly pattern: NamePattern;
  readonly channels: readonly Channel[];
  readonly sites: readonly PlateSite[];
  /** Sentences: what was left out, and what is doubtful. */
  readonly problems: readonly string[];
}

export interface PlateOptions {
  readonly folder: string;
  /** Default: the one that reads most of the names. */
  readonly pattern?: NamePattern | undefined;
  readonly channels?: string | undefined;
  /** Focal plane that is taken; default: the first that a site has. */
  readonly plane?: number | undefined;
  readonly map?: PlateMap | undefined;
}

interface FoundFile extends FileName {
  readonly path: string;
  readonly plate: string;
}

const IMAGES = /\.(?:tiff?|png)$/i;

/** FILE_NOT_FOUND for a folder that cannot be read, DATASET_INVALID where no name in it can. */
export function listSites({ folder, pattern: given, channels: wanted, plane, map }: PlateOptions): PlateListing {
  const paths = imagesIn(folder);
  const pattern = given ?? bestPattern(paths);
  const read = paths.map((path) => ({ path, name: readName(basename(path), pattern) }));
  const files = read.flatMap(({ path, name }): FoundFile[] => (name === undefined ? [] : [{ ...name, path, plate: name.plate ?? plateOf(path, folder) }]));
  if (files.length === 0) {
    const known = NAME_PATTERNS.map(({ summary }) => summary).join('; ');
    throw new IsoLensError('DATASET_INVALID', `Expected images named by a known pattern (${known}) in ${folder} but none of its ${paths.length} images is${paths.length > 0 ? `, such as ${basename(paths[0]!)}` : ''}. Describe the names with --pattern.`);
  }
  const channels = channelsOf([...new Set(files.map(({ channel }) => channel))].sort(), wanted);
  const problems = [...(map?.problems ?? [])];
  const strange = read.filter(({ name }) => name === undefined).map(({ path }) => path);
  if (strange.length > 0) problems.push(`${strange.length} images are named otherwise and were left out: ${some(strange)}.`);
  const sites = joined(files, channels, plane, map, problems);
  return { pattern, channels, sites, problems };
}

function imagesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => IMAGES.test(path)).sort();
  } catch (thrown) {
    throw new IsoLensError('FILE_NOT_FOUND', `Expected a folder of images in ${folder} but it cannot be read; check the path.`, { cause: thrown });
  }
}

function bestPattern(paths: readonly string[]): NamePattern {
  const counts = NAME_PATTERNS.map((pattern) => paths.filter((path) => readName(basename(path), pattern) !== undefined).length);
  return NAME_PATTERNS[counts.indexOf(Math.max(...counts))]!;
}

/** The nearest folder that is no mere "Images"; the measurement that instruments write behind a barcode is cut off. */
function plateOf(path: string, folder: string): string {
  const folders = path.split(sep).slice(0, -1).filter((name) => !/^(?:images?|tiffs?)$/i.test(name));
  return (folders.at(-1) ?? basename(folder)).split('__')[0]!;
}

function joined(files: readonly FoundFile[], channels: readonly Channel[], plane: number | undefined, map: PlateMap | undefined, problems: string[]): PlateSite[] {
  const groups = new Map<string, FoundFile[]>();
  for (const file of files) {
    const key = [file.plate, file.well, file.site].join('\t');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  const [lacking, doubled, unknown]: [string[], string[], Set<string>] = [[], [], new Set()];
  let otherPlanes = 0;
  const sites = [...groups.values()].flatMap((group): PlateSite[] => {
    const { plate, well, site } = group[0]!;
    const level = plane ?? Math.min(...group.map((file) => file.plane));
    const inPlane = group.filter((file) => file.plane === level);
    otherPlanes += group.length - inPlane.length;
    const own = channels.map(({ id }) => inPlane.filter((file) => file.channel === id));
    const name = `${plate} ${well} site ${site}`;
    if (own.some((found) => found.length > 1)) doubled.push(name);
    else if (own.some((found) => found.length === 0)) lacking.push(`${name} (${channels.filter((_, i) => own[i]!.length === 0).map((channel) => channel.name).join(', ')})`);
    if (own.some((found) => found.length !== 1)) return [];
    const content = map?.contentOf(plate, well);
    if (map !== undefined && content === undefined) unknown.add(`${plate} ${well}`);
    return [{ files: own.map(([file]) => file!.path), plate, well, site, content }];
  });
  if (lacking.length > 0) problems.push(`${lacking.length} sites lack a channel and were left out: ${some(lacking)}.`);
  if (doubled.length > 0) problems.push(`${doubled.length} sites have a channel twice and were left out: ${some(doubled)}.`);
  if (otherPlanes > 0) problems.push(`${otherPlanes} images of other focal planes were left out; choose a plane with --plane.`);
  if (unknown.size > 0) problems.push(`The map says nothing of ${unknown.size} wells: ${some([...unknown])}.`);
  const uncontrolled = map === undefined ? [] : [...new Set(sites.map(({ plate }) => plate))].filter((plate) => !map.hasControls(plate));
  if (uncontrolled.length > 0) problems.push(`No well is marked as a control on ${some(uncontrolled)}.`);
  return sites.sort((a, b) => (a.plate < b.plate ? -1 : a.plate > b.plate ? 1 : a.well < b.well ? -1 : a.well > b.well ? 1 : Number(a.site) - Number(b.site)));
}

const HEADER = ['file', 'plate', 'well', 'site', 'compound', 'smiles', 'concentration', 'control'];
const FLAGS = 'flags';

/** Tab-separated, as training and probes read it; files relative to `to`, the folder of the table. `flags`: one text a site, where sites were looked at. */
export function siteTable({ sites }: PlateListing, folder: string, to: string, flags?: readonly string[]): string {
  const lines = sites.map(({ files, plate, well, site, content }, i) => [
    files.map((file) => relative(to, join(folder, file))).join(';'), plate, well, site,
    content?.compound ?? '', content?.smiles ?? '', content?.concentration ?? '', content?.control ?? '',
    ...(flags === undefined ? [] : [flags[i]!]),
  ].map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t'));
  return `${[[...HEADER, ...(flags === undefined ? [] : [FLAGS])].join('\t'), ...lines].join('\n')}\n`;
}
