// Duplicate address detection (RFC 4862, 5.4; RFC 7527; RFC 4429), and what follows when an address proved good: reports,
// an unsolicited advertisement, router solicitations. In Linux a work queue does this; here events at the same times.
// Linux: net/ipv6/addrconf.c, addrconf_dad_start() to addrconf_dad_completed(), addrconf_rs_timer().

import { IFF_LOOPBACK, IFF_NOARP } from '../net/flags.ts';
import type { Skb } from '../net/skb.ts';
import {
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
} from '../uapi/addr.ts';
import { formatMac } from '../uapi/format.ts';
import { RT_SCOPE_LINK } from '../uapi/route.ts';
import { ethSrc } from '../wire/ethernet.ts';
import { IN6_ALL_NODES, IN6_ALL_ROUTERS, IN6_ANY, In6 } from '../wire/in6.ts';
import { setEui64, setStableIid } from './addr-gen6.ts';
import { addAddr6, addrCame, cancelDad, delAddr6, joinSolicited, tellAddr } from './addrconf-addr.ts';
import {
  DC_ACCEPT_DAD,
  DC_ACCEPT_RA,
  DC_DAD_TRANSMITS,
  DC_DISABLE_IPV6,
  DC_ENHANCED_DAD,
  DC_FORWARDING,
  DC_MAX_ADDRESSES,
  DC_NDISC_NOTIFY,
  DC_OPTIMISTIC_DAD,
  DC_RTR_SOLICIT_DELAY,
  DC_RTR_SOLICIT_INTERVAL,
  DC_RTR_SOLICIT_MAX_INTERVAL,
  DC_RTR_SOLICITS,
  DC_USE_OPTIMISTIC,
} from './conf6.ts';
import { hostRoute6 } from './fib6-sync.ts';
import { mldDadComplete } from './mld.ts';
import { sendNa, sendNs, sendRs } from './nd-send.ts';
import { lladdrOf } from './saddr6.ts';
import {
  IFADDR_DAD,
  IFADDR_DEAD,
  IFADDR_ERRDAD,
  IFADDR_POSTDAD,
  IFADDR_PREDAD,
  type Ifaddr6,
  type Inet6Dev,
} from './state6.ts';

/** IF_* of include/net/if_inet6.h. */
export const IF_RA_OTHERCONF = 0x80;
export const IF_RA_MANAGED = 0x40;
export const IF_RA_RCVD = 0x20;
export const IF_RS_SENT = 0x10;
export const IF_READY = 0x80000000;

const MIN_RETRANS_NS = 10e6;

/** `all` or the device says so. */
export function orConf6(d: Inet6Dev, i: number): boolean {
  return d.conf.v[i] !== 0 || d.i6.confAll.v[i] !== 0;
}

function acceptDad(d: Inet6Dev): number {
  return Math.max(d.conf.v[DC_ACCEPT_DAD], d.i6.confAll.v[DC_ACCEPT_DAD]);
}

export function isReady(d: Inet6Dev): boolean {
  return (d.ifFlags & IF_READY) !== 0;
}

/** A router believes other routers only when told to twice. Linux: ipv6_accept_ra(). */
export function acceptsRa(d: Inet6Dev): boolean {
  const accept = d.conf.v[DC_ACCEPT_RA];
  return d.conf.v[DC_FORWARDING] !== 0 ? accept === 2 : accept !== 0;
}

/** The work of one address runs in `ns`. Linux: addrconf_mod_dad_work(). */
function workIn(ifa: Ifaddr6, ns: number): void {
  cancelDad(ifa);
  ifa.dadEvent = ifa.d6.i6.kernel.loop.after(ns, work, ifa, 0);
}

/** An address begins its life. Linux: addrconf_dad_start(). */
export function dadStart(ifa: Ifaddr6): void {
  if (ifa.state === IFADDR_DEAD) return;
  ifa.state = IFADDR_PREDAD;
  workIn(ifa, 0);
}

/** Linux: addrconf_dad_work(). */
function work(ifa: Ifaddr6): void {
  ifa.dadEvent = 0;
  const d = ifa.d6;
  if (ifa.state === IFADDR_PREDAD) {
    ifa.state = IFADDR_DAD;
    begin(ifa);
    return;
  }
  if (ifa.state === IFADDR_ERRDAD) {
    ifa.state = IFADDR_POSTDAD;
    abort(ifa);
    return;
  }
  if (ifa.dadProbes === 0 && !end(ifa)) return;
  if (d.dead || !isReady(d)) return;
  if (ifa.dadProbes === 0) {
    succeed(ifa);
    return;
  }
  ifa.dadProbes--;
  workIn(ifa, Math.max(d.parms.retransNs, MIN_RETRANS_NS));
  sendNs(d, null, ifa.addr, IN6_ANY, ifa.dadNonce);
}

