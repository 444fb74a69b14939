// The command line as one file, for tests that call it as a user does, and namespaces of their own to call it in.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { textFiles } from '../../tools/text-files.mjs';

const root = join(import.meta.dirname, '../..');

/** Why a test that needs `forEverybody` is skipped. */
export const NOT_FOR_EVERYBODY =
  'another user cannot run it from here: a directory above the checkout is closed to others';

/** Programs of the repository as modules that Node runs, `NAME.mjs` each. */
export async function bundleInto(dir: string, entryPoints: string[]): Promise<void> {
  await esbuild.build({
    entryPoints,
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins: [textFiles()],
    define: { LOWERDEV_VERSION: '"0.0.0-test"' },
  });
}

export class CliBundle {
  readonly dir: string;
  readonly main: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.main = join(dir, 'main.mjs');
  }

  /** Inside the repository, so that packages resolve; readable for everybody. */
  static async make(): Promise<CliBundle> {
    const cache = join(root, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const made = new CliBundle(mkdtempSync(join(cache, 'lowerdev-cli-')));
    chmodSync(made.dir, 0o755);
    await bundleInto(made.dir, [join(root, 'src/cli/main.ts')]);
    return made;
  }

  file(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  /** Whether another user could run it from here. */
  get forEverybody(): boolean {
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    return spawnSync('setpriv', [...user, process.execPath, this.main, 'version']).status === 0;
  }

  /**
   * What a script prints, standard error too, in network, mount and process namespaces of its own, with an empty /run. `lowerdev` in
   * it is a function that says its exit code; `as` runs it as somebody else: `as "--reuid 65534" lowerdev ...`.
   */
  script(text: string): string {
    const head = `
      exec 2>&1
      mount --make-rprivate / && mount -t tmpfs -o mode=755 none /run || exit 99
      AS=
      lowerdev() { $AS "${process.execPath}" "${this.main}" "$@"; echo "exit $?"; }
      as() { AS="setpriv $1"; shift; "$@"; AS=; }
      NOBODY="--reuid 65534 --regid 65534 --clear-groups"
      up() { for i in $(seq 200); do ip -br link show $1 | grep -q ' UP ' && return; sleep 0.05; done; }
      nic() { ip link add p0 type veth peer name far && ip link set far up && ip link set p0 up && up p0 && up far; }
    `;
    const own = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
    const options = { encoding: 'utf8', cwd: this.dir, timeout: 240_000 } as const;
    return spawnSync('unshare', [...own, 'bash', '-c', head + text], options).stdout;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
