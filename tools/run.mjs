// Runs a TypeScript file of this repository on any Node that lowerdev supports: bundles it, then imports the result.
//   node tools/run.mjs FILE.ts [ARGUMENT...]

import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { justBashDiet } from './just-bash-diet.mjs';
import { textFiles } from './text-files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node tools/run.mjs FILE.ts [ARGUMENT...]');
  process.exit(2);
}
// One folder per process, inside the repository so that packages resolve; removed at the end.
const cache = join(root, 'node_modules/.cache/lowerdev');
const folder = join(cache, `${basename(file, '.ts')}-${process.pid}`);
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, `${basename(file, '.ts')}.mjs`);
await esbuild.build({
  absWorkingDir: root,
  entryPoints: [resolve(file)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20.11',
  format: 'esm',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
  plugins: [justBashDiet('node'), textFiles()],
  define: { LOWERDEV_VERSION: '"0.0.0-source"', REPOSITORY: JSON.stringify(root) },
});
process.argv = [process.argv[0], resolve(file), ...rest];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