/** Linux: addrconf_dad_begin(). */
function begin(ifa: Ifaddr6): void {
  const d = ifa.d6;
  joinSolicited(ifa);
  const none =
    (ifa.dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0 ||
    acceptDad(d) < 1 ||
    !ifa.tentative ||
    (ifa.flags & IFA_F_NODAD) !== 0;
  if (none) {
    succeed(ifa);
    return;
  }
  if (!isReady(d)) {
    stop(ifa, false);
    return;
  }
  const optimistic = (ifa.flags & IFA_F_OPTIMISTIC) !== 0;
  if (optimistic) hostRoute6(ifa);
  kick(ifa);
  if (optimistic && orConf6(d, DC_OPTIMISTIC_DAD) && orConf6(d, DC_USE_OPTIMISTIC)) addrCame(ifa);
}

/** The first probe waits a random time, unless the address is used already. Linux: addrconf_dad_kick(). */
function kick(ifa: Ifaddr6): void {
  const d = ifa.d6;
  const { confStream } = d.i6.stack;
  const mostMs = Math.max(1, d.conf.v[DC_RTR_SOLICIT_DELAY]);
  const waitMs = (ifa.flags & IFA_F_OPTIMISTIC) !== 0 ? 0 : confStream.below(mostMs);
  ifa.dadNonce = null;
  if (orConf6(d, DC_ENHANCED_DAD)) {
    const nonce = new Uint8Array(6);
    for (let i = 0; i < 6; i++) nonce[i] = confStream.below(256);
    nonce[5] ||= 1; // all zeros would mean: none
    ifa.dadNonce = nonce;
  }
  ifa.dadProbes = Math.max(0, d.conf.v[DC_DAD_TRANSMITS]);
  workIn(ifa, waitMs * 1e6);
}

/** The link is there again: who waited goes on. `restart`: all begin anew. Linux: addrconf_dad_run(). */
export function dadRun(d: Inet6Dev, restart: boolean): void {
  for (const ifa of d.addrs) {
    if (!restart && !(ifa.tentative && ifa.state === IFADDR_DAD)) continue;
    if (restart) ifa.state = IFADDR_PREDAD;
    kick(ifa);
  }
}

function end(ifa: Ifaddr6): boolean {
  if (ifa.state !== IFADDR_DAD) return false;
  ifa.state = IFADDR_POSTDAD;
  return true;
}

/** Somebody else has the address. Borrows the message that said so. Linux: addrconf_dad_failure(). */
export function dadFailure(ifa: Ifaddr6, skb: Skb): void {
  const d = ifa.d6;
  if (!end(ifa)) return;
  const who = formatMac(ethSrc(skb.bytes, skb.mac));
  d.i6.kernel.hooks.log(`IPv6: ${ifa.dev.name}: IPv6 duplicate address ${ifa.addr} used by ${who} detected!`, ifa.dev);
  if ((ifa.flags & IFA_F_STABLE_PRIVACY) !== 0) tryAnother(ifa);
  ifa.state = IFADDR_ERRDAD;
  workIn(ifa, 0);
}

/** A stable identifier that is taken: the next one of its sequence. */
function tryAnother(ifa: Ifaddr6): void {
  const d = ifa.d6;
  const { hooks } = d.i6.kernel;
  const retries = ifa.stableRetry + 1;
  if (retries > d.i6.set.idgenRetries) {
    hooks.log(`IPv6: ${ifa.dev.name}: privacy stable address generation failed because of DAD conflicts!`, ifa.dev);
    return;
  }
  const addr = ifa.addr.copy();
  if (!setStableIid(addr, retries, d)) return;
  const most = d.conf.v[DC_MAX_ADDRESSES];
  if (most !== 0 && d.addrs.length >= most) return;
  hooks.log(`IPv6: ${ifa.dev.name}: generating new stable privacy address because of DAD conflict`, ifa.dev);
  if (d.addrs.some((a) => a.addr.equals(addr))) return;
  const { prefixLen, flags, validLft, preferredLft, scope } = ifa;
  const next = addAddr6(d, { addr, prefixLen, flags, validLft, preferredLft, scope });
  next.stableRetry = retries;
  workIn(next, d.i6.set.idgenDelayS * 1e9);
}

/** Linux: the DAD_ABORT part of addrconf_dad_work(). */
function abort(ifa: Ifaddr6): void {
  const d = ifa.d6;
  let disable = false;
  if (acceptDad(d) > 1 && d.conf.v[DC_DISABLE_IPV6] === 0 && (ifa.flags & IFA_F_STABLE_PRIVACY) === 0) {
    const own = new In6(0xfe800000, 0, 0, 0);
    if (setEui64(own, ifa.dev) && own.equals(ifa.addr)) {
      d.conf.v[DC_DISABLE_IPV6] = 1;
      d.i6.kernel.hooks.log(`IPv6: ${ifa.dev.name}: IPv6 being disabled!`, ifa.dev);
      disable = true;
    }
  }
  stop(ifa, true);
  if (disable) d.i6.stack.door.disabled(d);
}

/** It stays, and stays tentative, or goes. Linux: addrconf_dad_stop(). */
function stop(ifa: Ifaddr6, failed: boolean): void {
  if (failed) ifa.flags |= IFA_F_DADFAILED;
  if ((ifa.flags & IFA_F_PERMANENT) === 0 && failed) {
    delAddr6(ifa);
    return;
  }
  cancelDad(ifa);
  ifa.flags |= IFA_F_TENTATIVE;
  if (!failed) return;
  ifa.flags &= ~IFA_F_OPTIMISTIC;
  tellAddr(ifa);
}

function succeed(ifa: Ifaddr6): void {
  const announce = ifa.tentative && (ifa.flags & IFA_F_OPTIMISTIC) === 0;
  const d = ifa.d6;
  ifa.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED);
  d.i6.genid++;
  completed(ifa, announce);
}

