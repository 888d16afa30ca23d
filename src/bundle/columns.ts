/** A file of columns, written row by row: of a library of any size no more than the rows in hand is in memory. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { IsoLensError, layColumns, rowBytes } from '../core/index.ts';
import type { ColumnLayout, ColumnSpec } from '../core/index.ts';

/** The bytes of some rows, by column. */
export type ColumnRows = Readonly<Record<string, Uint8Array>>;

export class ColumnWriter {
  private readonly file: FileHandle;
  private readonly layout: ColumnLayout;
  private rows = 0;

  private constructor(file: FileHandle, layout: ColumnLayout) {
    this.file = file;
    this.layout = layout;
  }

  /** count: rows that will come; version: what decides the meaning of the columns. */
  static async create(path: string, specs: readonly ColumnSpec[], count: number, version: string): Promise<ColumnWriter> {
    const { head, layout, bytes } = layColumns(specs, count, version);
    const file = await open(path, 'w');
    try {
      await file.truncate(bytes);
      await file.write(head, 0, head.length, 0);
      return new ColumnWriter(file, layout);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Appends `count` rows; every column must be given. */
  async append(count: number, given: ColumnRows): Promise<void> {
    if (this.rows + count > this.layout.count) throw new IsoLensError('INTERNAL', `Expected ${this.layout.count} rows of columns but received ${this.rows + count}.`);
    for (const column of this.layout.columns) {
      const bytes = given[column.name];
      const size = rowBytes(column);
      if (bytes?.length !== size * count) {
        throw new IsoLensError('INTERNAL', `Expected ${size * count} bytes of the column "${column.name}" but received ${bytes?.length ?? 'none'}.`);
      }
      let done = 0;
      while (done < bytes.length) done += (await this.file.write(bytes, done, bytes.length - done, column.offset + this.rows * size + done)).bytesWritten;
    }
    this.rows += count;
  }

  /** Closes the file; refuses one that lacks rows. */
  async finish(): Promise<void> {
    await this.close();
    if (this.rows !== this.layout.count) throw new IsoLensError('INTERNAL', `Expected ${this.layout.count} rows of columns but received ${this.rows}.`);
  }

  async close(): Promise<void> {
    await this.file.close().catch(() => {});
  }
}
