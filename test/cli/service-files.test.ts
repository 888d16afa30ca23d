/** What supervises the service says only what there is: options, paths, probes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/api/index.ts';
import { registerServe } from '../../src/cli/commands/serve.ts';
import { ROOT } from '../architecture/sources.ts';

const textOf = (name: string): string => readFileSync(join(ROOT, 'scripts', 'service', name), 'utf8');
const UNIT = textOf('isolens.service');
const CONTAINER = textOf('Containerfile');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

function serveOptions(): (string | undefined)[] {
  const program = new Command();
  registerServe(program, () => { throw new Error('Expected no command to run.'); });
  return program.commands[0]!.options.map(({ long }) => long);
}

describe('the systemd unit', () => {
  test('starts the service with options that it has', () => {
    const lines = UNIT.split('\n').filter((line) => line.includes('ExecStart'));
    const used = lines.flatMap((line) => [...line.matchAll(/ (--[a-z-]+)/g)].map((match) => match[1]));
    expect(used).toContain('--api-keys');
    expect(serveOptions()).toEqual(expect.arrayContaining(used));
  });

  test.skipIf(!hasSystemd)('is one that systemd reads without a complaint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    const path = join(folder, 'isolens.service');
    // Where Node.js lies is the machine's.
    writeFileSync(path, UNIT.replaceAll('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ status, said: (stdout + stderr).split('\n').filter((line) => line.includes('isolens.service')) }).toEqual({ status: 0, said: [] });
  });
});

describe('the container file', () => {
  test('copies what there is, and starts the service with options that it has', () => {
    const copied = [...CONTAINER.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) => match[1]!.split(' '));
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const command = JSON.parse(/^CMD (\[.+\])$/m.exec(CONTAINER)![1]!) as string[];
    expect(serveOptions()).toEqual(expect.arrayContaining(command.filter((word) => word.startsWith('--'))));
  });

  test('asks after the service as another user, on a path that there is', () => {
    const path = /fetch\('http:\/\/127\.0\.0\.1:8080(\/[a-z]+)'\)/.exec(CONTAINER)![1]!;
    expect(openApiDocument('1.2.3').paths).toHaveProperty([path]);
    expect(CONTAINER).toMatch(/^USER node$/m);
  });
});
