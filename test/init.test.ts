// `lowerdev init`: what it writes is a lab, plans without conflicts, and says what the machine had that it was taken from.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, type InitOptions, init } from '../src/cli/verbs/init.ts';
import { applyLab, planLab } from '../src/lab/apply/apply.ts';
import { desiredOf, type WantedLink } from '../src/lab/apply/desired.ts';
import type { LabMode } from '../src/lab/file/lab.ts';
import { parseLab } from '../src/lab/file/lab-yaml.ts';
import { type Answers, draftOf } from '../src/lab/init/draft.ts';
import { draftFromSnapshot } from '../src/lab/init/from-snapshot.ts';
import { writeLab } from '../src/lab/init/write.ts';
import { modelMeasure } from '../src/lab/measure/kernel.ts';
import { createModel } from '../src/lab/model.ts';
import { readSnapshot } from '../src/lab/snapshot/read.ts';

const PLAIN: Answers = {
  ...{ lab: 'web', lower: 'eth0', mode: 'bridge', endpoints: ['blue', 'green'], subnets: ['192.168.7.0/24'] },
  ...{ gateway: null, hostShim: false, vlan: null, machine: true },
};

describe('what the answers come to is a lab that can be planned', () => {
  const modes: LabMode[] = ['private', 'vepa', 'bridge', 'source'];
  const variants: [string, Partial<Answers>][] = [
    ...modes.map((mode): [string, Partial<Answers>] => [mode, { mode }]),
    ['passthru', { mode: 'passthru', endpoints: ['blue'] }],
    ['a host shim and a gateway', { hostShim: true, gateway: '192.168.7.11' }],
    ['both families', { hostShim: true, subnets: ['192.168.7.0/24', 'fd00:7::/64'] }],
    ['a VLAN', { vlan: 100 }],
    ['no subnet', { subnets: [] }],
    ['a small one', { subnets: ['10.0.0.0/29'] }],
    ['names that YAML takes for something else', { endpoints: ['on', '1e3', 'null'], lower: 'no' }],
  ];
  test.each(variants)('%s', (_name, change) => {
    const text = writeLab(draftOf({ ...PLAIN, ...change }));
    const lab = parseLab(text, 'x.yaml');
    const model = createModel({ seed: 1, machine: lab.machine as NonNullable<typeof lab.machine> });
    const plan = planLab(model.os, lab);
    expect(plan.conflicts).toEqual([]);
    expect(plan.steps.length).toBeGreaterThan(0);
    applyLab(model.os, lab);
    expect(planLab(model.os, lab).steps).toEqual([]);
    model.close();
    expect(parseLab(writeLab(draftOf({ ...PLAIN, ...change, machine: false })), 'x.yaml').machine).toBeNull();
  });
});

test('addresses are given out from .10 on, and the gateway is nobody’s', () => {
  const text = writeLab(draftOf({ ...PLAIN, hostShim: true, gateway: '192.168.7.11', machine: false }));
  expect(text).toContain('    hostShim: 192.168.7.10/24 #');
  expect(text).toContain('  blue: { addresses: [192.168.7.12/24], gateway: 192.168.7.11 }');
  expect(text).toContain('  green: { addresses: [192.168.7.13/24], gateway: 192.168.7.11 }');
  expect(text).toContain('  - blue <-> green\n  - blue <-> host\n');
});

test.each([
  [{ subnets: ['192.168.7.0'] }, 'is no subnet'],
  [{ subnets: ['10.0.0.0/30'], endpoints: ['a', 'b', 'c'] }, 'has too few addresses'],
  [{ mode: 'passthru' as const }, 'one endpoint and no host shim'],
  [{ subnets: [], hostShim: true }, 'a host shim needs an address'],
])('%j makes none', (change, words) => {
  expect(() => draftOf({ ...PLAIN, ...change })).toThrow(words);
});

const HAD = `
lab: had
machine:
  nics: { eth0: {}, eth1: {} }
  switches: { w: { ports: [a, b] } }
  cables: [{ between: [eth0, w/a] }, { between: [eth1, w/b] }]
networks:
  lan: { lower: eth0, mtu: 1400, broadcastQueue: 50 }
  few: { lower: eth0, mode: source, nodst: true, macs: random }
  one: { lower: eth1, mode: passthru }
  set: { lower: eth0, ipv6: { acceptRa: 0, autoconf: false, acceptDad: 2, addrGenMode: none } }
  four: { lower: eth0, ipv6: false }
endpoints:
  a: { network: lan, addresses: [192.168.7.1/24, "fd00:7::1/64"], gateway: 192.168.7.254, routes: [10.0.0.0/8 via 192.168.7.9] }
  b: { network: lan, netns: host, device: b0, addresses: [192.168.7.2/24] }
  c: { network: few, netns: a, device: c0, sources: ["02:00:00:00:00:07"] }
  d: { network: one }
  e: { network: set, kind: macvtap, promisc: true, allmulti: true, arp: false, altnames: [uplink], addresses: ["fd00:8::1/64 nodad"] }
  f: { network: four }
`;

