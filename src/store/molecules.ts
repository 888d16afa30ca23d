import Database from 'better-sqlite3';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import { assertCurrent, migrate } from './migrations.ts';
import { foldName, nearNames, withoutSalt } from './names.ts';

/** Names that are looked through for one that may be meant. */
const MOST_NAMES = 500_000;

export type PropertyValue = string | number | null;
export type Properties = Readonly<Record<string, PropertyValue>>;

/** One distinct molecule of a library. */
export interface StoredMolecule {
  /** Also its label in the vector index. */
  readonly row: number;
  /** Every identifier the library gave it; at least one. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly smiles: string;
  readonly inchiKey: string;
  /** Key of the Murcko scaffold, which equal ones share; '' where it has no ring. */
  readonly scaffold: string;
  readonly properties: Properties;
}

/** The InChIKey's first block: the molecule without stereochemistry, isotopes and charge. */
export function connectivityOf(inchiKey: string): string {
  return inchiKey.slice(0, 14);
}

interface Row {
  row: number;
  smiles: string;
  inchi_key: string;
  scaffold: string;
  ids: string;
  names: string;
  properties: string;
}

/** Fills a new store. It lives in a directory that is published as a whole, so speed goes before its own crash safety. */
export class MoleculeWriter {
  private readonly database: Database.Database;
  private readonly insertAll: (molecules: readonly StoredMolecule[]) => void;

  constructor(path: string) {
    this.database = new Database(path);
    this.database.pragma('journal_mode = OFF');
    this.database.pragma('synchronous = OFF');
    migrate(this.database);
    const insert = this.database.prepare(
      'INSERT INTO molecules (row, smiles, inchi_key, connectivity, scaffold, ids, names, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const identify = this.database.prepare('INSERT OR IGNORE INTO identifiers (id, row) VALUES (?, ?)');
    const name = this.database.prepare('INSERT INTO names (name, row, folded) VALUES (?, ?, ?)');
    this.insertAll = this.database.transaction((molecules: readonly StoredMolecule[]) => {
      for (const m of molecules) {
        insert.run(m.row, m.smiles, m.inchiKey, connectivityOf(m.inchiKey), m.scaffold, JSON.stringify(m.ids), JSON.stringify(m.names), JSON.stringify(m.properties));
        for (const id of m.ids) identify.run(id, m.row);
        for (const text of m.names) name.run(text, m.row, foldName(text));
      }
    });
  }

  insert(molecules: readonly StoredMolecule[]): void {
    try {
      this.insertAll(molecules);
    } catch (error) {
      throw storeError(error);
    }
  }

  close(): void {
    this.database.pragma('optimize');
    this.database.close();
  }
}

/** Answers questions about a published store; never writes. */
export class MoleculeStore {
  readonly count: number;
  private readonly database: Database.Database;
  private readonly byRow: Database.Statement<[number], Row>;
  private readonly byIdentifier: Database.Statement<[string], number>;
  private readonly byName: Database.Statement<[string, number], number>;
  private readonly byInchiKey: Database.Statement<[string], number>;
  private readonly byConnectivity: Database.Statement<[string], number>;
  private readonly byScaffold: Database.Statement<[string], number>;

  constructor(path: string) {
    try {
      this.database = new Database(path, { readonly: true, fileMustExist: true });
      assertCurrent(this.database);
      this.count = Number(this.database.prepare('SELECT count(*) FROM molecules').pluck().get());
      this.byRow = this.database.prepare<[number], Row>('SELECT * FROM molecules WHERE row = ?');
      this.byIdentifier = this.database.prepare<[string], number>('SELECT row FROM identifiers WHERE id = ?').pluck();
      this.byName = this.database.prepare<[string, number], number>('SELECT DISTINCT row FROM names WHERE folded = ? ORDER BY row LIMIT ?').pluck();
      this.byInchiKey = this.database.prepare<[string], number>('SELECT row FROM molecules WHERE inchi_key = ?').pluck();
      this.byConnectivity = this.database.prepare<[string], number>('SELECT row FROM molecules WHERE connectivity = ? ORDER BY row').pluck();
      this.byScaffold = this.database.prepare<[string], number>('SELECT row FROM molecules WHERE scaffold = ? LIMIT 1').pluck();
    } catch (error) {
      throw storeError(error);
    }
  }

