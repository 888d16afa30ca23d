/** The shipped reader on pictures that it has not seen: drawn by RDKit and OpenChemLib, altered, and things that are no structure. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReaderModel } from '../../src/bundle/index.ts';
import { ChemPool } from '../../src/chem/index.ts';
import { ALTERATIONS, svgToPng } from '../../src/image/index.ts';
import { DrawingReader } from '../../src/reading/index.ts';
import { readStructure } from '../../src/search/index.ts';
import { ROOT } from '../architecture/sources.ts';

const MODEL = join(ROOT, 'indexes', 'models', 'structure-reader');

/** None of them drugs of the training drawings alone: rings, groups, halogens, charges, stereo. */
const MOLECULES = [
  'CC(=O)Nc1ccc(O)cc1', 'CN1CCC[C@H]1c1cccnc1', 'O=C(O)c1ccccc1Nc1cccc(C(F)(F)F)c1', 'CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O', 'Clc1ccc(cc1)C(c1ccccc1)N1CCNCC1',
  'COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1', 'O=[N+]([O-])c1ccc(Br)cc1S(N)(=O)=O', 'C#CCN(C)Cc1ccccc1', 'N#Cc1ccc(cc1)C(=O)NC1CCCCC1', 'CSc1nc(N)c2ncn(C)c2n1',
];

describe.skipIf(!existsSync(MODEL))('the shipped reader', () => {
  let reader: DrawingReader;
  let chem: ChemPool;
  beforeAll(async () => {
    chem = new ChemPool({ workers: 1 });
    reader = await DrawingReader.open(await readReaderModel(MODEL));
  });
  afterAll(async () => {
    await reader.close();
    await chem.close();
  });

  const picture = async (smiles: string, renderer: 'rdkit' | 'openchemlib', width = 500): Promise<Uint8Array> => {
    const [drawn] = await chem.picture([{ smiles, renderer, seed: 3 }]);
    if (drawn?.ok !== true) throw new Error(`${smiles} was not drawn`);
    return svgToPng(drawn.value, width);
  };
  const keyOf = async (structure: string): Promise<string> => {
    const [outcome] = await chem.standardise([structure]);
    return outcome?.ok === true ? outcome.value.connectivityKey : 'none';
  };

  it('reads what other programs draw', async () => {
    let right = 0;
    for (const [i, smiles] of MOLECULES.entries()) {
      const read = await reader.read(await picture(smiles, i % 2 === 0 ? 'rdkit' : 'openchemlib'));
      if (await keyOf(read.molfile) === await keyOf(smiles)) right++;
    }
    expect(right).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it('gives places in the picture, in its own layout, with a confidence for each', async () => {
    const bytes = await picture(MOLECULES[0]!, 'rdkit');
    const { width, height } = await sharp(bytes).metadata();
    const { graph, box, picture: size, drawnAtoms, molfile, confidence } = await reader.read(bytes);
    expect(size).toEqual({ rows: height, columns: width });
    for (const { x, y, confidence: sure } of graph.atoms) {
      expect(x > box.left - 5 && x < box.right + 5 && y > box.top - 5 && y < box.bottom + 5).toBe(true);
      expect(sure > 0 && sure <= 1).toBe(true);
    }
    expect(drawnAtoms.length).toBe(Number(molfile.split('\n')[3]!.slice(0, 3)));
    expect(confidence).toBeGreaterThan(0.5);
    // Every atom lies on or beside ink.
    const { data } = await sharp(bytes).flatten({ background: 'white' }).greyscale().raw().toBuffer({ resolveWithObject: true });
    for (const { x, y } of graph.atoms) {
      let darkest = 255;
      for (let v = Math.floor(y) - 6; v <= y + 6; v++) for (let u = Math.floor(x) - 6; u <= x + 6; u++) darkest = Math.min(darkest, data[v * width + u] ?? 255);
      expect(darkest).toBeLessThan(160);
    }
  });

  it.each(ALTERATIONS.map(({ id }) => id))('reads the same of a picture that is %s', async (id) => {
    const { alter } = ALTERATIONS.find((one) => one.id === id)!;
    let same = 0;
    for (const smiles of MOLECULES.slice(0, 3)) {
      const read = await reader.read(await alter(await picture(smiles, 'openchemlib', 700)));
      if (await keyOf(read.molfile) === await keyOf(smiles)) same++;
    }
    expect(same).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('reads the example of the page', async () => {
    const found = await readStructure(reader, chem, readFileSync(join(ROOT, 'web', 'examples', 'celecoxib.png')));
    expect(found.molecule?.connectivityKey).toBe('RZEKVGVHFLEQIL');
  });

  it('is never sure of what is no structure', async () => {
    const drawings = [
      '<path d="M20 150 C100 20 200 280 380 40" fill="none" stroke="black" stroke-width="3"/><path d="M20 20V280H390" fill="none" stroke="black" stroke-width="2"/>',
      '<circle cx="200" cy="150" r="100" fill="none" stroke="black" stroke-width="4"/>',
      '<rect x="50" y="60" width="300" height="180" fill="none" stroke="black" stroke-width="4"/><path d="M50 100H350M50 140H350M150 60V240" stroke="black" stroke-width="3"/>',
      Array.from({ length: 40 }, (_, i) => `<circle cx="${(i * 97) % 400}" cy="${(i * 61) % 300}" r="3"/>`).join(''),
    ];
    for (const content of drawings) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="white"/>${content}</svg>`;
      const found = await sharp(Buffer.from(svg)).png().toBuffer().then((bytes) => readStructure(reader, chem, bytes)).catch((thrown: unknown) => thrown);
      if (found instanceof Error) expect(found).toMatchObject({ code: expect.stringMatching(/^(IMAGE|DRAWING)_/) });
      else expect((found as { confidence: number }).confidence).toBeLessThan(0.5);
    }
  });

  it('bounds its work for any picture', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `<path d="M${(i * 37) % 3000} ${(i * 91) % 3000}l${20 + (i % 60)} ${(i * 13) % 70}" stroke="black" stroke-width="3"/>`).join('');
    const bytes = await sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000"><rect width="3000" height="3000" fill="white"/>${lines}</svg>`)).png().toBuffer();
    const began = performance.now();
    await reader.read(bytes).catch(() => undefined);
    expect(performance.now() - began).toBeLessThan(30_000);
  }, 60_000);
});
