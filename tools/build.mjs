// Builds dist/: the command line (Node, split so that a subcommand loads what it needs), the library (neutral), the same
// library for browsers, its types, and the licences of everything that was bundled. Nothing is left to install at run time.
//   node tools/build.mjs [--no-types] [--metafile]

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { justBashDiet } from './just-bash-diet.mjs';
import { licencesOf } from './licences.mjs';
import { textFiles } from './text-files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
// Built beside dist/ and moved there at the end, so that a failed build leaves the last good one.
const stage = join(root, 'node_modules/.cache/lowerdev', `dist-${process.pid}`);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  define: { LOWERDEV_VERSION: JSON.stringify(version) },
};

async function main() {
  const node = await esbuild.build({
    ...common,
    platform: 'node',
    target: 'node20.11',
    entryPoints: { 'cli/main': 'src/cli/main.ts', index: 'src/index.ts' },
    outdir: stage,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [justBashDiet('node'), textFiles()],
    // Packages in CommonJS ask for Node's modules with require().
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const browser = await esbuild.build({
    ...common,
    platform: 'browser',
    target: 'es2022',
    entryPoints: { index: 'src/index.ts' },
    outdir: join(stage, 'browser'),
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [justBashDiet('browser')],
  });
  markExecutable(join(stage, 'cli/main.js'));
  refuseNodeModules(browser.metafile);
  writeFileSync(join(stage, 'THIRD_PARTY_LICENSES'), licencesOf(root, [node.metafile, browser.metafile]));
  if (!process.argv.includes('--no-types')) emitTypes();
  if (process.argv.includes('--metafile')) keepMetafiles(node.metafile, browser.metafile);
  rmSync(dist, { recursive: true, force: true });
  renameSync(stage, dist);
}

function keepMetafiles(node, browser) {
  mkdirSync(join(root, 'bench/.cache'), { recursive: true });
  writeFileSync(join(root, 'bench/.cache/meta-node.json'), JSON.stringify(node));
  writeFileSync(join(root, 'bench/.cache/meta-browser.json'), JSON.stringify(browser));
}

/** npm sets the bit when it installs a bin; a checkout that runs dist/cli/main.js by hand needs it too. */
function markExecutable(path) {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('#!')) writeFileSync(path, `#!/usr/bin/env node\n${text}`);
  chmodSync(path, 0o755);
}

/** The browser's bundle must not ask for Node. */
function refuseNodeModules(metafile) {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    for (const { path: wanted, external } of output.imports) {
      if (external) throw new Error(`${path} still imports "${wanted}", which a browser does not have`);
    }
  }
}

function emitTypes() {
  const tsc = join(root, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', 'tsconfig.build.json', '--outDir', join(stage, 'types')], { cwd: root, stdio: 'inherit' });
  if (!existsSync(join(stage, 'types/index.d.ts'))) throw new Error('tsc wrote no types/index.d.ts');
  pruneTypes(join(stage, 'types'));
}

/** Declarations that the front door does not lead to are nobody's business, and would ask for the types of bundled packages. */
function pruneTypes(folder) {
  const keep = new Set();
  const visit = (file) => {
    if (keep.has(file)) return;
    keep.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.ts['"]/g))
      visit(join(dirname(file), `${path}.d.ts`));
  };
  visit(join(folder, 'index.d.ts'));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !keep.has(file)) rmSync(file);
  }
}

try {
  await main();
} finally {
  rmSync(stage, { recursive: true, force: true });
}
