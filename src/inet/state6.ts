// IPv6's state: one per kernel, one per namespace (ns.inet6), one per device (dev.inet6). Only data and how to find it.
// Both are null in a kernel without IPv6. Linux: struct netns_ipv6, struct inet6_dev, struct inet6_ifaddr.

import type { Stream } from '../base/random.ts';
import { IFF_NOARP } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { DevEvent } from '../net/notifier.ts';
import type { Skb } from '../net/skb.ts';
import { IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { In6, In6Map } from '../wire/in6.ts';
import { conf6All, conf6Default, DevConf6 } from './conf6.ts';
import type { RuleList } from './fib-rules.ts';
import { Fib6Table } from './fib6.ts';
import { FragDir } from './frag-queue.ts';
import type { Reasm6Queue } from './frag6-in.ts';
import type { Neigh } from './neigh.ts';
import { drawReachable, NeighHome, NeighParms, NeighTable } from './neigh-home.ts';
import { ProxyTable } from './neigh-proxy.ts';
import { nd6Ops, ndProxyOps } from './neigh6-table.ts';
import type { Peer } from './peers.ts';
import type { Ping6Socket } from './ping6-socket.ts';
import type { Raw6Socket } from './raw6.ts';
import { Dst6 } from './route6.ts';
import { Settings6 } from './settings6.ts';
import { IcmpMib, IpMib, NeighStats, UdpMib } from './stats.ts';
import type { Addr6Info, Inet6Hooks } from './types6.ts';
import type { Udp6Socket } from './udp6.ts';

/** What the data path tells to addrconf and MLD, which install their functions here. Messages are borrowed. */
export interface ConfDoor {
  /** addrconf_notify(): makes and ends Inet6Dev, addresses, groups. Before neighbours and routes hear of the event. */
  deviceEvent: (event: DevEvent, dev: NetDevice, d: Inet6Dev | null) => void;
  /** Somebody else uses (or tries for) an address that is still tentative here. Linux: addrconf_dad_failure(). */
  dadConflict: (ifa: Ifaddr6, skb: Skb) => void;
  /** A valid router advertisement: skb.net at IPv6, skb.off at ICMPv6, skb.len to its end. Linux: ndisc_router_discovery(). */
  routerAdvert: (skb: Skb, d: Inet6Dev) => void;
  /** A valid MLD message (types 130 to 132, 143), as above. Linux: igmp6_event_query(), igmp6_event_report(). */
  mldMessage: (skb: Skb, d: Inet6Dev) => void;
  /** IPv6 was switched off on a device: its addresses go. */
  disabled: (d: Inet6Dev) => void;
}

/** IPv6 of one kernel. */
export class Inet6Stack {
  readonly kernel: Kernel;
  readonly hooks: Inet6Hooks = {
    addrChanged: ignore,
    routeChanged: ignore,
    neighChanged: ignore,
    netconfChanged: ignore,
    netconfCame: ignore,
    netconfWent: ignore,
    linkInfoChanged: ignore,
    prefixHeard: ignore,
  };
  readonly door: ConfDoor = {
    deviceEvent: ignore,
    dadConflict: ignore,
    routerAdvert: ignore,
    mldMessage: ignore,
    disabled: ignore,
  };
  /** Transport protocols beside UDP and ICMPv6, by number: take a packet with skb.off at their header. Linux: inet6_protos. */
  readonly protocols = new Map<number, (i6: Inet6Ns, skb: Skb, d: Inet6Dev) => void>();
  /** Their error handlers: `quoted` is the IPv6 header of the packet that failed, `inner` their own. Linux: err_handler. */
  readonly errors = new Map<
    number,
    (i6: Inet6Ns, skb: Skb, quoted: number, inner: number, type: number, code: number, info: number) => void
  >();
  /** Linux: nd_tbl. */
  readonly neigh: NeighTable;
  readonly stream: Stream;
  /** What makes flow labels of this kernel its own. Linux: hash_rnd of the flow dissector. */
  readonly flowSeed: number;
  /** Chance in addresses and their timers, and in MLD's. */
  readonly confStream: Stream;
  readonly mldStream: Stream;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.stream = kernel.stream('inet6');
    this.flowSeed = kernel.stream('inet6:flow').u32() | 0;
    this.neigh = new NeighTable(kernel.loop, kernel.stream('inet6:neigh'), nd6Ops(kernel));
    this.confStream = kernel.stream('inet6:addrconf');
    this.mldStream = kernel.stream('inet6:mld');
  }
}

