// doctor on this kernel, as a user calls it: every scenario in a sandbox of namespaces, found, fixed where it can be, and looked
// at with the real tools afterwards.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textFiles } from '../../tools/text-files.mjs';
import { PRELUDE, SCENARIOS } from './scenarios.ts';

const root = join(import.meta.dirname, '../..');
let dir: string;
let main: string;

/** Why the sandbox cannot be had here; null when it can. */
function whyNot(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  try {
    execFileSync('unshare', ['--net', '--mount', 'ip', '-V'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'needs unshare and ip';
  }
}
const skip = whyNot();

beforeAll(async () => {
  if (skip !== null) return;
  dir = mkdtempSync(join(root, 'node_modules/.cache/lowerdev-doctor-'));
  main = join(dir, 'main.mjs');
  await esbuild.build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins: [textFiles()],
    define: { LOWERDEV_VERSION: '"0.0.0-test"' },
  });
}, 60_000);
afterAll(() => {
  if (skip === null) rmSync(dir, { recursive: true, force: true });
});

/** In namespaces of its own; what it printed, and its errors. */
function inside(script: string): { out: string; err: string; status: number | null } {
  const own = 'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns || exit 99';
  const lowerdev = `lowerdev() { "${process.execPath}" "${main}" "$@"; }`;
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    [
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child',
      'bash',
      '-c',
      `${own}\n${lowerdev}\n${script}`,
    ],
    { encoding: 'utf8', timeout: 120_000 },
  );
  return { out: stdout, err: stderr, status };
}

/** `code where` of each finding, in a line; asked again for a while, since carriers and DAD take their time. */
const found = (expected: readonly string[]): string => `
codes() { lowerdev doctor --json "$@" | "${process.execPath}" -e '
  const { findings } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  console.log(findings.map((f) => f.code + " " + f.where).join("; "))'; }
for i in $(seq 30); do now=$(codes); [ "$now" = "${expected.join('; ')}" ] && break; sleep 0.2; done
echo "found: $now"
`;

describe.skipIf(skip !== null)(`on this kernel${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  for (const { name, script, finds, after, works, notOn } of SCENARIOS) {
    const left = notOn?.arm === 'kernel';
    test.skipIf(left)(
      `${name}${left ? ` (skipped: ${notOn.why})` : ''}`,
      () => {
        const say = (what: string): string =>
          `{ ${works}; } > /dev/null 2>&1 && echo "${what}: works" || echo "${what}: fails"`;
        const fix =
          after === undefined
            ? ''
            : `${works === undefined ? '' : say('before')}
lowerdev doctor --fix --yes > fixed; echo "exit $?"; grep -c ': cured$' fixed
${found(after)}
${works === undefined ? '' : say('after')}`;
        const { out, err } = inside(`cd "${dir}"\n${PRELUDE}${script}\n${found(finds)}\n${fix}`);
        const lines = [`found: ${finds.join('; ')}`];
        if (after !== undefined) {
          if (works !== undefined) lines.push('before: fails');
          lines.push(
            after.length > 0 ? 'exit 1' : 'exit 0',
            String(finds.length - after.length),
            `found: ${after.join('; ')}`,
          );
          if (works !== undefined) lines.push('after: works');
        }
        expect(`${out}${err}`).toBe(`${lines.join('\n')}\n`);
      },
      150_000,
    );
  }
});
