/** The channels of Cell Painting by their names, and the order in which data files hold them. */
import { IsoLensError } from '../../core/index.ts';

/** Bray et al. 2016, doi:10.1038/nprot.2016.105: what is stained, and the stains and structures it is also called by. */
const STAINS: readonly { readonly name: string; readonly words: RegExp }[] = [
  { name: 'AGP', words: /agp|phalloidin|golgi|wga|actin|wheat/i },
  { name: 'DNA', words: /dna|hoechst|dapi|nucle(?:us|i)$/i },
  { name: 'RNA', words: /rna|^syto|syto.?14|sytobleed/i },
  { name: 'Mito', words: /mito/i },
  { name: 'ER', words: /^er$|concanavalin|endoplasmic|^ersyto$|con ?a$/i },
];

export interface Channel {
  /** As the files have it. */
  readonly id: string;
  readonly name: string;
}

/**
 * Channels in the order in which a site's files are listed: by their names, which is AGP, DNA, ER, Mito, RNA for Cell Painting.
 * `wanted`: "1=Mito,2=AGP", those named and no other, in that order. Without it the names follow from the ids where these are words, and
 * else are the ids, in the order of their numbers.
 */
export function channelsOf(ids: readonly string[], wanted: string | undefined): Channel[] {
  if (wanted !== undefined) return wantedChannels(ids, wanted);
  const channels = ids.map((id): Channel => ({ id, name: STAINS.find(({ words }) => /[a-z]/i.test(id) && words.test(id))?.name ?? id }));
  const twice = channels.find(({ name }, i) => channels.findIndex((one) => one.name === name) !== i);
  // Two ids of one stain: their own names tell them apart.
  if (twice !== undefined) return ids.map((id) => ({ id, name: id })).sort(byName);
  return channels.sort(byName);
}

function byName(a: Channel, b: Channel): number {
  const [x, y] = [Number(a.name), Number(b.name)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function wantedChannels(ids: readonly string[], wanted: string): Channel[] {
  const channels = wanted.split(',').map((part): Channel => {
    const [id = '', name = id] = part.split('=').map((text) => text.trim());
    return { id, name };
  });
  const bad = channels.find(({ id, name }) => !ids.includes(id) || name === '') ?? channels.find(({ id }, i) => channels.findIndex((one) => one.id === id) !== i);
  if (bad === undefined) return channels;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected --channels with channels of the files (${ids.join(', ')}), each once, as in ${ids.slice(0, 2).map((id) => `${id}=NAME`).join(',')} but received ${JSON.stringify(wanted)}.`);
}
