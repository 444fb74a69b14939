// What was refused, with what the machine looks like around it, and how a culprit is found there.

import { formatIp, formatMac } from '../../uapi/format.ts';
import { ARPHRD_ETHER, IFF_LOOPBACK } from '../../uapi/link.ts';
import type { LabRoute, NetnsRef } from '../file/lab.ts';
import { type Access, deviceName, HOST } from './access.ts';
import type { LinkChange, NewLink } from './actions.ts';
import { type CurrentLink, linkOf } from './current.ts';
import { briefLinks, dumpAddresses } from './dump.ts';

/** Words, or null. */
export type Found = string | null;

export interface SeenLink extends CurrentLink {
  readonly loopback: boolean;
  readonly ethernet: boolean;
}

/** What was refused. Absent things are null or undefined: the request was of another kind, or they are not there. */
export interface Refused {
  readonly access: Access;
  readonly place: NetnsRef;
  readonly ifname: string;
  /** `blue/eth0` */
  readonly where: string;
  readonly extack: string;
  /** Refused by netlink, not by another system call. */
  readonly netlink: boolean;
  readonly link: NewLink | null;
  readonly change: LinkChange | null;
  readonly route: LabRoute | null;
  /** The other name that was asked for; ''. */
  readonly altname: string;
  /** The devices of the namespace. */
  readonly there: readonly SeenLink[];
  /** As text. */
  readonly address: string;
  /** It was about IPv6. */
  readonly six: boolean;
  readonly mac: number | null;
  readonly mtu: number | null;
  readonly host: readonly SeenLink[];
  /** The device of that name, if it is there. */
  readonly self: SeenLink | undefined;
  readonly lower: SeenLink | undefined;
}

export function seenAt(access: Access, ref: NetnsRef): SeenLink[] {
  const place = access.find(ref);
  if (place === null) return [];
  return briefLinks(place.client).map((m) => ({
    ...linkOf(ref, m),
    loopback: (m.header.flags & IFF_LOOPBACK) !== 0,
    ethernet: m.header.type === ARPHRD_ETHER,
  }));
}

export function nameOf(link: CurrentLink): string {
  return deviceName(link.place, link.ifname);
}

/** The group bit off; for nothing at all, the first locally administered one. */
export function nearestMac(mac: number): number {
  if (mac === 0) return 0x02_00_00_00_00_01;
  const first = Math.floor(mac / 2 ** 40);
  const even = mac - (first & 1) * 2 ** 40;
  // A local address, where the byte would come to look like a maker's by accident (33:33, 01:00:5e).
  return (first & 2) !== 0 || even >= 2 ** 41 ? even : even + 2 * 2 ** 40;
}

/** Every namespace that has a name, the host's first. One that cannot be entered is passed over. */
function* everywhere(access: Access): Generator<SeenLink> {
  const refs = [HOST, ...access.kernel.nsNames().map((name): NetnsRef => ({ kind: 'name', name }))];
  for (const ref of refs) {
    try {
      yield* seenAt(access, ref);
    } catch {
      // Whoever is in there will not be named.
    }
  }
}

/** Another link on the same lower device, wherever it lives. */
export function otherOn(r: Refused, fits: (link: SeenLink) => boolean): SeenLink | undefined {
  const { lower, access, self } = r;
  if (lower === undefined) return undefined;
  for (const link of everywhere(access)) {
    const here = access.find(link.place) === access.host;
    const isSelf = self !== undefined && link.index === self.index && access.find(link.place) === access.find(r.place);
    if (link.lower === lower.index && link.lowerHere === here && !isSelf && fits(link)) return link;
  }
  return undefined;
}

/** The device that has the MAC address: the lower device, or a macvlan on it that is up. */
export function whoHas(r: Refused): Found {
  const { lower, mac } = r;
  if (lower === undefined || mac === null) return null;
  if (lower.mac === mac) return `${lower.ifname} itself has ${formatMac(mac)}`;
  const holder = otherOn(r, (l) => l.mac === mac && l.up);
  const who = holder === undefined ? `a device on ${lower.ifname} in a namespace without a name` : nameOf(holder);
  return `${who} has ${formatMac(mac)}`;
}

export function masterOf({ host, lower }: Refused): Found {
  const master = host.find((l) => lower !== undefined && l.index === lower.master);
  return master === undefined || lower === undefined
    ? null
    : `${lower.ifname} is a port of the ${master.kind} ${master.ifname}`;
}

export function holderOf(r: Refused): Found {
  const other = otherOn(r, (l) => l.kind === 'ipvlan' || l.kind === 'ipvtap');
  return other === undefined
    ? `another device has taken what ${r.lower?.ifname} receives`
    : `${nameOf(other)} is an ${other.kind} on ${r.lower?.ifname}`;
}

export function gatewayIsOwn({ access, place, route }: Refused): Found {
  const there = access.find(place);
  if (there === null || route?.via == null) return null;
  const own = dumpAddresses(there.client).some(
    ({ attrs }) => formatIp(attrs.local ?? attrs.address ?? 0) === route.via,
  );
  return own ? `${route.via} is this namespace's own address` : null;
}
