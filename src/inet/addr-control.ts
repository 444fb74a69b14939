// Addresses by request: RTM_NEWADDR, RTM_DELADDR, dumps and lifetimes. Linux: net/ipv4/devinet.c, rtm_to_ifaddr(),
// inet_rtm_newaddr(), inet_rtm_deladdr(), set_ifa_lifetime(), check_lifetime().

import { Refusal } from '../net/linkops.ts';
import type { NetNs } from '../net/netns.ts';
import { IFA_F_DEPRECATED, IFA_F_MCAUTOJOIN, IFA_F_PERMANENT, INFINITY_LIFE_TIME } from '../uapi/addr.ts';
import { NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EEXIST, EINVAL, ENOBUFS, ENODEV } from './errno.ts';
import { movePrefixRoute } from './fib-sync.ts';
import { mcJoin, mcLeave } from './igmp.ts';
import { Ifaddr, insertAddr, removeAddr, samePrefix } from './inetdev.ts';
import { isMulticast, maskOf, sameNet } from './ipaddr.ts';
import { type InDevice, inDev, inetNs } from './state.ts';
import type { AddrInfo, AddrRequest } from './types.ts';

export function addrAdd(ns: NetNs, req: AddrRequest): void {
  if (req.prefixLen > 32) throw new Refusal(EINVAL, 'ipv4: Invalid prefix length');
  if (req.local === null) throw new Refusal(EINVAL, 'ipv4: Local address is not supplied');
  const d = deviceOf(ns, req.ifindex);
  const valid = req.validLft ?? INFINITY_LIFE_TIME;
  const preferred = req.preferredLft ?? INFINITY_LIFE_TIME;
  if (req.validLft !== null && (valid === 0 || preferred > valid)) {
    throw new Refusal(EINVAL, 'ipv4: address lifetime invalid');
  }
  d.conf.setAll();
  const ifa = build(d, req);
  const there = d.addrs.find((a) => samePrefix(a, ifa) && a.local === ifa.local);
  if (there === undefined) {
    if ((req.flags & IFA_F_MCAUTOJOIN) !== 0) autojoin(d, ifa.address);
    setLifetime(ifa, valid, preferred);
    insertAddr(ifa);
    scheduleLife(ifa);
    return;
  }
  if ((req.nlFlags & NLM_F_EXCL) !== 0 || (req.nlFlags & NLM_F_REPLACE) === 0) {
    throw new Refusal(EEXIST, 'ipv4: Address already assigned');
  }
  if (there.rtPriority !== req.rtPriority) movePrefixRoute(there, req.rtPriority);
  there.rtPriority = req.rtPriority;
  there.proto = req.proto;
  setLifetime(there, valid, preferred);
  scheduleLife(there);
  d.ins.stack.hooks.addrChanged(false, ns, there);
}

function deviceOf(ns: NetNs, ifindex: number): InDevice {
  const dev = ns.devByIndex(ifindex);
  if (dev === null) throw new Refusal(ENODEV, 'ipv4: Device not found');
  const d = inDev(dev);
  if (d === null) throw new Refusal(ENOBUFS);
  return d;
}

function build(d: InDevice, req: AddrRequest): Ifaddr {
  const ifa = new Ifaddr(d);
  ifa.local = req.local ?? 0;
  ifa.address = req.address ?? ifa.local;
  ifa.prefixLen = req.prefixLen;
  ifa.broadcast = req.broadcast ?? 0;
  if (req.label !== null) ifa.label = req.label;
  ifa.scope = req.scope;
  ifa.flags = req.flags;
  ifa.rtPriority = req.rtPriority;
  ifa.proto = req.proto;
  return ifa;
}

/** Linux: set_ifa_lifetime(). */
function setLifetime(ifa: Ifaddr, valid: number, preferred: number): void {
  ifa.flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED);
  if (valid === INFINITY_LIFE_TIME) ifa.flags |= IFA_F_PERMANENT;
  if (preferred === 0) ifa.flags |= IFA_F_DEPRECATED;
  ifa.validLft = valid;
  ifa.preferredLft = preferred;
  ifa.tstampNs = ifa.ind.ins.now;
}

function scheduleLife(ifa: Ifaddr): void {
  const loop = ifa.ind.ins.kernel.loop;
  if (ifa.lifeEvent !== 0) loop.cancel(ifa.lifeEvent);
  ifa.lifeEvent = 0;
  if (ifa.validLft === INFINITY_LIFE_TIME && ifa.preferredLft === INFINITY_LIFE_TIME) return;
  const deprecated = (ifa.flags & IFA_F_DEPRECATED) !== 0;
  const next = deprecated ? ifa.validLft : ifa.preferredLft;
  if (next === INFINITY_LIFE_TIME) return;
  const at = Math.max(loop.now, ifa.tstampNs + next * 1e9);
  if (at > Number.MAX_SAFE_INTEGER) return; // after 104 days there is no virtual time left
  ifa.lifeEvent = loop.at(at, lifeOver, ifa, 0);
}

/** The preferred time is over, then the valid one. */
function lifeOver(ifa: Ifaddr): void {
  ifa.lifeEvent = 0;
  const age = (ifa.ind.ins.now - ifa.tstampNs) / 1e9;
  if (ifa.validLft !== INFINITY_LIFE_TIME && age >= ifa.validLft) {
    removeAddr(ifa);
    return;
  }
  ifa.flags |= IFA_F_DEPRECATED;
  ifa.ind.ins.stack.hooks.addrChanged(false, ifa.ind.ins.ns, ifa);
  scheduleLife(ifa);
}

export function addrDel(ns: NetNs, req: AddrRequest): void {
  const dev = ns.devByIndex(req.ifindex);
  const d = dev === null ? null : inDev(dev);
  if (d === null) throw new Refusal(ENODEV, 'ipv4: Device not found');
  const ifa = d.addrs.find(
    (a) =>
      (req.local === null || a.local === req.local) &&
      (req.label === null || a.label === req.label) &&
      (req.address === null || (a.prefixLen === req.prefixLen && sameNet(req.address, a.address, maskOf(a.prefixLen)))),
  );
  if (ifa === undefined) throw new Refusal(EADDRNOTAVAIL, 'ipv4: Address not found');
  if (d.autojoined.delete(ifa.address)) mcLeave(d, ifa.address);
  removeAddr(ifa);
}

/** A group as an address: listened to while the address stays. Linux: ip_mc_autojoin_config(). */
function autojoin(d: InDevice, group: number): void {
  const refused = !isMulticast(group) ? EINVAL : d.autojoined.has(group) ? EADDRINUSE : 0;
  if (refused !== 0) throw new Refusal(refused, 'ipv4: Multicast auto join failed');
  d.autojoined.add(group);
  mcJoin(d, group);
}

export function addrDump(ns: NetNs, ifindex = 0): AddrInfo[] {
  const out: AddrInfo[] = [];
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    const d = inDev(dev);
    if (d !== null) out.push(...d.addrs);
  }
  return out;
}

export function addrLifetimes(addr: AddrInfo): { preferred: number; valid: number } {
  const now = inetNs(addr.dev.ns).now;
  if ((addr.flags & IFA_F_PERMANENT) !== 0) return { preferred: INFINITY_LIFE_TIME, valid: INFINITY_LIFE_TIME };
  const age = Math.floor((now - addr.tstampNs) / 1e9);
  const left = (lft: number): number => (lft === INFINITY_LIFE_TIME ? lft : Math.max(0, lft - age));
  return { preferred: left(addr.preferredLft), valid: left(addr.validLft) };
}
