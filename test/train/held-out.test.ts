import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NOTHING_HELD_OUT, heldOutKey, readHeldOut } from '../../src/train/index.ts';
import { temporaryFolder } from './support.ts';

const path = temporaryFolder();
const ASPIRIN = 'BSYNRYMUTXBXSQ-UHFFFAOYSA-N';
const IBUPROFEN = 'HEFNNWSXXWATRW-UHFFFAOYSA-N';
const S_IBUPROFEN = 'HEFNNWSXXWATRW-JTQLQIEISA-N';

describe('held-out molecules', () => {
  it('are known by a short hash of their connectivity, so that stereo hides nothing', () => {
    expect(heldOutKey(ASPIRIN)).toBe(createHash('sha256').update('BSYNRYMUTXBXSQ').digest('hex').slice(0, 16));
    expect(heldOutKey(IBUPROFEN)).toBe(heldOutKey(S_IBUPROFEN));
    expect(heldOutKey(IBUPROFEN)).not.toBe(heldOutKey(ASPIRIN));
  });

  it('are read from a list, plain or gzipped, whatever its line ends', () => {
    const keys = [ASPIRIN, IBUPROFEN].map(heldOutKey);
    writeFileSync(path('plain.txt'), `${keys.join('\r\n')}\r\n\r\n`);
    writeFileSync(path('packed.gz'), gzipSync(`${keys.join('\n')}\n`));
    for (const file of ['plain.txt', 'packed.gz']) {
      const heldOut = readHeldOut(path(file));
      expect(heldOut.size).toBe(2);
      expect(heldOut.has([S_IBUPROFEN])).toBe(true);
      expect(heldOut.has(['AAAAAAAAAAAAAA-UHFFFAOYSA-N', ASPIRIN])).toBe(true);
      expect(heldOut.has(['AAAAAAAAAAAAAA-UHFFFAOYSA-N'])).toBe(false);
      expect(heldOut.has([])).toBe(false);
    }
  });

  it('refuse a list of something else', () => {
    writeFileSync(path('smiles.txt'), 'CC(=O)Oc1ccccc1C(=O)O\n');
    expect(() => readHeldOut(path('smiles.txt'))).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }));
    expect(() => readHeldOut(path('absent.txt'))).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }));
  });

  it('can be none', () => {
    expect(NOTHING_HELD_OUT.has([ASPIRIN])).toBe(false);
  });
});
