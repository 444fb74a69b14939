// Makes the hardware that a machine describes. The host's NICs go into its first namespace; a switch and a peer are
// namespaces of the same kernel that the host cannot see: a switch is a bridge over ports of its own, a peer a host with
// one NIC. Linux has no such thing; there, cables and switches are in the next rack.

import { assert } from '../base/assert.ts';
import { Stream } from '../base/random.ts';
import { createNic, portOf } from '../drivers/nic/nic.ts';
import type { PortTiming } from '../drivers/nic/port.ts';
import { findProfile, type NicProfile } from '../drivers/nic/profiles.ts';
import { DC_DISABLE_IPV6 } from '../inet/conf6.ts';
import { addrAdd, routeAdd } from '../inet/control.ts';
import { inet6Ns } from '../inet/state6.ts';
import { IFF_UP } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import { Cable } from '../sim/cable.ts';
import {
  type Machine,
  type MachineCable,
  type MachineNic,
  type MachinePeer,
  type MachineSwitch,
  portText,
} from './machine.ts';

const SCOPE_UNIVERSE = 0;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;
const NLM_F_CREATE = 0x400;
const NLM_F_EXCL = 0x200;
/** What a switch's port takes: frames of any size that its neighbours send. */
const SWITCH_MTU = 9710;

interface Plugged {
  readonly dev: NetDevice;
  readonly speedBps: number;
}

/** `initNs`: the host's first namespace. */
export function buildMachine(kernel: Kernel, initNs: NetNs, machine: Machine): void {
  kernel.oldL2fw = machine.macvlan === 'before-4.18';
  const ports = new Map<string, Plugged>();
  for (const [i, nic] of machine.nics.entries()) ports.set(nic.name, makeNic(initNs, nic, i));
  const bridges = machine.switches.map((s) => makeSwitch(kernel, s, ports));
  const peers = machine.peers.map((p, i) => makePeer(kernel, p, machine.nics.length + i, ports));
  for (const cable of machine.cables) plug(kernel, cable, ports);
  for (const dev of bridges.flat()) up(dev);
  for (const [i, p] of machine.peers.entries()) if (p.up) startPeer(peers[i], p);
}

function profileOf(nic: MachineNic): NicProfile {
  const profile = findProfile(nic.profile);
  assert(profile !== null, `no NIC profile "${nic.profile}"`);
  return profile;
}

function makeNic(ns: NetNs, nic: MachineNic, index: number): Plugged {
  const profile = profileOf(nic);
  const dev = createNic(ns, { ...nic, profile, busInfo: nic.busInfo ?? busInfoOf(nic.name, index), timing: null });
  return { dev, speedBps: nic.speedBps ?? profile.speedBps };
}

/** Where systemd's name says that it is (enp137s0f1: 0000:89:00.1), else two ports to an adapter. */
function busInfoOf(name: string, index: number): string {
  const m = /^en(?:P(\d+))?p(\d+)s(\d+)(?:f(\d+))?/.exec(name);
  const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');
  if (m === null) return `0000:${hex(3 + (index >> 1), 2)}:00.${index & 1}`;
  return `${hex(Number(m[1] ?? 0), 4)}:${hex(Number(m[2]), 2)}:${hex(Number(m[3]), 2)}.${m[4] ?? 0}`;
}

function hiddenNs(kernel: Kernel, name: string): NetNs {
  const ns = kernel.createNs(name);
  ns.hidden = true;
  ns.holds++;
  return ns;
}

