// IPv6's part of links: IFLA_AF_SPEC in link messages, RTM_GETLINK under AF_INET6 and its notifications, and what a
// request may set. Linux: net/ipv6/addrconf.c, inet6_fill_ifla6_attrs(), inet6_dump_ifinfo(), inet6_set_link_af().

import { DC_ADDR_GEN_MODE, DC_COUNT } from '../inet/conf6.ts';
import { type Inet6Dev, in6Dev } from '../inet/state6.ts';
import type { IcmpMib, IpMib } from '../inet/stats.ts';
import { genModeAllowed } from '../inet/sysctl6-conf.ts';
import { setToken6 } from '../inet/token6.ts';
import type { NetDevice } from '../net/netdev.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { AF_INET6, type LinkAttrs, RTEXT_FILTER_SKIP_STATS } from '../uapi/link.ts';
import { IFLA6, type Link6Attrs } from '../uapi/link6.ts';
import { RTM_NEWLINK } from '../uapi/msgtype.ts';
import { RTNLGRP_IPV6_IFINFO } from '../uapi/rtnlgrp.ts';
import { in6At } from '../wire/in6.ts';
import type { Dump } from './dump.ts';
import { NOBODY, notify } from './listeners.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Inet6Attrs = NonNullable<NonNullable<LinkAttrs['afSpec']>['inet6']>;

const IPV6_MAXPLEN = 65535;
const TOKEN = 7;
const ADDR_GEN_MODE = 8;
const RA_MTU = 9;

/** IPSTATS_MIB_*: names by place, the first counts them. */
const IP_MIB: ReadonlyArray<keyof IpMib | null> = [
  null,
  'InReceives',
  'InOctets',
  'InDelivers',
  'InNoECTPkts',
  'InECT1Pkts',
  'InECT0Pkts',
  'InCEPkts',
  'OutRequests',
  'OutTransmits',
  'OutOctets',
  'OutForwDatagrams',
  'InHdrErrors',
  'InTooBigErrors',
  'InNoRoutes',
  'InAddrErrors',
  'InUnknownProtos',
  'InTruncatedPkts',
  'InDiscards',
  'OutDiscards',
  'OutNoRoutes',
  'ReasmTimeout',
  'ReasmReqds',
  'ReasmOKs',
  'ReasmFails',
  'FragOKs',
  'FragFails',
  'FragCreates',
  'InMcastPkts',
  'OutMcastPkts',
  null,
  null,
  'InMcastOctets',
  'OutMcastOctets',
  'InBcastOctets',
  'OutBcastOctets',
  null,
  null,
];
/** ICMP6_MIB_*. */
const ICMP_MIB = ['InMsgs', 'InErrors', 'OutMsgs', 'OutErrors', 'InCsumErrors', 'OutRateLimitHost'] as const;

function ipCounters(s: IpMib): number[] {
  return [IP_MIB.length, ...IP_MIB.slice(1).map((key) => (key === null ? 0 : s[key]))];
}

function icmpCounters(s: IcmpMib): number[] {
  return [ICMP_MIB.length + 1, ...ICMP_MIB.map((key) => s[key])];
}

/** The AF_INET6 nest of a device, or null: it has no IPv6. */
export function inet6Attrs(dev: NetDevice, extMask: number): Inet6Attrs | null {
  const d = in6Dev(dev);
  return d === null ? null : attrsOf(d, extMask);
}

function attrsOf(d: Inet6Dev, extMask: number): Inet6Attrs {
  const a: Mutable<Inet6Attrs> = {
    flags: d.ifFlags >>> 0,
    cacheinfo: {
      maxReasmLen: IPV6_MAXPLEN,
      tstamp: ticksOf(d.tstampNs),
      reachableTime: Math.floor(d.parms.reachableNs / 1e6),
      retransTime: Math.floor(d.parms.retransNs / 1e6),
    },
    conf: [...d.conf.v.subarray(0, DC_COUNT)],
  };
  if ((extMask & RTEXT_FILTER_SKIP_STATS) === 0) {
    a.stats = ipCounters(d.ip);
    a.icmp6stats = icmpCounters(d.icmp);
  }
  a.token = d.token.bytes();
  a.addrGenMode = d.conf.v[DC_ADDR_GEN_MODE];
  if (d.raMtu !== 0) a.raMtu = d.raMtu;
  return a;
}

function fillLink6(w: Writer, dev: NetDevice, d: Inet6Dev): void {
  const header = { family: AF_INET6, type: dev.type, index: dev.ifindex, flags: dev.core.userFlags(dev), change: 0 };
  writeStruct(IFINFOMSG, header, w);
  const a: Mutable<Link6Attrs> = { ifname: dev.name };
  if (dev.addrLen === 6) a.address = dev.addr;
  a.mtu = dev.mtu;
  if (dev.iflink !== dev.ifindex) a.link = dev.iflink;
  a.operstate = dev.core.userOperState(dev);
  a.protinfo = attrsOf(d, 0);
  encodeTo(IFLA6, a, w);
}

/** RTM_GETLINK under AF_INET6. */
export function dumpLinks6(req: Request, out: Dump): void {
  if (req.strict) {
    if (req.len < IFINFOMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid header for link dump request');
    if (req.len > IFINFOMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid data after header');
    const ifm = req.header(IFINFOMSG);
    if (ifm.type !== 0 || ifm.flags !== 0 || ifm.change !== 0 || ifm.index !== 0) {
      throw new NlError('EINVAL', 'ipv6: Invalid values in header for dump request');
    }
  }
  for (const dev of req.ns.devices()) {
    const d = in6Dev(dev);
    if (d !== null) out.message(RTM_NEWLINK, (w) => fillLink6(w, dev, d));
  }
}

export function linkInfoChanged(dev: NetDevice): void {
  const d = in6Dev(dev);
  if (d !== null) notify(dev.ns, RTNLGRP_IPV6_IFINFO, RTM_NEWLINK, NOBODY, (w) => fillLink6(w, dev, d));
}

/** Looks at a request's AF_INET6 nest before anything is changed. `dev` null: a link to be made. */
export function validateInet6(dev: NetDevice | null, tb: Tb): void {
  const d = dev === null ? null : in6Dev(dev);
  if (dev !== null && d === null) throw new NlError('EAFNOSUPPORT');
  if (tb.has(RA_MTU)) throw new NlError('EINVAL', 'IFLA_INET6_RA_MTU can not be set');
  if (!tb.has(TOKEN) && !tb.has(ADDR_GEN_MODE)) throw new NlError('EINVAL');
  if (tb.has(TOKEN) && tb.len(TOKEN) < 16) throw new NlError('EINVAL');
  if (!tb.has(ADDR_GEN_MODE)) return;
  const mode = tb.u8(ADDR_GEN_MODE);
  if (mode > 3 || (d !== null && !genModeAllowed(d, mode))) throw new NlError('EINVAL');
}

/** The new way counts for addresses that are made from now on. */
export function setInet6(dev: NetDevice, tb: Tb): void {
  const d = in6Dev(dev);
  if (d === null) throw new NlError('EAFNOSUPPORT');
  if (tb.has(TOKEN)) setToken6(d, in6At(tb.bytes(TOKEN), 0));
  if (tb.has(ADDR_GEN_MODE)) d.conf.v[DC_ADDR_GEN_MODE] = tb.u8(ADDR_GEN_MODE);
}
