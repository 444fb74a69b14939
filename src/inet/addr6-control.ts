// IPv6 addresses by request: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR and dumps. Linux: net/ipv6/addrconf.c,
// inet6_rtm_newaddr(), inet6_addr_add(), inet6_addr_modify(), inet6_addr_del().
// Temporary addresses (mngtmpaddr) are not modelled: the flag is kept, and no address is made from it.

import { Refusal } from '../net/linkops.ts';
import type { NetNs } from '../net/netns.ts';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
} from '../uapi/addr.ts';
import { NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { type In6, in6Prefix } from '../wire/in6.ts';
import { getIfaddr6 } from './addr6.ts';
import { addrconfDev, findDev6 } from './addrconf.ts';
import {
  addAddr6,
  addPrefixRoute,
  addrScope6,
  cleanPrefixRoute,
  delAddr6,
  prefixCleanup,
  tellAddr,
} from './addrconf-addr.ts';
import { dadStart, orConf6 } from './addrconf-dad.ts';
import { verifyLifetimes } from './addrconf-life.ts';
import { DC_OPTIMISTIC_DAD } from './conf6.ts';
import { EACCES, EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, ENXIO, EOPNOTSUPP } from './errno.ts';
import { type Route6, RTF_DEFAULT, RTF_EXPIRES } from './fib6.ts';
import { delRoute6, findPrefixRoute6, setExpires6 } from './fib6-sync.ts';
import { type Ifaddr6, type Inet6Dev, in6Dev, inet6Ns } from './state6.ts';
import type { Addr6Info } from './types6.ts';

/** What a request says of an address. `null`: the attribute was absent. */
export interface Addr6Request {
  ifindex: number;
  prefixLen: number;
  /** IFA_FLAGS, else ifa_flags. */
  flags: number;
  addr: In6;
  peer: In6 | null;
  rtPriority: number;
  proto: number;
  /** IFA_CACHEINFO, in seconds. */
  validLft: number | null;
  preferredLft: number | null;
  nlFlags: number;
}

/** Flags that a request may set. */
const SETTABLE =
  IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC;

interface Wanted {
  flags: number;
  valid: number;
  preferred: number;
}

function wantedOf(req: Addr6Request): Wanted {
  const w = {
    flags: (req.flags & SETTABLE) | IFA_F_PERMANENT,
    valid: INFINITY_LIFE_TIME,
    preferred: INFINITY_LIFE_TIME,
  };
  if (req.validLft === null) return w;
  w.valid = req.validLft;
  w.preferred = req.preferredLft ?? INFINITY_LIFE_TIME;
  if (w.valid === 0 || w.preferred > w.valid) throw new Refusal(EINVAL, 'ipv6: address lifetime invalid');
  if (w.valid !== INFINITY_LIFE_TIME) w.flags &= ~IFA_F_PERMANENT;
  if (w.preferred === 0) w.flags |= IFA_F_DEPRECATED;
  return w;
}

export function addr6Add(ns: NetNs, req: Addr6Request): void {
  const w = wantedOf(req);
  const dev = ns.devByIndex(req.ifindex);
  if (dev === null) throw new Refusal(ENODEV, 'ipv6: Unable to find the interface');
  const d = findDev6(dev);
  if (d === null) throw new Refusal(EINVAL);
  if (!orConf6(d, DC_OPTIMISTIC_DAD)) w.flags &= ~IFA_F_OPTIMISTIC;
  if ((w.flags & IFA_F_NODAD) !== 0 && (w.flags & IFA_F_OPTIMISTIC) !== 0) {
    throw new Refusal(EINVAL, 'IFA_F_NODAD and IFA_F_OPTIMISTIC are mutually exclusive');
  }
  const there = getIfaddr6(d.i6, req.addr, dev, true);
  if (there === null) {
    create(d, req, w);
    return;
  }
  if ((req.nlFlags & NLM_F_EXCL) !== 0 || (req.nlFlags & NLM_F_REPLACE) === 0) {
    throw new Refusal(EEXIST, 'ipv6: address already assigned');
  }
  change(there, req, w);
}

/** Linux: inet6_addr_add(). */
function create(found: Inet6Dev, req: Addr6Request, w: Wanted): void {
  if (req.prefixLen > 128) throw new Refusal(EINVAL, 'ipv6: Invalid prefix length');
  if ((w.flags & IFA_F_MANAGETEMPADDR) !== 0 && req.prefixLen !== 64) {
    throw new Refusal(EINVAL, 'ipv6: address with "mngtmpaddr" flag must have a prefix length of 64');
  }
  const d = addrconfDev(found.dev);
  if (d === null) throw new Refusal(EACCES, 'ipv6: IPv6 is disabled on this device');
  if ((w.flags & IFA_F_MCAUTOJOIN) !== 0) throw new Refusal(EOPNOTSUPP, 'The autojoin flag is not part of this model');
  const ifa = addAddr6(d, {
    addr: req.addr,
    prefixLen: req.prefixLen,
    peer: req.peer,
    flags: w.flags,
    scope: addrScope6(req.addr),
    validLft: w.valid,
    preferredLft: w.preferred,
    rtPriority: req.rtPriority,
    proto: req.proto,
  });
  if ((w.flags & IFA_F_NOPREFIXROUTE) === 0) addPrefixRoute(ifa, ifa.addr, ifa.prefixLen, endOf(ifa));
  if ((ifa.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD)) === 0) tellAddr(ifa);
  dadStart(ifa);
  verifyLifetimes(d.i6);
}

