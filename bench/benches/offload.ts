// L2 forwarding offload in the model: what a frame costs when the NIC carries the macvlan and when software does, and how fast a
// full port of 63 stations is simulated.

import { genericOffload } from '../../src/drivers/nic/offload-profiles.ts';
import type { MachineNic } from '../../src/lab/machine.ts';
import type { NsRef } from '../../src/lab/os.ts';
import { F_L2FW_DOFFLOAD } from '../../src/net/features.ts';
import { MACVLAN_MODE_BRIDGE } from '../../src/uapi/linkinfo.ts';
import { type Bench, seconds } from '../harness.ts';
import { address, BenchLab, drive, endpoint, Flow } from '../lab.ts';

const PORT = 9;
const GAP_NS = 4000;
const STATIONS = 63;
/** UDP payload of a full frame. */
const FULL = 1472;
const LINE_BPS = 10e9;

/** `count` macvlans on eth0, which has room for 63 stations; eth1 at the other end of a 10 Gbit/s cable. */
export function stations(count: number, offload: boolean): { lab: BenchLab; flows: Flow[] } {
  const nic = (name: string): MachineNic => ({
    name,
    profile: 'generic',
    mac: null,
    queues: 1,
    ring: null,
    speedBps: null,
    mtu: null,
    busInfo: null,
    unicastFilters: null,
    offload: { ...genericOffload, partition: { kind: 'fixed', stations: STATIONS, queues: 1 } },
  });
  const between = [
    { owner: '', port: 'eth0' },
    { owner: '', port: 'eth1' },
  ] as const;
  const cables = [{ between, rateBps: LINE_BPS, delayNs: 500, lossNum: 0, lossDen: 1 }];
  const lab = new BenchLab({ nics: [nic('eth0'), nic('eth1')], cables, switches: [], peers: [] });
  const peer = lab.netns('peer');
  lab.moveLink(lab.host, 'eth1', peer);
  lab.setUp(lab.host, 'eth0');
  lab.setUp(peer, 'eth1');
  lab.addAddress(peer, 'eth1', address(255, 1), 16);
  const dev = lab.model.os.initNs.dev('eth0');
  if (dev === null) throw new Error('eth0 is gone');
  if (offload) {
    dev.wantedFeatures |= F_L2FW_DOFFLOAD;
    dev.core.updateFeatures(dev);
  }
  lab.run(1e9);
  const hosts: NsRef[] = [];
  for (let i = 0; i < count; i++) {
    const ns = lab.netns(`pod${i}`);
    lab.addMacvlan(lab.host, 'eth0', `mv${i}`, MACVLAN_MODE_BRIDGE, ns);
    lab.addAddress(ns, `mv${i}`, address(0, i + 1), 16);
    lab.setUp(ns, `mv${i}`);
    hosts.push(ns);
  }
  lab.run(1e9);
  const used = dev.describeOffload?.(dev).stationsUsed;
  if (used !== (offload ? count : 0)) throw new Error(`${used} stations instead of ${count}`);
  const flows = hosts.map(
    (ns, i) => new Flow(lab.udp(ns, 0, PORT), lab.udp(peer, 0, PORT + 1 + i), endpoint(address(255, 1), PORT + 1 + i)),
  );
  drive(lab, flows, 1, 10e6, new Uint8Array(64)); // neighbours are known
  return { lab, flows };
}

function nsPerFrame({ lab, flows }: { lab: BenchLab; flows: Flow[] }, packets: number): number {
  return (1e9 * seconds(() => drive(lab, flows, packets, GAP_NS, new Uint8Array(64)))) / packets;
}

export const offloadFrame: Bench = {
  name: 'model-offload',
  what: 'cost of a UDP datagram of 64 bytes from an offloaded macvlan to the host behind the NIC',
  unit: 'ns/frame',
  better: 'lower',
  prepare(scale) {
    const packets = Math.round(100_000 * scale);
    const carried = stations(1, true);
    const software = stations(1, false);
    return {
      value: () => nsPerFrame(carried, packets),
      baseline: { name: 'in software', run: () => nsPerFrame(software, packets) },
      close: () => {
        carried.lab.close();
        software.lab.close();
      },
    };
  },
};

export const offload63: Bench = {
  name: 'model-offload-63',
  what: 'a 10 Gbit/s port full of 1,514-byte frames from 63 stations: virtual time by wall time',
  unit: 'x real time',
  better: 'higher',
  prepare(scale) {
    // Each station sends when it is its turn, so that the line is never idle.
    const turnNs = Math.ceil((STATIONS * (FULL + 42 + 24) * 8e9) / LINE_BPS);
    const each = Math.max(1, Math.round(1000 * scale));
    const full = stations(STATIONS, true);
    const run = (): number => {
      const took = seconds(() => drive(full.lab, full.flows, each, turnNs, new Uint8Array(FULL)));
      return (each * turnNs) / 1e9 / took;
    };
    return { value: run, baseline: null, close: () => full.lab.close() };
  },
};
