// RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR of IPv4: bytes on one side, inet/control on the other.
// Linux: net/ipv4/devinet.c, inet_rtm_newaddr(), inet_dump_ifaddr(), inet_fill_ifaddr(), rtmsg_ifa().

import { addrAdd, addrDel, addrDump, addrLifetimes } from '../inet/control.ts';
import type { AddrInfo, AddrRequest } from '../inet/types.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { readStruct, writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { type AddrAttrs, IFA, IFA_CACHEINFO, IFADDRMSG } from '../uapi/addr.ts';
import { AF_INET } from '../uapi/link.ts';
import { RTM_DELADDR, RTM_NEWADDR } from '../uapi/msgtype.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import { RTNLGRP_IPV4_IFADDR } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { netById } from './link-netns.ts';
import { notify } from './listeners.ts';
import { originOf } from './origin.ts';
import type { Request } from './request.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ADDRESS = 1;
const LOCAL = 2;
const LABEL = 3;
const BROADCAST = 4;
const CACHEINFO = 6;
const FLAGS = 8;
const RT_PRIORITY = 9;
const TARGET_NETNSID = 10;
const PROTO = 11;
const IFNAMSIZ = 16;

export function newAddr(req: Request): void {
  addrAdd(req.ns, requestOf(req));
}

export function delAddr(req: Request): void {
  addrDel(req.ns, requestOf(req));
}

function requestOf(req: Request): AddrRequest {
  const tb = req.parse(IFADDRMSG, IFA);
  const ifm = req.header(IFADDRMSG);
  const ip = (type: number): number | null => (tb.has(type) ? tb.be32(type) : null);
  let validLft: number | null = null;
  let preferredLft: number | null = null;
  if (tb.len(CACHEINFO) >= IFA_CACHEINFO.size) {
    const ci = readStruct(IFA_CACHEINFO, req.msg.view, req.msg.bytes, tb.start(CACHEINFO));
    validLft = ci.valid;
    preferredLft = ci.prefered;
  }
  return {
    ifindex: ifm.index,
    prefixLen: ifm.prefixlen,
    scope: ifm.scope,
    flags: tb.has(FLAGS) ? tb.u32(FLAGS) : ifm.flags,
    local: ip(LOCAL),
    address: ip(ADDRESS),
    broadcast: ip(BROADCAST),
    label: tb.has(LABEL) ? tb.text(LABEL, IFNAMSIZ - 1) : null,
    rtPriority: tb.u32(RT_PRIORITY),
    proto: tb.u8(PROTO),
    validLft,
    preferredLft,
    nlFlags: req.flags,
  };
}

export function dumpAddrs(req: Request, out: Dump): void {
  let ifindex = 0;
  let ns: NetNs = req.ns;
  let targetNetnsid: number | undefined;
  if (req.strict) {
    if (req.len < IFADDRMSG.size) throw new NlError('EINVAL', 'ipv4: Invalid header for address dump request');
    const ifm = req.header(IFADDRMSG);
    if (ifm.prefixlen !== 0 || ifm.flags !== 0 || ifm.scope !== 0) {
      throw new NlError('EINVAL', 'ipv4: Invalid values in header for address dump request');
    }
    ifindex = ifm.index;
    const tb = req.parse(IFADDRMSG, IFA, true);
    for (const type of tb.types) {
      if (type !== TARGET_NETNSID) throw new NlError('EINVAL', 'ipv4: Unsupported attribute in dump request');
      targetNetnsid = tb.s32(type);
      ns = netById(ns, targetNetnsid, 'ipv4: Invalid target network namespace id');
    }
    if (ifindex !== 0) out.extraFlags = out.answerFlags = NLM_F_DUMP_FILTERED;
  }
  if (ifindex !== 0 && ns.devByIndex(ifindex) === null) throw new NlError('ENODEV');
  for (const addr of addrDump(ns, ifindex)) out.message(RTM_NEWADDR, (w) => fillAddr(w, addr, targetNetnsid));
}

function fillAddr(w: Writer, addr: AddrInfo, targetNetnsid?: number): void {
  const header = {
    family: AF_INET,
    prefixlen: addr.prefixLen,
    flags: addr.flags & 0xff,
    scope: addr.scope,
    index: addr.dev.ifindex,
  };
  writeStruct(IFADDRMSG, header, w);
  const a: Mutable<AddrAttrs> = {};
  if (targetNetnsid !== undefined) a.targetNetnsid = targetNetnsid;
  if (addr.address !== 0) a.address = addr.address;
  if (addr.local !== 0) a.local = addr.local;
  if (addr.broadcast !== 0) a.broadcast = addr.broadcast;
  if (addr.label !== '') a.label = addr.label;
  if (addr.proto !== 0) a.proto = addr.proto;
  a.flags = addr.flags;
  if (addr.rtPriority !== 0) a.rtPriority = addr.rtPriority;
  const { preferred, valid } = addrLifetimes(addr);
  a.cacheinfo = { prefered: preferred, valid, cstamp: ticksOf(addr.cstampNs), tstamp: ticksOf(addr.tstampNs) };
  encodeTo(IFA, a, w);
}

export function addrChanged(gone: boolean, ns: NetNs, addr: AddrInfo): void {
  const type = gone ? RTM_DELADDR : RTM_NEWADDR;
  notify(ns, RTNLGRP_IPV4_IFADDR, type, originOf(ns, RTM_NEWADDR, RTM_DELADDR), (w) => fillAddr(w, addr));
}
