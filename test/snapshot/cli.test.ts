// lowerdev why and lowerdev snapshot as a user calls them: on this machine's kernel in namespaces of its own, on a saved
// snapshot, on a lab; exit codes and JSON.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleInto } from '../apply/cli-bundle.ts';
import { whyNot } from '../live/sandbox.ts';
import { SETUP } from './broken.ts';
import { modelAfter, snapshotOf } from './testing.ts';

const root = join(import.meta.dirname, '../..');
let dir: string;
let main: string;

beforeAll(async () => {
  dir = mkdtempSync(join(root, 'node_modules/.cache/lowerdev-why-'));
  main = join(dir, 'main.mjs');
  await bundleInto(dir, [join(root, 'src/cli/main.ts')]);
}, 60_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function lowerdev(args: string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [main, ...args], { input, encoding: 'utf8' });
}

/** A script in namespaces of its own; `$L` is lowerdev. */
function inside(script: string): SpawnSyncReturns<string> {
  const ready = 'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns';
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c'];
  const L = `${process.execPath} ${main}`;
  return spawnSync('unshare', [...args, `${ready} && set -e && { ${SETUP} }; set +e; L="${L}"; ${script}`], {
    encoding: 'utf8',
  });
}

test('a saved snapshot is studied elsewhere', async () => {
  const model = await modelAfter('nics: {}', `${SETUP}; ip -n green link set eth0 type macvlan mode private`);
  const file = join(dir, 'host.json');
  writeFileSync(file, JSON.stringify(snapshotOf(model)));
  model.close();
  const no = lowerdev(['why', '--snapshot', file, 'blue', 'green']);
  expect(no.stdout).toContain('not reached: private: siblings do not hear each other');
  expect(no.stdout).toContain('ip netns exec green ip link set eth0 type macvlan mode bridge');
  expect(no.status).toBe(1);
  const yes = lowerdev(['why', '--json', '--snapshot', file, 'blue', 'wire/p0x']);
  expect(JSON.parse(yes.stdout)).toMatchObject({
    from: 'blue',
    reached: true,
    model: true,
    probe: null,
    differs: false,
  });
  expect(yes.status).toBe(0);
  const bad = lowerdev(['why', '--snapshot', file, 'bleu', 'green']);
  expect([bad.status, bad.stderr]).toEqual([2, "lowerdev: nothing here is called 'bleu'; is it blue?\n"]);
  const none = lowerdev(['why', '--snapshot', '-', 'blue', 'green'], '{}');
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('no snapshot')]);
});

test('a lab in the model', () => {
  const lab = join(root, 'examples/back-to-back/lab.yaml');
  const isolated = lowerdev(['why', '--engine', 'model', '--lab', lab, 'host', 'net0']);
  expect(isolated.stdout).toContain('host isolation: enp137s0f0');
  expect(isolated.status).toBe(1);
  expect(lowerdev(['why', '--lab', lab, 'net0', 'outside']).status).toBe(0);
  const taken = lowerdev(['snapshot', '--engine', 'model', '--lab', lab, '--json']);
  expect(JSON.parse(taken.stdout).namespaces.map((ns: { names: string[] }) => ns.names)).toEqual([
    [],
    ['net0'],
    ['net1'],
  ]);
});

const reason = whyNot();
describe.skipIf(reason !== null)(`this kernel${reason === null ? '' : ` (${reason})`}`, () => {
  test('the kernel confirms what the model says', { timeout: 120_000 }, () => {
    const { stdout } = inside('$L why blue green; echo $?; $L why host blue; echo $?; $L why blue 10.8.0.2; echo $?');
    expect(stdout).toMatch(/blue -> green.*\nreached: .*probe +on this kernel it is reached: .*\n0\n/s);
    expect(stdout).toMatch(
      /host -> blue.*\nnot reached: host isolation: p0.*probe +on this kernel it is not reached: .*\n1\n/s,
    );
    expect(stdout).toMatch(/blue -> 10.8.0.2.*\nreached: .*probe +on this kernel it is reached/s);
  });

  test('what the model cannot know is seen by the probe, and said', { timeout: 120_000 }, () => {
    const { stdout } = inside(
      'ip netns exec green ip link property add dev eth0 altname x; $L why --json blue 192.0.2.9; echo; $L why blue nosuch; echo $?',
    );
    expect(JSON.parse(stdout.slice(0, stdout.lastIndexOf('}') + 1))).toMatchObject({ reached: false });
    expect(stdout).toMatch(/\n2\n$/);
  });

  test('a snapshot of a machine, written and asked', { timeout: 120_000 }, () => {
    const { stdout, stderr } = inside(
      'cd $(mktemp -d); $L snapshot -o s.json; stat -c %a s.json; $L why --snapshot s.json green 10.0.0.254 | sed -n 3p; sleep 100 & unshare -n sleep 100 & sleep 0.3; $L snapshot --json | grep -c "\\"comm\\":\\"sleep\\""; $L why pid:$! host | tail -1',
    );
    expect(stderr).toMatch(/s\.json: 5 namespaces, \d+ links/);
    expect(stdout.split('\n').slice(0, 3)).toEqual(['600', expect.stringMatching(/^reached: /), '1']);
  });
});
