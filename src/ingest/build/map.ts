import { writeFile } from 'node:fs/promises';
import type { VectorIndex } from '../../ann/index.ts';
import type { BundleManifest, BundleWriter } from '../../bundle/index.ts';
import type { Matrix, Progress } from '../../core/index.ts';
import { LAYOUT_METHOD, MAP_FILE, encodeMap, layOut, neighbourShares } from '../../layout/index.ts';

export interface MapOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress: Progress;
}

/** Lays the library out, writes the map, and measures it: a map that nobody has measured says nothing. */
export async function writeMap(
  writer: BundleWriter, vectors: Matrix, index: VectorIndex, { seed, signal, progress }: MapOptions,
): Promise<BundleManifest['map']> {
  const { points, principal } = await layOut(vectors, { seed, signal, progress });
  await writeFile(writer.path(MAP_FILE), encodeMap(points));
  const shares = await neighbourShares(vectors, index, [points, principal]);
  const [neighbourShare, principalShare] = shares.map((share) => Number(share.toFixed(4)));
  progress.finish(`keeps ${percent(neighbourShare!)} of the neighbours (the plane of largest spread ${percent(principalShare!)})`);
  return { file: MAP_FILE, method: LAYOUT_METHOD, neighbourShare: neighbourShare!, principalShare: principalShare! };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
