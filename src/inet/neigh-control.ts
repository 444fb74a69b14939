// Neighbours by request: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. Linux: net/core/neighbour.c, neigh_add(),
// neigh_delete(), neigh_get(), pneigh_create().

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import {
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_PROXY,
  NTF_ROUTER,
  NTF_USE,
  NUD_FAILED,
  NUD_PERMANENT,
} from '../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT, EOPNOTSUPP } from './errno.ts';
import type { Neigh } from './neigh.ts';
import { F_ADMIN, F_EXT_LEARNED, F_ISROUTER, F_OVERRIDE, F_USE } from './neigh.ts';
import { neighCreate, neighRemove, proxyFind } from './neigh-table.ts';
import { type InDevice, type InetNs, inDev, inetNs, type ProxyEntry } from './state.ts';
import type { NeighInfo, NeighRequest } from './types.ts';

function deviceOf(ns: NetNs, ifindex: number): NetDevice | null {
  if (ifindex === 0) return null;
  const dev = ns.devByIndex(ifindex);
  if (dev === null) throw new Refusal(ENODEV);
  return dev;
}

function destination(req: NeighRequest): number {
  if (req.dst === null) throw new Refusal(EINVAL, 'Network address not specified');
  return req.dst;
}

export function neighAdd(ns: NetNs, req: NeighRequest): void {
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  if (dev !== null && req.lladdrShort) throw new Refusal(EINVAL, 'Invalid link address');
  const ins = inetNs(ns);
  if ((req.flags & NTF_PROXY) !== 0) return addProxy(ins, dst, dev, req);
  if (dev === null) throw new Refusal(EINVAL, 'Device not specified');
  if ((req.flagsExt & NTF_EXT_MANAGED) !== 0) {
    throw new Refusal(EOPNOTSUPP, 'Managed neighbour entries are not part of this model');
  }
  const d = inDev(dev);
  if (d === null) throw new Refusal(EINVAL);
  let how = F_ADMIN | F_OVERRIDE;
  let n = byKey(d, dst);
  if (n === null) {
    if ((req.nlFlags & NLM_F_CREATE) === 0) throw new Refusal(ENOENT);
    const exempt = (req.state & NUD_PERMANENT) !== 0 || (req.flags & NTF_EXT_LEARNED) !== 0;
    n = neighCreate(d, dst, exempt);
    if (n === null) throw new Refusal(ENOBUFS);
  } else {
    if ((req.nlFlags & NLM_F_EXCL) !== 0) throw new Refusal(EEXIST);
    if ((req.nlFlags & NLM_F_REPLACE) === 0) how &= ~F_OVERRIDE;
  }
  if (req.protocol !== 0) n.protocol = req.protocol;
  if ((req.flags & NTF_EXT_LEARNED) !== 0) how |= F_EXT_LEARNED;
  if ((req.flags & NTF_ROUTER) !== 0) how |= F_ISROUTER;
  if ((req.flags & NTF_USE) !== 0) how |= F_USE;
  const err = n.update(req.lladdr ?? -1, req.state, how);
  if (err === -EINVAL) throw new Refusal(EINVAL, 'No link layer address given');
  if (err < 0) throw new Refusal(-err);
  if ((req.flags & NTF_USE) !== 0) n.eventSend(null);
}

/** Whoever asks by request asks for the very key, which on lo is 0.0.0.0 for all. Linux: neigh_lookup(). */
function byKey(ind: InDevice, key: number): Neigh | null {
  return ind.neighs.get(key) ?? null;
}

export function neighDel(ns: NetNs, req: NeighRequest): void {
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  const ins = inetNs(ns);
  if ((req.flags & NTF_PROXY) !== 0) return delProxy(ins, dst, dev);
  if (dev === null) throw new Refusal(EINVAL);
  const d = inDev(dev);
  const n = d === null ? null : byKey(d, dst);
  if (n === null) throw new Refusal(ENOENT);
  n.update(-1, NUD_FAILED, F_OVERRIDE | F_ADMIN);
  neighRemove(n);
}

function addProxy(ins: InetNs, dst: number, dev: NetDevice | null, req: NeighRequest): void {
  let p = ins.proxies.find((e) => e.dst === dst && e.dev === dev);
  if (p === undefined) {
    p = { dst, dev, flags: 0, protocol: 0, permanent: false };
    ins.proxies.unshift(p);
  }
  p.flags = req.flags & ~NTF_PROXY;
  p.permanent = (req.state & NUD_PERMANENT) !== 0;
  if (req.protocol !== 0) p.protocol = req.protocol;
}

function delProxy(ins: InetNs, dst: number, dev: NetDevice | null): void {
  const i = ins.proxies.findIndex((e) => e.dst === dst && e.dev === dev);
  if (i < 0) throw new Refusal(ENOENT);
  ins.proxies.splice(i, 1);
}

function proxyInfo(p: ProxyEntry): NeighInfo {
  return {
    dev: p.dev,
    dst: p.dst,
    lladdr: 0,
    hasLladdr: false,
    state: 0,
    flags: p.flags | NTF_PROXY,
    flagsExt: 0,
    type: 1,
    protocol: p.protocol,
    probes: 0,
    confirmedNs: 0,
    usedNs: 0,
    updatedNs: 0,
    refcnt: 0,
    proxy: true,
  };
}

/** Proxy entries are dumped bucket by bucket, the newest first. Linux: pneigh_hash(), on a little-endian machine. */
function proxyBucket(dst: number): number {
  let h = ((dst >>> 24) | ((dst >>> 8) & 0xff00) | ((dst & 0xff00) << 8) | (dst << 24)) >>> 0;
  h ^= h >>> 16;
  h ^= h >>> 8;
  h ^= h >>> 4;
  return h & 15;
}

export function neighDump(ns: NetNs, proxy: boolean, ifindex = 0): NeighInfo[] {
  const ins = inetNs(ns);
  if (proxy) {
    const list = ins.proxies.filter((p) => ifindex === 0 || p.dev?.ifindex === ifindex);
    return list.sort((a, b) => proxyBucket(a.dst) - proxyBucket(b.dst)).map(proxyInfo);
  }
  const out: NeighInfo[] = [];
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    const d = inDev(dev) as InDevice | null;
    if (d !== null) out.push(...d.neighs.values());
  }
  return out;
}

export function neighGet(ns: NetNs, req: NeighRequest): NeighInfo {
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  if ((req.flags & NTF_PROXY) !== 0) {
    const p = proxyFind(inetNs(ns), dst, dev);
    if (p === null) throw new Refusal(ENOENT, 'Proxy neighbour entry not found');
    return proxyInfo(p);
  }
  if (dev === null) throw new Refusal(EINVAL, 'No device specified');
  const d = inDev(dev);
  const n = d === null ? null : byKey(d, dst);
  if (n === null) throw new Refusal(ENOENT, 'Neighbour entry not found');
  return n;
}
