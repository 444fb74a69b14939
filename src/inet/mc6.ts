// Multicast groups that IPv6 listens to on a device, and the device's multicast list that follows from them. Reports about
// them are mld.ts. Linux: net/ipv6/mcast.c, __ipv6_dev_mc_inc(), igmp6_group_added().

import { IFF_LOOPBACK } from '../net/flags.ts';
import { type In6, macOfIn6Group } from '../wire/in6.ts';
import { MAF_LOADED, MAF_NOREPORT, mldForget, mldJoined, mldLeft, mldReset, mldStop } from './mld.ts';
import type { Inet6Dev, Mc6Group } from './state6.ts';

const SCOPE_LINK = 2;

/** One more listener. Linux: ipv6_dev_mc_inc(). */
export function mc6Join(d: Inet6Dev, group: In6): void {
  if (d.dead) return;
  const known = find(d, group);
  if (known !== null) {
    known.users++;
    return;
  }
  const quiet = group.mcScope < SCOPE_LINK || isAllNodes(group);
  const g: Mc6Group = {
    d,
    group: group.copy(),
    users: 1,
    flags: quiet ? MAF_NOREPORT : 0,
    crcount: 0,
    event: 0,
    dueNs: 0,
    cstampNs: d.i6.now,
  };
  d.groups.unshift(g);
  d.i6.genid++;
  mldForget(d, group);
  added(d, g);
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

/** ff02::1, of which nobody reports. */
function isAllNodes(group: In6): boolean {
  return group.a === (0xff020000 | 0) && (group.b | group.c) === 0 && group.d === 1;
}

/** Groups that end at this host (ff01::/16) are no business of the device. The rest it hears even while it is down. */
function added(d: Inet6Dev, g: Mc6Group): void {
  if (g.group.mcScope < SCOPE_LINK) return;
  if ((g.flags & MAF_LOADED) === 0) {
    g.flags |= MAF_LOADED;
    if ((d.dev.flags & IFF_LOOPBACK) === 0) {
      d.dev.mc.add(macOfIn6Group(g.group));
      d.dev.core.setRxMode(d.dev);
    }
  }
  if (d.dev.up && (g.flags & MAF_NOREPORT) === 0) mldJoined(d, g);
}

function dropped(d: Inet6Dev, g: Mc6Group): void {
  if (g.group.mcScope < SCOPE_LINK) return;
  if ((g.flags & MAF_LOADED) !== 0) {
    g.flags &= ~MAF_LOADED;
    if ((d.dev.flags & IFF_LOOPBACK) === 0) {
      d.dev.mc.del(macOfIn6Group(g.group));
      d.dev.core.setRxMode(d.dev);
    }
  }
  if ((g.flags & MAF_NOREPORT) === 0) mldLeft(d, g);
}

/** The device is ready, or may hang on another switch now: its groups are reported anew. Linux: ipv6_mc_up(). */
export function mc6Up(d: Inet6Dev): void {
  mldReset(d);
  for (const g of d.groups) {
    mldForget(d, g.group);
    added(d, g);
  }
}

/** It went down. Linux: ipv6_mc_down(). */
export function mc6Down(d: Inet6Dev): void {
  for (const g of d.groups) dropped(d, g);
  mldStop(d);
}

/** It goes. Linux: ipv6_mc_destroy_dev(). */
export function mc6Destroy(d: Inet6Dev): void {
  mc6Down(d);
  d.mld.tomb = [];
  d.groups.length = 0;
}
