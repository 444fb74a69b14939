// RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR of IPv6, groups and anycast addresses. addr.ts is IPv4's.
// Linux: net/ipv6/addrconf.c, inet6_rtm_newaddr(), inet6_dump_addr(), inet6_fill_ifaddr(), inet6_fill_ifmcaddr().

import { type Addr6Request, addr6Add, addr6Del, addr6Dump, addr6Get, addr6Lifetimes } from '../inet/addr6-control.ts';
import { in6Dev } from '../inet/state6.ts';
import type { Addr6Info } from '../inet/types6.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { readStruct, writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { type AddrAttrs, IFA, IFA_CACHEINFO, IFA_F_PERMANENT, IFADDRMSG, INFINITY_LIFE_TIME } from '../uapi/addr.ts';
import { AF_INET6 } from '../uapi/link.ts';
import { RTM_DELADDR, RTM_GETANYCAST, RTM_GETMULTICAST, RTM_NEWADDR } from '../uapi/msgtype.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import { RT_SCOPE_SITE, RT_SCOPE_UNIVERSE } from '../uapi/route.ts';
import { RTNLGRP_IPV6_IFADDR } from '../uapi/rtnlgrp.ts';
import { type In6, in6At } from '../wire/in6.ts';
import type { Dump } from './dump.ts';
import { netById } from './link-netns.ts';
import { NOBODY, notify } from './listeners.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ADDRESS = 1;
const LOCAL = 2;
const CACHEINFO = 6;
const FLAGS = 8;
const RT_PRIORITY = 9;
const TARGET_NETNSID = 10;
const PROTO = 11;
const MC_SITE = 5;

export function newAddr6(req: Request): void {
  addr6Add(req.ns, requestOf(req));
}

export function delAddr6(req: Request): void {
  addr6Del(req.ns, requestOf(req));
}

/** An address attribute; shorter ones are refused before anything is looked at. */
function addressOf(tb: Tb, type: number): In6 | null {
  if (!tb.has(type)) return null;
  if (tb.len(type) < 16) throw new NlError('EINVAL');
  return in6At(tb.bytes(type), 0);
}

/** IFA_LOCAL is the address and IFA_ADDRESS its peer, when they differ. Linux: extract_addr(). */
function addressesOf(tb: Tb): { addr: In6; peer: In6 | null } {
  const address = addressOf(tb, ADDRESS);
  const local = addressOf(tb, LOCAL);
  const addr = local ?? address;
  if (addr === null) throw new NlError('EINVAL');
  return { addr, peer: local !== null && address !== null && !address.equals(local) ? address : null };
}

function requestOf(req: Request): Addr6Request {
  const tb = req.parse(IFADDRMSG, IFA);
  const ifm = req.header(IFADDRMSG);
  let validLft: number | null = null;
  let preferredLft: number | null = null;
  if (tb.has(CACHEINFO)) {
    if (tb.len(CACHEINFO) < IFA_CACHEINFO.size) throw new NlError('EINVAL');
    const ci = readStruct(IFA_CACHEINFO, req.msg.view, req.msg.bytes, tb.start(CACHEINFO));
    validLft = ci.valid;
    preferredLft = ci.prefered;
  }
  return {
    ifindex: ifm.index,
    prefixLen: ifm.prefixlen,
    flags: tb.has(FLAGS) ? tb.u32(FLAGS) : ifm.flags,
    ...addressesOf(tb),
    rtPriority: tb.u32(RT_PRIORITY),
    proto: tb.u8(PROTO),
    validLft,
    preferredLft,
    nlFlags: req.flags,
  };
}

