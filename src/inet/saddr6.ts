// Which of our addresses is the source for a destination: RFC 6724 as Linux applies it, rule by rule.
// Linux: ipv6_dev_get_saddr(), ipv6_get_saddr_eval() in net/ipv6/addrconf.c; ip6addrlbl_init_table in addrlabel.c.

import type { NetDevice } from '../net/netdev.ts';
import {
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_OPTIMISTIC,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
} from '../uapi/addr.ts';
import { type In6, in6, in6CommonBits, in6PrefixEqual } from '../wire/in6.ts';
import { SCOPE6_LINKLOCAL, scope6 } from './addr6.ts';
import { DC_USE_OIF_ADDRS_ONLY, DC_USE_OPTIMISTIC, DC_USE_TEMPADDR } from './conf6.ts';
import { EADDRNOTAVAIL } from './errno.ts';
import { type Ifaddr6, type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';

/** IPV6_ADDR_PREFERENCES. */
export const PREFER_SRC_TMP = 0x0001;
export const PREFER_SRC_PUBLIC = 0x0002;
export const PREFER_SRC_COA = 0x0004;

/** Policy table (prefix, length, label), the longest first. */
const LABELS: ReadonlyArray<readonly [In6, number, number]> = [
  [in6('::1'), 128, 0],
  [in6('::ffff:0:0'), 96, 4],
  [in6('::'), 96, 3],
  [in6('2001::'), 32, 6],
  [in6('2001:10::'), 28, 7],
  [in6('3ffe::'), 16, 12],
  [in6('2002::'), 16, 2],
  [in6('fec0::'), 10, 11],
  [in6('fc00::'), 7, 5],
];
const OTHER_LABEL = 1;
const ORCHID = in6('2001:10::');

function labelOf(a: In6): number {
  for (let i = 0; i < LABELS.length; i++) if (in6PrefixEqual(a, LABELS[i][0], LABELS[i][1])) return LABELS[i][2];
  return OTHER_LABEL;
}

const RULE_SCOPE = 2;
const RULES = 11;

/** The question, while it is asked. */
const q: { i6: Inet6Ns | null; dst: In6; ifindex: number; scope: number; label: number; prefs: number } = {
  i6: null,
  dst: in6('::'),
  ifindex: 0,
  scope: 0,
  label: 0,
  prefs: 0,
};

/** How well an address does in one rule; more is better. */
function score(ifa: Ifaddr6, rule: number): number {
  const a = ifa.addr;
  switch (rule) {
    case 0:
      return 1;
    case 1:
      return a.equals(q.dst) ? 1 : 0;
    case RULE_SCOPE: {
      const s = scope6(a);
      return s >= q.scope ? -s : s - 128;
    }
    case 3: {
      const avoid = IFA_F_DEPRECATED | (useOptimistic(ifa.d6) ? 0 : IFA_F_OPTIMISTIC);
      return a.isMapped || a.isLoopback || (ifa.flags & avoid) === 0 ? 1 : 0;
    }
    case 4: {
      const home = (q.prefs & PREFER_SRC_COA) === 0;
      return ((ifa.flags & IFA_F_HOMEADDRESS) === 0) !== home ? 1 : 0;
    }
    case 5:
      return q.ifindex === 0 || q.ifindex === ifa.dev.ifindex ? 1 : 0;
    case 6:
      return labelOf(a) === q.label ? 1 : 0;
    case 7:
      return ((ifa.flags & IFA_F_TEMPORARY) === 0) !== wantsTemporary(ifa.d6) ? 1 : 0;
    case 8:
      return in6PrefixEqual(a, ORCHID, 28) === in6PrefixEqual(q.dst, ORCHID, 28) ? 1 : 0;
    case 9: {
      const bits = in6CommonBits(a, q.dst);
      return bits > ifa.prefixLen ? ifa.prefixLen : bits;
    }
    default:
      return (ifa.flags & IFA_F_OPTIMISTIC) === 0 ? 1 : 0;
  }
}

function useOptimistic(d: Inet6Dev): boolean {
  return d.i6.confAll.v[DC_USE_OPTIMISTIC] !== 0 || d.conf.v[DC_USE_OPTIMISTIC] !== 0;
}

function wantsTemporary(d: Inet6Dev): boolean {
  const said = q.prefs & (PREFER_SRC_PUBLIC | PREFER_SRC_TMP);
  return said !== 0 ? (said & PREFER_SRC_TMP) !== 0 : d.conf.v[DC_USE_TEMPADDR] >= 2;
}

/** The better of what was found so far and what this device has. */
function best(d: Inet6Dev, found: Ifaddr6 | null): Ifaddr6 | null {
  let top = found;
  for (let k = 0; k < d.addrs.length; k++) {
    const ifa = d.addrs[k];
    if ((ifa.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE) continue;
    if (ifa.addr.isAny || ifa.addr.isMulticast) continue;
    if (top === null) {
      top = ifa;
      continue;
    }
    for (let rule = 1; rule < RULES; rule++) {
      const old = score(top, rule);
      const now = score(ifa, rule);
      if (now === old) continue;
      if (now > old) top = ifa;
      break;
    }
  }
  return top;
}

/**
 * The source for `daddr` that leaves by `dev` (null: not known), in `out`. 0 or -EADDRNOTAVAIL; `prefs`: PREFER_SRC_*.
 * Linux: ipv6_dev_get_saddr().
 */
export function selectSource6(i6: Inet6Ns, dev: NetDevice | null, daddr: In6, prefs: number, out: In6): number {
  q.i6 = i6;
  q.dst = daddr;
  q.ifindex = dev === null ? 0 : dev.ifindex;
  q.scope = scope6(daddr);
  q.label = labelOf(daddr);
  q.prefs = prefs;
  let found: Ifaddr6 | null = null;
  const d = dev === null ? null : in6Dev(dev);
  const linkOnly = daddr.isMulticast || q.scope <= SCOPE6_LINKLOCAL;
  if (dev !== null && (linkOnly || (d !== null && useOifOnly(d)))) {
    if (d !== null) found = best(d, null);
  } else {
    for (const other of i6.ns.registered()) {
      const o = in6Dev(other);
      if (o !== null) found = best(o, found);
    }
  }
  if (found === null) return -EADDRNOTAVAIL;
  out.set(found.addr);
  return 0;
}

function useOifOnly(d: Inet6Dev): boolean {
  return d.conf.v[DC_USE_OIF_ADDRS_ONLY] !== 0;
}

/** A link-local address of the device without any of `banned` (IFA_F_*), in `out`. Linux: ipv6_get_lladdr(). */
export function lladdrOf(d: Inet6Dev, banned: number, out: In6): boolean {
  for (let i = d.addrs.length - 1; i >= 0; i--) {
    const ifa = d.addrs[i];
    if (!ifa.addr.isLinkLocal) continue;
    if ((ifa.flags & banned) === 0) {
      out.set(ifa.addr);
      return true;
    }
  }
  return false;
}
