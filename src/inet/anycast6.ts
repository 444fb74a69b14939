// Anycast addresses that a device answers to: a router's subnet anycast (RFC 4291 2.6.1). Linux: net/ipv6/anycast.c.

import { type In6, solicitedNode } from '../wire/in6.ts';
import { anycastRoute6, unanycastRoute6 } from './fib6-sync.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import type { Inet6Dev } from './state6.ts';

/** Linux: __ipv6_dev_ac_inc(). */
export function acJoin(d: Inet6Dev, addr: In6): void {
  const known = d.anycasts.find((a) => a.addr.equals(addr));
  if (known !== undefined) {
    known.users++;
    return;
  }
  d.anycasts.unshift({ addr: addr.copy(), users: 1 });
  anycastRoute6(d, addr);
  mc6Join(d, solicitedNode(addr));
}

/** Linux: __ipv6_dev_ac_dec(). */
export function acLeave(d: Inet6Dev, addr: In6): void {
  const i = d.anycasts.findIndex((a) => a.addr.equals(addr));
  if (i < 0 || --d.anycasts[i].users > 0) return;
  d.anycasts.splice(i, 1);
  mc6Leave(d, solicitedNode(addr));
  unanycastRoute6(d, addr);
}

/** Is it an anycast address of this device? Linux: ipv6_chk_acast_dev(). */
export function isAnycast(d: Inet6Dev, addr: In6): boolean {
  const list = d.anycasts;
  for (let i = 0; i < list.length; i++) if (list[i].addr.equals(addr)) return true;
  return false;
}
