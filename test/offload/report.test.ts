// What `lowerdev offload` says: every reason why a macvlan is no station, and every warning, each from a script that brings it about.

import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';
import type { LowerReport, MacvlanReport } from '../../src/lab/offload-report.ts';

const machine = (profile: string): string =>
  `nics: { p0: { profile: ${profile} }, p1: { profile: generic } }\ncables: [{ between: [p0, p1] }]\n`;

async function reported(script: string, profile = 'ixgbe'): Promise<LowerReport> {
  const ran = await runScript(`ip link set p0 up; ip link set p1 up\n${script}\nlowerdev offload --json`, {
    machine: machine(profile),
  });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{\n'))).lowers[0];
}

async function only(script: string, profile?: string): Promise<MacvlanReport> {
  const { macvlans } = await reported(script, profile);
  expect(macvlans).toHaveLength(1);
  return macvlans[0];
}

const ON = 'ethtool -K p0 l2-fwd-offload on';
const ADD = 'ip link add m0 link p0 address 02:00:00:00:00:10 type macvlan mode bridge';
const UP = 'ip link set m0 up';

test('a station: since when, by which queues', async () => {
  const lower = await reported(`${ON}; ${ADD}; sleep 1; ${UP}; sleep 1`);
  expect(lower.offload).toMatchObject({ profile: 'ixgbe', enabled: true, hwmode: 'veb', vsis: 2 });
  expect(lower.offload?.stations).toEqual({ used: 1, free: 62, max: 63 });
  const [m] = lower.macvlans;
  expect(m).toMatchObject({ device: 'm0', mode: 'bridge', offloaded: true, station: 0, why: '', cure: '' });
  expect(m.tx).toEqual({ offset: 4, count: 4 });
  expect(m.sinceNs).toBeGreaterThan(1e9);
  expect(m.sinceNs).toBeLessThan(1.1e9);
  expect(lower.warnings).toEqual([]);
});

test.each([
  ['down', `${ON}; ${ADD}`, 'it is down', 'ip link set m0 up'],
  [
    'off at open',
    `${ADD}; ${UP}; ${ON}`,
    'was off when it was opened; it is asked only then',
    'm0 down; ip link set m0 up',
  ],
  ['off', `${ADD}; ${UP}`, 'was off when it was opened', 'ethtool -K p0 l2-fwd-offload on'],
  [
    'several queues',
    `${ON}; ip link add m0 numtxqueues 2 link p0 type macvlan mode bridge; ${UP}`,
    '(ERANGE)',
    'numtxqueues 1',
  ],
  ['source mode', `${ON}; ip link add m0 link p0 type macvlan mode source; ${UP}`, '(EMEDIUMTYPE)', 'mode bridge'],
  ['passthru', `${ON}; ip link add m0 link p0 type macvlan mode passthru; ${UP}`, 'passthru mode never asks', ''],
  [
    'released',
    `${ON}; ${ADD}; ${UP}; ethtool -K p0 l2-fwd-offload off`,
    'gave its station up',
    'ethtool -K p0 l2-fwd-offload on',
  ],
])('not offloaded: %s', async (_, script, why, cure) => {
  const m = await only(script);
  expect([m.offloaded, m.station]).toEqual([false, null]);
  expect(m.why).toContain(why);
  expect(m.cure).toContain(cure);
});

test('a cure is said where the device is', async () => {
  const add = (dev: string, ns: string, mode: string): string =>
    `ip netns add ${ns}; ip link add ${dev} link p0 netns ${ns} type macvlan mode ${mode}; ip -n ${ns} link set ${dev} up`;
  const off = await only(add('m0', 'pod', 'bridge'));
  expect(off.cure).toBe('ethtool -K p0 l2-fwd-offload on; ip -n pod link set m0 down; ip -n pod link set m0 up');
  const there =
    await only(`ip netns add far; ip netns add z; ip link set p0 netns far; ip link set p1 netns z; ip -n far link set p0 up
    ip -n far link add m0 link p0 type macvlan; ip -n far link set m0 up`);
  expect(there.cure).toBe(
    'ip netns exec far ethtool -K p0 l2-fwd-offload on; ip -n far link set m0 down; ip -n far link set m0 up',
  );
});

test('more macvlans than stations', async () => {
  const script = `${ON}; for i in $(seq 0 16); do ip link add m$i link p0 type macvlan mode bridge; ip link set m$i up; done`;
  const { offload, macvlans } = await reported(script, 'generic');
  expect(offload?.stations).toEqual({ used: 16, free: 0, max: 16 });
  expect(macvlans.filter((m) => m.offloaded)).toHaveLength(16);
  expect(macvlans[16].why).toContain('the driver refused');
  expect(macvlans[16].cure).toContain('take another macvlan down first');
});

test('on a VLAN device and on a veth', async () => {
  const ran = await runScript(
    `ip link set p0 up; ${ON}; ip link add p0.5 link p0 type vlan id 5; ip link set p0.5 up
     ip link add m5 link p0.5 type macvlan; ip link set m5 up
     ip link add v0 type veth; ip link add mv link v0 type macvlan; ip link set mv up; lowerdev offload`,
    { machine: machine('ixgbe') },
  );
  expect(ran.stdout).toMatch(/m5 .* in software: p0\.5 is a VLAN device/);
  expect(ran.stdout).toMatch(/mv .* in software: v0 is a veth: only NICs have stations/);
});

const added = (mode: string): string => `${ON}; ip link add m0 link p0 type macvlan mode ${mode}; ${UP}`;

test.each([
  ['vepa over a VEB', added('vepa'), 'ixgbe', 'm0: vepa mode, but the NIC’s switch is a VEB'.replace('’', "'")],
  ['private over a VEB', added('private'), 'ixgbe', 'm0: private mode, but the VEB lets it talk'],
  [
    'turned to source',
    `${added('bridge')}; ip link set m0 type macvlan mode source`,
    'generic',
    'past the list of sources',
  ],
  [
    'another address',
    `${added('bridge')}; ip link set m0 address 02:00:00:00:00:99`,
    'generic',
    'its station still filters',
  ],
  ['dropped silently', `${added('bridge')}; ethtool -K p0 l2-fwd-offload off`, 'i40e', 'm0: deaf'],
  [
    'ignored',
    `${added('bridge')}; ethtool -K p0 l2-fwd-offload off`,
    'fm10k',
    'l2-fwd-offload is off, but m0 still is a station',
  ],
])('warns: %s', async (_, script, profile, warning) => {
  const { warnings } = await reported(script, profile);
  expect(warnings.join('\n')).toContain(warning);
});

test('VEPA leaves private and vepa alone', async () => {
  const { warnings, offload } = await reported(`${added('private')}; bridge link set dev p0 hwmode vepa`, 'generic');
  expect([offload?.hwmode, warnings]).toEqual(['vepa', []]);
});

test('noqueue on rings that may stop, and its cure', async () => {
  const rings =
    'nics: { p0: { profile: generic, offload: { ringOnUpper: true } }, p1: {} }\ncables: [{ between: [p0, p1] }]\n';
  const run = async (more: string): Promise<string> =>
    (await runScript(`ip link set p0 up; ${added('bridge')}; ${more} lowerdev offload`, { machine: rings })).stdout;
  expect(await run('')).toContain('m0: noqueue on a ring that may stop');
  expect(await run('tc qdisc add dev m0 root fq_codel;')).not.toContain('noqueue');
});

test('bad words', async () => {
  expect((await runScript('lowerdev')).exitCode).toBe(2);
  expect((await runScript('lowerdev run x')).stderr).toContain("there is no 'run' inside a script");
  expect((await runScript('lowerdev offload -x')).stderr).toContain('there is no option -x');
  expect((await runScript('lowerdev offload')).stdout).toBe(
    'There is no NIC with L2 forwarding offload, and no macvlan.\n',
  );
});

test('inside a script, lowerdev trace and lowerdev flood are the commands of that name, and each verb has its own help', async () => {
  const ran = await runScript(
    'lowerdev trace --help; lowerdev flood --help; lowerdev offload --help; lowerdev plan; echo $?',
  );
  for (const usage of ['Usage: trace', 'Usage: flood', 'Usage: lowerdev offload']) expect(ran.stdout).toContain(usage);
  expect(ran.stderr).toBe("lowerdev: there is no 'plan' inside a script; there are: offload, trace, flood\n");
  expect(ran.stdout.endsWith('\n2\n')).toBe(true);
});