  get(row: number): StoredMolecule {
    const found = this.byRow.get(row);
    if (found === undefined) throw new IsoLensError('NOT_FOUND', `Expected a row from 0 to ${this.count - 1} but received ${row}.`);
    return toMolecule(found);
  }

  /** By one of its identifiers; undefined where none has it. */
  findId(id: string): StoredMolecule | undefined {
    return this.optional(this.byIdentifier.get(id));
  }

  /** Where the molecule of this identifier stands; cheaper than the molecule. */
  rowOfId(id: string): number | undefined {
    return this.byIdentifier.get(id);
  }

  /** By name, whatever its case, accents, blanks and dashes. */
  findName(name: string, limit = 10): StoredMolecule[] {
    return this.byName.all(foldName(name), limit).map((row) => this.get(row));
  }

  /** By the name without the words of a salt at its end ("sildenafil citrate"). */
  findNameOfSalt(name: string, limit = 10): StoredMolecule[] {
    const parent = withoutSalt(foldName(name));
    return parent === undefined ? [] : this.byName.all(parent, limit).map((row) => this.get(row));
  }

  /** Names of the library that may be meant, the closest first. */
  namesNear(name: string, limit = 5): string[] {
    const all = this.database.prepare<[], string>(`SELECT DISTINCT folded FROM names LIMIT ${MOST_NAMES}`).pluck();
    const shown = this.database.prepare<[string], string>('SELECT name FROM names WHERE folded = ? LIMIT 1').pluck();
    return nearNames(all.iterate(), foldName(name), limit).map((folded) => shown.get(folded)!);
  }

  findInchiKey(inchiKey: string): StoredMolecule | undefined {
    return this.optional(this.byInchiKey.get(inchiKey));
  }

  /** Rows of all stereoisomers of a molecule, by the first block of its InChIKey. */
  rowsOfConnectivity(connectivity: string): number[] {
    return this.byConnectivity.all(connectivity);
  }

  /** A row with this Murcko scaffold; undefined where none has it. */
  rowOfScaffold(scaffold: string): number | undefined {
    return this.byScaffold.get(scaffold);
  }

  /** Every molecule in the order of rows. */
  *all(): IterableIterator<StoredMolecule> {
    for (const row of this.database.prepare<[], Row>('SELECT * FROM molecules ORDER BY row').iterate()) yield toMolecule(row);
  }

  /** Every (row, connectivity key), much cheaper than whole molecules. */
  connectivities(): string[] {
    return this.database.prepare<[], string>('SELECT connectivity FROM molecules ORDER BY row').pluck().all();
  }

  close(): void {
    this.database.close();
  }

  private optional(row: number | undefined): StoredMolecule | undefined {
    return row === undefined ? undefined : this.get(row);
  }
}

function toMolecule(row: Row): StoredMolecule {
  return {
    row: row.row,
    ids: JSON.parse(row.ids) as string[],
    names: JSON.parse(row.names) as string[],
    smiles: row.smiles,
    inchiKey: row.inchi_key,
    scaffold: row.scaffold,
    properties: JSON.parse(row.properties) as Properties,
  };
}

function storeError(error: unknown): IsoLensError {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code === 'SQLITE_FULL') return new IsoLensError('DISK_FULL', 'Expected room for the molecule store, but the disk is full.', { cause: error });
  if (code === 'SQLITE_CANTOPEN') return new IsoLensError('BUNDLE_CORRUPT', `Expected a molecule store, but it cannot be opened: ${String(error)}.`, { cause: error });
  if (code.startsWith('SQLITE_')) return new IsoLensError('BUNDLE_CORRUPT', `Expected a sound molecule store, but SQLite reports ${code}; build the bundle again.`, { cause: error });
  return toIsoLensError(error);
}
