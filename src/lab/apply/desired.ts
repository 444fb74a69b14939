// What a lab comes to: namespaces, what is asked of the lower devices, and links with all that they carry. Plain data; the
// same lab gives the same, on any kernel. Defaults of the lab file are resolved here.

import type { IpAddr } from '../../uapi/attr.ts';
import { formatIp, formatMac, parseIp } from '../../uapi/format.ts';
import {
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
} from '../../uapi/linkinfo.ts';
import type { DeviceTraits, Lab, LabEndpoint, LabMode, LabNetwork, LabRoute, NetnsRef, Prefix } from '../file/lab.ts';
import { deviceName, HOST, placeName } from './access.ts';
import { groupOf, stableMac } from './names.ts';
import { NO_TRAITS, type WantedTraits, wantedTraits } from './traits.ts';

export interface MacvlanSettings {
  readonly mode: number;
  readonly flags: number;
  /** Whom source mode hears, ascending. */
  readonly sources: readonly number[];
  /** null: the kernel's. */
  readonly bcQueueLen: number | null;
  readonly bcCutoff: number | null;
}

export interface WantedLink {
  /** `endpoint/blue`, `shim/lan`, `vlan/eth0.100`: with the lab's name, the tag. */
  readonly object: string;
  readonly place: NetnsRef;
  readonly ifname: string;
  readonly kind: 'macvlan' | 'macvtap' | 'vlan';
  /** In the host's namespace. */
  readonly lower: string;
  /** null: the kernel's choice. */
  readonly mac: number | null;
  readonly mtu: number | null;
  readonly macvlan: MacvlanSettings | null;
  /** null: the kernel's. */
  readonly queues: number | null;
  readonly txQueueLen: number | null;
  readonly vlan: number | null;
  readonly ipv6: boolean;
  readonly traits: WantedTraits;
  /** In one spelling, so that they can be compared; routes without bits beyond their length. */
  readonly addresses: readonly Prefix[];
  readonly routes: readonly LabRoute[];
}

/** What is asked of a device that the lab stands on and does not make. */
export interface WantedLower {
  readonly ifname: string;
  /** l2-fwd-offload; null: left as it is. */
  readonly offload: boolean | null;
}

/** A link that a change was about to make. One that has no tag yet is the lab's only if it is just that. */
export interface BegunLink {
  readonly place: NetnsRef;
  readonly ifname: string;
  readonly kind: string;
  /** By name or by ifindex, in the host's namespace. */
  readonly lower: string | number;
  /** null: the kernel's choice. */
  readonly mac: number | null;
}

export interface Desired {
  readonly lab: string;
  readonly group: number;
  /** Where links of it may be, beside the namespaces that have a name. */
  readonly places: readonly NetnsRef[];
  /** Made when they are missing. */
  readonly namespaces: readonly string[];
  readonly lowers: readonly WantedLower[];
  /** What is there already, is nobody's and is just as it is wanted becomes the lab's. */
  readonly adopt?: boolean;
  /** What a change that was cut short was about to make, beside `links`. */
  readonly begun?: readonly BegunLink[];
  /** Lower ones first. */
  readonly links: readonly WantedLink[];
}

/** A lab that says things which no kernel can do. */
export class DesiredError extends Error {
  override readonly name = 'DesiredError';
  /** The field of the lab file: ['endpoints', 'blue', 'mac']. */
  readonly path: readonly string[];

  constructor(message: string, ...path: string[]) {
    super(message);
    this.path = path;
  }
}

const MODES: { readonly [M in LabMode]: number } = {
  private: MACVLAN_MODE_PRIVATE,
  vepa: MACVLAN_MODE_VEPA,
  bridge: MACVLAN_MODE_BRIDGE,
  passthru: MACVLAN_MODE_PASSTHRU,
  source: MACVLAN_MODE_SOURCE,
};

