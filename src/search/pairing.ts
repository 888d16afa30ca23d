/** Which tower reads a query, and whose vectors of the library it is compared with. */
import { towerCalled, towerNames } from '../bundle/index.ts';
import type { BundleManifest, BundleTower } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { ModalitySource } from '../modalities/index.ts';
import type { SearchOptions } from './define.ts';
import { galleryPlaces } from './library.ts';
import type { GalleryPlace } from './library.ts';
import type { Towers } from './towers.ts';

/** Where the model itself lacks what is asked. */
const OTHER_MODEL = 'train a model that has it with "isolens train", and index the library by that with "isolens index --model"';

export interface Pairing {
  /** Reads the query. */
  readonly tower: string;
  readonly gallery: GalleryPlace;
  /** The pair of a search that names none: score and trust in pictures were fitted for it alone. */
  readonly isUsual: boolean;
}

/** For a query of this source; ARGUMENT_INVALID for a pair that the bundle has not, or that cannot read such a query. */
export function pairingOf(manifest: BundleManifest, towers: Towers, source: ModalitySource, { from, to }: Pick<SearchOptions, 'from' | 'to'>): Pairing {
  const [own] = galleryPlaces(manifest);
  const gallery = to === undefined ? own : galleryCalled(manifest, to);
  const tower = from === undefined ? towers.resolve(source) : readerCalled(manifest, towers, source, from);
  return { tower, gallery, isUsual: gallery.place === own.place && (from === undefined || tower === towers.resolve(source)) };
}

/** What was fitted for the usual pair says nothing of another one. */
export function requireUsual({ tower, gallery, isUsual }: Pairing, what: string): void {
  if (isUsual) return;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a search by cosine alone from "${tower}" to "${gallery.tower}" but received one of ${what}, which was fitted for another pair; leave out "from" and "to", or ask with the mode "similarity", of a picture via "embedding".`);
}

function readerCalled({ name, towers: all }: BundleManifest, towers: Towers, source: ModalitySource, from: string): string {
  const found = towerCalled(all, from);
  if (found === undefined) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected "from" to be an encoder of "${name}" (${towerNames(all)}) but received ${JSON.stringify(from)}; ${OTHER_MODEL}.`);
  }
  const reads = towers.sourceOf(found.name);
  if (reads === source) return found.name;
  const fitting = towerNames(all.filter((tower) => towers.sourceOf(tower.name) === source));
  const advice = reads === 'image' ? 'give a picture' : reads === 'table' ? 'give a table of profiles' : source === 'table' ? 'give a molecule' : 'search by what is read of the picture, via "reading"';
  throw new IsoLensError('ARGUMENT_INVALID', `Expected ${nounOf(reads)} for "from" ${JSON.stringify(from)}, which reads ${pluralOf(reads)}, but received ${nounOf(source)}; ${advice}${fitting === '' ? '' : `, or name an encoder that reads ${pluralOf(source)} (${fitting})`}.`);
}

function galleryCalled(manifest: BundleManifest, to: string): GalleryPlace {
  const { name, towers } = manifest;
  const galleries = galleryPlaces(manifest);
  const held = galleries.map(({ tower }) => towers.find((one) => one.name === tower)!);
  const found = towerCalled(held, to);
  if (found !== undefined) return galleries[held.indexOf(found)]!;
  const known: BundleTower | undefined = towerCalled(towers, to);
  const advice = known === undefined
    ? `its encoders are ${towerNames(towers)}: ${OTHER_MODEL}`
    : `index the library again with "isolens index --gallery ${known.name}"`;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected "to" to be a gallery that "${name}" holds (${towerNames(held)}) but received ${JSON.stringify(to)}; ${advice}.`);
}

function nounOf(source: ModalitySource): string {
  return { image: 'a picture', molecule: 'a molecule', table: 'a profile' }[source];
}

function pluralOf(source: ModalitySource): string {
  return source === 'table' ? 'profiles' : `${source}s`;
}
