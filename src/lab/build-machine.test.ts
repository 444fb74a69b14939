// The machine of docs/machine-file.md, made and used: carriers, a switch that learns and reflects, peers that answer.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bridgeLink } from '../drivers/bridge/bridge.ts';
import { attachLo } from '../drivers/lo/lo.ts';
import { portOf } from '../drivers/nic/nic.ts';
import { send, settle, up } from '../drivers/testing.ts';
import { addrAdd, routeAdd } from '../inet/control.ts';
import { attachInet } from '../inet/inet.ts';
import { openSocket } from '../inet/socket-api.ts';
import { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Checkers } from '../probe/checkers.ts';
import { attachSched } from '../sched/catalogue.ts';
import { inetChecksum } from '../wire/checksum.ts';
import { ip4Of } from '../wire/text.ts';
import { buildMachine } from './build-machine.ts';
import { checkKernel } from './checkers.ts';
import { parseMachine } from './machine-yaml.ts';
import { createModel } from './model.ts';

const doc = readFileSync(new URL('../../docs/machine-file.md', import.meta.url), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(doc)![1];

interface Lab {
  kernel: Kernel;
  host: NetNs;
  check: Checkers;
}

function machine(text: string, seed = 1): Lab {
  const kernel = new Kernel(seed);
  kernel.linkKinds.set(bridgeLink.kind, bridgeLink);
  attachSched(kernel);
  attachInet(kernel);
  attachLo(kernel);
  const check = checkKernel(kernel);
  const host = kernel.createNs('');
  host.holds++;
  buildMachine(kernel, host, parseMachine(text, 'machine.yaml'));
  settle(kernel);
  return { kernel, host, check };
}

function dev(lab: Lab, label: string): NetDevice {
  const [ns, name] = label.includes('/') ? label.split('/') : ['', label];
  return lab.kernel.namespaces.find((n) => n.label === ns)!.dev(name)!;
}

function address(d: NetDevice, text: string, prefixLen: number): void {
  const addr = ip4Of(text);
  addrAdd(d.ns, {
    ...{ ifindex: d.ifindex, prefixLen, scope: 0, flags: 0, local: addr, address: addr, broadcast: null, label: null },
    ...{ rtPriority: 0, proto: 0, validLft: null, preferredLft: null, nlFlags: 0x600 },
  });
}

/** Sends echo requests and gives the round trips in ns; -1: none came back in a second. */
function ping(lab: Lab, to: string, count: number): number[] {
  const { kernel } = lab;
  const socket = openSocket(kernel, lab.host, 'raw4', 1);
  if (typeof socket === 'number') throw new Error(`errno ${-socket}`);
  const out: number[] = [];
  for (let seq = 0; seq < count; seq++) {
    const b = new Uint8Array(64);
    b[0] = 8;
    b[7] = seq;
    const sum = inetChecksum(b, 0, 64);
    b[2] = sum >> 8;
    b[3] = sum & 255;
    const t0 = kernel.loop.now;
    expect(socket.sendTo(b, { addr4: ip4Of(to), port: 0, ifindex: 0, protocol: 0, mac: 0 })).toBe(64);
    settle(kernel, 1000);
    let rtt = -1;
    for (let m = socket.recv(); m !== null; m = socket.recv())
      if (m.data[20] === 0 && m.data[27] === seq) rtt = m.tstampNs - t0;
    out.push(rtt);
  }
  socket.close();
  return out;
}

function end(lab: Lab): void {
  for (const ns of [...lab.kernel.namespaces].reverse()) lab.kernel.destroyNs(ns, lab.host);
  settle(lab.kernel, 2000);
  expect(lab.check.verifyEmpty()).toEqual([]);
}

test('the example of the docs: what the host sees, and what it does not', () => {
  const lab = machine(example);
  expect(lab.host.devices().map((d) => d.name)).toEqual(['lo', 'enp137s0f0', 'enp137s0f1', 'eth0']);
  expect(lab.kernel.namespaces.map((n) => [n.label, n.hidden])).toEqual([
    ['', false],
    ['rack', true],
    ['server', true],
    ['router', true],
  ]);
  expect(dev(lab, 'enp137s0f1').driverInfo).toMatchObject({ driver: 'i40e', busInfo: '0000:89:00.1' });
  expect(dev(lab, 'eth0').realNumTxQueues).toBe(8);
  expect([dev(lab, 'eth0').carrier, dev(lab, 'server/eth0').carrier]).toEqual([false, true]);
  up(dev(lab, 'eth0'));
  settle(lab.kernel);
  expect([dev(lab, 'eth0').carrier, dev(lab, 'eth0').speed]).toEqual([true, 10000]);
  end(lab);
});

test('the host reaches a peer through the switch, and what is behind its router answers by name', () => {
  const lab = machine(example.replace('1/1000', '0'));
  const eth0 = dev(lab, 'eth0');
  up(eth0);
  address(eth0, '192.168.0.2', 24);
  settle(lab.kernel);
  const rtts = ping(lab, '192.168.0.10', 5);
  expect(Math.min(...rtts)).toBeGreaterThan(0);
  expect(rtts[0]).toBeGreaterThan(Math.max(...rtts.slice(1)));
  expect(ping(lab, '192.168.0.1', 1)[0]).toBeGreaterThan(0);
  expect(ping(lab, '192.168.0.77', 1)[0]).toBe(-1);
  // The peer's route leads to the router, which knows the way to nothing else but is asked.
  const before = dev(lab, 'router/eth0').stats.rxPackets;
  routeAdd(lab.host, {
    ...{
      dst: 0,
      dstLen: 0,
      tos: 0,
      table: 254,
      protocol: 3,
      scope: 0,
      type: 1,
      flags: 0,
      oif: 0,
      gateway: ip4Of('192.168.0.1'),
    },
    ...{
      priority: 0,
      prefsrc: 0,
      metrics: null,
      hasMultipath: false,
      hasEncap: false,
      hasVia6: false,
      nhId: 0,
      nlFlags: 0x600,
    },
  });
  ping(lab, '10.9.9.9', 1);
  expect(dev(lab, 'router/eth0').stats.rxPackets).toBeGreaterThan(before);
  end(lab);
});

test('a switch learns, floods what it does not know, and reflects on hairpin ports only', () => {
  const lab = machine(`
nics: { a: , b: , c: }
switches: { s: { ports: [p1, p2, p3], hairpin: [p1] } }
cables: [{ between: [a, s/p1] }, { between: [b, s/p2] }, { between: [c, s/p3] }]`);
  const [a, b, c] = ['a', 'b', 'c'].map((n) => dev(lab, n));
  for (const d of [a, b, c]) {
    up(d);
    d.core.setPromiscuity(d, 1);
  }
  settle(lab.kernel);
  const heard = (from: NetDevice, dst: number): number[] => {
    const before = [a, b, c].map((d) => d.stats.rxPackets);
    send(from, dst);
    settle(lab.kernel);
    return [a, b, c].map((d, i) => d.stats.rxPackets - before[i]);
  };
  expect(heard(a, 0x020000009999)).toEqual([1, 1, 1]);
  expect(heard(b, 0x020000009999)).toEqual([1, 0, 1]);
  expect(heard(b, a.addr)).toEqual([1, 0, 0]);
  expect(heard(a, b.addr)).toEqual([0, 1, 0]);
  expect(heard(a, a.addr)).toEqual([1, 0, 0]);
  expect(portOf(a).filtered).toBe(0);
  end(lab);
});

test('a switch says nothing itself, and what happens to it is not in the log of the host', () => {
  const text =
    'nics: { eth0: { profile: generic } }\nswitches: { sw: { ports: [a, b] } }\ncables: [{ between: [eth0, sw/a] }]';
  const { kernel, loop, os } = createModel({ seed: 1, machine: parseMachine(text, 'm.yaml') });
  const eth0 = os.initNs.dev('eth0') as NetDevice;
  up(eth0);
  loop.runUntil(loop.now + 30e9);
  expect(eth0.stats.txPackets).toBeGreaterThan(3); // the host's own solicitations and reports
  expect(eth0.stats.rxPackets).toBe(0);
  expect(kernel.logLines.filter((line) => !line.includes('eth0'))).toEqual([]);
});

test('learning: false floods for ever', () => {
  const lab = machine(`
nics: { a: , b: , c: }
switches: { s: { ports: [p1, p2, p3], learning: false } }
cables: [{ between: [a, s/p1] }, { between: [b, s/p2] }, { between: [c, s/p3] }]`);
  const [a, b, c] = ['a', 'b', 'c'].map((n) => dev(lab, n));
  for (const d of [a, b, c]) up(d);
  settle(lab.kernel);
  send(a, b.addr);
  settle(lab.kernel);
  send(b, a.addr);
  settle(lab.kernel);
  expect([b.stats.rxPackets, portOf(c).filtered]).toEqual([1, 2]);
  end(lab);
});

test('a cable without a rate is as fast as the slower port', () => {
  const lab = machine('nics: { a: { profile: i40e }, b: { speed: 1Gbit } }\ncables: [{ between: [a, b] }]');
  expect(portOf(dev(lab, 'a')).end!.cable.rateBps).toBe(1e9);
  end(lab);
});

test('a peer that is not up gives no carrier', () => {
  const lab = machine('nics: { a: }\npeers: { p: { up: false } }\ncables: [{ between: [a, p/eth0] }]');
  up(dev(lab, 'a'));
  settle(lab.kernel);
  expect(dev(lab, 'a').carrier).toBe(false);
  end(lab);
});

test('round trips over one cable are near 0.2 ms with little spread, the first slower', () => {
  for (const seed of [1, 2, 3]) {
    const text =
      'nics: { a: }\npeers: { p: { addresses: [192.168.0.10/24] } }\ncables: [{ between: [a, p/eth0], rate: 10Gbit }]';
    const lab = machine(text, seed);
    up(dev(lab, 'a'));
    address(dev(lab, 'a'), '192.168.0.100', 24);
    settle(lab.kernel);
    const [first, ...rest] = ping(lab, '192.168.0.10', 21).map((ns) => ns / 1e6);
    if (process.env.SHOW !== undefined) console.log(first, rest);
    expect(first).toBeGreaterThan(Math.max(...rest));
    expect(Math.min(...rest)).toBeGreaterThan(0.17);
    expect(Math.max(...rest)).toBeLessThan(0.23);
    expect(Math.max(...rest) - Math.min(...rest)).toBeGreaterThan(0.005);
    end(lab);
  }
});
