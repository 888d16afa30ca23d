/** The tables: one catalogue a database, and a schema of its own for each generation of a library. */
import { createHash } from 'node:crypto';
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { DescriptorName } from '../chem/index.ts';
import { galleriesOf } from '../bundle/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import { unsuitable } from './errors.ts';
import type { Session } from './session.ts';

/** Of advisory locks: those of IsoLens, by the number of what they guard. */
export const LOCK_CLASS = 0x150_7e5;
const MIGRATION_LOCK = 0;
/** More than any name of a schema may have is cut off by PostgreSQL. */
const MOST_NAME_BYTES = 63;
/** A b-tree takes no key above a third of a page; longer texts are told apart after it. */
export const KEY_CHARACTERS = 400;
/** Of an HNSW index over half precision. */
export const MOST_DIMENSIONS = 4000;

/** Each runs once, in this order; what was released is never changed. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE isolens.generations (
     library text NOT NULL,
     generation text NOT NULL,
     schema_name text NOT NULL UNIQUE,
     state text NOT NULL CHECK (state IN ('building', 'live', 'old')),
     manifest json NOT NULL,
     count integer NOT NULL,
     rows_done integer NOT NULL DEFAULT 0,
     part_bytes integer NOT NULL,
     created timestamptz NOT NULL DEFAULT now(),
     live_since timestamptz,
     PRIMARY KEY (library, generation)
   );
   CREATE UNIQUE INDEX one_live_generation ON isolens.generations (library) WHERE state = 'live'`,
];

/** Makes the catalogue, or brings it up to date; DATABASE_UNSUITABLE where a later IsoLens made it. */
export async function migrate(session: Session): Promise<void> {
  await session.transaction(async () => {
    await session.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [LOCK_CLASS, MIGRATION_LOCK]);
    await session.query('CREATE SCHEMA IF NOT EXISTS isolens');
    await session.query('CREATE TABLE IF NOT EXISTS isolens.migrations (version integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())');
    const done = await schemaVersion(session);
    for (let version = done + 1; version <= MIGRATIONS.length; version++) {
      await session.query(MIGRATIONS[version - 1]!);
      await session.query('INSERT INTO isolens.migrations (version) VALUES ($1)', [version]);
    }
  });
}

/** Whether there is a catalogue; DATABASE_UNSUITABLE where it is not of this version. */
export async function hasCatalogue(session: Session): Promise<boolean> {
  const [found] = await session.query<{ there: boolean }>("SELECT to_regclass('isolens.migrations') IS NOT NULL AS there");
  if (found?.there !== true) return false;
  const version = await schemaVersion(session);
  if (version < MIGRATIONS.length) throw unsuitable(session.place, `a catalogue of version ${MIGRATIONS.length} (push any library to bring it up to date)`, `version ${version}`);
  return true;
}

async function schemaVersion(session: Session): Promise<number> {
  const [found] = await session.query<{ version: number | null }>('SELECT max(version) AS version FROM isolens.migrations');
  const version = found?.version ?? 0;
  if (version > MIGRATIONS.length) throw unsuitable(session.place, `a catalogue of version ${MIGRATIONS.length} at most (update IsoLens)`, `version ${version}`);
  return version;
}

/** `isolens_<name>_<generation>`, of letters, digits and underscores; what had to be changed or cut is told apart by a hash. */
export function schemaName(name: string, generation: string): string {
  const whole = `isolens_${name}_${generation}`.toLowerCase();
  const slug = whole.replaceAll(/[^a-z0-9_]/g, '_');
  const hash = createHash('sha256').update(`${name}\0${generation}`).digest('hex').slice(0, 8);
  // A dash within the generation is no cause for doubt; whatever else was changed might be.
  if (slug.length <= MOST_NAME_BYTES && /^[a-z0-9_]+$/.test(name)) return slug;
  const end = `_${generation.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_').slice(-25)}_${hash}`;
  return `isolens_${name.replaceAll(/[^a-z0-9_]/g, '_').slice(0, MOST_NAME_BYTES - 'isolens_'.length - end.length)}${end}`;
}

/** `molecularWeight` -> `molecular_weight`. */
export function descriptorColumn(name: DescriptorName): string {
  return name.replaceAll(/[A-Z]+/g, (capitals) => `_${capitals.toLowerCase()}`);
}

