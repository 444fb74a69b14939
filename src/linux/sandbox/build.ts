// A machine file's hardware out of what Linux has: every cable is a veth pair whose ends are called as the ports are, an external
// switch is a bridge, and switches and peers live in namespaces without a name, which the host does not see. What no veth
// has (rate, delay, loss, a NIC's queues and offload) is left out; sandboxNotes() says so.

import { Stream } from '../../base/random.ts';
import { findProfile } from '../../drivers/nic/profiles.ts';
import { type Machine, type MachineNic, type MachinePeer, type PortRef, portText } from '../../lab/machine.ts';
import { NlClient } from '../../netlink/client.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import { AF_INET, IFF_UP } from '../../uapi/link.ts';
import { RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from '../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import { RT_SCOPE_UNIVERSE, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_BOOT } from '../../uapi/route.ts';
import type { LinuxOs } from '../linux-os.ts';
import type { LinuxNs } from '../netns.ts';

/** What a switch's port takes: frames of any size that its neighbours send. */
const SWITCH_MTU = 9710;
const UP = { flags: IFF_UP, change: IFF_UP };
const BRIDGE = 'br0';

interface Port {
  readonly at: Site;
  readonly ifname: string;
  /** null: the kernel's choice. */
  readonly mac: number | null;
  readonly mtu: number;
  /** Of the host's NICs, which are numbered in the order of the file; null: the first that is free. */
  readonly index: number | null;
}

/** A namespace that is being filled. */
interface Site {
  readonly ns: LinuxNs;
  readonly client: NlClient;
  readonly indices: Set<number>;
}

/**
 * Builds it with `host` as the host's namespace. The namespaces of switches and peers, by name: they last while somebody holds
 * them. `seed`: of the NICs' addresses, which are then the model's. Throws NlError.
 */
export function buildMachine(os: LinuxOs, host: LinuxNs, machine: Machine, seed: number): Map<string, LinuxNs> {
  const hidden = new Map<string, LinuxNs>();
  const sites: Site[] = [];
  const open = (ns: LinuxNs): Site => {
    const client = new NlClient(os.netlink(ns, 0));
    const { messages } = client.dump(LINK, RTM_GETLINK, {}, {});
    const site = { ns, client, indices: new Set(messages.map((m) => m.header.index)) };
    sites.push(site);
    return site;
  };
  const hide = (name: string): Site => {
    const ns = os.nsCreate();
    hidden.set(name, ns);
    return open(ns);
  };
  try {
    const home = open(host);
    home.client.request(LINK, RTM_NEWLINK, 0, { index: 1, ...UP }, {});
    const ports = new Map<string, Port>();
    for (const nic of machine.nics) ports.set(nic.name, nicPort(home, nic, '', seed));
    const switches = machine.switches.map((s) => ({ s, site: hide(s.name) }));
    for (const { s, site } of switches) {
      silence(os, site.ns);
      for (const name of s.ports) ports.set(`${s.name}/${name}`, switchPort(site, name));
    }
    const peers = machine.peers.map((p) => ({ p, site: hide(p.name) }));
    for (const { p, site } of peers) ports.set(`${p.name}/${p.nic.name}`, nicPort(site, p.nic, p.name, seed));
    plug(machine, ports, () => hide('.nowhere'));
    for (const { s, site } of switches) makeBridge(site, s);
    for (const { p, site } of peers) if (p.up) startPeer(site, p);
    return hidden;
  } catch (error) {
    for (const ns of hidden.values()) os.nsRelease(ns);
    throw error;
  } finally {
    for (const site of sites) site.client.close();
  }
}

/** What of a machine a sandbox has not, in a sentence each. */
export function sandboxNotes(machine: Machine): string[] {
  const notes: string[] = [];
  const nics = [...machine.nics, ...machine.peers.map((p) => p.nic)];
  if (nics.some((n) => n.profile !== 'generic' || n.offload !== undefined || n.queues !== null)) {
    notes.push('NICs are veth here: no profile, no queues, no l2-fwd-offload; --engine model has them');
  }
  if (machine.cables.some((c) => c.lossNum > 0)) notes.push('cables lose nothing here; --engine model has loss');
  if (machine.macvlan === 'before-4.18') notes.push("macvlan is this kernel's; --engine model has that of before 4.18");
  return notes;
}

function nicPort(at: Site, nic: MachineNic, owner: string, seed: number): Port {
  const label = owner === '' ? nic.name : `${owner}/${nic.name}`;
  const oui = findProfile(nic.profile)?.oui ?? 0;
  const mac = nic.mac ?? oui * 0x1000000 + new Stream(seed, `mac:nic:${label}`).below(0x1000000);
  return { at, ifname: nic.name, mac, mtu: nic.mtu ?? 1500, index: owner === '' ? claim(at) : null };
}

function switchPort(at: Site, ifname: string): Port {
  return { at, ifname, mac: null, mtu: SWITCH_MTU, index: null };
}

/** A port without a cable has its other end in a namespace of its own, down: no carrier. */
function plug(machine: Machine, ports: Map<string, Port>, makeNowhere: () => Site): void {
  const pairs = machine.cables.map(({ between: [a, b] }): [Port, Port] => [plugged(ports, a), plugged(ports, b)]);
  const used = new Set(pairs.flat());
  const free = [...ports.values()].filter((p) => !used.has(p));
  const nowhere = free.length === 0 ? null : makeNowhere();
  for (const [i, port] of free.entries()) {
    if (nowhere !== null)
      pairs.push([port, { at: nowhere, ifname: `end${i}`, mac: null, mtu: SWITCH_MTU, index: null }]);
  }
  for (const [a, b] of pairs) makePair(a, b);
}

function plugged(ports: Map<string, Port>, ref: PortRef): Port {
  const port = ports.get(portText(ref));
  if (port === undefined) throw new Error(`a cable to ${portText(ref)}, and no such port`);
  return port;
}

function makePair(a: Port, b: Port): void {
  const attrs = (p: Port) => ({ ifname: p.ifname, mtu: p.mtu, ...(p.mac === null ? {} : { address: p.mac }) });
  const far = { ...attrs(b), ...(a.at === b.at ? {} : { netNsFd: b.at.ns.fd }) };
  const index = a.index ?? claim(a.at);
  const farIndex = b.index ?? claim(b.at);
  a.at.client.request(
    LINK,
    RTM_NEWLINK,
    NLM_F_CREATE | NLM_F_EXCL,
    { index },
    {
      ...attrs(a),
      linkinfo: { kind: 'veth', data: { peer: { header: { index: farIndex }, attrs: far } } as never },
    },
  );
}

/** The first ifindex that nobody has. */
function claim({ indices }: Site): number {
  let index = 2;
  while (indices.has(index)) index++;
  indices.add(index);
  return index;
}

/** A switch says nothing of its own accord: no router solicitations, no reports of groups. */
function silence(os: LinuxOs, ns: LinuxNs): void {
  for (const which of ['all', 'default']) os.writeFile(ns, `/proc/sys/net/ipv6/conf/${which}/disable_ipv6`, '1');
}

function makeBridge({ client }: Site, s: Machine['switches'][number]): void {
  const data = { ageingTime: Math.round(s.ageingNs / 1e7), mcastSnooping: 0 };
  client.request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, UP, {
    ifname: BRIDGE,
    mtu: SWITCH_MTU,
    linkinfo: { kind: 'bridge', data: data as never },
  });
  const master = client.get(LINK, RTM_GETLINK, {}, { ifname: BRIDGE }).header.index;
  for (const ifname of s.ports) {
    client.request(LINK, RTM_NEWLINK, 0, UP, { ifname, master });
    const slaveData = { learning: s.learning ? 1 : 0, mode: s.hairpin.includes(ifname) ? 1 : 0 };
    client.request(LINK, RTM_NEWLINK, 0, {}, { ifname, linkinfo: { slaveKind: 'bridge', slaveData } as never });
  }
}

function startPeer({ client }: Site, peer: MachinePeer): void {
  client.request(LINK, RTM_NEWLINK, 0, { index: 1, ...UP }, {});
  const { index } = client.get(LINK, RTM_GETLINK, {}, { ifname: peer.nic.name }).header;
  for (const { addr, prefixLen } of peer.addresses) {
    const header = { family: AF_INET, prefixlen: prefixLen, index };
    client.request(ADDR, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header, { local: addr, address: addr });
  }
  client.request(LINK, RTM_NEWLINK, 0, { index, ...UP }, {});
  for (const { dst, prefixLen, via } of peer.routes) {
    const kind = { table: RT_TABLE_MAIN, protocol: RTPROT_BOOT, scope: RT_SCOPE_UNIVERSE, type: RTN_UNICAST };
    const header = { family: AF_INET, dstLen: prefixLen, ...kind };
    const to = prefixLen === 0 ? {} : { dst };
    client.request(ROUTE, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, header, { ...to, gateway: via });
  }
}
