// IPv6 neighbours by request: adding, changing, deleting, dumping; proxy entries. As neigh-control.ts.
// Linux: net/core/neighbour.c, neigh_add(), neigh_delete(), neigh_get(); pndisc_constructor() in net/ipv6/ndisc.c.

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
import { type In6, solicitedNode } from '../wire/in6.ts';
import { DC_DISABLE_IPV6 } from './conf6.ts';
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOBUFS, ENODEV, ENOENT, EOPNOTSUPP } from './errno.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import { F_ADMIN, F_EXT_LEARNED, F_ISROUTER, F_OVERRIDE, F_OVERRIDE_ISROUTER, F_USE } from './neigh.ts';
import { neighRemove } from './neigh-table.ts';
import { neigh6Create, neigh6Lookup, proxy6Find } from './neigh6-table.ts';
import { type Inet6Ns, in6Dev, inet6Ns, type ProxyEntry6 } from './state6.ts';
import type { Neigh6Info, Neigh6Request } from './types6.ts';

function deviceOf(ns: NetNs, ifindex: number): NetDevice | null {
  if (ifindex === 0) return null;
  const dev = ns.devByIndex(ifindex);
  if (dev === null) throw new Refusal(ENODEV);
  return dev;
}

function stateOf(ns: NetNs): Inet6Ns {
  const i6 = inet6Ns(ns);
  if (i6 === null) throw new Refusal(EAFNOSUPPORT);
  return i6;
}

function destination(req: Neigh6Request): In6 {
  if (req.dst === null) throw new Refusal(EINVAL, 'Network address not specified');
  return req.dst;
}

export function neigh6Add(ns: NetNs, req: Neigh6Request): void {
  const i6 = stateOf(ns);
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  if (dev !== null && req.lladdrShort) throw new Refusal(EINVAL, 'Invalid link address');
  if ((req.flags & NTF_PROXY) !== 0) return addProxy(i6, dst, dev, req);
  if (dev === null) throw new Refusal(EINVAL, 'Device not specified');
  if ((req.flagsExt & NTF_EXT_MANAGED) !== 0) {
    throw new Refusal(EOPNOTSUPP, 'Managed neighbour entries are not part of this model');
  }
  const d = in6Dev(dev);
  if (d === null || d.conf.v[DC_DISABLE_IPV6] !== 0) throw new Refusal(EINVAL, 'IPv6 is disabled on this device');
  let how = F_ADMIN | F_OVERRIDE | F_OVERRIDE_ISROUTER;
  let n = neigh6Lookup(d, dst);
  if (n === null) {
    if ((req.nlFlags & NLM_F_CREATE) === 0) throw new Refusal(ENOENT);
    n = neigh6Create(d, dst, (req.state & NUD_PERMANENT) !== 0 || (req.flags & NTF_EXT_LEARNED) !== 0);
    if (n === null) throw new Refusal(ENOBUFS);
  } else {
    if ((req.nlFlags & NLM_F_EXCL) !== 0) throw new Refusal(EEXIST);
    if ((req.nlFlags & NLM_F_REPLACE) === 0) how &= ~(F_OVERRIDE | F_OVERRIDE_ISROUTER);
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

export function neigh6Del(ns: NetNs, req: Neigh6Request): void {
  const i6 = stateOf(ns);
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  if ((req.flags & NTF_PROXY) !== 0) return delProxy(i6, dst, dev);
  if (dev === null) throw new Refusal(EINVAL);
  const d = in6Dev(dev);
  const n = d === null ? null : neigh6Lookup(d, dst);
  if (n === null) throw new Refusal(ENOENT);
  n.update(-1, NUD_FAILED, F_OVERRIDE | F_ADMIN);
  neighRemove(n);
}

/** The device hears the group of the address from now on. */
function addProxy(i6: Inet6Ns, dst: In6, dev: NetDevice | null, req: Neigh6Request): void {
  let p = i6.proxies.find((e) => e.dst.equals(dst) && e.dev === dev);
  if (p === undefined) {
    const d = dev === null ? null : in6Dev(dev);
    if (d === null) throw new Refusal(ENOBUFS);
    mc6Join(d, solicitedNode(dst));
    p = { dst: dst.copy(), dev, flags: 0, protocol: 0, permanent: false };
    i6.proxies.unshift(p);
  }
  p.flags = req.flags & ~NTF_PROXY;
  p.permanent = (req.state & NUD_PERMANENT) !== 0;
  if (req.protocol !== 0) p.protocol = req.protocol;
}

function delProxy(i6: Inet6Ns, dst: In6, dev: NetDevice | null): void {
  const i = i6.proxies.findIndex((e) => e.dst.equals(dst) && e.dev === dev);
  if (i < 0) throw new Refusal(ENOENT);
  i6.proxies.splice(i, 1);
  const d = dev === null ? null : in6Dev(dev);
  if (d !== null) mc6Leave(d, solicitedNode(dst));
}

function proxyInfo(p: ProxyEntry6): Neigh6Info {
  return {
    dev: p.dev,
    dst6: p.dst,
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

export function neigh6Dump(ns: NetNs, proxy: boolean, ifindex = 0): Neigh6Info[] {
  const i6 = inet6Ns(ns);
  if (i6 === null) return [];
  if (proxy) {
    return i6.proxies.filter((p) => ifindex === 0 || p.dev?.ifindex === ifindex).map(proxyInfo);
  }
  const out: Neigh6Info[] = [];
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    const d = in6Dev(dev);
    if (d !== null) out.push(...d.neighs.values());
  }
  return out;
}

export function neigh6Get(ns: NetNs, req: Neigh6Request): Neigh6Info {
  const i6 = stateOf(ns);
  const dst = destination(req);
  const dev = deviceOf(ns, req.ifindex);
  if ((req.flags & NTF_PROXY) !== 0) {
    const p = proxy6Find(i6, dst, dev);
    if (p === null) throw new Refusal(ENOENT, 'Proxy neighbour entry not found');
    return proxyInfo(p);
  }
  if (dev === null) throw new Refusal(EINVAL, 'No device specified');
  const d = in6Dev(dev);
  const n = d === null ? null : neigh6Lookup(d, dst);
  if (n === null) throw new Refusal(ENOENT, 'Neighbour entry not found');
  return n;
}
