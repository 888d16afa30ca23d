/** A library in parts: row r of all is row r / parts of part r % parts. */
import type { Neighbours } from '../../src/ann/index.ts';
import { matrixOf, rowOf } from '../../src/core/index.ts';
import { ask } from './cluster.ts';
import type { Clustered } from './clustered.ts';

export function asShards({ vectors, descriptors, queries }: Clustered, parts: number): Clustered[] {
  return Array.from({ length: parts }, (_, part) => {
    const rows = Array.from({ length: vectors.rows }, (__, row) => row).filter((row) => row % parts === part);
    const own = matrixOf(new Float32Array(rows.length * vectors.cols), vectors.cols);
    rows.forEach((row, i) => own.data.set(rowOf(vectors, row), i * vectors.cols));
    return { vectors: own, descriptors: Float32Array.from(rows.flatMap((row) => [...descriptors.subarray(row * 12, row * 12 + 12)])), queries };
  });
}

/** The k rows of all that are best among what each part found. */
export function merged(found: readonly Neighbours[], k: number): number[] {
  const all = found.flatMap(({ labels, scores }, part) => Array.from(labels, (label, i) => ({ row: label * found.length + part, score: scores[i]! })));
  return all.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, k).map(({ row }) => row);
}

/** Foreign tables, on the first server, for the parts on the others; the statement that asks all of them for the nearest rows. */
export async function createForeignParts(urls: readonly string[], limit: number): Promise<(vector: string) => string> {
  const [home] = urls as readonly [string, ...string[]];
  const schemas = await Promise.all(urls.map((url, part) => schemaOf(url, `part${part}`)));
  await ask(home, 'DROP SCHEMA IF EXISTS parts CASCADE; CREATE SCHEMA parts; CREATE EXTENSION IF NOT EXISTS postgres_fdw');
  const [type] = await ask<{ type: string }>(home, `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = '${schemas[0]}.molecules'::regclass AND attname = 'embedding'`);
  for (const [part, url] of urls.entries()) {
    // Settings of a database reach every session, those of postgres_fdw as well.
    await ask(url, "ALTER DATABASE isolens_test SET hnsw.ef_search = '200'");
    if (part === 0) continue;
    const { hostname, port, pathname, username } = new URL(url);
    // Whatever belongs to pgvector may be computed over there: without that every row would come here to be sorted.
    await ask(home, `DROP SERVER IF EXISTS part${part} CASCADE;
      CREATE SERVER part${part} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}', extensions 'vector');
      CREATE USER MAPPING FOR CURRENT_USER SERVER part${part} OPTIONS (user '${username}');
      CREATE FOREIGN TABLE parts.part${part} (row integer, embedding ${type!.type}) SERVER part${part} OPTIONS (schema_name '${schemas[part]}', table_name 'molecules')`);
  }
  const one = (part: number, vector: string): string => (
    `(SELECT row * ${urls.length} + ${part} AS row, embedding <#> '${vector}'::${type!.type} AS distance
        FROM ${part === 0 ? `${schemas[0]}.molecules` : `parts.part${part}`} ORDER BY embedding <#> '${vector}'::${type!.type} LIMIT ${limit})`
  );
  return (vector) => `SELECT row FROM (${urls.map((_, part) => one(part, vector)).join(' UNION ALL ')}) AS found ORDER BY distance LIMIT ${limit}`;
}

async function schemaOf(url: string, name: string): Promise<string> {
  const [found] = await ask<{ schema: string }>(url, "SELECT schema_name AS schema FROM isolens.generations WHERE library = $1 AND state = 'live'", [name]);
  return found!.schema;
}