export function getAddr6(req: Request): void {
  if (req.len < IFADDRMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid header for get address request');
  const ifm = req.header(IFADDRMSG);
  if (req.strict && (ifm.prefixlen !== 0 || ifm.flags !== 0 || ifm.scope !== 0)) {
    throw new NlError('EINVAL', 'ipv6: Invalid values in header for get address request');
  }
  const tb = req.parse(IFADDRMSG, IFA, req.strict);
  const known = (type: number): boolean => type === TARGET_NETNSID || type === ADDRESS || type === LOCAL;
  if (req.strict && !tb.types.every(known)) {
    throw new NlError('EINVAL', 'ipv6: Unsupported attribute in get address request');
  }
  const id = tb.has(TARGET_NETNSID) ? tb.s32(TARGET_NETNSID) : undefined;
  const ns = id === undefined ? req.ns : netById(req.ns, id, '');
  const found = addr6Get(ns, addressesOf(tb).addr, ifm.index);
  req.reply(RTM_NEWADDR, (w) => fillAddr6(w, found, id));
}

/** What a dump is asked for. */
interface Asked {
  readonly ns: NetNs;
  readonly ifindex: number;
  readonly id: number | undefined;
}

function asked(req: Request, out: Dump): Asked {
  if (!req.strict) return { ns: req.ns, ifindex: 0, id: undefined };
  if (req.len < IFADDRMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid header for address dump request');
  const ifm = req.header(IFADDRMSG);
  if (ifm.prefixlen !== 0 || ifm.flags !== 0 || ifm.scope !== 0) {
    throw new NlError('EINVAL', 'ipv6: Invalid values in header for address dump request');
  }
  const tb = req.parse(IFADDRMSG, IFA, true);
  let ns: NetNs = req.ns;
  let id: number | undefined;
  for (const type of tb.types) {
    if (type !== TARGET_NETNSID) throw new NlError('EINVAL', 'ipv6: Unsupported attribute in dump request');
    id = tb.s32(type);
    ns = netById(ns, id, 'ipv6: Invalid target network namespace id');
  }
  if (ifm.index !== 0) {
    out.extraFlags = out.answerFlags = NLM_F_DUMP_FILTERED;
    if (ns.devByIndex(ifm.index) === null) throw new NlError('ENODEV');
  }
  return { ns, ifindex: ifm.index, id };
}

export function dumpAddrs6(req: Request, out: Dump): void {
  const { ns, ifindex, id } = asked(req, out);
  for (const a of addr6Dump(ns, ifindex)) out.message(RTM_NEWADDR, (w) => fillAddr6(w, a, id));
}

function fillAddr6(w: Writer, addr: Addr6Info, id?: number): void {
  const header = {
    family: AF_INET6,
    prefixlen: addr.prefixLen,
    flags: addr.flags & 0xff,
    scope: addr.scope,
    index: addr.dev.ifindex,
  };
  writeStruct(IFADDRMSG, header, w);
  const a: Mutable<AddrAttrs> = {};
  if (id !== undefined) a.targetNetnsid = id;
  if (addr.peer !== null) a.local = addr.addr.bytes();
  a.address = (addr.peer ?? addr.addr).bytes();
  if (addr.rtPriority !== 0) a.rtPriority = addr.rtPriority;
  const left = addr6Lifetimes(addr, addr.dev.core.kernel.loop.now);
  a.cacheinfo = { prefered: left.preferred, valid: left.valid, ...stamps(addr.cstampNs, addr.tstampNs) };
  a.flags = addr.flags;
  if (addr.proto !== 0) a.proto = addr.proto;
  encodeTo(IFA, a, w);
}

/** Hundredths of seconds since boot. */
function stamps(cstampNs: number, tstampNs: number): { cstamp: number; tstamp: number } {
  return { cstamp: ticksOf(cstampNs), tstamp: ticksOf(tstampNs) };
}

export function addr6Changed(gone: boolean, ns: NetNs, addr: Addr6Info): void {
  notify(ns, RTNLGRP_IPV6_IFADDR, gone ? RTM_DELADDR : RTM_NEWADDR, NOBODY, (w) => fillAddr6(w, addr));
}

/** RTM_GETMULTICAST and RTM_GETANYCAST: the message type of the answer is that of the request. */
export function dumpGroups6(req: Request, out: Dump): void {
  dumpOf(req, out, RTM_GETMULTICAST, (dev) =>
    (in6Dev(dev)?.groups ?? []).map((g) => ({ addr: g.group, cstampNs: g.cstampNs, key: 'multicast' })),
  );
}

export function dumpAnycasts6(req: Request, out: Dump): void {
  dumpOf(req, out, RTM_GETANYCAST, (dev) =>
    (in6Dev(dev)?.anycasts ?? []).map((a) => ({ addr: a.addr, cstampNs: 0, key: 'anycast' })),
  );
}

interface Listed {
  readonly addr: In6;
  readonly cstampNs: number;
  readonly key: string;
}

function dumpOf(req: Request, out: Dump, type: number, listOf: (dev: NetDevice) => Listed[]): void {
  const { ns, ifindex, id } = asked(req, out);
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    for (const one of listOf(dev)) {
      out.message(type, (w) => {
        const scope = one.addr.mcScope === MC_SITE ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
        writeStruct(
          IFADDRMSG,
          { family: AF_INET6, prefixlen: 128, flags: IFA_F_PERMANENT, scope, index: dev.ifindex },
          w,
        );
        const forever = { prefered: INFINITY_LIFE_TIME, valid: INFINITY_LIFE_TIME };
        const cacheinfo = { ...forever, ...stamps(one.cstampNs, one.cstampNs) };
        const target = id === undefined ? {} : { targetNetnsid: id };
        encodeTo(IFA, { ...target, [one.key]: one.addr.bytes(), cacheinfo } as AddrAttrs, w);
      });
    }
  }
}