/** Is it the only good link-local address? Linux: ipv6_lonely_lladdr(). */
function lonely(ifa: Ifaddr6): boolean {
  const mask = IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED;
  return !ifa.d6.addrs.some((a) => a !== ifa && a.scope === RT_SCOPE_LINK && (a.flags & mask) === IFA_F_PERMANENT);
}

const lladdr = new In6();

/** Linux: addrconf_dad_completed(). */
function completed(ifa: Ifaddr6, announce: boolean): void {
  const d = ifa.d6;
  cancelDad(ifa);
  addrCame(ifa);
  const first = ifa.scope === RT_SCOPE_LINK && lonely(ifa);
  if (first) mldDadComplete(d);
  if (announce && orConf6(d, DC_NDISC_NOTIFY)) {
    sendNa(d, IN6_ALL_NODES, ifa.addr, d.conf.v[DC_FORWARDING] !== 0, false, true, true);
  }
  if (!first || !acceptsRa(d) || d.conf.v[DC_RTR_SOLICITS] === 0 || (ifa.dev.flags & IFF_LOOPBACK) !== 0) return;
  if (!lladdrOf(d, IFA_F_TENTATIVE, lladdr)) return;
  solicitRouters(d);
}

/** The first solicitation; the others follow by themselves. */
export function solicitRouters(d: Inet6Dev): void {
  if (!lladdrOf(d, IFA_F_TENTATIVE, lladdr)) return;
  sendRs(d, lladdr, IN6_ALL_ROUTERS);
  d.rsIntervalMs = spread(d, d.conf.v[DC_RTR_SOLICIT_INTERVAL], 900000, 1100000);
  d.rsProbes = 1;
  d.ifFlags |= IF_RS_SENT;
  rsIn(d, d.rsIntervalMs);
}

/** RFC 3315, 14: times a random factor, given in millionths. */
function spread(d: Inet6Dev, ms: number, low: number, high: number): number {
  return Math.floor(((low + d.i6.stack.confStream.below(high - low + 1)) * ms) / 1e6);
}

function rsIn(d: Inet6Dev, ms: number): void {
  stopSoliciting(d);
  d.rsEvent = d.i6.kernel.loop.after(ms * 1e6, rsTimer, d, 0);
}

export function stopSoliciting(d: Inet6Dev): void {
  if (d.rsEvent !== 0) d.i6.kernel.loop.cancel(d.rsEvent);
  d.rsEvent = 0;
}

/** Linux: addrconf_rs_timer(). */
function rsTimer(d: Inet6Dev): void {
  d.rsEvent = 0;
  if (d.dead || !isReady(d) || !acceptsRa(d) || (d.ifFlags & IF_RA_RCVD) !== 0) return;
  const most = d.conf.v[DC_RTR_SOLICITS];
  const again = d.rsProbes < most || most < 0;
  d.rsProbes++;
  if (!again || !lladdrOf(d, IFA_F_TENTATIVE, lladdr)) return;
  sendRs(d, lladdr, IN6_ALL_ROUTERS);
  const mostMs = d.conf.v[DC_RTR_SOLICIT_MAX_INTERVAL];
  d.rsIntervalMs = spread(d, d.rsIntervalMs, 1900000, 2100000);
  if (d.rsIntervalMs > mostMs) d.rsIntervalMs = spread(d, mostMs, 900000, 1100000);
  rsIn(d, d.rsProbes === most ? d.conf.v[DC_RTR_SOLICIT_DELAY] : d.rsIntervalMs);
}
