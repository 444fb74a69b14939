// One link as RTM_NEWLINK and RTM_DELLINK show it, attributes in the kernel's order.
// Not here: SR-IOV, XDP programs, devlink and DPLL pins; their nests are as empty as on a kernel that has none.
// Linux: net/core/rtnetlink.c, rtnl_fill_ifinfo().

import { inetConf } from '../inet/control.ts';
import type { Attrs, LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { readStats } from '../net/stats.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { IFLA, type LinkAttrs, RTEXT_FILTER_VF } from '../uapi/link.ts';
import type { LinkInfo } from '../uapi/linkinfo.ts';
import { inet6Attrs } from './link6.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What differs between an answer, a dump and the kinds of notification. */
export interface LinkView {
  /** ifi_change. */
  readonly change?: number;
  /** IFLA_EXT_MASK of the request. */
  readonly extMask?: number;
  /** IFLA_EVENT: why it is told. */
  readonly event?: number;
  /** Of a device that moves: where to. */
  readonly newNsid?: number;
  readonly newIfindex?: number;
  /** The request named its namespace by this id. */
  readonly targetNetnsid?: number;
  /** Whose ids IFLA_LINK_NETNSID speaks of; absent: the device's own namespace. */
  readonly seenFrom?: NetNs;
}

/** The link kind that rtnetlink knows a device by; null for lo and for hardware. */
export function linkKind(dev: NetDevice): LinkOps | null {
  return dev.linkOps !== null && dev.linkOps.newlink !== undefined ? dev.linkOps : null;
}

/** ifinfomsg and attributes. */
export function fillLink(w: Writer, dev: NetDevice, view: LinkView): void {
  writeStruct(
    IFINFOMSG,
    {
      family: 0,
      type: dev.type,
      index: dev.ifindex,
      flags: dev.core.userFlags(dev),
      change: view.change ?? 0,
    },
    w,
  );
  encodeTo(IFLA, linkAttrs(dev, view), w);
}

function linkAttrs(dev: NetDevice, view: LinkView): LinkAttrs {
  const a: Mutable<LinkAttrs> = {};
  if (view.targetNetnsid !== undefined) a.targetNetnsid = view.targetNetnsid;
  a.ifname = dev.name;
  a.txqlen = dev.txQueueLen;
  a.operstate = dev.core.userOperState(dev);
  a.linkmode = dev.linkMode;
  a.netnsImmutable = dev.netnsImmutable ? 1 : 0;
  a.mtu = dev.mtu;
  a.minMtu = dev.minMtu;
  a.maxMtu = dev.maxMtu;
  a.group = dev.group;
  a.promiscuity = dev.promiscuity;
  a.allmulti = dev.allmulti;
  a.numTxQueues = dev.txq.length;
  a.gsoMaxSegs = dev.gsoMaxSegs;
  a.gsoMaxSize = dev.gsoMaxSize;
  a.groMaxSize = dev.groMaxSize;
  a.gsoIpv4MaxSize = dev.gsoIpv4MaxSize;
  a.groIpv4MaxSize = dev.groIpv4MaxSize;
  a.tsoMaxSize = dev.tsoMaxSize;
  a.tsoMaxSegs = dev.tsoMaxSegs;
  a.maxPacingOffloadHorizon = 0;
  a.numRxQueues = dev.numRxQueues;
  if (dev.master !== null) a.master = dev.master.ifindex;
  a.carrier = dev.carrier ? 1 : 0;
  if (dev.alias !== '') a.ifalias = dev.alias;
  a.carrierChanges = dev.carrierUpCount + dev.carrierDownCount;
  a.carrierUpCount = dev.carrierUpCount;
  a.carrierDownCount = dev.carrierDownCount;
  a.headroom = dev.neededHeadroom;
  a.tailroom = dev.neededTailroom;
  a.protoDown = dev.protoDown ? 1 : 0;
  if (view.event !== undefined) a.event = view.event;
  if (dev.addrLen === 6) {
    a.address = dev.addr;
    a.broadcast = dev.broadcast;
  }
  const mask = view.extMask ?? 0;
  addStats(a, dev); // RTEXT_FILTER_SKIP_STATS spares IPv6's counters only (link6.ts)
  const bus = parentOf(dev);
  if (bus !== null && (mask & RTEXT_FILTER_VF) !== 0) a.numVf = 0;
  a.xdp = { attached: 0 };
  const info = linkInfo(dev);
  if (info !== null) a.linkinfo = info;
  if (view.newNsid !== undefined) a.newNetnsid = view.newNsid;
  if (view.newIfindex !== undefined) a.newIfindex = view.newIfindex;
  if (dev.permAddr !== 0) a.permAddress = dev.permAddr;
  addBelow(a, dev, view.seenFrom ?? dev.ns);
  a.qdisc = dev.qdisc.kind;
  const conf = dev.inet === null ? null : inetConf(dev);
  const inet6 = dev.inet6 === null ? null : inet6Attrs(dev, mask);
  a.afSpec = { ...(conf === null ? {} : { inet: { conf } }), ...(inet6 === null ? {} : { inet6 }) };
  a.map = { memStart: 0, memEnd: 0, baseAddr: 0, irq: 0, dma: 0, port: 0 } as never;
  if (dev.altNames.length > 0) a.propList = dev.altNames;
  if (bus !== null) {
    a.parentDevName = bus;
    a.parentDevBusName = 'pci';
  }
  a.devlinkPort = {};
  a.dpllPin = {};
  return a;
}

function addStats(a: Mutable<LinkAttrs>, dev: NetDevice): void {
  const stats = readStats(dev) as unknown as NonNullable<LinkAttrs['stats64']>;
  a.stats64 = stats;
  const cut: Record<string, number> = {};
  for (const [name, count] of Object.entries(stats)) cut[name] = count % 0x1_0000_0000;
  a.stats = cut as NonNullable<LinkAttrs['stats']>;
}

/** The namespace of what is below or at the other end. Linux: rtnl_link_ops.get_link_net(). */
export function linkNetOf(dev: NetDevice): NetNs {
  return linkKind(dev)?.linkNet?.(dev) ?? dev.ns;
}

/** IFLA_LINK and the id of its namespace. Linux: rtnl_fill_link_netnsid(). */
function addBelow(a: Mutable<LinkAttrs>, dev: NetDevice, seenFrom: NetNs): void {
  const linkNet = linkNetOf(dev);
  const far = linkNet !== dev.ns;
  if (far) a.linkNetnsid = seenFrom.idOf(linkNet, true);
  const iflink = dev.iflink;
  if (far || iflink !== dev.ifindex) a.link = iflink;
}

/** IFLA_LINKINFO: the device's own kind, and what its master says of it. Linux: rtnl_link_fill(). */
function linkInfo(dev: NetDevice): LinkInfo | null {
  const ops = linkKind(dev);
  const master = dev.master;
  const masterOps = master === null ? null : linkKind(master);
  const slave = masterOps?.fillSlaveInfo;
  if (ops === null && slave === undefined) return null;
  const info: Record<string, unknown> = {};
  if (ops !== null) {
    info.kind = ops.kind;
    const data: Attrs | null = ops.fillInfo?.(dev) ?? null;
    if (data !== null) info.data = data;
  }
  if (slave !== undefined && master !== null && masterOps !== null) {
    info.slaveKind = masterOps.kind;
    const data = masterOps.fillSlaveInfo?.(master, dev) ?? null;
    if (data !== null) info.slaveData = data;
  }
  return info as LinkInfo;
}

/** The bus address of real hardware; null for everything virtual. */
function parentOf(dev: NetDevice): string | null {
  if (linkKind(dev) !== null || dev.driverInfo === null) return null;
  return dev.driverInfo.busInfo === '' ? null : dev.driverInfo.busInfo;
}