/** The bridge and its ports, to be brought up when the cables are in. */
function makeSwitch(kernel: Kernel, s: MachineSwitch, ports: Map<string, Plugged>): NetDevice[] {
  const ns = hiddenNs(kernel, s.name);
  const i6 = inet6Ns(ns);
  if (i6 !== null) for (const conf of [i6.confAll, i6.confDefault]) conf.v[DC_DISABLE_IPV6] = 1; // it says nothing itself
  const ops = kernel.linkKinds.get('bridge');
  assert(ops?.newlink !== undefined && ops.slaveChangelink !== undefined, 'a switch needs the link kind "bridge"');
  const bridge = kernel.dev.alloc(ns, 'br0', ops);
  const ctx = { linkNet: ns, srcNet: ns, peer: null };
  ops.newlink(bridge, {}, { ageingTime: Math.round(s.ageingNs / 1e7), mcastSnooping: 0 }, ctx);
  kernel.dev.announceNew(bridge);
  // Store-and-forward is all the time that a switch takes: no host with its interrupts.
  const timing: PortTiming = { txNs: 0, irqNs: kernel.timing.switchNs, irqSpreadNs: 0 };
  const devs = s.ports.map((name) => {
    const options = { name, profile: findProfile('generic')!, mac: null, queues: 1, ring: 4096, mtu: SWITCH_MTU };
    const dev = createNic(ns, {
      ...options,
      offload: null,
      busInfo: null,
      speedBps: null,
      unicastFilters: null,
      timing,
    });
    ports.set(`${s.name}/${name}`, { dev, speedBps: 0 });
    enslave(ops, bridge, dev, s);
    return dev;
  });
  return [...devs, bridge];
}

function enslave(ops: LinkOps, bridge: NetDevice, dev: NetDevice, s: MachineSwitch): void {
  const err = bridge.addSlave === null ? -95 : bridge.addSlave(bridge, dev);
  assert(err === 0, `a port of switch ${s.name} cannot join its bridge: errno ${-err}`);
  ops.slaveChangelink?.(bridge, dev, { learning: s.learning ? 1 : 0, mode: s.hairpin.includes(dev.name) ? 1 : 0 });
}

function makePeer(kernel: Kernel, peer: MachinePeer, index: number, ports: Map<string, Plugged>): NetNs {
  const ns = hiddenNs(kernel, peer.name);
  ports.set(`${peer.name}/${peer.nic.name}`, makeNic(ns, peer.nic, index));
  return ns;
}

function startPeer(ns: NetNs, peer: MachinePeer): void {
  const lo = ns.dev('lo');
  if (lo !== null) up(lo);
  const dev = ns.dev(peer.nic.name) as NetDevice;
  for (const a of peer.addresses) {
    addrAdd(ns, {
      ifindex: dev.ifindex,
      prefixLen: a.prefixLen,
      scope: SCOPE_UNIVERSE,
      flags: 0,
      local: a.addr,
      address: a.addr,
      broadcast: null,
      label: null,
      rtPriority: 0,
      proto: 0,
      validLft: null,
      preferredLft: null,
      nlFlags: NLM_F_CREATE | NLM_F_EXCL,
    });
  }
  up(dev);
  for (const r of peer.routes) {
    routeAdd(ns, {
      dst: r.dst,
      dstLen: r.prefixLen,
      tos: 0,
      table: RT_TABLE_MAIN,
      protocol: RTPROT_BOOT,
      scope: SCOPE_UNIVERSE,
      type: RTN_UNICAST,
      flags: 0,
      oif: 0,
      gateway: r.via,
      priority: 0,
      prefsrc: 0,
      metrics: null,
      hasMultipath: false,
      hasEncap: false,
      hasVia6: false,
      nhId: 0,
      nlFlags: NLM_F_CREATE | NLM_F_EXCL,
    });
  }
}

/** A rate that is not given is that of the slower port; a switch's port is as fast as its neighbour. */
function plug(kernel: Kernel, c: MachineCable, ports: Map<string, Plugged>): void {
  const [aName, bName] = [portText(c.between[0]), portText(c.between[1])];
  const [a, b] = [ports.get(aName), ports.get(bName)];
  assert(a !== undefined && b !== undefined, `a cable between ${aName} and ${bName}, and no such ports`);
  const slower =
    a.speedBps === 0 || b.speedBps === 0 ? Math.max(a.speedBps, b.speedBps) : Math.min(a.speedBps, b.speedBps);
  const options = { rateBps: c.rateBps ?? slower, delayNs: c.delayNs, lossNum: c.lossNum, lossDen: c.lossDen };
  const cable = new Cable<Skb>(kernel.loop, new Stream(kernel.seed, `cable:${aName}-${bName}`), options);
  portOf(a.dev).plug(cable.a);
  portOf(b.dev).plug(cable.b);
}

function up(dev: NetDevice): void {
  const err = dev.core.changeFlags(dev, dev.flags | IFF_UP);
  assert(err === 0, `${dev.label} does not come up: errno ${-err}`);
}
