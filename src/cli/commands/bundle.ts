import { galleriesOf, listBundles, readManifest } from '../../bundle/index.ts';
import type { BundleManifest } from '../../bundle/index.ts';
import { bundlePlace } from '../bundles.ts';
import { withEngine } from '../with-engine.ts';
import { formatTable } from '../table.ts';
import { registerPull, registerPush } from './bundle-database.ts';
import type { Register } from './define.ts';

interface BundleFlags {
  readonly json?: boolean;
}

export const registerBundle: Register = (program, contextOf) => {
  const bundle = program.command('bundle').description('Look at bundles, and move them to a database and back.');

  bundle
    .command('list')
    .description('Name the bundles that can be searched.')
    .option('--json', 'print JSON')
    .action(async ({ json }: BundleFlags) => {
      const context = contextOf();
      const names = await listBundles(context.indexes);
      const found = await Promise.all(names.map(async (name) => (await readManifest(context.indexes, name)).manifest));
      if (json === true) context.print(JSON.stringify(found.map(({ name, generation, count, createdAt }) => ({ name, generation, count, createdAt }))));
      else if (found.length === 0) context.note(`No bundle in ${context.indexes}; make one with "isolens index".`);
      else context.print(formatTable([
        { title: 'name', cell: ({ name }) => name },
        { title: 'molecules', align: 'right', cell: ({ count }) => String(count) },
        { title: 'generation', cell: ({ generation }) => generation },
        { title: 'source', cell: ({ sources }) => sources.map((source) => source.file).join(', ') },
      ], found, context.columns));
    });

  bundle
    .command('info')
    .description('Show what a bundle was made of.')
    .argument('<name>', 'name, or path of its folder')
    .option('--json', 'print the manifest')
    .action(async (name: string, { json }: BundleFlags) => {
      const context = contextOf();
      const place = bundlePlace(context, name);
      const { manifest } = await readManifest(place.root, place.name);
      context.print(json === true ? JSON.stringify(manifest) : describe(manifest));
    });

  bundle
    .command('verify')
    .description('Check sizes, hashes, stored neighbours and encoders of a bundle.')
    .argument('<name>', 'name, or path of its folder')
    .option('--json', 'print JSON')
    .action(async (name: string, { json }: BundleFlags) => {
      const context = contextOf();
      await withEngine(context, name, { chemWorkers: 1 }, async ({ engine }) => {
        const { generation, count, files } = engine.manifest;
        if (json === true) context.print(JSON.stringify({ name: engine.manifest.name, generation, count, files: files.length, ok: true }));
        else context.print(`${engine.manifest.name} ${generation}: ${count} molecules, ${files.length} files, index and encoders agree with the manifest.`);
      });
    });

  registerPush(bundle, contextOf);
  registerPull(bundle, contextOf);
};

function describe(manifest: BundleManifest): string {
  const { index, counts } = manifest;
  const embedding = new Set(galleriesOf(manifest).map(({ tower }) => tower));
  const parameters = Object.entries(index.parameters).map(([key, value]) => `${key} ${String(value)}`).join(', ');
  const rows: [string, string][] = [
    ['name', manifest.name],
    ['generation', manifest.generation],
    ['made', `${manifest.createdAt} by ${manifest.command}`],
    ['molecules', `${manifest.count} (${counts.records} records, ${counts.merged} merged, ${counts.rejected} rejected)`],
    ['sources', manifest.sources.map((source) => `${source.file}, ${source.bytes} bytes, sha256 ${source.sha256 ?? 'unknown'}`).join('; ')],
    ['vectors', `${manifest.dimension} dimensions, ${manifest.metric}, ${index.backend}${parameters === '' ? '' : ` (${parameters})`}`],
    ['encoders', manifest.towers.map((tower) => `${tower.name} (${tower.encoder} for ${tower.modality}${embedding.has(tower.name) ? ', embeds the library' : ''})`).join('; ')],
    ...(manifest.licence === undefined ? [] : [['licence', manifest.licence] satisfies [string, string]]),
    ...(manifest.sourceUrl === undefined ? [] : [['from', manifest.sourceUrl] satisfies [string, string]]),
    ...(manifest.link === undefined ? [] : [['link', manifest.link] satisfies [string, string]]),
    ['map', mapText(manifest)],
    ['files', `${manifest.files.length}, ${(manifest.files.reduce((sum, file) => sum + file.bytes, 0) / 1e6).toFixed(1)} MB`],
  ];
  return rows.map(([term, value]) => `${term.padEnd(10)}  ${value}`).join('\n');
}

function mapText({ map }: BundleManifest): string {
  return map === undefined ? 'none' : `keeps ${Math.round(map.neighbourShare * 100)} % of the neighbours; ${map.method}`;
}
