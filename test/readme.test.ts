/** What the README lists is what there is. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { INDEX_BACKENDS } from '../src/ann/index.ts';
import { ENCODERS } from '../src/encoders/index.ts';
import { READERS } from '../src/ingest/index.ts';
import { MODALITIES } from '../src/modalities/index.ts';
import { OBJECTIVES } from '../src/objectives/index.ts';
import { READERS as DRAWING_READERS } from '../src/readers/index.ts';
import { READER_RECIPES, RECIPES } from '../src/recipes/index.ts';
import { ROOT } from './architecture/sources.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('README', () => {
  test('begins with the two commands', () => {
    const [demo, tests] = README.split('\n').filter((line) => line.startsWith('    '));
    expect(demo).toContain('npm run demo');
    expect(tests).toContain('npm test');
  });

  test.each([...MODALITIES, ...ENCODERS, ...OBJECTIVES, ...INDEX_BACKENDS, ...READERS, ...DRAWING_READERS, ...RECIPES, ...READER_RECIPES].map(({ id, summary }) => [id, summary]))('lists %s', (id, summary) => {
    expect(README).toContain(`| \`${id}\` | ${summary} |`);
  });

  test('names the commands there are', () => {
    const commands = readFileSync(join(ROOT, 'src/cli/commands/index.ts'), 'utf8');
    const registered = [...commands.matchAll(/name: '([a-z]+)', load/g)].map((match) => match[1]!);
    const listed = [...README.matchAll(/^\| `([a-z]+)` \| /gm)].map((match) => match[1]!);
    expect(registered.length).toBeGreaterThan(3);
    for (const name of registered) expect(listed).toContain(name);
  });

  test.each([['README.md'], ['indexes/README.md']])('%s links to files that exist', (page) => {
    const links = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!).filter((link) => !link.startsWith('http'));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(existsSync(join(ROOT, page, '..', link)), link).toBe(true);
  });
});