/** Of the library's molecules as the i-th gallery sees them. */
export function embeddingColumn(gallery: number): string {
  return gallery === 0 ? 'embedding' : `embedding_${gallery}`;
}

/** Statements that make the empty tables of a generation. The table is not called `mol`: RDKit's cartridge has a type of that name. */
export function createTables(schema: string, manifest: BundleManifest): string[] {
  const descriptors = DESCRIPTOR_NAMES.map((name) => `${descriptorColumn(name)} real NOT NULL`);
  const embeddings = galleriesOf(manifest).map((_, i) => `${embeddingColumn(i)} halfvec(${manifest.dimension}) NOT NULL`);
  return [
    `CREATE SCHEMA ${schema}`,
    `CREATE TABLE ${schema}.files (path text PRIMARY KEY, bytes bigint NOT NULL, sha256 text NOT NULL)`,
    `CREATE TABLE ${schema}.parts (path text NOT NULL, part integer NOT NULL, content bytea NOT NULL, PRIMARY KEY (path, part))`,
    // Uncompressed, so that a few vectors are read out of a part without the rest of it.
    `ALTER TABLE ${schema}.parts ALTER COLUMN content SET STORAGE EXTERNAL`,
    `CREATE TABLE ${schema}.molecules (row integer PRIMARY KEY, smiles text NOT NULL, inchi_key text NOT NULL, scaffold text NOT NULL, ids text[] NOT NULL, names text[] NOT NULL,
       properties json NOT NULL, ${descriptors.join(', ')}, profile bytea NOT NULL, ${embeddings.join(', ')})`,
    `CREATE TABLE ${schema}.identifiers (id text NOT NULL, row integer NOT NULL)`,
    `CREATE TABLE ${schema}.names (folded text NOT NULL, row integer NOT NULL)`,
  ];
}

/** Columns of `molecules`, in the order in which rows are sent. */
export function moleculeColumns(manifest: BundleManifest): string[] {
  const embeddings = galleriesOf(manifest).map((_, i) => embeddingColumn(i));
  return ['row', 'smiles', 'inchi_key', 'scaffold', 'ids', 'names', 'properties', ...DESCRIPTOR_NAMES.map(descriptorColumn), 'profile', ...embeddings];
}

export interface IndexStatement {
  readonly name: string;
  readonly text: string;
}

/** Indexes over full tables, each made where it is absent; those over vectors come last. */
export function createIndexes(schema: string, manifest: BundleManifest): IndexStatement[] {
  const made = (name: string, table: string, over: string): IndexStatement => ({ name, text: `CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.${table} ${over}` });
  const { m, efConstruction } = graphOf(manifest);
  return [
    made('identifiers_id', 'identifiers', `(left(id, ${KEY_CHARACTERS}) COLLATE "C")`),
    made('names_folded', 'names', `(left(folded, ${KEY_CHARACTERS}) COLLATE "C")`),
    made('molecules_scaffold', 'molecules', `(left(scaffold, ${KEY_CHARACTERS}) COLLATE "C")`),
    made('molecules_inchi_key', 'molecules', '(inchi_key COLLATE "C")'),
    ...DESCRIPTOR_NAMES.map((name) => made(`molecules_${descriptorColumn(name)}`, 'molecules', `(${descriptorColumn(name)})`)),
    // Rows are unit vectors: the inner product is the cosine.
    ...galleriesOf(manifest).map((_, i) => embeddingColumn(i)).map((column) => (
      made(`molecules_${column}`, 'molecules', `USING hnsw (${column} halfvec_ip_ops) WITH (m = ${m}, ef_construction = ${efConstruction})`)
    )),
  ];
}

/** The manifest's parameters of the graph, within what pgvector takes. */
function graphOf({ index: { parameters } }: BundleManifest): { m: number; efConstruction: number } {
  const whole = (value: unknown, otherwise: number): number => (Number.isSafeInteger(value) ? (value as number) : otherwise);
  const m = Math.min(Math.max(whole(parameters['m'], 24), 2), 100);
  return { m, efConstruction: Math.min(Math.max(whole(parameters['efConstruction'], 120), 2 * m), 1000) };
}
