/** What arrived in the database is what was sent: rows, files, and the neighbours that the manifest remembers. */
import { galleriesOf } from '../bundle/index.ts';
import { IsoLensError, rowOf } from '../core/index.ts';
import { fingerprintRows, fingerprintsIn } from './fingerprints.ts';
import { nearestRows } from './nearest.ts';
import type { Push } from './push-steps.ts';

/** Between cosines of 32-bit vectors, wherever they are computed. */
const SCORE_TOLERANCE = 1e-3;
const MOST_NEIGHBOURS = 20;

/** BUNDLE_CORRUPT where counts or stored neighbours differ from the manifest. */
export async function verifyGeneration({ session, bundle, target, progress, check }: Push): Promise<void> {
  const { schema, manifest } = target;
  const corrupt = (reason: string): IsoLensError => (
    new IsoLensError('BUNDLE_CORRUPT', `Expected the whole library "${manifest.name}" in ${session.place.shown}, but ${reason}; readers still see the generation before. Push it again.`)
  );
  const [rows] = await session.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${schema}.molecules`);
  if (rows?.count !== manifest.count) throw corrupt(`it holds ${rows?.count ?? 0} molecules instead of ${manifest.count}`);
  if ((await fingerprintRows(session, schema)) !== fingerprintsIn(bundle)) throw corrupt('it lacks fingerprints');
  const [files] = await session.query<{ bytes: number }>(`SELECT coalesce(sum(length(content)), 0)::float8 AS bytes FROM ${schema}.parts`);
  const expected = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (files?.bytes !== expected) throw corrupt(`its files have ${files?.bytes ?? 0} bytes instead of ${expected}`);
  progress.start('stored neighbours');
  for (const [i, { tower, neighbours }] of galleriesOf(manifest).entries()) {
    for (const { row, scores } of neighbours.slice(0, MOST_NEIGHBOURS)) {
      check();
      const query = rowOf(bundle.galleries[i]!.vectors, row);
      const found = await nearestRows(session, target, query, Math.max(1, scores.length), { exact: true, gallery: i });
      // Those of the manifest were found by a graph, which may have missed one: what is compared with every row is at least as near.
      if (!scores.every((score, n) => (found.scores[n] ?? -2) >= score - SCORE_TOLERANCE)) throw corrupt(`it does not find the stored neighbours of row ${row} (${tower})`);
    }
  }
  progress.finish();
}
