// RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH of network protocols: ARP entries and proxy entries. Forwarding databases are
// the same messages under AF_BRIDGE and live in fdb.ts.
// Linux: net/core/neighbour.c, neigh_add(), neigh_delete(), neigh_get(), neigh_dump_info(), neigh_fill_info().

import { NEIGH4, NEIGH6, neighAdd, neighDel, neighDump, neighGet } from '../inet/control.ts';
import type { NeighCommon, NeighInfo, NeighRequest } from '../inet/types.ts';
import type { Neigh6Info } from '../inet/types6.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../uapi/link.ts';
import { RTM_DELNEIGH, RTM_NEWNEIGH } from '../uapi/msgtype.ts';
import { NDA, NDMSG, type NeighAttrs, NTF_PROXY } from '../uapi/neigh.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import { RTNLGRP_NEIGH } from '../uapi/rtnlgrp.ts';
import { type In6, in6At } from '../wire/in6.ts';
import type { Dump } from './dump.ts';
import { NOBODY, notify } from './listeners.ts';
import { originOf } from './origin.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** NDA_*. */
export const N = { DST: 1, LLADDR: 2, VLAN: 5, VNI: 7, IFINDEX: 8, MASTER: 9, PROTOCOL: 12, FLAGS_EXT: 15 } as const;

export function newNeigh(req: Request): void {
  if (req.family === AF_INET6) neighAdd(NEIGH6, req.ns, requestOf(req, 16, address6));
  else neighAdd(NEIGH4, req.ns, requestOf(req, 4, address4));
}

export function delNeigh(req: Request): void {
  if (req.family === AF_INET6) neighDel(NEIGH6, req.ns, requestOf(req, 16, address6));
  else neighDel(NEIGH4, req.ns, requestOf(req, 4, address4));
}

const address4 = (tb: Tb): number => tb.be32(N.DST);
const address6 = (tb: Tb): In6 => in6At(tb.bytes(N.DST), 0);

/** `size`: of an address. */
function requestOf<A>(req: Request, size: number, read: (tb: Tb) => A): NeighRequest<A> {
  const tb = req.parse(NDMSG, req.type === RTM_DELNEIGH ? null : NDA);
  const ndm = req.header(NDMSG);
  if (!tb.has(N.DST)) throw new NlError('EINVAL', 'Network address not specified');
  const dev = ndm.ifindex === 0 ? null : req.ns.devByIndex(ndm.ifindex);
  if (ndm.ifindex !== 0 && dev === null) throw new NlError('ENODEV');
  const lladdrShort = dev !== null && tb.has(N.LLADDR) && tb.len(N.LLADDR) < dev.addrLen;
  if (lladdrShort && req.type === RTM_NEWNEIGH) throw new NlError('EINVAL', 'Invalid link address');
  if (ndm.family !== AF_INET && ndm.family !== AF_INET6) throw new NlError('EAFNOSUPPORT');
  if (tb.len(N.DST) < size) throw new NlError('EINVAL', 'Invalid network address');
  return {
    ifindex: ndm.ifindex,
    dst: read(tb),
    lladdr: tb.has(N.LLADDR) ? tb.mac(N.LLADDR) : null,
    lladdrShort,
    state: ndm.state,
    flags: ndm.flags,
    flagsExt: tb.u32(N.FLAGS_EXT),
    protocol: tb.u8(N.PROTOCOL),
    nlFlags: req.flags,
  };
}

export function getNeigh(req: Request): void {
  if (req.len < NDMSG.size) throw new NlError('EINVAL', 'Invalid header for neighbor get request');
  const ndm = req.header(NDMSG);
  if (ndm.state !== 0 || ndm.type !== 0)
    throw new NlError('EINVAL', 'Invalid values in header for neighbor get request');
  if ((ndm.flags & ~NTF_PROXY) !== 0) throw new NlError('EINVAL', 'Invalid flags in header for neighbor get request');
  const tb = req.parse(NDMSG, NDA, true);
  const six = ndm.family === AF_INET6;
  if (ndm.family !== AF_INET && !six)
    throw new NlError('EAFNOSUPPORT', 'Unsupported family in header for neighbor get request');
  for (const type of tb.types) {
    if (type !== N.DST) throw new NlError('EINVAL', 'Unsupported attribute in neighbor get request');
  }
  if (!tb.has(N.DST)) throw new NlError('EINVAL', 'Network address not specified');
  if (tb.len(N.DST) !== (six ? 16 : 4)) throw new NlError('EINVAL', 'Invalid network address in neighbor get request');
  const dev = ndm.ifindex === 0 ? null : req.ns.devByIndex(ndm.ifindex);
  if (ndm.ifindex !== 0 && dev === null) throw new NlError('ENODEV', 'Unknown device ifindex');
  if (dev === null && (ndm.flags & NTF_PROXY) === 0) throw new NlError('EINVAL', 'No device specified');
  const asked = {
    ifindex: ndm.ifindex,
    lladdr: null,
    lladdrShort: false,
    state: 0,
    flags: ndm.flags,
    flagsExt: 0,
    protocol: 0,
    nlFlags: req.flags,
  };
  if (six) {
    const found = neighGet(NEIGH6, req.ns, { ...asked, dst: address6(tb) });
    req.reply(RTM_NEWNEIGH, (w) => fillNeigh(w, req.ns, found, found.dst6));
  } else {
    const found = neighGet(NEIGH4, req.ns, { ...asked, dst: address4(tb) });
    req.reply(RTM_NEWNEIGH, (w) => fillNeigh(w, req.ns, found, found.dst));
  }
}

