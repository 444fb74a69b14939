// Finding, making and clearing IPv6 neighbours; as neigh-table.ts, whose limits and collection are used.
// Linux: nd_tbl, ndisc_constructor(), ndisc_solicit(), ndisc_error_report(), pndisc_*() in net/ipv6/ndisc.c.

import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { Skb } from '../net/skb.ts';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { NUD_STALE } from '../uapi/neigh.ts';
import { RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../uapi/route.ts';
import { In6, macOfIn6Group, solicitedNode } from '../wire/in6.ts';
import { IP6_SRC } from '../wire/ip6.ts';
import { chkAddrFlags } from './addr6.ts';
import { linkFailure6 } from './icmp6-send.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import { sendNs } from './nd-send.ts';
import { F_ISROUTER, F_OVERRIDE, F_OVERRIDE_ISROUTER, F_WEAK_OVERRIDE, Neigh } from './neigh.ts';
import type { NeighOps } from './neigh-home.ts';
import type { ProxyOps } from './neigh-proxy.ts';
import { allNeighs, makeRoom, neighBorn, noArp } from './neigh-table.ts';
import { type Inet6Dev, in6Dev } from './state6.ts';

const asker = new In6();

/** What neighbour discovery does for its table. Linux: nd_tbl, ndisc_hh_ops. */
export function nd6Ops(kernel: Kernel): NeighOps {
  return {
    construct,
    solicit: ndSolicit,
    errorReport: (n, skb) => linkFailure6((n.ind as Inet6Dev).i6, skb),
    changed: (gone, n) => {
      const i6 = (n.ind as Inet6Dev).i6;
      i6.stack.hooks.neighChanged(gone, i6.ns, n);
    },
    all: () => allNeighs(kernel, in6Dev),
  };
}

/** The device hears the group of an address that it answers for. Linux: pndisc_constructor(), pndisc_destructor(). */
export const ndProxyOps: ProxyOps<In6> = {
  equal: (a, b) => a.equals(b),
  came: (dst, dev) => {
    const d = dev === null ? null : in6Dev(dev);
    if (d !== null) mc6Join(d, solicitedNode(dst));
    return d !== null;
  },
  went: (dst, dev) => {
    const d = dev === null ? null : in6Dev(dev);
    if (d !== null) mc6Leave(d, solicitedNode(dst));
  },
};

/** Asks for a neighbour: itself while its address is known, else its group. Linux: ndisc_solicit(). */
function ndSolicit(n: Neigh, skb: Skb | null): void {
  const d = n.ind as Inet6Dev;
  let src: In6 | null = null;
  if (skb !== null) {
    asker.read(skb.bytes, skb.net + IP6_SRC);
    if (chkAddrFlags(d.i6, asker, d.dev, false, true, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC) !== null) src = asker;
  }
  const p = d.parms;
  const past = n.probes - p.ucastProbes;
  if (past < 0) sendNs(d, n.dst6, n.dst6, src, null);
  else if (past >= p.appProbes) sendNs(d, null, n.dst6, src, null); // else a daemon's turn
}

export function neigh6Lookup(d: Inet6Dev, addr: In6): Neigh | null {
  return d.neighs.get(addr);
}

/** The entry for a next hop, made if needed; null when the table is full. Linux: ip_neigh_gw6(). */
export function neigh6For(d: Inet6Dev, addr: In6): Neigh | null {
  return d.neighs.get(addr) ?? neigh6Create(d, addr, false);
}

/** Linux: ___neigh_create(). `exempt`: not counted for collection. */
export function neigh6Create(d: Inet6Dev, addr: In6, exempt: boolean): Neigh | null {
  if (!exempt && !makeRoom(d.tbl)) return null;
  return neighBorn(new Neigh(d, 0, addr.copy()));
}

/** Linux: ndisc_constructor(). */
function construct(n: Neigh): void {
  const dev = n.dev;
  n.type = n.dst6.isMulticast ? RTN_MULTICAST : RTN_UNICAST;
  if (n.type === RTN_MULTICAST) noArp(n, macOfIn6Group(n.dst6));
  else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    noArp(n, dev.addr);
    if ((dev.flags & IFF_LOOPBACK) !== 0) n.type = RTN_LOCAL;
  } else if ((dev.flags & IFF_POINTOPOINT) !== 0) noArp(n, dev.broadcast);
}

/**
 * The sender of a router advertisement or solicitation is heard of. `mac` -1: it said no link-layer address.
 * Linux: ndisc_router_discovery(), ndisc_recv_rs().
 */
export function neigh6Learn(d: Inet6Dev, addr: In6, mac: number, isRouter: boolean): void {
  const n = neigh6For(d, addr);
  if (n === null) return;
  const how = F_WEAK_OVERRIDE | F_OVERRIDE | F_OVERRIDE_ISROUTER;
  n.update(mac, NUD_STALE, how | (isRouter ? F_ISROUTER : 0));
}
