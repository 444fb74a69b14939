// Multicast groups that IPv4 listens to on a device, and the device's multicast list that follows from them. Every
// device that is up hears 224.0.0.1. Queries are igmp-query.ts, reports igmp-report.ts. Linux: net/ipv4/igmp.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import { macOfIp4Group } from '../wire/ethernet.ts';
import { igmpJoined, igmpLeft } from './igmp-query.ts';
import { ALL_HOSTS } from './ipaddr.ts';
import type { InDevice } from './state.ts';

/** Linux: struct ip_mc_list. */
export interface McGroup {
  readonly group: number;
  users: number;
  /** In the device's list now. */
  loaded: boolean;
  /** Reported since the device came up. */
  told: boolean;
}

/** Is the group listened to on this device? Linux: ip_check_mc_rcu(). */
export function mcIsMember(ind: InDevice, group: number, _proto: number): boolean {
  const g = ind.groups;
  for (let i = 0; i < g.length; i++) if (g[i].group === group) return true;
  return false;
}

/** One more listener. Linux: ip_mc_inc_group(). */
export function mcJoin(ind: InDevice, group: number): void {
  const known = ind.groups.find((g) => g.group === group);
  if (known !== undefined) {
    known.users++;
    return;
  }
  const g: McGroup = { group, users: 1, loaded: false, told: false };
  ind.groups.unshift(g);
  ind.ins.genid++;
  added(ind, g);
}

/** One listener fewer. Linux: ip_mc_dec_group(). */
export function mcLeave(ind: InDevice, group: number): void {
  const at = ind.groups.findIndex((g) => g.group === group);
  if (at < 0) return;
  const g = ind.groups[at];
  if (--g.users > 0) return;
  ind.groups.splice(at, 1);
  ind.ins.genid++;
  dropped(ind, g);
}

/** In the device's list at once; told of when the device is up. Linux: igmp_group_added(). */
function added(ind: InDevice, g: McGroup): void {
  const { dev } = ind;
  if (!g.loaded) {
    g.loaded = true;
    if ((dev.flags & IFF_LOOPBACK) === 0) {
      dev.mc.add(macOfIp4Group(g.group));
      dev.core.setRxMode(dev);
    }
  }
  if (!dev.up || g.told) return;
  g.told = true;
  igmpJoined(ind, g.group);
}

function dropped(ind: InDevice, g: McGroup): void {
  if (!g.loaded) return;
  g.loaded = false;
  const dev = ind.dev;
  if ((dev.flags & IFF_LOOPBACK) === 0) {
    dev.mc.del(macOfIp4Group(g.group));
    dev.core.setRxMode(dev);
  }
  if (g.told) igmpLeft(ind, g.group);
  g.told = false;
}

/** The device came up. Linux: ip_mc_up(). */
export function mcUp(ind: InDevice): void {
  mcJoin(ind, ALL_HOSTS);
  for (const g of ind.groups) added(ind, g);
}

/** It went down. Linux: ip_mc_down(). */
export function mcDown(ind: InDevice): void {
  for (const g of ind.groups) dropped(ind, g);
  mcLeave(ind, ALL_HOSTS);
}

/** It goes. Linux: ip_mc_destroy_dev(). */
export function mcDestroy(ind: InDevice): void {
  mcDown(ind);
  ind.groups.length = 0;
}
