// Helpers for the tests of link kinds: a kernel without rtnetlink, requests as plain records, raw frames and a recorder
// of what passes. Not part of the product. What rtnl/ does around a newlink is done here in its shortest form.

import { Drop } from '../net/drop.ts';
import { IFF_UP } from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { PKT_OTHERHOST, PKT_OUTGOING, type Skb } from '../net/skb.ts';
import { readStats } from '../net/stats.ts';
import { bridgeLink } from './bridge/bridge.ts';
import { attachLo } from './lo/lo.ts';
import { vethLink } from './veth/veth.ts';

/** A kernel with lo in every namespace; `host` is the first one. */
export function makeKernel(seed = 1): { kernel: Kernel; host: NetNs } {
  const kernel = new Kernel(seed);
  attachLo(kernel);
  return { kernel, host: kernel.createNs('') };
}

export interface Request {
  /** IFLA_LINK. */
  link?: NetDevice;
  tb?: Attrs;
  data?: Attrs;
  /** Peer of a veth pair, and its namespace. */
  peer?: string;
  peerNs?: NetNs;
  up?: boolean;
}

/** RTM_NEWLINK with CREATE and EXCL. Throws a Refusal. */
export function addLink(ns: NetNs, ops: LinkOps, name: string, req: Request = {}): NetDevice {
  const core = ns.kernel.dev;
  const tb: Record<string, unknown> = { ...req.tb };
  if (req.link !== undefined) tb.link = req.link.ifindex;
  const data: Record<string, unknown> = { ...req.data };
  if (req.peer !== undefined) data.peer = { header: {}, attrs: { ifname: req.peer } };
  ops.validate?.(tb, data);
  if (ns.byName.has(name)) throw new Refusal(17);
  const dev = create(ns, ops, name, tb);
  const ctx: NewLinkContext = {
    linkNet: req.link?.ns ?? ns,
    srcNet: ns,
    peer: () => create(req.peerNs ?? ns, ops, req.peer ?? `${ops.kind}%d`, {}),
  };
  (ops.newlink as NonNullable<LinkOps['newlink']>)(dev, tb, data, ctx);
  if (req.up === true) up(dev);
  core.announceNew(dev);
  return dev;
}

function create(ns: NetNs, ops: LinkOps, name: string, tb: Attrs): NetDevice {
  const dev = ns.kernel.dev.alloc(ns, name, ops);
  if (tb.mtu !== undefined) dev.mtu = tb.mtu as number;
  if (tb.address !== undefined) {
    dev.addr = tb.address as number;
    dev.addrAssignType = 3;
  }
  return dev;
}

/** A pair, both ends up, with addresses if given. */
export function cable(a: NetNs, aName: string, aMac: number, b: NetNs, bName: string, bMac: number): NetDevice[] {
  const dev = addLink(a, vethLink, aName, { peer: bName, peerNs: b, tb: { address: aMac } });
  const peer = b.dev(bName) as NetDevice;
  peer.core.setMacAddress(peer, bMac);
  up(dev);
  up(peer);
  return [dev, peer];
}

/** `ip link set DEV up`; 0 or -errno. */
export function up(dev: NetDevice): number {
  return dev.core.changeFlags(dev, dev.core.userFlags(dev) | IFF_UP);
}

export function down(dev: NetDevice): number {
  return dev.core.changeFlags(dev, dev.core.userFlags(dev) & ~IFF_UP);
}

/** `ip link set DEV promisc on` and the like. */
export function setFlag(dev: NetDevice, flag: number, on: boolean): number {
  const now = dev.core.userFlags(dev);
  return dev.core.changeFlags(dev, on ? now | flag : now & ~flag);
}

/** Lets virtual time pass: all that is under way in `ms` happens. */
export function settle(kernel: Kernel, ms = 50): void {
  kernel.loop.runUntil(kernel.loop.now + ms * 1e6);
}

/** A MAC as text to a number. */
export function mac(text: string): number {
  return Number.parseInt(text.replace(/:/g, ''), 16);
}

export const BROADCAST = 0xffffffffffff;

