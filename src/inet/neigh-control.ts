// Neighbours by request, of both families: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH.
// Linux: net/core/neighbour.c, neigh_add(), neigh_delete(), neigh_get(), neigh_dump_info().

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
import type { In6 } from '../wire/in6.ts';
import { DC_DISABLE_IPV6 } from './conf6.ts';
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT, EOPNOTSUPP } from './errno.ts';
import type { Neigh } from './neigh.ts';
import { F_ADMIN, F_EXT_LEARNED, F_ISROUTER, F_OVERRIDE, F_OVERRIDE_ISROUTER, F_USE } from './neigh.ts';
import type { NeighHome } from './neigh-home.ts';
import type { ProxyEntry, ProxyTable } from './neigh-proxy.ts';
import { neighCreate, neighRemove } from './neigh-table.ts';
import { neigh6Create } from './neigh6-table.ts';
import { type InDevice, inDev, inetNs } from './state.ts';
import { type Inet6Dev, in6Dev, inet6Ns } from './state6.ts';
import type { NeighCommon, NeighInfo, NeighRequest } from './types.ts';
import type { Neigh6Info } from './types6.ts';

/** What differs between the families: `A` is an address, `H` a device's share, `P` how a dump tells a proxy entry. */
export interface NeighFamily<A, H extends NeighHome, P> {
  /** Null: a namespace without the family. */
  proxies(ns: NetNs): ProxyTable<A> | null;
  /** A device's share; null: it does not have the family. */
  home(dev: NetDevice): H | null;
  /** The same, refused when the device cannot have new entries. */
  fit(dev: NetDevice): H;
  /** Whoever asks by request asks for the very key, which on lo is 0.0.0.0 for all of IPv4. Linux: neigh_lookup(). */
  find(home: H, dst: A): Neigh | null;
  /** Null: the table is full. */
  create(home: H, dst: A, exempt: boolean): Neigh | null;
  /** How a request may change what is there. */
  readonly override: number;
  /** Proxy entries are dumped bucket by bucket. */
  bucket(dst: A): number;
  proxyInfo(p: ProxyEntry<A>): P;
}

export const NEIGH4: NeighFamily<number, InDevice, NeighInfo> = {
  proxies: (ns) => inetNs(ns).proxies,
  home: inDev,
  fit: (dev) => {
    const d = inDev(dev);
    if (d === null) throw new Refusal(EINVAL);
    return d;
  },
  find: (d, dst) => d.neighs.get(dst) ?? null,
  create: neighCreate,
  override: F_OVERRIDE,
  bucket: arpBucket,
  proxyInfo: (p) => ({ ...proxyCommon(p), dst: p.dst }),
};

export const NEIGH6: NeighFamily<In6, Inet6Dev, Neigh6Info> = {
  proxies: (ns) => inet6Ns(ns)?.proxies ?? null,
  home: in6Dev,
  fit: (dev) => {
    const d = in6Dev(dev);
    if (d === null || d.conf.v[DC_DISABLE_IPV6] !== 0) throw new Refusal(EINVAL, 'IPv6 is disabled on this device');
    return d;
  },
  find: (d, dst) => d.neighs.get(dst),
  create: neigh6Create,
  override: F_OVERRIDE | F_OVERRIDE_ISROUTER,
  bucket: () => 0,
  proxyInfo: (p) => ({ ...proxyCommon(p), dst6: p.dst }),
};

/** Linux: pneigh_hash(), on a little-endian machine. */
function arpBucket(dst: number): number {
  let h = ((dst >>> 24) | ((dst >>> 8) & 0xff00) | ((dst & 0xff00) << 8) | (dst << 24)) >>> 0;
  h ^= h >>> 16;
  h ^= h >>> 8;
  h ^= h >>> 4;
  return h & 15;
}

