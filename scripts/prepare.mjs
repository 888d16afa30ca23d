/**
 * Brings a fresh clone to the point where everything runs: packages, the native engine, the compiled TypeScript and the
 * page. Each step is skipped when its result is newer than its sources, so a second start takes seconds.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const NPM_CI = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];

export function prepare() {
  requireNode();
  install();
  step('native engine', 'make', ['--no-print-directory', '-C', join(root, 'src', 'native'), `-j${availableParallelism()}`, 'all']);
  step('TypeScript', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.json')]);
  buildPage();
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Expected Node.js 20.19 or later but this is ${process.versions.node}. Install a newer Node.js and try again.`);
}

/** Runs `npm ci` when the lock file differs from the one that was installed last. */
function install() {
  const stamp = join(root, 'node_modules', '.isolens-installed');
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  // npm passes its own script to its children: the same npm that started this.
  const npm = process.env['npm_execpath'];
  // The processor's library comes with the package; its install step would look for one for CUDA, over the network.
  const environment = { ONNXRUNTIME_NODE_INSTALL: 'skip', ...headers() };
  if (npm === undefined) step('packages', 'npm', NPM_CI, environment);
  else step('packages', process.execPath, [npm, ...NPM_CI], environment);
  linkCommand();
  writeFileSync(stamp, lock);
}

/** Two packages compile against Node's headers. Most installations have them beside Node; without this hint they are downloaded. */
function headers() {
  if (process.env['npm_config_nodedir'] !== undefined) return {};
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

/** npm links the commands of dependencies only; `npx isolens` in the clone itself needs ours beside them. */
function linkCommand() {
  const link = join(root, 'node_modules', '.bin', 'isolens');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'bin', 'isolens.js'), link);
}

export function buildPage() {
  const web = join(root, 'web');
  const sources = readdirSync(web, { recursive: true }).map((name) => join(web, String(name)));
  // Its types are those of the HTTP API; its packages are in the lock file.
  const others = [...readdirSync(join(root, 'src', 'api')).map((name) => join(root, 'src', 'api', name)), join(root, 'package-lock.json')];
  const built = join(root, 'dist', 'web', 'index.html');
  if (existsSync(built) && [...sources, ...others].every((path) => statSync(path).mtimeMs < statSync(built).mtimeMs)) return;
  step('types of the page', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(web, 'tsconfig.json')]);
  step('page', process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', join(web, 'vite.config.ts')]);
}

function step(name, command, args, environment = {}) {
  process.stderr.write(`building: ${name}\n`);
  const { status, error, stdout } = spawnSync(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  if (error !== undefined) fail(`Expected ${command} to be installed (${error.message}). The README lists what a machine needs.`);
  if (status !== 0) fail(`${stdout.toString()}Building the ${name} failed; the lines above say why.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
