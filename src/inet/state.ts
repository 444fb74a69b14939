// IPv4's state: one per kernel, one per namespace (ns.inet), one per device (dev.inet). Only data and how to find it.
// Linux: struct netns_ipv4, struct in_device, struct neigh_parms.

import type { Stream } from '../base/random.ts';
import { IFF_LOOPBACK, IFF_NOARP } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import { ip4Dst } from '../wire/ip4.ts';
import { confAll, confDefault, DevConf } from './conf.ts';
import { FibTable } from './fib.ts';
import type { RuleList } from './fib-rules.ts';
import type { ReasmQueue } from './frag-in.ts';
import { FragDir } from './frag-queue.ts';
import type { McGroup } from './igmp.ts';
import type { Ifaddr } from './inetdev.ts';
import type { Neigh } from './neigh.ts';
import { NeighHome, NeighParms, NeighTable } from './neigh-home.ts';
import { ProxyTable } from './neigh-proxy.ts';
import { arpOps, arpProxyOps } from './neigh-table.ts';
import type { PacketSocket } from './packet.ts';
import type { Peer } from './peers.ts';
import type { PingSocket } from './ping-socket.ts';
import type { RawSocket } from './raw.ts';
import { Dst } from './route.ts';
import { Settings } from './settings.ts';
import { IcmpMib, IpStats, NeighStats, UdpMib } from './stats.ts';
import { TcpNs } from './tcp-table.ts';
import type { InetHooks } from './types.ts';
import type { UdpSocket } from './udp.ts';

/** IPv4 of one kernel. */
export class InetStack {
  readonly kernel: Kernel;
  readonly hooks: InetHooks = {
    addrChanged: ignore,
    routeChanged: ignore,
    neighChanged: ignore,
    netconfChanged: ignore,
  };
  /** Linux: arp_tbl. */
  readonly neigh: NeighTable;
  readonly idStream: Stream;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.neigh = new NeighTable(kernel.loop, kernel.stream('inet:neigh'), arpOps(kernel));
    this.idStream = kernel.stream('inet:ipid');
  }
}

/** IPv4 of one device. */
export class InDevice extends NeighHome {
  readonly ins: InetNs;
  readonly conf: DevConf;
  /** In the kernel's order: primaries by scope, then secondaries. */
  readonly addrs: Ifaddr[] = [];
  readonly neighs = new Map<number, Neigh>();
  readonly groups: McGroup[] = [];
  /** Groups that are listened to because they are addresses (IFA_F_MCAUTOJOIN). */
  readonly autojoined = new Set<number>();
  dead = false;
  /** IFF_NOARP as it was last seen. */
  noArp: boolean;

  constructor(dev: NetDevice, ins: InetNs) {
    super(dev, ins.stack.neigh, ins.neighStats);
    this.ins = ins;
    this.conf = new DevConf(ins.confDefault);
    this.parms.copyFrom(ins.neighDefault);
    this.noArp = (dev.flags & IFF_NOARP) !== 0;
  }

  get proxies(): ProxyTable<number> {
    return this.ins.proxies;
  }

  neighList(): Neigh[] {
    return [...this.neighs.values()];
  }

  remember(n: Neigh): void {
    this.neighs.set(n.dst, n);
  }

  forget(n: Neigh): void {
    this.neighs.delete(n.dst);
  }
}

