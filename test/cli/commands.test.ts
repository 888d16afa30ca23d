/** The built program from the outside: what a person or a script sees. */
import { copyFile, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLibrary } from '../../src/ingest/index.ts';
import type { ReadItem } from '../../src/ingest/index.ts';
import { someSmiles } from '../ingest/model.ts';
import { BAD_SMILES, badImages, drawing, oddImages } from './fixtures.ts';
import { errorCode, makeWorld } from './harness.ts';
import type { Outcome, World } from './harness.ts';

const ASPIRIN = 'CC(=O)Oc1ccccc1C(=O)O';
let world: World;
let built: Outcome;
beforeAll(async () => {
  world = await makeWorld();
  const rows = someSmiles(120).map((smiles, i) => `M${i},${smiles},,${i}`);
  await world.write('library.csv', `id,smiles,name,rank\nDRUG-1,${ASPIRIN},aspirin,0\n${rows.join('\n')}\n`);
  built = await world.run(['index', '--input', 'library.csv', '--bundle', 'demo', '--model', world.model]);
}, 600_000);
afterAll(() => world.remove());

const json = ({ stdout }: Outcome): Record<string, unknown> & { hits: { id: string; score: number }[] } => JSON.parse(stdout) as ReturnType<typeof json>;
const ask = (...args: string[]): Promise<Outcome> => world.run(['search', '--bundle', 'demo', ...args]);

