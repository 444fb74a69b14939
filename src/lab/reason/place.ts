// Parties as the model has them: their namespaces, the devices that have an address, and what stands in the way of using one.

import { RP_FILTER } from '../../inet/conf.ts';
import { DC_DISABLE_IPV6, DC_ENHANCED_DAD } from '../../inet/conf6.ts';
import { inDev, maxConf } from '../../inet/state.ts';
import { in6Dev } from '../../inet/state6.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { IFA_F_DADFAILED, IFA_F_TENTATIVE } from '../../uapi/addr.ts';
import { parseIp4 } from '../../uapi/format.ts';
import { in6Of } from '../../wire/in6.ts';
import type { Party } from '../measure/cells.ts';
import type { Model } from '../model.ts';

/** Null: the model has no such namespace. */
export function nsOf(model: Model, { place }: Party): NetNs | null {
  const { os, kernel } = model;
  switch (place.kind) {
    case 'host':
      return os.initNs;
    case 'name':
      return os.nsByName(place.name);
    case 'peer':
      return kernel.namespaces.find((ns) => ns.hidden && ns.label === place.name) ?? null;
    case 'ns':
      return kernel.namespaces.find((ns) => ns.inode === place.ns.inode) ?? null;
    default:
      return null;
  }
}

/** The device that has the address; null: none in that namespace. */
export function ownerIn(ns: NetNs, address: string): NetDevice | null {
  const four = parseIp4(address);
  if (four !== null) {
    return ns.devices().find((dev) => inDev(dev)?.addrs.some((a) => a.local === four)) ?? null;
  }
  const six = in6Of(address);
  if (six === null) return null;
  return ns.devices().find((dev) => in6Dev(dev)?.addrs.some((a) => a.addr.equals(six))) ?? null;
}

/** In any namespace of the model. */
export function ownerOf(model: Model, address: string): NetDevice | null {
  for (const ns of model.kernel.namespaces) {
    const dev = ownerIn(ns, address);
    if (dev !== null) return dev;
  }
  return null;
}

/** `blue/eth0` is eth0 where blue is. */
export function localName(label: string): string {
  return label.slice(label.lastIndexOf('/') + 1);
}

/** The devices that a party speaks from and hears on. */
export function devicesOf(ns: NetNs, party: Party): NetDevice[] {
  if (party.device !== null) {
    const dev = ns.dev(party.device);
    return dev === null ? [] : [dev];
  }
  return ns.devices().filter((dev) => dev.name !== 'lo');
}

export function ipv6Disabled(dev: NetDevice): boolean {
  const d = in6Dev(dev);
  return d === null || d.conf.v[DC_DISABLE_IPV6] !== 0;
}

/** Does it accept a sender only where the way back leads? Linux: IN_DEV_RPFILTER(). */
export function isStrict(dev: NetDevice): boolean {
  const ind = inDev(dev);
  return ind !== null && maxConf(ind, RP_FILTER) === 1;
}

/** Does it ignore its own probe of duplicate address detection when that comes back (RFC 7527)? */
export function knowsOwnProbe(dev: NetDevice): boolean {
  const d = in6Dev(dev);
  return d !== null && (d.conf.v[DC_ENHANCED_DAD] !== 0 || d.i6.confAll.v[DC_ENHANCED_DAD] !== 0);
}

/** An IPv6 address of the device that cannot be used (yet): its text state; null: all can. */
export function dadTrouble(dev: NetDevice): { readonly failed: boolean; readonly address: string } | null {
  for (const a of in6Dev(dev)?.addrs ?? []) {
    if ((a.flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE)) === 0) continue;
    return { failed: (a.flags & IFA_F_DADFAILED) !== 0, address: a.addr.toString() };
  }
  return null;
}