/** Where an address is in its life. Linux: enum in INET6_IFADDR_STATE_*. */
export const IFADDR_PREDAD = 0;
export const IFADDR_DAD = 1;
export const IFADDR_POSTDAD = 2;
export const IFADDR_ERRDAD = 3;
export const IFADDR_DEAD = 4;

/** Linux: struct inet6_ifaddr. */
export class Ifaddr6 implements Addr6Info {
  readonly d6: Inet6Dev;
  readonly dev: NetDevice;
  readonly addr: In6;
  peer: In6 | null = null;
  prefixLen = 128;
  scope = 0;
  flags = 0;
  rtPriority = 0;
  proto = 0;
  validLft = 0xffffffff;
  preferredLft = 0xffffffff;
  cstampNs: number;
  tstampNs: number;
  state: number = IFADDR_PREDAD;
  /** Probes still to send, and the nonce of enhanced DAD (RFC 7527): six bytes, or null. */
  dadProbes = 0;
  dadNonce: Uint8Array | null = null;
  /** Events that belong to it; 0: none. */
  dadEvent = 0;
  lifeEvent = 0;
  /** Made from a token; how often a stable identifier met a duplicate. */
  tokenized = false;
  stableRetry = 0;

  constructor(d6: Inet6Dev, addr: In6) {
    this.d6 = d6;
    this.dev = d6.dev;
    this.addr = addr.copy();
    this.cstampNs = d6.i6.now;
    this.tstampNs = d6.i6.now;
  }

  get tentative(): boolean {
    return (this.flags & IFA_F_TENTATIVE) !== 0;
  }
}

/** Linux: struct ifmcaddr6. */
export interface Mc6Group {
  readonly d: Inet6Dev;
  readonly group: In6;
  users: number;
  /** MAF_*, as /proc/net/igmp6 shows them. */
  flags: number;
  /** Change reports still to send. */
  crcount: number;
  /** An answer to a query that waits, or 0; and when it is due. */
  event: number;
  dueNs: number;
  readonly cstampNs: number;
}

/** What MLD knows of a link. Linux: the mc_* fields of struct inet6_dev. */
export class Mld {
  /** Robustness, query interval and response interval, as the last querier said. */
  qrv = 2;
  qiMs = 125000;
  qriMs = 10000;
  maxDelayMs = 1000;
  /** Until when a version 1 querier rules, virtual ns. */
  v1UntilNs = 0;
  /** Left groups that are still to be reported; the newest first. */
  tomb: Mc6Group[] = [];
  ifcCount = 0;
  ifcEvent = 0;
  dadCount = 0;
  dadEvent = 0;
  queryEvent = 0;
}

/** IPv6 of one device. */
export class Inet6Dev extends NeighHome {
  readonly i6: Inet6Ns;
  readonly conf: DevConf6;
  readonly neighs = new In6Map<Neigh>();
  /** In the kernel's order: wider scopes first, then as they came. */
  readonly addrs: Ifaddr6[] = [];
  /** The newest first, as Linux keeps them. */
  readonly groups: Mc6Group[] = [];
  /** Anycast addresses heard here (a router's subnet anycast). Linux: struct ifacaddr6. */
  readonly anycasts: Array<{ addr: In6; users: number }> = [];
  readonly ip = new IpMib();
  readonly icmp = new IcmpMib();
  /** IF_READY and others of if_inet6.h: addrconf's. */
  ifFlags = 0;
  /** IFF_NOARP as it was last seen. */
  noArp: boolean;
  /** Lower half of addresses made from advertised prefixes (`ip token`); `::` for none. */
  readonly token = new In6();
  /** The secret of stable identifiers; null: none. */
  stableSecret: In6 | null = null;
  /** MTU of the last router advertisement, 0: none. */
  raMtu = 0;
  /** Router solicitations: sent so far, the wait before the next, its event. */
  rsProbes = 0;
  rsIntervalMs = 0;
  rsEvent = 0;
  /** MLD's state of this link. */
  readonly mld = new Mld();
  dead = false;
  /** Virtual ns of the last change of an address here. */
  tstampNs = 0;

