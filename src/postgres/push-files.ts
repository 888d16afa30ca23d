/** The files of a generation as parts of a few megabytes, so that it can be written back byte for byte. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { IsoLensError } from '../core/index.ts';
import type { Push } from './push-steps.ts';

/** Sends what is missing of every file, and compares each part that arrived with what was sent. */
export async function pushFiles(push: Push): Promise<void> {
  const { session, target: { schema, manifest }, progress } = push;
  await session.query(
    `INSERT INTO ${schema}.files (path, bytes, sha256) SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) ON CONFLICT (path) DO NOTHING`,
    [manifest.files.map(({ path }) => path), manifest.files.map(({ bytes }) => bytes), manifest.files.map(({ sha256 }) => sha256)],
  );
  progress.start('files', manifest.files.reduce((sum, { bytes }) => sum + bytes, 0));
  let before = 0;
  for (const file of manifest.files) {
    await pushFile(push, file, (bytes) => progress.update(before + bytes, file.path));
    before += file.bytes;
  }
  progress.finish(`${manifest.files.length} files`);
}

async function pushFile(push: Push, file: { path: string; sha256: string }, done: (bytes: number) => void): Promise<void> {
  const { session, bundle, target: { schema, partBytes }, progressed, check } = push;
  const digest = createHash('sha256');
  const stored = await session.query<{ part: number; sha256: string }>(`SELECT part, encode(sha256(content), 'hex') AS sha256 FROM ${schema}.parts WHERE path = $1`, [file.path]);
  const arrived = new Map(stored.map(({ part, sha256 }) => [part, sha256]));
  let part = 0;
  let bytes = 0;
  for await (const content of partsOf(join(bundle.directory, file.path), partBytes)) {
    check();
    digest.update(content);
    const own = createHash('sha256').update(content).digest('hex');
    if (arrived.get(part) !== own) {
      await session.query(
        `INSERT INTO ${schema}.parts (path, part, content) VALUES ($1, $2, $3) ON CONFLICT (path, part) DO UPDATE SET content = excluded.content`,
        [file.path, part, content],
      );
      progressed();
    }
    part++;
    done((bytes += content.length));
  }
  if (digest.digest('hex') !== file.sha256) {
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected an unchanged bundle "${bundle.manifest.name}", but the content of ${file.path} was changed; build it again.`);
  }
}

/** A file in pieces of `size` bytes; an empty one has none. */
async function* partsOf(path: string, size: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: size })) {
    let rest = chunk as Buffer;
    while (length + rest.length >= size) {
      const taken = size - length;
      yield Buffer.concat([...held, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      held = [];
      length = 0;
    }
    if (rest.length > 0) held.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(held);
}