/** Throws DesiredError. */
export function desiredOf(lab: Lab): Desired {
  const links: WantedLink[] = [];
  for (const network of lab.networks) if (network.vlan !== null) addVlan(links, network, network.vlan);
  const networks = new Map(lab.networks.map((n) => [n.name, n]));
  for (const network of lab.networks) if (network.hostShim !== null) links.push(shimLink(lab, network));
  for (const endpoint of lab.endpoints) {
    const network = networks.get(endpoint.network);
    if (network === undefined)
      throw new DesiredError(`${endpoint.name}: there is no network ${endpoint.network}`, 'endpoints', endpoint.name);
    links.push(endpointLink(lab, endpoint, network));
  }
  oneMacEach(links);
  const places = placesOf(lab);
  const namespaces = places.flatMap((place) => (place.kind === 'name' ? [place.name] : []));
  return { lab: lab.name, group: groupOf(lab.name), places, namespaces, lowers: lowersOf(lab), links };
}

/** Each namespace of a lab's endpoints once. */
export function placesOf(lab: Lab): NetnsRef[] {
  return unique(
    lab.endpoints.map((e) => e.netns),
    placeName,
  );
}

/** What a lab comes to that is no more. */
export function noneOf(lab: string, places: readonly NetnsRef[], begun: readonly BegunLink[] = []): Desired {
  return { lab, group: groupOf(lab), places, namespaces: [], lowers: [], begun, links: [] };
}

function lowersOf(lab: Lab): WantedLower[] {
  const lowers = new Map<string, boolean | null>();
  const cutoffs = new Map<string, number>();
  for (const network of lab.networks) {
    const { name, lower, offload, bcCutoff } = network;
    const under = network.vlan === null ? lower : vlanName(network);
    if (bcCutoff !== null && (cutoffs.get(under) ?? bcCutoff) !== bcCutoff) {
      throw new DesiredError(
        `${name}: ${under} has one "broadcastCutoff" for all its macvlans, and another network sets it`,
        ...['networks', name, 'broadcastCutoff'],
      );
    }
    if (bcCutoff !== null) cutoffs.set(under, bcCutoff);
    const before = lowers.get(lower) ?? null;
    if (before !== null && offload !== null && before !== offload) {
      throw new DesiredError(
        `${name}: another network on ${lower} wants the opposite of its "offload"`,
        'networks',
        name,
        'offload',
      );
    }
    lowers.set(lower, offload ?? before);
  }
  return [...lowers].map(([ifname, offload]) => ({ ifname, offload }));
}

/** `eth0.100`, as ifupdown and NetworkManager have it; networks of one VLAN share it. */
function vlanName({ lower, vlan }: LabNetwork): string {
  return `${lower.slice(0, 15 - `.${vlan}`.length)}.${vlan}`;
}

function addVlan(links: WantedLink[], network: LabNetwork, vlan: number): void {
  const ifname = vlanName(network);
  const same = links.find((l) => l.ifname === ifname);
  if (same === undefined) {
    links.push({
      ...{ object: `vlan/${ifname}`, place: HOST, ifname, kind: 'vlan', lower: network.lower, vlan },
      ...{
        mac: null,
        mtu: network.mtu,
        macvlan: null,
        queues: null,
        txQueueLen: null,
        ipv6: true,
        traits: NO_TRAITS,
        addresses: [],
        routes: [],
      },
    });
  } else if (same.lower !== network.lower || same.vlan !== vlan) {
    throw new DesiredError(
      `${network.name}: its VLAN device would be called ${ifname}, which is another network's`,
      'networks',
      network.name,
      'vlan',
    );
  } else if (network.mtu !== null && (same.mtu === null || network.mtu > same.mtu)) {
    links[links.indexOf(same)] = { ...same, mtu: network.mtu };
  }
}

const UNSAID: DeviceTraits = { promisc: null, allmulti: null, arp: null, altnames: null };

function shimLink(lab: Lab, network: LabNetwork): WantedLink {
  const shim = network.hostShim ?? { device: '', addresses: [], routes: [], ...UNSAID };
  const { device, addresses, routes } = shim;
  const object = `shim/${network.name}`;
  const mac = network.macs === 'stable' ? stableMac(lab.name, object) : null;
  const traits = wantedTraits(shim, network.ipv6Settings);
  const names = { object, kind: 'macvlan', place: HOST, ifname: device } as const;
  return macvlanLink(network, { ...names, mac, sources: [], traits, addresses, routes });
}

