// What the bundler puts into the program as text: the parts of pages that the program writes, and a library in them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** @type {() => import('esbuild').Plugin} */
export const textFiles = () => ({
  name: 'text-files',
  setup(build) {
    build.onResolve({ filter: /(\.css|\.view\.js|\.iife\.min\.js)$/ }, ({ path, resolveDir }) => ({
      path: path.startsWith('.') ? join(resolveDir, path) : createRequire(join(resolveDir, 'x.js')).resolve(path),
      namespace: 'text',
    }));
    build.onLoad({ filter: /.*/, namespace: 'text' }, ({ path }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: 'text',
    }));
  },
});
