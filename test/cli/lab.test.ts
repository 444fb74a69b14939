// plan, apply and destroy as a user calls them: in the model anywhere, and as root on Linux in a sandbox of namespaces.

import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleInto } from '../apply/cli-bundle.ts';

const root = join(import.meta.dirname, '../..');
let dir: string;
let main: string;

beforeAll(async () => {
  dir = mkdtempSync(join(root, 'node_modules/.cache/lowerdev-lab-'));
  main = join(dir, 'main.mjs');
  await bundleInto(dir, [join(root, 'src/cli/main.ts')]);
  writeFileSync(join(dir, 'model.yaml'), MODEL);
  writeFileSync(join(dir, 'host.yaml'), HOST);
  writeFileSync(join(dir, 'worse.yaml'), HOST.replace('lower: p0', 'lower: p0, mode: private').replace('7.254', '9.9'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const MODEL = `
lab: web
machine: { nics: { p0: {} } }
networks: { lan: { lower: p0, mode: vepa } }
endpoints: { blue: { mac: "02:00:00:00:00:01", addresses: [192.168.7.1/24] } }
`;
const HOST = `
lab: web
host: true
networks: { lan: { lower: p0 } }
endpoints: { blue: { mac: "02:00:00:00:00:01", addresses: [192.168.7.1/24], gateway: 192.168.7.254 } }
`;
const BLUE =
  '  + blue/eth0: macvlan on p0, mode bridge, 02:00:00:00:00:01, 192.168.7.1/24, default via 192.168.7.254\n';
const STALE = '  namespace stale was not looked at: cannot enter the network namespace stale: EINVAL\n';

function lowerdev(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: dir });
}

test('plan and apply in the model', () => {
  const planned = lowerdev('plan', '--no-matrix', 'model.yaml');
  const steps =
    '  ~ p0: down -> up\n  + namespace blue\n  + blue/eth0: macvlan on p0, mode vepa, 02:00:00:00:00:01, 192.168.7.1/24\n';
  const [wouldChange] = planned.stdout.split('\n\n'); // risks come behind it
  expect([`${wouldChange}\n`, planned.status]).toEqual([`${steps}web: 2 to make, 1 to change\n`, 1]);
  const applied = lowerdev('apply', '--engine', 'model', 'model.yaml');
  expect([applied.stdout, applied.status]).toEqual([`${steps}web: 2 made, 1 changed\n`, 0]);
  const document = JSON.parse(lowerdev('apply', '--engine', 'model', '--json', 'model.yaml').stdout);
  expect(document).toMatchObject({ lab: 'web', applied: true, conflicts: [], notes: [] });
  expect(document.steps[1]).toEqual({ sign: '+', text: 'namespace blue' });
});

test('bad usage says what to do instead', () => {
  const said = (...args: string[]): [string, number | null] => {
    const { stderr, status } = lowerdev(...args);
    return [stderr, status];
  };
  expect(said('plan', 'nosuch.yaml')).toEqual(['lowerdev: nosuch.yaml: No such file or directory\n', 2]);
  expect(said('plan', '--engine', 'qemu', 'model.yaml')).toEqual([
    "error: option '--engine <name>' argument 'qemu' is invalid. Allowed choices are model, sandbox, linux.\n",
    2,
  ]);
  expect(said('apply', 'host.yaml')[0]).toContain('say --engine linux');
  expect(said('plan', '--engine', 'model', 'host.yaml')[0]).toContain('--engine linux');
  expect(said('plan', '--engine', 'linux', 'model.yaml')[0]).toContain('"host: true"');
  expect(said('plan', '--engine', 'sandbox', 'host.yaml')[0]).toContain('a sandbox needs a lab with a "machine"');
  expect(said('destroy', 'web')).toEqual([
    'lowerdev: where? --engine linux for this machine, --engine sandbox for a sandbox\n',
    2,
  ]);
  expect(said('destroy', '--engine', 'model', 'web')[1]).toBe(2);
  expect(said('destroy')).toEqual(['lowerdev: destroy wants a lab, or --all\n', 2]);
  expect(lowerdev('destroy', '--help').stdout).toMatch(/--engine <name> +sandbox: .*linux: this machine/s);
  expect(lowerdev('apply', '--help').stdout).toContain('--engine linux without --yes');
  expect(lowerdev('apply', '--help').stdout).toContain('sudo lowerdev apply --engine linux --yes lab.yaml');
});

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

test.skipIf(skip !== null)(
  `apply and destroy on this kernel${skip === null ? '' : ` (skipped: ${skip})`}`,
  () => {
    const script = `
    mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns || exit 99
    ip link add p0 type veth peer name far && ip link set far up && ip link set p0 up
    ip netns add theirs; touch /run/netns/stale
    lowerdev() { "${process.execPath}" "${main}" "$@" 2>&1; echo "exit $?"; }
    seen() { ip -br link | awk '{print $1, $3}'; ip netns | sort; }
    seen > before
    lowerdev plan --no-matrix host.yaml
    lowerdev apply --engine linux host.yaml
    lowerdev apply --engine linux --yes host.yaml
    lowerdev plan --no-matrix host.yaml
    ip -n blue -br -4 addr | awk '{sub(/@.*/, "", $1); print $1, $3}'; ip -n blue route | grep -o '^default.*proto static'
    lowerdev apply --engine linux --yes worse.yaml
    ip -n blue -d link show eth0 | grep -o 'macvlan mode [a-z]*'
    lowerdev destroy --engine linux --yes web
    seen | cmp - before && echo same
    lowerdev apply --engine linux --yes host.yaml > first & lowerdev apply --engine linux --yes host.yaml > second
    wait; cat first second | grep -E '^(web|exit)' | sort
    lowerdev destroy --engine linux --yes --all | tail -2; lowerdev destroy --engine linux --all
    rm /run/netns/stale
    setpriv --bounding-set=-all --inh-caps=-all "${process.execPath}" "${main}" apply --engine linux --yes host.yaml 2>&1; echo "exit $?"
    mount -t tmpfs -o ro none /run
    lowerdev apply --engine linux --yes host.yaml
    ip -br link | grep -c eth0
  `;
    const ran = spawnSync(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c', script],
      {
        encoding: 'utf8',
        cwd: dir,
        timeout: 120_000,
      },
    );
    const cannot = '192.168.9.9 is on no network of eth0';
    // What to do about a refusal is the business of test/apply.
    const defaults = /\ndefaults that apply\n {2}lan: .*\n {2}the endpoint: .*\n/g; // src/lab/file/defaults.test.ts
    expect(ran.stdout.match(defaults)).toHaveLength(2);
    const said = ran.stdout.replace(defaults, '').replace(/(of eth0|: EPERM|mkdir '.run.netns')[;:] .*/g, '$1');
    expect(said).toBe(
      `  + namespace blue\n${BLUE}${STALE}web: 2 to make\nexit 1\n` +
        `  + namespace blue\n${BLUE}${STALE}web: 2 to make\nlowerdev: nothing was changed; --yes does it\nexit 3\n` +
        `  + namespace blue\n${BLUE}${STALE}web: 2 made\nexit 0\n` +
        `${STALE}web: nothing to do\nexit 0\n` +
        'lo 127.0.0.1/8\neth0 192.168.7.1/24\ndefault via 192.168.7.254 dev eth0 proto static\n' +
        `lowerdev: blue/eth0: default via 192.168.9.9: ENETUNREACH (Network is unreachable): Nexthop has invalid gateway: ${cannot}\n` +
        'lowerdev: everything is as it was before\nexit 3\n' +
        'macvlan mode bridge\n' +
        `  - blue/eth0: macvlan\n  - namespace blue\n${STALE}web: 2 removed\nexit 0\n` +
        'same\n' +
        'exit 0\nexit 0\nweb: 2 made\nweb: nothing to do\n' +
        'web: 2 removed\nexit 0\nlowerdev: no lab has anything here\nexit 0\n' +
        'lowerdev: namespace blue: cannot make a network namespace: EPERM\nlowerdev: everything is as it was before\nexit 4\n' +
        "lowerdev: namespace blue: EROFS: read-only file system, mkdir '/run/netns'\nlowerdev: everything is as it was before\nexit 4\n" +
        '0\n',
    );
  },
  150_000,
);
