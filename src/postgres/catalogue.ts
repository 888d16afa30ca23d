/** What the catalogue says of libraries and their generations. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { manifestOf } from '../bundle/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { IsoLensError } from '../core/index.ts';
import { LOCK_CLASS, createTables, hasCatalogue, schemaName } from './schema.ts';
import type { Session } from './session.ts';

/** A generation in a database. */
export interface StoredGeneration {
  readonly manifest: BundleManifest;
  /** The manifest's file, byte for byte. */
  readonly text: string;
  readonly schema: string;
  readonly state: 'building' | 'live' | 'old';
  /** Rows of `molecules` that are committed. */
  readonly rowsDone: number;
  /** Bytes of every part of a file but its last. */
  readonly partBytes: number;
}

interface GenerationRow {
  readonly manifest: string;
  readonly schema: string;
  readonly state: StoredGeneration['state'];
  readonly rows_done: number;
  readonly part_bytes: number;
}

const COLUMNS = 'manifest::text AS manifest, schema_name AS schema, state, rows_done, part_bytes';

/** The live generation of a library; BUNDLE_NOT_FOUND with the names there are. */
export async function liveGeneration(session: Session, name: string): Promise<StoredGeneration> {
  const there = await hasCatalogue(session);
  const [row] = there ? await session.query<GenerationRow & Record<string, unknown>>(`SELECT ${COLUMNS} FROM isolens.generations WHERE library = $1 AND state = 'live'`, [name]) : [];
  if (row !== undefined) return storedOf(name, row);
  const known = there ? await session.query<{ library: string }>("SELECT library FROM isolens.generations WHERE state = 'live' ORDER BY library LIMIT 20") : [];
  const hint = known.length === 0 ? 'it holds none; send one with "isolens bundle push"' : `there are: ${known.map(({ library }) => library).join(', ')}`;
  throw new IsoLensError('BUNDLE_NOT_FOUND', `Expected a library "${name}" in the database ${session.place.shown} but ${hint}.`);
}

/** Becomes the only one to push a library, until the session ends, or refuses with BUNDLE_BUSY. tries: a second apart. */
export async function lockLibrary(session: Session, name: string, tries = 1): Promise<void> {
  const key = createHash('sha256').update(name).digest().readUInt32BE(0) & 0x7fff_ffff;
  for (let left = tries; ; left--) {
    const holder = await lockHolder(session, key);
    const [taken] = holder === undefined ? await session.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1::int, $2::int) AS taken', [LOCK_CLASS, key]) : [];
    if (taken?.taken === true) return;
    const who = holder === undefined ? 'another push' : `another push (process ${holder} of the server)`;
    if (left <= 1) {
      throw new IsoLensError('BUNDLE_BUSY', `Expected to be the only one to write the library "${name}" in ${session.place.shown}, but ${who} is writing it; wait for it to finish.`);
    }
    await pause(1000);
  }
}

async function lockHolder(session: Session, key: number): Promise<number | undefined> {
  const [found] = await session.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1::oid AND objid = $2::oid AND objsubid = 2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCK_CLASS, key],
  );
  return found?.pid;
}

/** The generation to fill: one that was begun before, or a new one. What else was begun of the library is removed. Needs the lock. */
export async function beginGeneration(session: Session, manifest: BundleManifest, text: string, partBytes: number): Promise<StoredGeneration> {
  const { name, generation, count } = manifest;
  const begun = await session.query<GenerationRow & { generation: string } & Record<string, unknown>>(`SELECT generation, ${COLUMNS} FROM isolens.generations WHERE library = $1`, [name]);
  const found = begun.find((row) => row.generation === generation && row.manifest === text);
  for (const row of begun) {
    if (row !== found && (row.state === 'building' || row.generation === generation)) await dropGeneration(session, { name, generation: row.generation }, row.schema);
  }
  if (found !== undefined) return storedOf(name, found);
  const schema = schemaName(name, generation);
  await session.transaction(async () => {
    for (const statement of createTables(schema, manifest)) await session.query(statement);
    await session.query(
      "INSERT INTO isolens.generations (library, generation, schema_name, state, manifest, count, part_bytes) VALUES ($1, $2, $3, 'building', $4::json, $5, $6)",
      [name, generation, schema, text, count, partBytes],
    );
  });
  return { manifest, text, schema, state: 'building', rowsDone: 0, partBytes };
}

/** Switches readers over, in one transaction. */
export async function makeLive(session: Session, { name, generation }: BundleManifest): Promise<void> {
  await session.transaction(async () => {
    await session.query("UPDATE isolens.generations SET state = 'old' WHERE library = $1 AND state = 'live'", [name]);
    await session.query("UPDATE isolens.generations SET state = 'live', live_since = clock_timestamp() WHERE library = $1 AND generation = $2", [name, generation]);
  });
}

/** Removes all but the live generation and the one before. What somebody reads is left to the next push. */
export async function dropOld(session: Session, name: string): Promise<void> {
  const old = await session.query<{ generation: string; schema: string }>(
    "SELECT generation, schema_name AS schema FROM isolens.generations WHERE library = $1 AND state = 'old' ORDER BY live_since DESC NULLS LAST OFFSET 1",
    [name],
  );
  for (const { generation, schema } of old) {
    await dropGeneration(session, { name, generation }, schema).catch((error: unknown) => {
      if (!(error instanceof IsoLensError && error.details['sqlState'] === '55P03')) throw error;
    });
  }
}

/** Removes a generation and all that is said of it; DATABASE_UNAVAILABLE where it is read for longer than a few seconds. */
export async function dropGeneration(session: Session, { name, generation }: Pick<BundleManifest, 'name' | 'generation'>, schema: string): Promise<void> {
  await session.transaction(async () => {
    await session.query("SET LOCAL lock_timeout = '5s'");
    await session.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await session.query('DELETE FROM isolens.generations WHERE library = $1 AND generation = $2', [name, generation]);
  });
}

function storedOf(name: string, { manifest, schema, state, rows_done: rowsDone, part_bytes: partBytes }: GenerationRow): StoredGeneration {
  // It becomes part of statements, and comes from a table that others may write to.
  if (!/^isolens_[a-z0-9_]+$/.test(schema)) {
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected the schema of a generation of "${name}" but received ${JSON.stringify(schema)}; push it again.`);
  }
  return { manifest: manifestOf(name, manifest), text: manifest, schema, state, rowsDone, partBytes };
}
