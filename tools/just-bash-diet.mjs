// An esbuild plugin that leaves the heavy commands of just-bash out of our bundle: interpreters, databases, HTTP and
// compression, none of which a lab script may use. just-bash loads each command as a chunk of its own, so leaving one out
// is replacing one file; a name that no longer matches a chunk fails the build, so that an upgrade cannot undo this.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const chunks = join(dirname(fileURLToPath(import.meta.resolve('just-bash'))), 'chunks');

/** Chunks of the Node build, by name without their hash. */
const heavyChunks = [
  'curl',
  'flag-coverage',
  'html-to-markdown',
  'js-exec',
  'python3',
  'sqlite3',
  'undici',
  'xan',
  'xan-view',
  'yq',
  'tar',
  'file',
];

/** Packages that only those commands need. */
const heavyPackages = [
  '@mongodb-js/zstd',
  'node-liblzma',
  'quickjs-emscripten',
  'seek-bzip',
  'sql.js',
  'turndown',
  'undici',
];

/** Modules of Node that just-bash's browser build mentions on paths that a lab never takes. */
const browserStubs = [
  'node:zlib',
  'node:async_hooks',
  'node:dns',
  'node:module',
  'node:crypto',
  'node:fs',
  'node:path',
  'node:url',
  'node:worker_threads',
];

/** @param {'node' | 'browser'} platform @returns {import('esbuild').Plugin} */
export function justBashDiet(platform) {
  for (const name of heavyChunks) {
    if (!readdirSync(chunks).some((file) => isChunk(file, name)))
      throw new Error(`just-bash has no chunk "${name}" any more: see ${import.meta.url}`);
  }
  const stubbed = new Set([...heavyPackages, ...(platform === 'browser' ? browserStubs : [])]);
  return {
    name: 'just-bash-diet',
    setup(build) {
      build.onResolve({ filter: /^\.\/(?:chunks\/)?[\w-]+\.js$/ }, (args) => {
        if (!args.importer.includes('just-bash')) return null;
        const file = args.path.slice(args.path.lastIndexOf('/') + 1);
        const name = heavyChunks.find((heavy) => isChunk(file, heavy));
        return name === undefined ? null : { path: name, namespace: 'left-out' };
      });
      build.onResolve({ filter: /^[@\w]/ }, (args) => {
        if (!args.importer.includes('just-bash') || !stubbed.has(args.path)) return null;
        return { path: args.path, namespace: 'left-out' };
      });
      if (platform === 'browser') {
        build.onLoad({ filter: /[\\/]just-bash[\\/]dist[\\/]bundle[\\/]browser\.js$/ }, (args) => ({
          contents: withParser(readFileSync(args.path, 'utf8')),
          loader: 'js',
        }));
      }
      build.onLoad({ filter: /.*/, namespace: 'left-out' }, (args) => ({
        // CommonJS, so that every named import resolves (to undefined) and nothing throws before it is used.
        contents: `module.exports = new Proxy({}, { get: (_, key) => { if (key === '__esModule' || key === 'then' || typeof key === 'symbol') return undefined; throw new Error(${JSON.stringify(`${args.path} is not part of lowerdev's shell`)}); } });`,
        loader: 'js',
      }));
    },
  };
}

function isChunk(file, name) {
  return file.startsWith(`${name}-`) && /^[A-Z0-9]{8}\.js$/.test(file.slice(name.length + 1));
}

/**
 * just-bash exports parse() and serialize() for Node only. Its method transform() calls both in either build, which gives
 * the names that they have in the minified one.
 */
function withParser(text) {
  const match = /=([\w$]+)\(\w+,\{maxHeredocSize:.{0,300}?return\{script:([\w$]+)\(\w+\),ast:/.exec(text);
  if (match === null || text.includes(' as parse,')) {
    throw new Error(`just-bash's browser build has its parser elsewhere now: see ${import.meta.url}`);
  }
  return `${text}\nexport{${match[1]} as parse,${match[2]} as serialize};\n`;
}
