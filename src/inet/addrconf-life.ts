// Lifetimes of addresses: deprecated when the preferred one is over, gone after the valid one. Looked at together, about
// once a second at most, as Linux does. Linux: net/ipv6/addrconf.c, addrconf_verify_rtnl().

import { IFA_F_DEPRECATED, IFA_F_PERMANENT, INFINITY_LIFE_TIME } from '../uapi/addr.ts';
import { delAddr6, tellAddr } from './addrconf-addr.ts';
import type { Ifaddr6, Inet6Ns } from './state6.ts';

const SEC = 1e9;
const CHECK_NS = 120 * SEC;
/** What happens this much later is done at once. */
const FUZZ_MINUS_NS = 20e6;
/** A look may be put off by this much to fall on a full second. */
const FUZZ_NS = 250e6;
const FUZZ_MAX_NS = SEC;

const endless = (ifa: Ifaddr6): boolean =>
  ifa.preferredLft === INFINITY_LIFE_TIME && (ifa.flags & IFA_F_PERMANENT) !== 0;

function addressesOf(i6: Inet6Ns): Ifaddr6[] {
  return i6.addrHash.values().flat();
}

/** Looks at all lifetimes now, and asks to be woken for the next. */
export function verifyLifetimes(i6: Inet6Ns): void {
  const { loop } = i6.kernel;
  if (i6.verifyEvent !== 0) loop.cancel(i6.verifyEvent);
  i6.verifyEvent = 0;
  const now = i6.now;
  let next = now + CHECK_NS;
  let waits = false;
  for (const ifa of addressesOf(i6)) {
    if (endless(ifa)) continue;
    const age = Math.floor((now - ifa.tstampNs + FUZZ_MINUS_NS) / SEC);
    if (ifa.validLft !== INFINITY_LIFE_TIME && age >= ifa.validLft) {
      delAddr6(ifa);
      continue;
    }
    if (ifa.preferredLft === INFINITY_LIFE_TIME) {
      waits ||= ifa.validLft !== INFINITY_LIFE_TIME;
      continue; // looked at every two minutes
    }
    let ends = ifa.preferredLft;
    if (age >= ifa.preferredLft) {
      if ((ifa.flags & IFA_F_DEPRECATED) === 0) {
        ifa.flags |= IFA_F_DEPRECATED;
        i6.genid++;
        tellAddr(ifa);
      }
      if (ifa.validLft === INFINITY_LIFE_TIME) continue;
      ends = ifa.validLft;
    }
    waits = true;
    next = Math.min(next, ifa.tstampNs + ends * SEC);
  }
  if (!waits) return;
  const full = Math.ceil(next / SEC) * SEC;
  const at = full < next + FUZZ_NS ? full : next;
  i6.verifyEvent = loop.at(Math.max(at, now + FUZZ_MAX_NS), verifyLifetimes, i6, 0);
}

/** The same, as soon as the caller is done. Linux: addrconf_verify(). */
export function verifySoon(i6: Inet6Ns): void {
  if (i6.verifyEvent !== 0) i6.kernel.loop.cancel(i6.verifyEvent);
  i6.verifyEvent = i6.kernel.loop.after(0, verifyLifetimes, i6, 0);
}