/** When the address ends, virtual ns; 0: never. */
function endOf(ifa: Ifaddr6): number {
  return ifa.validLft === INFINITY_LIFE_TIME ? 0 : ifa.tstampNs + ifa.validLft * 1e9;
}

/** Linux: inet6_addr_modify(). */
function change(ifa: Ifaddr6, req: Addr6Request, w: Wanted): void {
  const d = ifa.d6;
  if ((w.flags & IFA_F_MANAGETEMPADDR) !== 0 && ((ifa.flags & IFA_F_TEMPORARY) !== 0 || ifa.prefixLen !== 64)) {
    throw new Refusal(EINVAL);
  }
  if (!ifa.tentative || (ifa.flags & IFA_F_DADFAILED) !== 0) w.flags &= ~IFA_F_OPTIMISTIC;
  const newPeer = req.peer !== null && (ifa.peer === null || !ifa.peer.equals(req.peer));
  if (newPeer && ifa.peer !== null) cleanPrefixRoute(ifa, ifa.peer, 'delete');
  const had = (ifa.flags & IFA_F_PERMANENT) !== 0 && (ifa.flags & IFA_F_NOPREFIXROUTE) === 0;
  ifa.flags &= ~(
    IFA_F_DEPRECATED |
    IFA_F_PERMANENT |
    IFA_F_NODAD |
    IFA_F_HOMEADDRESS |
    IFA_F_MANAGETEMPADDR |
    IFA_F_NOPREFIXROUTE
  );
  ifa.flags |= w.flags;
  ifa.tstampNs = d.i6.now;
  ifa.validLft = w.valid;
  ifa.preferredLft = w.preferred;
  ifa.proto = req.proto;
  if (req.rtPriority !== 0) ifa.rtPriority = req.rtPriority;
  if (newPeer) ifa.peer = req.peer?.copy() ?? null;
  if ((ifa.flags & IFA_F_TENTATIVE) === 0) tellAddr(ifa);
  if ((w.flags & IFA_F_NOPREFIXROUTE) === 0) {
    if (!had || !changePrefixRoute(ifa, ifa.addr)) addPrefixRoute(ifa, ifa.addr, ifa.prefixLen, endOf(ifa));
    if (ifa.peer !== null && !(had && changePrefixRoute(ifa, ifa.peer))) {
      addPrefixRoute(ifa, ifa.peer, ifa.prefixLen, endOf(ifa));
    }
  } else if (had) cleanPrefixRoute(ifa, ifa.addr, prefixCleanup(ifa));
  d.i6.genid++;
  verifyLifetimes(d.i6);
}

