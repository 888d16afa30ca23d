import type Database from 'better-sqlite3';
import { IsoLensError } from '../core/index.ts';

/** "ISLN": tells our files from other SQLite databases. */
export const APPLICATION_ID = 0x49534c4e;

/** Applied in order and never changed once released; `user_version` counts those that a file has seen. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One distinct molecule (InChIKey of the standardised parent) a row; "row" is also its label in the vector index.
  CREATE TABLE molecules (
    row          INTEGER PRIMARY KEY,
    smiles       TEXT NOT NULL,
    inchi_key    TEXT NOT NULL,
    connectivity TEXT NOT NULL,           -- first block of the InChIKey: the molecule without stereo
    scaffold     TEXT NOT NULL,           -- key of the Murcko scaffold; '' for an acyclic molecule
    ecfp4        BLOB NOT NULL,           -- 2,048 bits, least significant bit of the first byte first
    ids          TEXT NOT NULL,           -- JSON array, the first being the one shown
    names        TEXT NOT NULL,           -- JSON array
    properties   TEXT NOT NULL            -- JSON object: the other columns of the library
  ) STRICT;
  CREATE TABLE identifiers (id TEXT PRIMARY KEY, row INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE names (name TEXT NOT NULL COLLATE NOCASE, row INTEGER NOT NULL) STRICT;
  CREATE INDEX molecules_inchi_key ON molecules (inchi_key);
  CREATE INDEX molecules_connectivity ON molecules (connectivity);
  CREATE INDEX names_name ON names (name);
  `,
  `
  -- What molecules are compared by beside their fingerprint: fingerprints, pharmacophore, properties, alerts, in the layout of the
  -- manifest's profile version. Apart from the molecules, because all of them are read at once and none alone.
  CREATE TABLE profiles (row INTEGER PRIMARY KEY, profile BLOB NOT NULL) STRICT;
  `,
  `
  -- Names are looked up as people type them (see names.ts).
  ALTER TABLE names ADD COLUMN folded TEXT NOT NULL DEFAULT '';
  CREATE INDEX names_folded ON names (folded);
  DROP INDEX names_name;
  `,
  `
  -- What molecules are compared by lies in columns of its own, in profiles.bin. A query's scaffold is looked up by its key.
  DROP TABLE profiles;
  ALTER TABLE molecules DROP COLUMN ecfp4;
  CREATE INDEX molecules_scaffold ON molecules (scaffold);
  `,
];

/** One kind of file: what it holds, and how it came to be what it is. */
export interface Schema {
  /** As it is called in errors. */
  readonly what: string;
  /** Tells our files from other SQLite databases, and from each other. */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

export const MOLECULE_SCHEMA: Schema = { what: 'a molecule store', applicationId: APPLICATION_ID, migrations: MIGRATIONS };

/** Brings a writable database to the newest version; refuses one that is newer than this program, or not ours. */
export function migrate(database: Database.Database, schema: Schema = MOLECULE_SCHEMA): void {
  const { applicationId, migrations } = schema;
  const version = schemaVersion(database);
  assertOurs(database, version, schema);
  const apply = database.transaction(() => {
    for (const sql of migrations.slice(version)) database.exec(sql);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${migrations.length}`);
  });
  if (version < migrations.length) apply();
}

/** For read-only use: the schema must be exactly the newest. */
export function assertCurrent(database: Database.Database): void {
  const version = schemaVersion(database);
  assertOurs(database, version, MOLECULE_SCHEMA);
  if (version !== MIGRATIONS.length) {
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a molecule store of version ${MIGRATIONS.length} but received version ${version}; build the bundle again.`);
  }
}

function assertOurs(database: Database.Database, version: number, { what, applicationId, migrations }: Schema): void {
  const id = database.pragma('application_id', { simple: true });
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (id !== applicationId && tables !== 0) {
    throw new IsoLensError('BUNDLE_CORRUPT', `Expected ${what} of IsoLens in ${database.name} but received another database.`);
  }
  if (version > migrations.length) {
    throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected ${what} of version ${migrations.length} or older but received version ${version}; update this program.`);
  }
}

function schemaVersion(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
