// Collects the licences of the packages whose code is in a bundle. A package that was itself bundled before it was
// published (just-bash) carries code of its own dependencies, so the closure of `dependencies` is listed as well.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root @param {Array<{ inputs: object }>} metafiles @returns {string} */
export function licencesOf(root, metafiles) {
  const wanted = new Set();
  const add = (name) => {
    const folder = join(root, 'node_modules', name);
    if (wanted.has(name) || !existsSync(folder)) return;
    wanted.add(name);
    for (const dependency of Object.keys(manifest(folder).dependencies ?? {})) add(dependency);
  };
  for (const { inputs } of metafiles) {
    for (const path of Object.keys(inputs)) {
      const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
      if (match !== null) add(match[1]);
    }
  }
  const parts = [...wanted].sort((a, b) => (a < b ? -1 : 1)).map((name) => describe(root, name));
  return `lowerdev contains code of the packages below, under their own licences.\n\n${parts.join('\n')}`;
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function describe(root, name) {
  const folder = join(root, 'node_modules', name);
  const { version, license, homepage, repository, author } = manifest(folder);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) {
    const by = typeof author === 'string' ? author : (author?.name ?? 'its authors');
    texts.push(`Licensed by ${by} under ${license} (the package has no licence file).`);
  }
  const home = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? '';
  const rule = '-'.repeat(80);
  return `${rule}\n${name} ${version} (${license}) ${home}\n${rule}\n\n${texts.join('\n\n')}\n`;
}
