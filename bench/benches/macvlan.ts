// What macvlan itself costs: between two siblings of one port, with thousands of siblings beside them, and to all of them.

import type { NsRef } from '../../src/lab/os.ts';
import { MACVLAN_MODE_BRIDGE } from '../../src/uapi/linkinfo.ts';
import { type Bench, seconds } from '../harness.ts';
import { address, BenchLab, drive, endpoint, Flow } from '../lab.ts';

const PORT = 9;
const GAP_NS = 4000;

/** `count` macvlans on one lowerdev, the first `talkers` of them in namespaces of their own with addresses. */
export function siblings(count: number, talkers: number): { lab: BenchLab; hosts: NsRef[] } {
  const lab = new BenchLab();
  // A broadcast to thousands of macvlans is more than the default backlog holds, here as in Linux.
  lab.sysctl('net/core/netdev_max_backlog', String(Math.max(1000, 4 * count)));
  const peer = lab.netns('peer');
  lab.addVeth(lab.host, 'eth0', peer, 'eth0');
  lab.setUp(lab.host, 'eth0');
  lab.setUp(peer, 'eth0');
  const crowd = lab.netns('crowd');
  const hosts: NsRef[] = [];
  for (let i = 0; i < count; i++) {
    const ns = i < talkers ? lab.netns(`pod${i}`) : crowd;
    lab.addMacvlan(lab.host, 'eth0', `mv${i}`, MACVLAN_MODE_BRIDGE, ns);
    if (i < talkers) {
      lab.addAddress(ns, `mv${i}`, address(0, i + 1), 16);
      hosts.push(ns);
    }
    lab.setUp(ns, `mv${i}`);
  }
  lab.run(5e9);
  return { lab, hosts };
}

export function pair(count: number): { lab: BenchLab; flows: Flow[] } {
  const { lab, hosts } = siblings(count, 2);
  const sink = lab.udp(hosts[1], 0, PORT);
  const flows = [new Flow(lab.udp(hosts[0], 0, PORT), sink, endpoint(address(0, 2), PORT))];
  drive(lab, flows, 1, 1e9, new Uint8Array(64));
  return { lab, flows };
}

function perSecond({ lab, flows }: { lab: BenchLab; flows: Flow[] }, packets: number): number {
  const data = new Uint8Array(64);
  return packets / seconds(() => drive(lab, flows, packets, GAP_NS, data));
}

export const macvlanBridge: Bench = {
  name: 'model-macvlan-bridge',
  what: 'UDP, 64 bytes, between two macvlans of one port',
  unit: 'packets/s',
  better: 'higher',
  prepare(scale) {
    const packets = Math.round(200_000 * scale);
    const two = pair(2);
    return { value: () => perSecond(two, packets), baseline: null, close: () => two.lab.close() };
  },
};

export const macvlan4096: Bench = {
  name: 'model-macvlan-4096',
  what: 'cost of a unicast frame between siblings, with 4,096 of them',
  unit: 'ns/frame',
  better: 'lower',
  goal: { of: 'ratio', atMost: 1.3, gate: true, slack: 1.25 },
  prepare(scale) {
    const packets = Math.round(100_000 * scale);
    const few = pair(2);
    const many = pair(4096);
    return {
      value: () => 1e9 / perSecond(many, packets),
      baseline: { name: 'the same with 2', run: () => 1e9 / perSecond(few, packets) },
      close: () => {
        few.lab.close();
        many.lab.close();
      },
    };
  },
};

/** A broadcast from outside reaches every macvlan; what counts is the copy. */
function copiesPerSecond(lab: BenchLab, sender: Flow, count: number, frames: number, data: Uint8Array): number {
  const loop = lab.model.loop;
  const took = seconds(() => {
    for (let i = 0; i < frames; i++) {
      sender.send(data);
      loop.runUntil(loop.now + 1e6);
    }
  });
  return (frames * count) / took;
}

function broadcaster(count: number): { lab: BenchLab; flow: Flow } {
  const { lab } = siblings(count, 1);
  const peer = lab.model.os.nsByName('peer');
  const pod = lab.model.os.nsByName('pod0');
  if (peer === null || pod === null) throw new Error('the namespaces are gone');
  lab.addAddress(peer, 'eth0', address(255, 1), 16);
  const from = lab.udp(peer, 0, PORT);
  from.setOption('SO_BROADCAST', 1);
  const flow = new Flow(from, lab.udp(pod, 0, PORT), endpoint(address(255, 255), PORT));
  flow.send(new Uint8Array(64));
  lab.run(1e9);
  if (flow.received !== 1) throw new Error('the broadcast did not arrive');
  return { lab, flow };
}

export const broadcast: Bench = {
  name: 'model-broadcast',
  what: 'copies of a broadcast delivered to 1,024 macvlans',
  unit: 'copies/s',
  better: 'higher',
  prepare(scale) {
    const few = broadcaster(16);
    const many = broadcaster(1024);
    const data = new Uint8Array(64);
    const frames = Math.max(1, Math.round(200 * scale));
    return {
      value: () => copiesPerSecond(many.lab, many.flow, 1024, frames, data),
      baseline: { name: 'to 16', run: () => copiesPerSecond(few.lab, few.flow, 16, frames * 64, data) },
      close: () => {
        few.lab.close();
        many.lab.close();
      },
    };
  },
};