function proxyCommon(p: ProxyEntry<unknown>): NeighCommon {
  return {
    dev: p.dev,
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

/** Whom a request is about. */
interface Target<A> {
  readonly proxies: ProxyTable<A>;
  readonly dst: A;
  readonly dev: NetDevice | null;
}

function targetOf<A, H extends NeighHome, P>(family: NeighFamily<A, H, P>, ns: NetNs, req: NeighRequest<A>): Target<A> {
  const proxies = family.proxies(ns);
  if (proxies === null) throw new Refusal(EAFNOSUPPORT);
  if (req.dst === null) throw new Refusal(EINVAL, 'Network address not specified');
  const dev = req.ifindex === 0 ? null : ns.devByIndex(req.ifindex);
  if (req.ifindex !== 0 && dev === null) throw new Refusal(ENODEV);
  return { proxies, dst: req.dst, dev };
}

export function neighAdd<A, H extends NeighHome, P>(
  family: NeighFamily<A, H, P>,
  ns: NetNs,
  req: NeighRequest<A>,
): void {
  const { proxies, dst, dev } = targetOf(family, ns, req);
  if (dev !== null && req.lladdrShort) throw new Refusal(EINVAL, 'Invalid link address');
  if ((req.flags & NTF_PROXY) !== 0) return addProxy(proxies, dst, dev, req);
  if (dev === null) throw new Refusal(EINVAL, 'Device not specified');
  if ((req.flagsExt & NTF_EXT_MANAGED) !== 0) {
    throw new Refusal(EOPNOTSUPP, 'Managed neighbour entries are not part of this model');
  }
  const home = family.fit(dev);
  let how = F_ADMIN | family.override;
  let n = family.find(home, dst);
  if (n === null) {
    if ((req.nlFlags & NLM_F_CREATE) === 0) throw new Refusal(ENOENT);
    n = family.create(home, dst, (req.state & NUD_PERMANENT) !== 0 || (req.flags & NTF_EXT_LEARNED) !== 0);
    if (n === null) throw new Refusal(ENOBUFS);
  } else {
    if ((req.nlFlags & NLM_F_EXCL) !== 0) throw new Refusal(EEXIST);
    if ((req.nlFlags & NLM_F_REPLACE) === 0) how &= ~family.override;
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

function addProxy<A>(proxies: ProxyTable<A>, dst: A, dev: NetDevice | null, req: NeighRequest<A>): void {
  const p = proxies.make(dst, dev);
  if (p === null) throw new Refusal(ENOBUFS);
  p.flags = req.flags & ~NTF_PROXY;
  p.permanent = (req.state & NUD_PERMANENT) !== 0;
  if (req.protocol !== 0) p.protocol = req.protocol;
}

export function neighDel<A, H extends NeighHome, P>(
  family: NeighFamily<A, H, P>,
  ns: NetNs,
  req: NeighRequest<A>,
): void {
  const { proxies, dst, dev } = targetOf(family, ns, req);
  if ((req.flags & NTF_PROXY) !== 0) {
    if (!proxies.delete(dst, dev)) throw new Refusal(ENOENT);
    return;
  }
  if (dev === null) throw new Refusal(EINVAL);
  const home = family.home(dev);
  const n = home === null ? null : family.find(home, dst);
  if (n === null) throw new Refusal(ENOENT);
  n.update(-1, NUD_FAILED, F_OVERRIDE | F_ADMIN);
  neighRemove(n);
}

/** All entries, or all proxy entries; `ifindex` 0: of every device. */
export function neighDump<A, H extends NeighHome, P>(
  family: NeighFamily<A, H, P>,
  ns: NetNs,
  proxy: boolean,
  ifindex = 0,
): Array<Neigh | P> {
  const proxies = family.proxies(ns);
  if (proxies === null) return [];
  if (proxy) {
    const list = proxies.entries.filter((p) => ifindex === 0 || p.dev?.ifindex === ifindex);
    return list.sort((a, b) => family.bucket(a.dst) - family.bucket(b.dst)).map((p) => family.proxyInfo(p));
  }
  const out: Neigh[] = [];
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    out.push(...(family.home(dev)?.neighList() ?? []));
  }
  return out;
}

export function neighGet<A, H extends NeighHome, P>(
  family: NeighFamily<A, H, P>,
  ns: NetNs,
  req: NeighRequest<A>,
): Neigh | P {
  const { proxies, dst, dev } = targetOf(family, ns, req);
  if ((req.flags & NTF_PROXY) !== 0) {
    const p = proxies.find(dst, dev);
    if (p === null) throw new Refusal(ENOENT, 'Proxy neighbour entry not found');
    return family.proxyInfo(p);
  }
  if (dev === null) throw new Refusal(EINVAL, 'No device specified');
  const home = family.home(dev);
  const n = home === null ? null : family.find(home, dst);
  if (n === null) throw new Refusal(ENOENT, 'Neighbour entry not found');
  return n;
}