test('what a machine has, as a lab: the same links, wherever they are', async () => {
  const lab = parseLab(HAD, 'had.yaml');
  const model = createModel({ seed: 1, machine: lab.machine as NonNullable<typeof lab.machine> });
  applyLab(model.os, lab);
  const kernel = modelMeasure(model);
  await kernel.pause(5e9);
  const macs = new Map<string, string | null>();
  const snapshot = readSnapshot(kernel);
  for (const ns of snapshot.namespaces) for (const l of ns.links) macs.set(`${ns.names[0] ?? ''}/${l.name}`, l.mac);
  model.close();
  const text = writeLab(draftFromSnapshot('today', snapshot, true));
  const again = parseLab(text, 'today.yaml');
  const essence = (links: readonly WantedLink[]): unknown[] =>
    links
      .map(({ place, ifname, lower, mtu, macvlan, addresses, routes, ipv6, kind, traits }) => ({
        ...{ place, ifname, lower, mtu, addresses, ipv6, kind },
        traits: { ...traits, altnames: traits.altnames ?? [] },
        macvlan: { ...macvlan, bcCutoff: macvlan?.bcCutoff ?? null },
        routes: routes.map((r) => JSON.stringify(r)).toSorted((a, b) => (a < b ? -1 : 1)),
      }))
      .toSorted((a, b) => (a.ifname + JSON.stringify(a.place) < b.ifname + JSON.stringify(b.place) ? -1 : 1));
  expect(essence(desiredOf(again).links)).toEqual(essence(desiredOf(lab).links));
  expect(again.endpoints.filter((e) => e.mac === null)).toHaveLength(1); // passthru has its lower device's
  const fresh = createModel({ seed: 1, machine: again.machine as NonNullable<typeof again.machine> });
  expect(planLab(fresh.os, again).conflicts).toEqual([]);
  fresh.close();
});

describe('the file', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lowerdev-init-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const options = (more: Partial<InitOptions> = {}): InitOptions => ({
    ...{ lower: 'eth0', mode: 'bridge', endpoints: 'blue,green', subnet: ['10.1.0.0/16'], output: join(dir, 'x.yaml') },
    ...more,
  });

  test('is written once; --force writes it again', async () => {
    expect(await init(options())).toBe(0);
    const text = readFileSync(join(dir, 'x.yaml'), 'utf8');
    expect(text).toContain('\nlab: x\n');
    await expect(init(options({ endpoints: 'red' }))).rejects.toThrow('is there already; --force overwrites it');
    const nowhere = join(dir, 'no/such/lab.yaml');
    await expect(init(options({ output: nowhere }))).rejects.toThrow(`${nowhere}: No such file or directory`);
    expect(readFileSync(join(dir, 'x.yaml'), 'utf8')).toBe(text);
    expect(await init(options({ endpoints: 'red', force: true }))).toBe(0);
    expect(readFileSync(join(dir, 'x.yaml'), 'utf8')).toContain('  red: ');
  });

  test('questions: what is answered, and what Enter takes', async () => {
    const answered = await ask('x', options(), Readable.from(['eth7\nprivate\n\n10.5.0.0/16\n10.5.0.1\nn\nn\n']));
    expect(answered).toEqual({
      ...{ lab: 'x', lower: 'eth7', mode: 'private', endpoints: ['blue', 'green'], subnets: ['10.5.0.0/16'] },
      ...{ gateway: '10.5.0.1', hostShim: false, vlan: null, machine: true },
    });
    await expect(ask('x', options(), Readable.from(['eth7\nbridge\n']))).rejects.toThrow('were not answered');
  });

  test('what is no lab is not written', async () => {
    await expect(init(options({ endpoints: 'host' }))).rejects.toThrow('the name "host" is taken');
    await expect(init(options({ lower: 'a b' }))).rejects.toThrow('is no device name');
    await expect(init(options({ subnet: ['x'] }))).rejects.toThrow('is no subnet');
    await expect(init(options({ lower: undefined }))).rejects.toThrow('no terminal to ask on');
    writeFileSync(join(dir, 's.json'), '{}');
    await expect(init(options({ snapshot: join(dir, 's.json') }))).rejects.toThrow('no snapshot');
  });
});