describe('command line', { timeout: 600_000 }, () => {
  it('says how it is used', async () => {
    const help = await world.run(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['demo', 'search', 'index', 'serve', 'embed', 'bundle', 'train']) expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    for (const wrong of [['fly'], ['search'], ['search', '--bundle', 'demo'], ['search', '--bundle', 'demo', '--smiles', 'C', '--id', 'x'], ['search', '--bundle', 'demo', '--smiles', 'C', '-k', '0'], ['search', '--bundle', 'demo', '--smiles', 'C', '--min-score', '7'], ['index', '--bundle', 'x'], ['serve', '--bundle', 'demo', '--port', 'http']]) {
      const outcome = await world.run(wrong);
      expect({ wrong, code: outcome.code, error: errorCode(outcome) }).toEqual({ wrong, code: 2, error: 'ARGUMENT_INVALID' });
      expect(outcome.stdout).toBe('');
    }
  });

  it('indexes a library and looks at the bundle', async () => {
    expect(built.code, built.stderr).toBe(0);
    expect(built.stderr).toMatch(/molecules: /);
    expect(built.stdout).toBe('');
    const info = await world.run(['bundle', 'info', 'demo']);
    expect(info.stdout).toMatch(/^molecules +1\d\d \(121 records/m);
    expect(JSON.parse((await world.run(['bundle', 'info', 'demo', '--json'])).stdout)).toMatchObject({ name: 'demo', dimension: 32, command: expect.stringMatching(/^isolens index --input library\.csv/) as string });
    expect((await world.run(['bundle', 'list'])).stdout).toContain('library.csv');
    expect(await world.run(['bundle', 'verify', join('indexes', 'demo')])).toMatchObject({ code: 0, stdout: expect.stringContaining('agree') as string });
  });

  it('searches by SMILES, name, identifier and picture; as JSON and as a table', async () => {
    const result = json(await ask('--smiles', 'OC(=O)c1ccccc1OC(C)=O', '-k', '5', '--json'));
    expect(result['query']).toMatchObject({ kind: 'smiles', smiles: ASPIRIN });
    expect(result.hits).toHaveLength(5);
    expect(result.hits[0]).toMatchObject({ id: 'DRUG-1', smiles: ASPIRIN, names: ['aspirin'], tanimoto: 1, sameScaffold: true });
    expect(json(await ask('--text', 'aspirin', '-k', '1', '--json', '--exact')).hits[0]!.id).toBe('DRUG-1');
    expect(json(await ask('--id', 'DRUG-1', '-k', '2', '--json', '--exclude-self')).hits.map((hit) => hit.id)).not.toContain('DRUG-1');
    const table = await ask('--smiles', ASPIRIN, '-k', '3');
    expect(table.stdout).toMatch(/identifier +name +score +cosine/);
    expect(table.stdout).toMatch(/^1 +DRUG-1 +aspirin +1\.000 +1\.000 .* same +CC\(=O\)Oc1/m);
    await world.write('drawing.png', await drawing());
    expect(json(await ask('--image', 'drawing.png', '-k', '2', '--json'))).toMatchObject({ query: { kind: 'image', smiles: null }, hits: [{ tanimoto: null }, { tanimoto: null }] });
  });

  it('writes what it found to a file that is read again', async () => {
    for (const [name, read] of [['hits.sdf', 'sdf'], ['hits.smi', 'smi'], ['hits.csv', 'csv'], ['hits.jsonl', 'jsonl']] as const) {
      const outcome = await ask('--smiles', ASPIRIN, '-k', '4', '--output', name);
      expect({ code: outcome.code, stdout: outcome.stdout, said: outcome.stderr.includes(`4 hits written to ${name}`) }).toEqual({ code: 0, stdout: '', said: true });
      const items: ReadItem[] = [];
      for await (const item of readLibrary({ path: world.path(name), format: read })) items.push(item);
      expect(items.map(({ kind }) => kind)).toEqual(Array(4).fill('record'));
      expect(items[0]!.id).toBe('DRUG-1');
    }
    const list = await world.run(['search', '--bundle', 'demo', '--input', '-', '--format', 'smi', '-k', '2', '--output', 'list.csv'], `${ASPIRIN} one\nnonsense two\nCCO three\n`);
    expect([list.code, list.stdout, /two: error SMILES_SYNTAX/.test(list.stderr)]).toEqual([3, '', true]);
    const rows = (await readFile(world.path('list.csv'), 'utf8')).trimEnd().split('\r\n');
    expect(rows.map((row) => row.split(',')[0])).toEqual(['queryId', 'one', 'one', 'three', 'three']);
    expect(errorCode(await ask('--smiles', ASPIRIN, '--output', 'hits.xlsx'))).toBe('FILE_FORMAT_UNKNOWN');
    expect(errorCode(await ask('--smiles', ASPIRIN, '--output', 'hits.csv', '--json'))).toBe('ARGUMENT_INVALID');
  });

  it('answers a list, line by line, and says which could not be', async () => {
    const outcome = await world.run(['search', '--bundle', 'demo', '--input', '-', '--format', 'smi', '-k', '1', '--json'], `\uFEFF${ASPIRIN} one\r\n\r\nnonsense two\r\nCCO three\r\n`);
    const lines = outcome.stdout.trim().split('\n').map((line) => JSON.parse(line) as { query: { id: string }; error?: { code: string; line: number }; hits: object[] });
    expect(lines.map(({ query }) => query.id)).toEqual(['one', 'two', 'three']);
    expect(lines.map(({ hits }) => hits.length)).toEqual([1, 0, 1]);
    expect(lines[1]!.error).toMatchObject({ code: 'SMILES_SYNTAX', line: 3 });
    expect(outcome.code).toBe(3);
  });

  it('embeds molecules and pictures', async () => {
    await world.write('few.smi', `${ASPIRIN} a\nnonsense b\nOC(=O)c1ccccc1OC(C)=O c\n`);
    const molecules = await world.run(['embed', '--bundle', 'demo', '--modality', 'smiles', '--input', 'few.smi', '--output', 'few.f32']);
    expect(molecules.code, molecules.stderr).toBe(3);
    const { count, dimension, rejects, ids } = JSON.parse(await readFile(world.path('few.f32.json'), 'utf8')) as { count: number; dimension: number; rejects: object[]; ids: string[] };
    expect({ count, dimension, ids }).toEqual({ count: 2, dimension: 32, ids: ['a', 'c'] });
    expect(rejects).toMatchObject([{ line: 2, id: 'b', input: 'nonsense', code: 'SMILES_SYNTAX' }]);
    const bytes = await readFile(world.path('few.f32'));
    expect(bytes.length).toBe(2 * 32 * 4);
    const rows = Array.from({ length: 64 }, (_, i) => bytes.readFloatLE(i * 4));
    expect(rows.slice(0, 32)).toEqual(rows.slice(32));
    expect(Math.hypot(...rows.slice(0, 32))).toBeCloseTo(1, 5);

    await mkdir(world.path('pictures'), { recursive: true });
    await world.write('pictures/a.png', await drawing());
    await world.write('pictures/b.png', 'no picture');
    await world.write('list.tsv', 'set\tfile\nx\tpictures/a.png\nx\tpictures/b.png\nx\tpictures/c.png\n');
    for (const [input, rejected] of [['pictures', 1], ['list.tsv', 2], ['pictures/a.png', 0]] as const) {
      const outcome = await world.run(['embed', '--bundle', 'demo', '--modality', 'drawing', '--input', input, '--output', 'drawings.f32', '--json']);
      expect(JSON.parse(outcome.stdout), outcome.stderr).toEqual({ count: 1, dimension: 32, rejected });
      expect(outcome.code).toBe(rejected > 0 ? 3 : 0);
    }
    expect(errorCode(await world.run(['embed', '--bundle', 'demo', '--modality', 'cells', '--input', 'few.smi', '--output', 'x.f32']))).toBe('MODALITY_UNSUPPORTED');
    expect((await readdir(world.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('takes a library as the world writes them', async () => {
    const library = ['\uFEFFcompound;SMILES;note', `X1;${ASPIRIN};first`, '', 'X1;CCO;same identifier', 'X2;C1CC;bad', `X3;OC(=O)c1ccccc1OC(C)=O;duplicate`, '  ', 'X4;CCN;', 'X5'].join('\r\n');
    await world.write('odd.csv', library);
    const outcome = await world.run(['index', '--input', 'odd.csv', '--bundle', 'odd', '--model', world.model, '--rejects', 'odd.rejects.jsonl', '--json', '--backend', 'exact']);
    expect(outcome.code, outcome.stderr).toBe(3);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ bundle: 'odd', count: 3, records: 6, merged: 1, rejected: 2 });
    const rejects = (await readFile(world.path('odd.rejects.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { line: number; id: string; code: string });
    expect(rejects[0]).toMatchObject({ line: 5, id: 'X2', code: 'SMILES_UNCLOSED_RING' });
    expect(outcome.stderr).toContain('~2');
  });

  it('says of a library what it is told, and makes no map where none is wanted', async () => {
    const index = (...more: string[]): ReturnType<typeof world.run> => world.run([
      'index', '--input', 'library.csv', '--bundle', 'told', '--model', world.model, ...more,
    ]);
    const facts = ['--licence', 'CC0', '--source-url', 'https://example.org/', '--link', 'https://example.org/{inchiKey}'];
    expect((await index(...facts, '--no-map')).stderr).not.toContain('map');
    const manifest = JSON.parse((await world.run(['bundle', 'info', 'told', '--json'])).stdout) as object;
    expect(manifest).toMatchObject({ licence: 'CC0', sourceUrl: 'https://example.org/', link: 'https://example.org/{inchiKey}' });
    expect(manifest).toMatchObject({ command: expect.stringContaining('--no-map') });
    expect(manifest).not.toHaveProperty('map');
    const info = (await world.run(['bundle', 'info', 'told'])).stdout;
    expect(info).toMatch(/^licence +CC0$/m);
    expect(info).toMatch(/^map +none$/m);
    expect(errorCode(await index('--link', 'javascript:{id}'))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await index('--source-url', 'nowhere'))).toBe('ARGUMENT_INVALID');
    expect((await world.run(['bundle', 'info', 'demo'])).stdout).toMatch(/^map +keeps \d+ % of the neighbours/m);
  });

  it('embeds a library by several modalities, and searches from one to another', async () => {
    const small = someSmiles(20).map((smiles, i) => `${smiles} M${i}\n`).join('');
    await world.write('small.smi', small);
    const index = (gallery: string): Promise<Outcome> => world.run(['index', '--input', 'small.smi', '--bundle', 'both', '--model', world.model, '--no-map', '--gallery', gallery]);
    expect(await index('fingerprint, drawing')).toMatchObject({ code: 0 });
    const info = (await world.run(['bundle', 'info', 'both'])).stdout;
    expect(info).toContain('--gallery fingerprint,drawing');
    expect(info.match(/embeds the library/g)).toHaveLength(2);
    const asked = (...args: string[]): Promise<Outcome> => world.run(['search', '--bundle', 'both', '--json', '-k', '3', ...args]);
    const across = json(await asked('--id', 'M4', '--from', 'fingerprint', '--to', 'drawing'));
    expect(across).toMatchObject({ mode: 'similarity' });
    expect(across.hits).toHaveLength(3);
    await world.write('drawing.png', await drawing());
    expect(json(await asked('--image', 'drawing.png', '--from', 'drawing', '--to', 'drawing')).hits).toHaveLength(3);
    for (const wrong of [await asked('--id', 'M4', '--to', 'graph'), await asked('--id', 'M4', '--from', 'drawing'), await index('graph')]) expect(errorCode(wrong)).toBe('ARGUMENT_INVALID');
  });

  it('refuses a library that it cannot read at all', async () => {
    const cases: [string, string | null, string][] = [
      ['gone.csv', null, 'FILE_NOT_FOUND'],
      ['nothing.smi', '', 'RECORD_INVALID'],
      ['columns.csv', 'id,weight\nA,5\n', 'COLUMN_MISSING'],
      ['library.xls', 'anything', 'FILE_FORMAT_UNKNOWN'],
      ['broken.smi.gz', '\u001f\u008bnot gzip', 'RECORD_INVALID'],
    ];
    for (const [name, content, code] of cases) {
      if (content !== null) await world.write(name, Buffer.from(content, 'latin1'));
      const outcome = await world.run(['index', '--input', name, '--bundle', 'never', '--model', world.model]);
      expect({ name, code: outcome.code }).toEqual({ name, code: 1 });
      expect(errorCode(outcome), outcome.stderr).toMatch(name.endsWith('.gz') ? /^(RECORD_INVALID|FILE_UNREADABLE)$/ : new RegExp(`^${code}$`));
    }
    expect(errorCode(await world.run(['index', '--input', 'library.csv', '--bundle', '../up', '--model', world.model]))).toBeUndefined();
    expect(errorCode(await world.run(['index', '--input', 'library.csv', '--bundle', 'Bad Name', '--model', world.model]))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await world.run(['index', '--input', 'library.csv', '--bundle', 'x', '--model', 'nowhere']))).toBe('MODEL_INVALID');
    expect(errorCode(await world.run(['index', '--input', 'library.csv', '--bundle', 'x', '--model', world.model, '--parameter', 'm=1']))).toBe('ARGUMENT_INVALID');
    expect(errorCode(await world.run(['index', '--input', 'library.csv', '--bundle', 'x', '--model', world.model, '--smiles-column', 'structure']))).toBe('COLUMN_MISSING');
  });

  it('refuses queries that are no molecules or no drawings, each with its code', async () => {
    // A list answers all at once; one alone shows that a single query says the same.
    const input = BAD_SMILES.filter(({ smiles }) => smiles.trim() !== '').map(({ smiles }, i) => JSON.stringify({ id: `q${i}`, smiles })).join('\n');
    const outcome = await world.run(['search', '--bundle', 'demo', '--input', '-', '--format', 'jsonl', '--json'], input);
    const codes = outcome.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { error?: { code: string } }).error?.code ?? 'answered');
    BAD_SMILES.filter(({ smiles }) => smiles.trim() !== '').forEach(({ smiles, code }, i) => expect(codes[i], smiles.slice(0, 40)).toMatch(code));
    const alone = await ask('--smiles', '');
    expect([alone.code, errorCode(alone), alone.stdout]).toEqual([1, 'SMILES_EMPTY', '']);
    const unknown = await ask('--id', 'nobody');
    expect([unknown.code, errorCode(unknown)]).toEqual([1, 'NOT_FOUND']);

    await mkdir(world.path('bad'), { recursive: true });
    const bad = await badImages();
    const odd = await oddImages();
    for (const { name, bytes } of [...bad, ...odd]) await world.write(join('bad', name), bytes);
    await world.write('bad/list.txt', [...bad, ...odd].map(({ name }) => name).join('\n'));
    await world.run(['embed', '--bundle', 'demo', '--modality', 'drawing', '--input', 'bad/list.txt', '--output', 'bad.f32']);
    const sidecar = JSON.parse(await readFile(world.path('bad.f32.json'), 'utf8')) as { ids: string[]; rejects: { id: string; code: string; message: string }[] };
    expect(sidecar.ids).toEqual(odd.map(({ name }) => name));
    for (const { name, code } of bad) expect(sidecar.rejects.find((reject) => reject.id === name)?.code, name).toMatch(code);
    for (const { message } of sidecar.rejects) expect(message).toMatch(/^Expected .+/);
    expect(errorCode(await ask('--image', 'bad/text.png'))).toBe('IMAGE_FORMAT_UNSUPPORTED');
    expect(errorCode(await ask('--image', 'nowhere.png'))).toBe('FILE_NOT_FOUND');
    expect(errorCode(await ask('--image', 'bad'))).toBe('FILE_UNREADABLE');
  });

  it('refuses damaged bundles', async () => {
    const manifest = JSON.parse((await world.run(['bundle', 'info', 'demo', '--json'])).stdout) as { generation: string };
    const copy = async (name: string): Promise<string> => {
      const from = world.path(join('indexes', 'demo'));
      const to = world.path(join('indexes', name));
      await mkdir(join(to, manifest.generation, 'encoders'), { recursive: true });
      await copyFile(join(from, 'CURRENT'), join(to, 'CURRENT'));
      for (const file of await readdir(join(from, manifest.generation), { recursive: true, withFileTypes: true })) {
        if (file.isFile()) await copyFile(join(file.parentPath, file.name), join(to, manifest.generation, file.parentPath.endsWith('encoders') ? 'encoders' : '', file.name));
      }
      return join(to, manifest.generation);
    };
    const truncated = await copy('truncated');
    await truncate(join(truncated, 'molecules.sqlite'), 4096);
    const flipped = await copy('flipped');
    const bytes = await readFile(join(flipped, 'vectors.f32'));
    bytes[100]! ^= 4;
    await writeFile(join(flipped, 'vectors.f32'), bytes);
    const edited = await copy('edited');
    await writeFile(join(edited, 'manifest.json'), (await readFile(join(edited, 'manifest.json'), 'utf8')).replace('"dimension": 32', '"dimension": 16'));
    for (const name of ['truncated', 'flipped', 'edited']) {
      const outcome = await world.run(['search', '--bundle', name, '--smiles', 'C', '--json']);
      expect({ name, code: outcome.code, error: errorCode(outcome), stdout: outcome.stdout }).toEqual({ name, code: 1, error: 'BUNDLE_CORRUPT', stdout: '' });
    }
    const absent = await world.run(['bundle', 'verify', 'nothing']);
    expect(errorCode(absent)).toBe('BUNDLE_NOT_FOUND');
    expect(absent.stderr).toContain('demo');
  });
});