function endpointLink(lab: Lab, endpoint: LabEndpoint, network: LabNetwork): WantedLink {
  const object = `endpoint/${endpoint.name}`;
  if (network.mode === 'passthru' && endpoint.mac !== null) {
    const cure = `leave "mac" out, or change the address of ${network.lower}`;
    throw new DesiredError(
      `${endpoint.name}: in passthru mode a macvlan has the address of ${network.lower}: ${cure}`,
      'endpoints',
      endpoint.name,
      'mac',
    );
  }
  const mac = endpoint.mac ?? (network.macs === 'stable' ? stableMac(lab.name, object) : null);
  const { kind, netns: place, device: ifname, sources, addresses, routes } = endpoint;
  const traits = wantedTraits(endpoint, network.ipv6Settings);
  return macvlanLink(network, { object, kind, place, ifname, mac, sources, traits, addresses, routes });
}

type Named = 'object' | 'kind' | 'place' | 'ifname' | 'mac' | 'traits' | 'addresses' | 'routes';
type Own = Pick<WantedLink, Named> & {
  sources: readonly number[];
};

function macvlanLink(network: LabNetwork, own: Own): WantedLink {
  const { sources, addresses, routes, ...names } = own;
  const six = addresses.find((a) => a.family === 6);
  if (!network.ipv6 && six !== undefined) {
    const where = deviceName(own.place, own.ifname);
    throw new DesiredError(
      `${where}: it has ${six.address}, and the network ${network.name} has "ipv6: false"`,
      ...placeInFile(own.object),
      'addresses',
    );
  }
  const flags = (network.nopromisc ? MACVLAN_FLAG_NOPROMISC : 0) | (network.nodst ? MACVLAN_FLAG_NODST : 0);
  return {
    ...names,
    lower: network.vlan === null ? network.lower : vlanName(network),
    mac: network.mode === 'passthru' ? null : own.mac,
    mtu: network.mtu,
    queues: network.queues,
    txQueueLen: network.txQueueLen,
    macvlan: {
      mode: MODES[network.mode],
      flags,
      sources: [...new Set(sources)].sort((a, b) => a - b),
      bcQueueLen: network.bcQueueLen,
      bcCutoff: network.bcCutoff,
    },
    vlan: null,
    ipv6: network.ipv6,
    addresses: unique(addresses.map(canonical), hostText),
    routes: unique(routes.map(canonicalRoute), routeText),
  };
}

/** Two with one address would answer for each other, and on one lower device Linux refuses the second. */
function oneMacEach(links: readonly WantedLink[]): void {
  const seen = new Map<number, WantedLink>();
  for (const link of links) {
    if (link.mac === null) continue;
    const before = seen.get(link.mac);
    if (before !== undefined) {
      throw new DesiredError(
        `${before.object} and ${link.object} have the same MAC address ${formatMac(link.mac)}`,
        ...placeInFile(link.object),
        'mac',
      );
    }
    seen.set(link.mac, link);
  }
}

function placeInFile(object: string): string[] {
  const [kind, name] = object.split('/');
  return kind === 'endpoint' ? ['endpoints', name] : ['networks', name, 'hostShim'];
}

/** As `ip address add` takes it. */
export function prefixText(prefix: Prefix): string {
  return `${hostText(prefix)}${prefix.nodad === true ? ' nodad' : ''}`;
}

function hostText({ address, length }: Prefix): string {
  return `${address}/${length}`;
}

/** As `ip route` would write it. */
export function routeText({ to, via }: LabRoute): string {
  return `${to === null ? 'default' : prefixText(to)}${via === null ? '' : ` via ${via}`}`;
}

function canonical(p: Prefix): Prefix {
  const ip = parseIp(p.address);
  return ip === null ? p : { ...p, address: formatIp(ip) };
}

function canonicalRoute({ to, via }: LabRoute): LabRoute {
  const gateway = via === null ? null : parseIp(via);
  return { to: to === null ? null : network(to), via: gateway === null ? via : formatIp(gateway) };
}

/** Without the bits beyond its length. */
function network(p: Prefix): Prefix {
  const ip = parseIp(p.address);
  if (ip === null) return p;
  return { ...p, address: formatIp(masked(ip, p.length)) };
}

function masked(ip: IpAddr, length: number): IpAddr {
  if (typeof ip === 'number') return length === 0 ? 0 : (ip & (-1 << (32 - length))) >>> 0;
  return ip.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff);
}

function unique<T>(items: readonly T[], text: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [text(item), item])).values()];
}