/** False: there is none. Linux: modify_prefix_route(). */
function changePrefixRoute(ifa: Ifaddr6, prefix: In6): boolean {
  const r = findPrefixRoute6(ifa.d6, in6Prefix(prefix, ifa.prefixLen), ifa.prefixLen, 0, RTF_DEFAULT);
  if (r === null) return false;
  if (r.metric !== (ifa.rtPriority || 256)) {
    delRoute6(ifa.d6.i6, r);
    addPrefixRoute(ifa, prefix, ifa.prefixLen, endOf(ifa));
  } else if (ifa.validLft !== INFINITY_LIFE_TIME) expireAsLinux(r, ifa.validLft);
  else if ((r.rtf & RTF_EXPIRES) !== 0) setExpires6(r, 0);
  return true;
}

/** What jiffies are at boot, and how many make a second. Linux: INITIAL_JIFFIES, CONFIG_HZ of Debian. */
const HZ = 250;
const INITIAL_JIFFIES = 2 ** 32 - 300 * HZ;

/**
 * modify_prefix_route() takes the lifetime, in hundredths of seconds, for a time in jiffies. That is long ago, so the route
 * is expired at once; it stays listed until somebody collects expired ones.
 */
function expireAsLinux(r: Route6, validS: number): void {
  r.expiresNs = (validS * 100 - INITIAL_JIFFIES) * (1e9 / HZ);
  r.rtf |= RTF_EXPIRES;
}

export function addr6Del(ns: NetNs, req: Pick<Addr6Request, 'ifindex' | 'prefixLen' | 'addr'>): void {
  if (req.prefixLen > 128) throw new Refusal(EINVAL, 'ipv6: Invalid prefix length');
  const dev = ns.devByIndex(req.ifindex);
  if (dev === null) throw new Refusal(ENODEV, 'ipv6: Unable to find the interface');
  const d = in6Dev(dev);
  if (d === null) throw new Refusal(ENXIO, 'ipv6: IPv6 is disabled on this device');
  const ifa = d.addrs.find((a) => a.prefixLen === req.prefixLen && a.addr.equals(req.addr));
  if (ifa === undefined) throw new Refusal(EADDRNOTAVAIL, 'ipv6: address not found');
  delAddr6(ifa);
  verifyLifetimes(d.i6);
}

/** The address on a device (0: any); for RTM_GETADDR. */
export function addr6Get(ns: NetNs, addr: In6, ifindex: number): Addr6Info {
  const i6 = inet6Ns(ns);
  const found = i6 === null ? null : getIfaddr6(i6, addr, ns.devByIndex(ifindex), true);
  if (found === null) throw new Refusal(EADDRNOTAVAIL);
  return found;
}

export function addr6Dump(ns: NetNs, ifindex = 0): Addr6Info[] {
  const out: Addr6Info[] = [];
  for (const dev of ns.devices()) {
    if (ifindex !== 0 && dev.ifindex !== ifindex) continue;
    const d = in6Dev(dev);
    if (d !== null) out.push(...d.addrs);
  }
  return out;
}

/** What is left, in seconds, as inet6_fill_ifaddr() counts it. */
export function addr6Lifetimes(a: Addr6Info, nowNs: number): { preferred: number; valid: number } {
  const forever = { preferred: INFINITY_LIFE_TIME, valid: INFINITY_LIFE_TIME };
  if ((a.flags & IFA_F_PERMANENT) !== 0 && a.preferredLft === INFINITY_LIFE_TIME) return forever;
  let { preferredLft: preferred, validLft: valid } = a;
  if (preferred === INFINITY_LIFE_TIME) return { preferred, valid };
  const age = Math.floor((nowNs - a.tstampNs) / 1e9);
  preferred = Math.max(0, preferred - age);
  if (valid !== INFINITY_LIFE_TIME) valid = Math.max(0, valid - age);
  return { preferred, valid };
}