/** Sends one raw frame of `length` bytes, as AF_PACKET does: 0, a positive NET_XMIT_* or -errno. */
export function send(dev: NetDevice, dst: number, src = dev.addr, type = 0x88b5, length = 60, tag = 0): number {
  const kernel = dev.core.kernel;
  const skb = kernel.skbs.alloc(length) as Skb;
  const b = skb.bytes;
  b.fill(0, skb.off, skb.off + length);
  skb.slabs.frames.view.setUint16(skb.off, Math.floor(dst / 0x100000000));
  skb.slabs.frames.view.setUint32(skb.off + 2, dst % 0x100000000);
  skb.slabs.frames.view.setUint16(skb.off + 6, Math.floor(src / 0x100000000));
  skb.slabs.frames.view.setUint32(skb.off + 8, src % 0x100000000);
  skb.slabs.frames.view.setUint16(skb.off + 12, type);
  b[skb.off + 14] = tag;
  skb.dev = dev;
  skb.protocol = type;
  skb.trace = kernel.newTrace();
  return kernel.tx.devQueueXmit(skb, null);
}

const KINDS = ['HOST', 'BROADCAST', 'MULTICAST', 'OTHERHOST', 'OUT', 'LOOPBACK'];

/** Remembers, in order, what taps on some devices see: `ns/dev KIND`, with the length and the tag where asked. */
export class Recorder {
  readonly lines: string[] = [];
  private readonly withLength: boolean;

  constructor(devs: NetDevice[], withLength = false) {
    this.withLength = withLength;
    for (const dev of devs)
      dev.taps.push({ frame: (skb, on, out) => this.see(skb, on, out), owner: this, ignoreOutgoing: false });
  }

  private see(skb: Skb, dev: NetDevice, outgoing: boolean): void {
    const kind = KINDS[outgoing ? PKT_OUTGOING : skb.pktType];
    const length = skb.len + (outgoing ? 0 : skb.off - skb.mac);
    this.lines.push(`${dev.label} ${kind}${this.withLength ? ` ${length}` : ''}`);
  }

  /** What was seen since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

/** Counters that are not zero, as text: `rxPackets 1 rxBytes 60`. */
export function counters(dev: NetDevice): string {
  const stats = readStats(dev) as unknown as Record<string, number>;
  return Object.keys(stats)
    .filter((k) => stats[k] !== 0)
    .map((k) => `${k} ${stats[k]}`)
    .join(' ');
}

/** The errno of a refused request, or 0. */
export function errnoOf(what: () => unknown): number {
  try {
    what();
    return 0;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.errno;
    throw refusal;
  }
}

/** A host with h0, cabled to a bridge in another namespace, behind whose second port x0 sits: `x` is the outsider. */
export interface SwitchLab {
  kernel: Kernel;
  host: NetNs;
  h0: NetDevice;
  x0: NetDevice;
  br0: NetDevice;
  /** Ports of the switch towards the host and the outsider. */
  s0: NetDevice;
  s1: NetDevice;
}

export const MAC_H0 = 0x0200000000f0;
export const MAC_X0 = 0x0200000000e0;

export function switchLab(options: { hairpin?: boolean; learning?: boolean } = {}): SwitchLab {
  const { kernel, host } = makeKernel();
  const sw = kernel.createNs('sw');
  const out = kernel.createNs('x');
  const [h0, s0] = cable(host, 'h0', MAC_H0, sw, 's0', 0x0200000000f1);
  const [x0, s1] = cable(out, 'x0', MAC_X0, sw, 's1', 0x0200000000e1);
  const br0 = addLink(sw, bridgeLink, 'br0');
  for (const port of [s0, s1]) br0.addSlave?.(br0, port);
  up(br0);
  const change = bridgeLink.slaveChangelink as NonNullable<LinkOps['slaveChangelink']>;
  change(br0, s0, { mode: options.hairpin === true ? 1 : 0 });
  if (options.learning !== true) for (const port of [s0, s1]) change(br0, port, { learning: 0 });
  settle(kernel, 2500);
  return { kernel, host, h0, x0, br0, s0, s1 };
}

/** What the stacks above receive (ethertype 0x88b5), once frames for other hosts are left out, as IP leaves them out. */
export class Stack {
  readonly got: string[] = [];

  constructor(kernel: Kernel, type = 0x88b5) {
    kernel.protocols.set(type, (skb, dev) => {
      if (skb.pktType !== PKT_OTHERHOST) this.got.push(`${dev.label} ${KINDS[skb.pktType]}`);
      skb.slabs.free(skb, skb.pktType === PKT_OTHERHOST ? Drop.OtherHost : Drop.None);
    });
  }

  take(): string[] {
    return this.got.splice(0);
  }
}