/** IPv4 of one namespace. */
export class InetNs {
  readonly stack: InetStack;
  readonly kernel: Kernel;
  readonly ns: NetNs;
  readonly set = new Settings();
  readonly confAll: DevConf;
  readonly confDefault: DevConf;
  readonly neighDefault = new NeighParms();
  /** Grows with every change that could make a remembered route wrong. Linux: rt_genid. */
  genid = 1;
  loopback: NetDevice | null = null;
  /** Tables by number; local and main always exist. */
  readonly tables = new Map<number, FibTable>();
  readonly local: FibTable;
  readonly main: FibTable;
  customLocalRoutes = false;
  /** Rules of one's own; null: those that a namespace is born with. Linux: fib_has_custom_rules. */
  rules: RuleList<number> | null = null;
  /** Every local address, with the addresses that have it. Linux: inet_addr_lst. */
  readonly addrHash = new Map<number, Ifaddr[]>();
  readonly proxies = new ProxyTable(arpProxyOps);
  readonly ip = new IpStats();
  readonly icmp = new IcmpMib();
  readonly udp = new UdpMib();
  readonly tcp = new TcpNs();
  readonly neighStats = new NeighStats();
  /** Linux: netns_ipv4.fqdir. */
  readonly reasm: FragDir<ReasmQueue>;
  /** IP identifiers: one counter for a hash of the addresses. Linux: ip_idents. */
  readonly idents = new Uint16Array(256);
  readonly identNs = new Float64Array(256);
  identsDrawn = false;
  /** ICMP's global token bucket. */
  icmpCredit = 50;
  icmpStampNs = 0;
  /** UDP sockets by local port; raw sockets by protocol; echo sockets by identifier. */
  readonly udpPorts = new Map<number, UdpSocket[]>();
  readonly raw = new Map<number, RawSocket[]>();
  readonly ping = new Map<number, PingSocket[]>();
  readonly packets: PacketSocket[] = [];
  /** Hosts whose errors and redirects are limited. */
  readonly peers = new Map<number, Peer>();
  /** Remembered input routes, by a hash of the flow. */
  readonly rxCache: Array<Dst | null> = new Array(256).fill(null);
  /** Results of lookups that nobody keeps: receiving, ICMP, ARP. */
  readonly rxDst = new Dst();
  readonly icmpDst = new Dst();
  readonly tmpDst = new Dst();

  constructor(stack: InetStack, ns: NetNs, init: InetNs | null) {
    this.stack = stack;
    this.kernel = stack.kernel;
    this.ns = ns;
    this.reasm = new FragDir(stack.kernel.loop);
    this.confAll = init === null ? confAll() : new DevConf(init.confAll);
    this.confDefault = init === null ? confDefault() : new DevConf(init.confDefault);
    this.local = new FibTable(255);
    this.main = new FibTable(254);
    this.tables.set(255, this.local);
    this.tables.set(254, this.main);
  }

  get now(): number {
    return this.kernel.loop.now;
  }
}

const stacks = new WeakMap<Kernel, InetStack>();

export function stackOf(kernel: Kernel): InetStack {
  let s = stacks.get(kernel);
  if (s === undefined) {
    s = new InetStack(kernel);
    stacks.set(kernel, s);
  }
  return s;
}

/** IPv4's state of a namespace, made at first use: the loopback device may come before our own hook runs. */
export function inetNs(ns: NetNs): InetNs {
  if (ns.inet === null) {
    const first = ns.kernel.namespaces.find((n) => n.inet !== null);
    ns.inet = new InetNs(stackOf(ns.kernel), ns, first === undefined ? null : (first.inet as InetNs));
  }
  return ns.inet as InetNs;
}

/** IPv4's state of a device, or null: its MTU is below 68, or it is going. */
export function inDev(dev: NetDevice): InDevice | null {
  return dev.inet as InDevice | null;
}

/** `all` or the device says so. Linux: IN_DEV_ORCONF(). */
export function orConf(d: InDevice, i: number): boolean {
  return d.conf.v[i] !== 0 || d.ins.confAll.v[i] !== 0;
}

/** Both say so. Linux: IN_DEV_ANDCONF(). */
export function andConf(d: InDevice, i: number): boolean {
  return d.conf.v[i] !== 0 && d.ins.confAll.v[i] !== 0;
}

/** The larger of both. Linux: IN_DEV_MAXCONF(). */
export function maxConf(d: InDevice, i: number): number {
  const a = d.conf.v[i];
  const b = d.ins.confAll.v[i];
  return a > b ? a : b;
}

/**
 * The device that a packet counts as having come in by: over lo it is the one that has the address.
 * Linux: inet_iif(), rt_iif.
 */
export function inetIif(ins: InetNs, skb: Skb): number {
  const dev = skb.dev as NetDevice;
  if ((dev.flags & IFF_LOOPBACK) === 0) return dev.ifindex;
  const list = ins.addrHash.get(ip4Dst(skb.bytes, skb.net));
  return list === undefined ? dev.ifindex : list[0].dev.ifindex;
}

function ignore(): void {}
