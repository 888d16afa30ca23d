/** Sites of a folder of images, corrected plate by plate and written as files of their own. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { writeAtomic, writeError } from '../bundle/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import { PlateLight } from '../image/index.ts';
import type { PlateCorrection, SiteScaling } from '../image/index.ts';
import type { PlateListing } from '../ingest/index.ts';
import type { Context } from './context.ts';

type PlateSite = PlateListing['sites'][number];

export interface CorrectedSites {
  /** Places in the listing of the sites that were written, in its order. */
  readonly written: readonly number[];
  /** One a site that was written, relative to the folder. */
  readonly files: readonly string[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/** With fewer sites, what they have in common is still their cells. */
const FEWEST_SITES = 20;
const MOST_TOLD = 20;

/** ARGUMENT_INVALID where a plate would be written among the images: the next listing would take one for the other. */
export function checkApart(images: string, folder: string, { sites }: PlateListing): void {
  const within = [...new Set(sites.map(({ plate }) => plate))].find((plate) => {
    const way = relative(images, join(folder, nameOf(plate)));
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
  if (within === undefined) return;
  const message = `Expected --write with a folder apart from the images in ${images} but ${join(folder, nameOf(within))} lies there; choose another.`;
  throw new IsoLensError('ARGUMENT_INVALID', message);
}

/**
 * Writes every site of the listing below `folder` as PLATE/WELL_SITE.tiff: each plate is read twice, first to measure its light, then to
 * correct it. A site that cannot be read is left out and told of. Memory: one site, and an accumulator a channel.
 */
export async function writeCorrectedSites(
  context: Context, { sites, channels }: PlateListing, root: string, folder: string, scaling: SiteScaling,
): Promise<CorrectedSites> {
  const done: { at: number; file: string }[] = [];
  const failed: string[] = [];
  const problems: string[] = [];
  context.progress.start('correcting sites', 2 * sites.length);
  let steps = 0;
  /** Runs on each site in turn, and returns those that could be read. */
  const overSites = async (places: readonly number[], work: (site: PlateSite, at: number) => Promise<void>): Promise<number[]> => {
    const read: number[] = [];
    for (const at of places) {
      context.signal.throwIfAborted();
      const { plate, well, site } = sites[at]!;
      await work(sites[at]!, at).then(() => read.push(at), (thrown: unknown) => {
        if (thrown instanceof WriteFailure) throw thrown.reason;
        failed.push(`${plate} ${well} site ${site} cannot be read and was left out: ${toIsoLensError(thrown, 'FILE_UNREADABLE').code}.`);
      });
      context.progress.update(++steps);
    }
    return read;
  };
  const bytesOf = ({ files }: PlateSite): Promise<Uint8Array[]> => Promise.all(files.map((file) => readFile(join(root, file))));
  for (const plate of new Set(sites.map((site) => site.plate))) {
    const light = new PlateLight(channels.length, scaling);
    const places = Array.from(sites.keys()).filter((at) => sites[at]!.plate === plate);
    const measured = await overSites(places, async (site) => light.add(await bytesOf(site), isControl(site)));
    const correction = light.correction();
    problems.push(...doubtsOf(plate, measured.length, correction, scaling));
    await overSites(measured, async (site, at) => {
      const file = join(nameOf(plate), `${site.well}_${nameOf(site.site)}.tiff`);
      await writeFileWhole(join(folder, file), await correction.correct(await bytesOf(site)));
      done.push({ at, file });
    });
  }
  context.progress.finish(`${done.length} of ${sites.length} were written`);
  if (failed.length > MOST_TOLD) failed.splice(MOST_TOLD, failed.length, `${failed.length - MOST_TOLD} more sites cannot be read and were left out.`);
  done.sort((a, b) => a.at - b.at);
  return { written: done.map(({ at }) => at), files: done.map(({ file }) => file), problems: [...problems, ...failed] };
}

/** Negative ones: what a positive control does to cells is an effect. */
function isControl({ content }: PlateSite): boolean {
  return content !== undefined && content.control !== '' && !/^pos/i.test(content.control);
}

function doubtsOf(plate: string, count: number, { hasControls }: PlateCorrection, scaling: SiteScaling): string[] {
  if (count === 0) return [];
  return [
    ...(count < FEWEST_SITES ? [`Plate ${plate} has ${count} sites that can be read: their mean shows cells beside the light; give whole plates.`] : []),
    ...(scaling === 'controls' && !hasControls ? [`Plate ${plate} has no site that is known as a control: its intensities are scaled by those of all its sites.`] : []),
  ];
}

/** What file systems take for more than a name becomes "_". */
function nameOf(text: string): string {
  const name = text.replace(/[/\\:*?"<>|]/g, '_');
  return /^\.*$/.test(name) ? `_${name}` : name;
}

/** Ends the run, where a site that cannot be read does not. */
class WriteFailure extends Error {
  readonly reason: IsoLensError;

  constructor(reason: IsoLensError) {
    super(reason.message);
    this.reason = reason;
  }
}

async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, bytes);
  } catch (thrown) {
    await rm(`${path}.tmp`, { force: true });
    throw new WriteFailure(writeError(thrown, path));
  }
}
