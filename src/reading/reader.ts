/** Pictures in, molecular graphs out: a reader's network on a worker thread and what makes a molecule of its maps. */
import { join } from 'node:path';
import type { ReaderModel } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { readDrawingInk } from '../image/index.ts';
import type { DrawingInk, DrawingWarning, PixelBox } from '../image/index.ts';
import { InferencePool } from '../inference/index.ts';
import type { InferenceOptions } from '../inference/index.ts';
import { readingConfidence, readingSigns } from './confidence.ts';
import type { ReadingSigns } from './confidence.ts';
import type { DrawnGraph } from './decode/drawn.ts';
import { drawnMolfile } from './decode/molfile.ts';
import type { ReaderHeads, ReaderMaps, ReaderVocabulary } from './define.ts';
import { SIZE_HEADS, inkPlace, readInk } from './scale.ts';
import type { LookFor, ReadInk, ReadInkOptions, ScaleOptions } from './scale.ts';
import type { InkPicture } from './resample.ts';
import { turnBack, turnInk } from './turn.ts';
import { meanConfidence } from './vote.ts';

export interface DrawingReading {
  /** Atoms in pixels of the picture, y downwards. */
  readonly graph: DrawnGraph;
  /** The drawn molecule in the picture's own layout, groups written out. */
  readonly molfile: string;
  /** For each atom of the molfile the atom of the graph that it comes from. */
  readonly drawnAtoms: readonly number[];
  /** Share of the looks at different sizes that saw this molecule: 0 to 1. */
  readonly agreement: number;
  readonly signs: ReadingSigns;
  /** That this is the drawn molecule, stereo aside: 0 to 1. */
  readonly confidence: number;
  /** Where the structure lies in the picture. */
  readonly box: PixelBox;
  readonly picture: DrawingInk['picture'];
  /** Boxes of all structures that lie apart in the picture, the largest first. */
  readonly structures: readonly PixelBox[];
  readonly warnings: readonly DrawingWarning[];
}

const NETWORK = 'reader';
/** A reading less sure than this is tried in other orientations, and one of them taken where its places are surer by `CLEARLY`. */
const SURE = 0.5;
const CLEARLY = 0.02;
const NO_HEAD = new Float32Array(0);

export class DrawingReader {
  readonly vocabulary: ReaderVocabulary;
  /** Its model card. */
  readonly info: ReaderModel['info'];
  private readonly pool: InferencePool;
  private readonly stride: number;
  private readonly bond: number;
  private readonly trust: ReaderModel['trust'];

  private constructor(pool: InferencePool, { vocabulary, info, stride, bond, trust }: ReaderModel) {
    this.pool = pool;
    this.vocabulary = vocabulary;
    this.info = info;
    this.stride = stride;
    this.bond = bond;
    this.trust = trust;
  }

  static async open(model: ReaderModel, options: InferenceOptions = {}): Promise<DrawingReader> {
    return new DrawingReader(await InferencePool.open([{ name: NETWORK, path: join(model.directory, model.file) }], options), model);
  }

  /** Reads a structure of an image file, the largest or that of a number; DRAWING_UNREADABLE where none can be made out. */
  async read(bytes: Uint8Array, { structure = 1, ...options }: ScaleOptions & { readonly structure?: number } = {}): Promise<DrawingReading> {
    const drawing = await readDrawingInk(bytes, structure);
    const found = await this.readInk(drawing, options);
    const graph = found === undefined ? undefined : placeIn(found, drawing);
    if (found === undefined || graph === undefined || graph.bonds.length === 0) {
      throw new IsoLensError('DRAWING_UNREADABLE', 'Expected a drawn structure but no atoms and bonds can be made out; cut out the structure alone, in a larger or sharper picture.');
    }
    const { text, drawnAtoms } = drawnMolfile(graph, this.vocabulary);
    const { box, picture, structures, warnings } = drawing;
    const { agreement } = found.found;
    const signs = readingSigns(graph, agreement);
    return { graph, molfile: text, drawnAtoms, agreement, signs, confidence: readingConfidence(signs, this.trust), box, picture, structures, warnings };
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** Upright; where that is doubtful, turned by quarters as well, at the size that was found. */
  private async readInk({ ink, rows, columns }: DrawingInk, options: ScaleOptions): Promise<TurnedReading | undefined> {
    const picture = { data: ink, rows, columns };
    const ask = (turned: InkPicture, more: ReadInkOptions = {}): Promise<ReadInk | undefined> => (
      readInk(turned, (...asked) => this.look(...asked), this.vocabulary, { typicalBond: this.bond, ...options, ...more })
    );
    const upright = await ask(picture);
    if (upright === undefined) return undefined;
    const plain = { found: upright, quarters: 0 };
    if (readingConfidence(readingSigns(upright.graph, upright.agreement), this.trust) >= SURE) return plain;
    // Letters lie on their side: of the same graph, each is less sure.
    let best = { quarters: 0, sureness: meanConfidence(upright.graph) + CLEARLY };
    for (const quarters of [1, 2, 3]) {
      const one = await ask(turnInk(picture, quarters), { scale: upright.scale, views: 1 });
      const sureness = one === undefined ? 0 : meanConfidence(one.graph);
      if (sureness > best.sureness) best = { quarters, sureness };
    }
    if (best.quarters === 0) return plain;
    const found = await ask(turnInk(picture, best.quarters), { scale: upright.scale });
    return found === undefined ? plain : { found, quarters: best.quarters };
  }

  private async look(pixels: Float32Array, height: number, width: number, purpose: LookFor): Promise<ReaderMaps> {
    const outputs = await this.pool.run(NETWORK, { pixels: { dtype: 'f32', data: pixels, shape: [1, 1, height, width] } }, { move: true, ...(purpose === 'size' ? { outputs: SIZE_HEADS } : {}) });
    const read = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
    const heads = (purpose === 'size' ? { element: NO_HEAD, charge: NO_HEAD, ...read } : read) as unknown as ReaderHeads;
    return { height: height / this.stride, width: width / this.stride, stride: this.stride, heads };
  }
}

interface TurnedReading {
  readonly found: ReadInk;
  /** Clockwise, of the ink that was read. */
  readonly quarters: number;
}

/** From the network's pixels to those of the picture. */
function placeIn({ found, quarters }: TurnedReading, { box: { left, top }, rows, columns }: DrawingInk): DrawnGraph {
  const atoms = found.graph.atoms.map((atom) => {
    const { x, y } = turnBack(inkPlace(found, atom), quarters, rows, columns);
    return { ...atom, x: x + left, y: y + top };
  });
  return { atoms, bonds: found.graph.bonds };
}