  constructor(dev: NetDevice, i6: Inet6Ns) {
    super(dev, i6.stack.neigh, i6.neighStats);
    this.i6 = i6;
    this.conf = new DevConf6(i6.confDefault);
    this.noArp = (dev.flags & IFF_NOARP) !== 0;
    this.parms.copyFrom(i6.neighDefault);
    drawReachable(this);
  }

  get proxies(): ProxyTable<In6> {
    return this.i6.proxies;
  }

  neighList(): Neigh[] {
    return this.neighs.values();
  }

  remember(n: Neigh): void {
    this.neighs.set(n.dst6, n);
  }

  forget(n: Neigh): void {
    this.neighs.delete(n.dst6);
  }
}

/** IPv6 of one namespace. */
export class Inet6Ns {
  readonly stack: Inet6Stack;
  readonly kernel: Kernel;
  readonly ns: NetNs;
  readonly set = new Settings6();
  readonly confAll: DevConf6;
  readonly confDefault: DevConf6;
  readonly neighDefault = new NeighParms();
  readonly neighStats = new NeighStats();
  /** Proxy entries. Linux: nd_tbl.phash_buckets. */
  readonly proxies = new ProxyTable(ndProxyOps);
  /** Tables by number; local and main always exist. */
  readonly tables = new Map<number, Fib6Table>();
  readonly local = new Fib6Table(255);
  readonly main = new Fib6Table(254);
  /** Rules of one's own; null: those that a namespace is born with. Linux: fib6_has_custom_rules. */
  rules: RuleList<In6> | null = null;
  /** Results of lookups that nobody keeps: ICMPv6, neighbour discovery. */
  readonly icmpDst = new Dst6();
  readonly ndDst = new Dst6();
  readonly tmpDst = new Dst6();
  /** Remembered input routes, by a hash of the flow. */
  readonly rxCache: Array<Dst6 | null> = new Array(256).fill(null);
  /** UDP sockets by local port; raw sockets by protocol; echo sockets by identifier. */
  readonly udpPorts = new Map<number, Udp6Socket[]>();
  readonly raw = new Map<number, Raw6Socket[]>();
  readonly ping = new Map<number, Ping6Socket[]>();
  /** Linux: netns_ipv6.fqdir. */
  readonly reasm: FragDir<Reasm6Queue>;
  /** Hosts whose errors are limited. */
  readonly peers = new In6Map<Peer>();
  /** The event that looks for expired routes; 0: none. */
  gcEvent = 0;
  /** Grows with every change that could make a remembered route wrong. Linux: fib6_sernum. */
  genid = 1;
  loopback: NetDevice | null = null;
  /** When lifetimes are looked at next; 0: nobody waits. */
  verifyEvent = 0;
  /** The secret of stable identifiers for all devices without one of their own. */
  stableSecret: In6 | null = null;
  /** Every address of a device, with those that have it (on several links, perhaps). Linux: inet6_addr_lst. */
  readonly addrHash = new In6Map<Ifaddr6[]>();
  readonly ip = new IpMib();
  readonly icmp = new IcmpMib();
  readonly udp = new UdpMib();

  /** A fresh namespace has the compiled-in settings, whatever the first one says (unlike IPv4's). */
  constructor(stack: Inet6Stack, ns: NetNs) {
    this.stack = stack;
    this.kernel = stack.kernel;
    this.ns = ns;
    this.reasm = new FragDir(stack.kernel.loop);
    this.confAll = conf6All();
    this.neighDefault.locktimeNs = 0;
    this.tables.set(255, this.local);
    this.tables.set(254, this.main);
    this.confDefault = conf6Default();
  }

  get now(): number {
    return this.kernel.loop.now;
  }
}

const stacks = new WeakMap<Kernel, Inet6Stack>();

export function stack6Of(kernel: Kernel): Inet6Stack {
  let s = stacks.get(kernel);
  if (s === undefined) {
    s = new Inet6Stack(kernel);
    stacks.set(kernel, s);
  }
  return s;
}

/** IPv6's state of a namespace, or null in a kernel without IPv6. */
export function inet6Ns(ns: NetNs): Inet6Ns | null {
  return ns.inet6 as Inet6Ns | null;
}

/** IPv6's state of a device, or null: no IPv6, an MTU below 1280, or it is going. */
export function in6Dev(dev: NetDevice): Inet6Dev | null {
  return dev.inet6 as Inet6Dev | null;
}

function ignore(): void {}
