// Packs the package, installs the tarball in an empty folder as a user would, and measures: what it weighs installed, that
// its command starts, and that its types need nothing that is not installed.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const limitMb = 40;
const goalMb = 5;

function sizeOf(path) {
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}

function filesBelow(path) {
  return statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesBelow(join(path, name))) : [path];
}

const run = (cwd, command, ...args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

const folder = mkdtempSync(join(tmpdir(), 'lowerdev-package-'));
try {
  // --ignore-scripts: dist/ was built by the stage before.
  const [{ filename }] = JSON.parse(
    run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder),
  );
  const tarball = join(folder, filename);
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  run(folder, 'npm', 'install', '--offline', '--no-audit', '--no-fund', '--silent', tarball);
  const modules = join(folder, 'node_modules');
  const packages = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const megabytes = sizeOf(modules) / 1e6;
  const packed = sizeOf(tarball) / 1e6;
  console.log(`${packed.toFixed(2)} MB packed, ${megabytes.toFixed(2)} MB installed, packages: ${packages.join(', ')}`);
  if (megabytes > limitMb) throw new Error(`more than ${limitMb} MB`);
  if (megabytes > goalMb) console.log(`more than the goal of ${goalMb} MB: see docs/dependencies.md`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const answer = run(folder, join(modules, '.bin/lowerdev'), '--version');
  if (answer !== version) throw new Error(`lowerdev --version says ${answer}, not ${version}`);
  run(folder, process.execPath, '--input-type=module', '-e', "await import('lowerdev')");
  const installed = join(modules, 'lowerdev');
  const types = filesBelow(join(installed, 'dist/types'));
  for (const path of types) {
    const match = /from ['"](?!\.)([^'"]+)['"]/.exec(readFileSync(path, 'utf8'));
    if (match !== null) throw new Error(`${path.slice(installed.length + 1)} needs the types of "${match[1]}"`);
  }
  console.log(`lowerdev ${answer} starts from the tarball; ${types.length} files of types stand alone`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
