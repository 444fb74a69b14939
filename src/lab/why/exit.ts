// The way out of what a snapshot sees: by which NIC a packet to an address outside leaves, and somebody in the model behind
// that NIC who answers for the address (and for the next hop), so that all that happens on this side can be looked at.

import { bondOf } from '../../drivers/bond/state.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import { NlClient } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import { IFA_F_NODAD } from '../../uapi/addr.ts';
import { formatIp, parseIp, parseMac } from '../../uapi/format.ts';
import { AF_INET, AF_INET6, IFF_UP } from '../../uapi/link.ts';
import { RTM_GETROUTE, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from '../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../uapi/netlink.ts';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_STATIC } from '../../uapi/route.ts';
import type { Model } from '../model.ts';
import { ownerOf } from '../reason/place.ts';
import { bottomOf, vidOf } from '../reason/topology.ts';
import type { Loaded } from '../snapshot/load.ts';
import { beyondOf } from '../snapshot/load-nic.ts';

export interface Exit {
  /** The NIC, as the snapshot calls it: `eth0`. */
  readonly device: string;
  /** What the routing decision named: `blue/eth0`. */
  readonly by: string;
  readonly nextHop: string;
  /** The hidden namespace behind it. */
  readonly beyond: NetNs;
  readonly answers: NetDevice;
}

export interface Hop {
  readonly dev: NetDevice;
  readonly gateway: string | null;
}

const MOST_HOPS = 8;
const NEW = NLM_F_CREATE | NLM_F_EXCL;

/** Where packets of `from` to an address outside leave; a text where they do not: which namespace has no way for them. */
export function exitOf(loaded: Loaded, from: NetNs, address: string): Exit | string {
  let ns = from;
  let by: string | null = null;
  for (let i = 0; i < MOST_HOPS; i++) {
    const hop = hopOf(loaded.model, ns, address);
    if (hop === null) return noRoute(ns, ns === from, address);
    by ??= hop.dev.label;
    const nic = outOf(bottomOf(hop.dev));
    const far = beyondOf(nic);
    const nextHop = hop.gateway ?? address;
    if (far !== null)
      return { device: nic.label, by, nextHop, beyond: far.ns, answers: answerer(loaded, hop, far, nextHop, address) };
    const owner = ownerOf(loaded.model, nextHop);
    if (owner === null || owner.ns === ns)
      return `${hop.dev.label} does not lead out of this machine, and nobody here has ${nextHop}`;
    ns = owner.ns; // a namespace that forwards
  }
  return `${address} is sent in circles`;
}

/** By which device frames leave: a bond's active port, and of a bridge the first port that leads out. */
function outOf(dev: NetDevice, depth = 0): NetDevice {
  if (depth > MOST_HOPS || beyondOf(dev) !== null) return dev;
  const ports = dev.ns.devices().filter((port) => port.master === dev);
  const ways = dev.linkOps?.kind === 'bond' ? ports.filter((port) => port === bondOf(dev).active?.dev) : ports;
  const found = ways.map((port) => outOf(bottomOf(port), depth + 1)).find((port) => beyondOf(port) !== null);
  return found ?? dev;
}

function noRoute(ns: NetNs, own: boolean, address: string): string {
  const name = ns.label === '' ? 'the host' : ns.label;
  return own ? `${name} has no route to ${address}` : `${name}, which should forward it, has no route to ${address}`;
}

/** A routing decision; null: there is none, or none that sends anything. */
export function hopOf(model: Model, ns: NetNs, address: string): Hop | null {
  const client = new NlClient(model.os.netlink(ns, 0));
  try {
    const dst = parseIp(address);
    if (dst === null) return null;
    const six = typeof dst !== 'number';
    const header = { family: six ? AF_INET6 : AF_INET, dstLen: six ? 128 : 32 };
    const { header: h, attrs } = client.get(ROUTE, RTM_GETROUTE, header, { dst });
    const dev = ns.devByIndex(attrs.oif ?? 0);
    if (dev === null || h.type !== RTN_UNICAST) return null;
    return { dev, gateway: attrs.gateway === undefined ? null : formatIp(attrs.gateway) };
  } catch (error) {
    if (error instanceof NlError) return null;
    throw error;
  } finally {
    client.close();
  }
}

/** Behind the NIC, in the right VLAN: has the next hop's address and the target's, and sends answers straight back. */
function answerer(loaded: Loaded, hop: Hop, far: NetDevice, nextHop: string, address: string): NetDevice {
  const { model } = loaded;
  const { ns } = far;
  const client = new NlClient(model.os.netlink(ns, 0));
  try {
    const dev = inVlan(client, far, vidOf(hop.dev));
    model.os.writeFile(ns, `/proc/sys/net/ipv6/conf/${dev.name}/disable_ipv6`, '0');
    const mac = neighbourMac(loaded, hop.dev, nextHop);
    if (mac !== null) client.tryRequest(LINK, RTM_NEWLINK, 0, { index: dev.ifindex }, { address: mac });
    for (const own of new Set([nextHop, address])) addAddress(client, dev, own);
    const six = address.includes(':');
    const header = {
      family: six ? AF_INET6 : AF_INET,
      table: RT_TABLE_MAIN,
      protocol: RTPROT_STATIC,
      scope: six ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
      type: RTN_UNICAST,
    };
    client.tryRequest(ROUTE, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header, { oif: dev.ifindex });
    return dev;
  } finally {
    client.close();
  }
}

function inVlan(client: NlClient, far: NetDevice, vid: number): NetDevice {
  if (vid === 0) return far;
  const name = `${far.name.slice(0, 10)}.${vid}`;
  const attrs = { ifname: name, link: far.ifindex, linkinfo: { kind: 'vlan', data: { id: vid } } };
  client.tryRequest(LINK, RTM_NEWLINK, NEW, { flags: IFF_UP, change: IFF_UP }, attrs as never);
  return far.ns.dev(name) ?? far;
}

/** What the sender believes the next hop's MAC to be: who answers here has it. */
function neighbourMac({ snapshot, at }: Loaded, dev: NetDevice, nextHop: string): number | null {
  const ns = snapshot.namespaces.find((n) => at(n.id) === dev.ns);
  const known = ns?.neighbours.find((n) => n.dev === dev.ifindex && n.address === nextHop);
  return known?.mac == null ? null : parseMac(known.mac);
}

function addAddress(client: NlClient, dev: NetDevice, address: string): void {
  const ip = parseIp(address);
  if (ip === null) return;
  const six = typeof ip !== 'number';
  const header = { family: six ? AF_INET6 : AF_INET, prefixlen: six ? 128 : 32, index: dev.ifindex };
  client.tryRequest(ADDR, RTM_NEWADDR, NEW, header, { local: ip, address: ip, flags: six ? IFA_F_NODAD : 0 });
}
