// Multicast groups that IPv6 listens to on a device, and the device's multicast list that follows from them. Reports about
// them are MLD's, told through the door. Linux: net/ipv6/mcast.c, __ipv6_dev_mc_inc(), igmp6_group_added().

import { type In6, macOfIn6Group } from '../wire/in6.ts';
import type { Inet6Dev, Mc6Group } from './state6.ts';

/** One more listener. Linux: ipv6_dev_mc_inc(). */
export function mc6Join(d: Inet6Dev, group: In6): void {
  const known = find(d, group);
  if (known !== null) {
    known.users++;
    return;
  }
  const g: Mc6Group = { group: group.copy(), users: 1, loaded: false };
  d.groups.unshift(g);
  d.i6.genid++;
  if (d.dev.up) added(d, g);
}

/** One listener fewer; false: there was none. Linux: __ipv6_dev_mc_dec(). */
export function mc6Leave(d: Inet6Dev, group: In6): boolean {
  const g = find(d, group);
  if (g === null) return false;
  if (--g.users > 0) return true;
  d.groups.splice(d.groups.indexOf(g), 1);
  d.i6.genid++;
  dropped(d, g);
  return true;
}

/** Is the group listened to on this device? Linux: ipv6_chk_mcast_addr(). */
export function mc6IsMember(d: Inet6Dev, group: In6): boolean {
  return find(d, group) !== null;
}

function find(d: Inet6Dev, group: In6): Mc6Group | null {
  const g = d.groups;
  for (let i = 0; i < g.length; i++) if (g[i].group.equals(group)) return g[i];
  return null;
}

/** Groups that end at this host (ff01::/16) are no business of the device. */
function added(d: Inet6Dev, g: Mc6Group): void {
  if (g.loaded || g.group.mcScope < 2) return;
  g.loaded = true;
  d.dev.mc.add(macOfIn6Group(g.group));
  d.dev.core.setRxMode(d.dev);
  d.i6.stack.door.groupJoined(d, g.group);
}

function dropped(d: Inet6Dev, g: Mc6Group): void {
  if (!g.loaded) return;
  g.loaded = false;
  d.dev.mc.del(macOfIn6Group(g.group));
  d.dev.core.setRxMode(d.dev);
  d.i6.stack.door.groupLeft(d, g.group);
}

/** The device came up: its groups become the hardware's. Linux: ipv6_mc_up(). */
export function mc6Up(d: Inet6Dev): void {
  for (const g of d.groups) added(d, g);
}

/** It went down. Linux: ipv6_mc_down(). */
export function mc6Down(d: Inet6Dev): void {
  for (const g of d.groups) dropped(d, g);
}

/** It goes. Linux: ipv6_mc_destroy_dev(). */
export function mc6Destroy(d: Inet6Dev): void {
  mc6Down(d);
  d.groups.length = 0;
}
