// Why a kernel refused, in words, found by looking at the machine. Null where nothing is known: a guess would mislead.
// Linux: macvlan_common_newlink(), macvlan_open(), fib_check_nh(), register_netdevice().

import type { NlError } from '../../netlink/error.ts';
import { formatMac } from '../../uapi/format.ts';
import { MACVLAN_MODE_PASSTHRU } from '../../uapi/linkinfo.ts';
import type { NetnsRef } from '../file/lab.ts';
import { type Access, deviceName, HOST, type Place } from './access.ts';
import type { Action, NewLink } from './actions.ts';
import { type CurrentLink, linkOf } from './current.ts';
import { routeText } from './desired.ts';
import { briefLinks } from './dump.ts';

export function explain(access: Access, action: Action, refusal: NlError): string | null {
  try {
    return why(access, action, refusal.code);
  } catch {
    return null; // the machine cannot be looked at: what was refused is bad news enough
  }
}

function why(access: Access, action: Action, code: string): string | null {
  if (code === 'EPERM' || code === 'EACCES') return 'this takes CAP_NET_ADMIN in the namespace';
  if (action.do === 'link-add') return whyNoLink(access, action.place, action.link, code);
  if (action.do === 'link-set') return whyNoChange(access, action, code);
  if (action.do.startsWith('route') && 'route' in action) {
    const { route } = action;
    if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH' || code === 'EINVAL') {
      return route.via === null ? null : `${route.via} is on no network of ${action.ifname}`;
    }
    if (code === 'EEXIST') return `the namespace has another route ${routeText({ to: route.to, via: null })}`;
  }
  return null;
}

function whyNoLink(access: Access, place: NetnsRef, link: NewLink, code: string): string | null {
  const host = linksAt(HOST, access.host);
  const lower = host.find((l) => l.ifname === link.lower || l.index === link.lower);
  switch (code) {
    case 'EOPNOTSUPP':
      return `this kernel has no ${link.kind} (CONFIG_${link.kind === 'vlan' ? 'VLAN_8021Q' : 'MACVLAN'})`;
    case 'ENODEV':
      return lower === undefined ? `there is no device ${link.lower}` : null;
    case 'EEXIST':
      return `${deviceName(place, link.ifname)} is there already`;
    case 'EADDRNOTAVAIL':
      return link.mac === null ? null : `${formatMac(link.mac)} is no address of a single device`;
    case 'EBUSY':
      return lower === undefined ? null : whoHolds(host, lower);
    case 'EINVAL':
      return lower === undefined ? null : whyInvalid(host, lower, link);
    default:
      return null;
  }
}

/** Who has the address of `link` already, looked for in the host's namespace and in those with a name. */
function whoHas(access: Access, link: CurrentLink, lower: CurrentLink): string {
  const refs = [HOST, ...access.kernel.nsNames().map((name): NetnsRef => ({ kind: 'name', name }))];
  for (const ref of refs) {
    const place = access.find(ref);
    if (place === null) continue;
    const onLower = (l: CurrentLink): boolean => l.lower === lower.index && l.lowerHere === (place === access.host);
    const same = linksAt(ref, place).filter((l) => l.mac === link.mac);
    const holder = same.find(
      (l) => (l.index === lower.index && ref === HOST) || (onLower(l) && l.alias !== link.alias),
    );
    if (holder !== undefined) return `${deviceName(ref, holder.ifname)} has ${formatMac(link.mac)}`;
  }
  return `a device on ${lower.ifname} in a namespace without a name has ${formatMac(link.mac)}`;
}

function whoHolds(host: readonly CurrentLink[], lower: CurrentLink): string | null {
  const master = host.find((l) => l.index === lower.master);
  if (master !== undefined) return `${lower.ifname} is a port of the ${master.kind} ${master.ifname}`;
  const other = host.find((l) => l.lower === lower.index && l.lowerHere && l.kind === 'ipvlan');
  return other === undefined
    ? `another device has taken what ${lower.ifname} receives`
    : `${other.ifname} is an ipvlan on it`;
}

function whyInvalid(host: readonly CurrentLink[], lower: CurrentLink, link: NewLink): string | null {
  if (link.mtu !== null && link.mtu > lower.mtu)
    return `the mtu of ${lower.ifname} is ${lower.mtu}, less than ${link.mtu}`;
  const above = host.filter((l) => l.lower === lower.index && l.lowerHere && l.macvlan !== null);
  const alone = above.find((l) => l.macvlan?.mode === MACVLAN_MODE_PASSTHRU);
  if (alone !== undefined) return `${alone.ifname} has ${lower.ifname} to itself (passthru)`;
  if (link.macvlan?.mode === MACVLAN_MODE_PASSTHRU)
    return `${lower.ifname} carries a macvlan, and passthru shares with none`;
  return `${lower.ifname} may carry a macvlan in passthru mode in another namespace, which shares with none`;
}

function whyNoChange(access: Access, action: Action & { do: 'link-set' }, code: string): string | null {
  const { place, ifname, change } = action;
  const links = linksAt(place, access.at(place));
  const link = links.find((l) => l.ifname === ifname);
  if (link === undefined) return code === 'ENODEV' ? `there is no ${deviceName(place, ifname)}` : null;
  const host = linksAt(HOST, access.host);
  const lower = host.find((l) => l.index === link.lower);
  if (lower === undefined) return null;
  if (change.up === true && code === 'ENETDOWN') return `${lower.ifname} is down`;
  // Linux before 4.20 says EBUSY.
  if (change.up === true && (code === 'EADDRINUSE' || code === 'EBUSY')) return whoHas(access, link, lower);
  if (change.mtu !== undefined && code === 'EINVAL' && change.mtu > lower.mtu) {
    return `the mtu of ${lower.ifname} is ${lower.mtu}`;
  }
  return null;
}

function linksAt(ref: NetnsRef, place: Place): CurrentLink[] {
  return briefLinks(place.client).map((m) => linkOf(ref, m));
}
