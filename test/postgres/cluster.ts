/** Real servers that may be killed and started again: scripts/postgres-test-server in the folder that ISOLENS_TEST_DATABASE_CLUSTER names. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';

const SCRIPT = fileURLToPath(new URL('../../scripts/postgres-test-server', import.meta.url));
export const FIRST_PORT = 54_331;

export class Cluster {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Starts what does not run; addresses of the servers at `port`, `port` + 1, ... */
  async start(port = FIRST_PORT, servers = 1): Promise<string[]> {
    return (await this.script(this.folder, String(port), '--servers', String(servers))).trim().split('\n');
  }

  /** A new standby, at `port`, of the server at `primary`. */
  async standby(port: number, primary: number): Promise<string> {
    return (await this.script(this.folder, String(port), '--standby', String(primary))).trim();
  }

  /** kill -9 of every process of a server. */
  async kill(port: number): Promise<void> {
    await this.script('--kill', this.folder, String(port));
  }

  /** A disk of so many megabytes, or that size of it from now on; its path for the servers. */
  async disk(megabytes: number): Promise<string> {
    return (await this.script('--disk', this.folder, String(megabytes))).trim();
  }

  /** One server, or all of them and the disk. */
  async stop(port?: number): Promise<void> {
    await this.script('--stop', this.folder, ...(port === undefined ? [] : [String(port)]));
  }

  private async script(...words: string[]): Promise<string> {
    return (await promisify(execFile)(SCRIPT, words)).stdout;
  }
}

/** Asks with a connection of its own. */
export async function ask<Row = Record<string, unknown>>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed ends it with an error, which the question fails with as well.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows as Row[];
  } finally {
    await client.end().catch(() => {});
  }
}

/** Drops every library. */
export async function emptied(url: string): Promise<void> {
  const schemas = await ask<{ name: string }>(url, "SELECT nspname AS name FROM pg_namespace WHERE nspname = 'isolens' OR nspname LIKE 'isolens\\_%'");
  for (const { name } of schemas) await ask(url, `DROP SCHEMA ${name} CASCADE`);
}