export function dumpNeighs(req: Request, out: Dump): void {
  const { family } = req;
  const ndm = req.header(NDMSG);
  const tb = dumpAttrs(req);
  const proxy = req.len >= NDMSG.size && ndm.flags === NTF_PROXY;
  const ifindex = tb?.u32(N.IFINDEX) ?? 0;
  const master = tb?.s32(N.MASTER) ?? 0;
  if (ifindex !== 0 || master !== 0) out.extraFlags = NLM_F_DUMP_FILTERED;
  const tell = (neigh: NeighCommon, dst: number | In6): void => {
    if (matchesMaster(neigh.dev, master)) out.message(RTM_NEWNEIGH, (w) => fillNeigh(w, req.ns, neigh, dst));
  };
  if (family === AF_UNSPEC || family === AF_INET) {
    for (const n of neighDump(NEIGH4, req.ns, proxy, ifindex)) tell(n, n.dst);
  }
  if (family === AF_UNSPEC || family === AF_INET6) {
    for (const n of neighDump(NEIGH6, req.ns, proxy, ifindex)) tell(n, n.dst6);
  }
}

function dumpAttrs(req: Request): Tb | null {
  if (!req.strict) return req.len < NDMSG.size ? null : req.parse(NDMSG, NDA);
  if (req.len < NDMSG.size) throw new NlError('EINVAL', 'Invalid header for neighbor dump request');
  const ndm = req.header(NDMSG);
  if (ndm.ifindex !== 0 || ndm.state !== 0 || ndm.type !== 0) {
    throw new NlError('EINVAL', 'Invalid values in header for neighbor dump request');
  }
  if ((ndm.flags & ~NTF_PROXY) !== 0) throw new NlError('EINVAL', 'Invalid flags in header for neighbor dump request');
  const tb = req.parse(NDMSG, NDA, true);
  for (const type of tb.types) {
    if (type !== N.IFINDEX && type !== N.MASTER)
      throw new NlError('EINVAL', 'Unsupported attribute in neighbor dump request');
  }
  return tb;
}

function matchesMaster(dev: NetDevice | null, master: number): boolean {
  if (master === 0) return true;
  const is = dev?.master ?? null;
  return master === -1 ? is === null : is !== null && is.ifindex === master;
}

/** Entries of both families are the same objects inside; what `dst` is says which one this is. */
function fillNeigh(w: Writer, ns: NetNs, n: NeighCommon, dst: number | In6): void {
  const flags = n.proxy ? n.flags | NTF_PROXY : n.flags;
  const six = typeof dst !== 'number';
  writeStruct(
    NDMSG,
    { family: six ? AF_INET6 : AF_INET, ifindex: n.dev?.ifindex ?? 0, state: n.state, flags, type: n.type },
    w,
  );
  const a: Mutable<NeighAttrs> = { dst: six ? dst.bytes() : dst };
  if (!n.proxy) {
    if (n.hasLladdr) a.lladdr = n.lladdr;
    a.probes = n.probes;
    const now = ns.kernel.loop.now;
    const age = (since: number): number => Math.max(0, ticksOf(now - since));
    a.cacheinfo = { confirmed: age(n.confirmedNs), used: age(n.usedNs), updated: age(n.updatedNs), refcnt: n.refcnt };
  }
  if (n.protocol !== 0) a.protocol = n.protocol;
  if (n.flagsExt !== 0) a.flagsExt = n.flagsExt;
  encodeTo(NDA, a, w);
}

export function neighChanged(gone: boolean, ns: NetNs, neigh: NeighInfo): void {
  changed(gone, ns, neigh, neigh.dst);
}

export function neigh6Changed(gone: boolean, ns: NetNs, neigh: Neigh6Info): void {
  changed(gone, ns, neigh, neigh.dst6);
}

function changed(gone: boolean, ns: NetNs, neigh: NeighCommon, dst: number | In6): void {
  const type = gone ? RTM_DELNEIGH : RTM_NEWNEIGH;
  const origin = gone ? NOBODY : { ...originOf(ns, RTM_NEWNEIGH, RTM_DELNEIGH), portOnly: true };
  notify(ns, RTNLGRP_NEIGH, type, origin, (w) => fillNeigh(w, ns, neigh, dst));
}
