/** Parquet files that pandas and pyarrow wrote (parquet/make.py) against the CSV of the same table. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { IsoLensError } from '../../../src/core/index.ts';
import { parseProfiles, readProfiles } from '../../../src/ingest/index.ts';

const at = (name: string): string => fileURLToPath(new URL(`parquet/${name}`, import.meta.url));
const bytesOf = async (name: string): Promise<Buffer> => readFile(at(name));

describe('profiles in Parquet files', () => {
  it.each(['wells-snappy.parquet', 'wells-zstd.parquet', 'wells-pages.parquet'])('reads %s as it reads the CSV of the same table', async (name) => {
    const csv = await readProfiles(at('wells.csv'));
    expect(csv.features).toEqual(['Cells_Double', 'Cells_Single', 'Cells_Whole', 'Cells_Gaps', 'Cells_Infinite', 'Nuclei_Text']);
    expect(csv).toMatchObject({ droppedMissing: ['Nuclei_Holes'], droppedConstant: ['Nuclei_Same'], filled: 2 });
    expect(csv.wells.filter(({ isControl }) => isControl)).toHaveLength(8);
    const read = await readProfiles(at(name));
    expect({ ...read, path: '' }).toEqual({ ...csv, path: '' });
  });

  it.each(['gzip', 'brotli', 'lz4'])('unpacks %s', async (codec) => {
    const whole = await readProfiles(at('wells-snappy.parquet'));
    const { features, matrix, wells } = await readProfiles(at(`small-${codec}.parquet`));
    expect(features).toEqual(['Cells_Double']);
    expect([...matrix.data]).toEqual([...whole.matrix.data].filter((_, i) => i % whole.features.length === 0));
    expect(wells[31]).toMatchObject({ plate: 'P2', well: 'B08' });
  });

  it('knows the format by its bytes, whatever the file is called, within gzip too', async () => {
    const bytes = await bytesOf('wells-snappy.parquet');
    const plain = await parseProfiles(bytes, 'plate.csv');
    expect((await parseProfiles(gzipSync(bytes), 'plate.csv')).matrix).toEqual(plain.matrix);
    // A view into a larger buffer, as uploads are.
    const within = Buffer.concat([Buffer.alloc(13), bytes, Buffer.alloc(5)]).subarray(13, 13 + bytes.length);
    expect((await parseProfiles(within, 'plate.csv')).matrix).toEqual(plain.matrix);
  });

  it('leaves alone lists that it does not read', async () => {
    expect((await readProfiles(at('lists-beside.parquet'))).features).toEqual(['Cells_Double']);
  });

  it.each([
    ['lists.parquet', 'DATASET_INVALID', /"Cells_List".* hold lists or groups/],
    ['truths.parquet', 'RECORD_INVALID', /"Cells_Good".*row 1 has "True"/],
    ['no-rows.parquet', 'DATASET_INVALID', /rows of wells/],
    ['twice.parquet', 'DATASET_INVALID', /"X" stands there twice/],
    ['many.parquet', 'DATASET_INVALID', /at most 200 million cells.*10050000 rows and 20 columns/],
  ])('refuses %s', async (name, code, message) => {
    await expect(readProfiles(at(name))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses files that are cut off anywhere', async () => {
    const bytes = await bytesOf('wells-snappy.parquet');
    for (const length of [4, 7, 12, 200, bytes.length >> 1, bytes.length - 9, bytes.length - 1]) {
      await expect(parseProfiles(bytes.subarray(0, length), 'cut'), `${length}`).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    }
    // The end is there, what lies before it is not.
    const torn = Buffer.concat([bytes.subarray(0, 4), bytes.subarray(900)]);
    await expect(parseProfiles(torn, 'torn')).rejects.toBeInstanceOf(IsoLensError);
  });

  it('survives a run of values that would fill the memory', { timeout: 120_000 }, async () => {
    await expect(readProfiles(at('endless-run.parquet'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('survives bytes that are not what was written', { timeout: 120_000 }, async () => {
    const bytes = await bytesOf('wells-pages.parquet');
    for (let i = 0; i < 24; i++) {
      const torn = Buffer.from(bytes);
      for (let k = 0; k < 4; k++) torn[4 + ((i * 7919 + k * 104_729) % (bytes.length - 8))]! ^= 1 << (i + k) % 8;
      await parseProfiles(torn, 'torn').catch((thrown: unknown) => expect(thrown).toBeInstanceOf(IsoLensError));
    }
  });
});
