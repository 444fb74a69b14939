// Builds labs for the benchmarks, through the same netlink requests that a script's `ip` sends.

import type { UdpSocket } from '../src/inet/udp.ts';
import type { Machine, MachineCable, MachineNic } from '../src/lab/machine.ts';
import { createModel, type Model } from '../src/lab/model.ts';
import type { NsRef, SockAddr, Socket } from '../src/lab/os.ts';
import type { Timing } from '../src/net/timing.ts';
import { NlClient } from '../src/netlink/client.ts';
import { payload } from '../src/netlink/message.ts';
import { IFA, IFA_F_NODAD, IFADDRMSG } from '../src/uapi/addr.ts';
import { IFINFOMSG } from '../src/uapi/ifla.ts';
import { AF_INET, AF_INET6, IFF_UP, IFLA, type LinkAttrs } from '../src/uapi/link.ts';
import { RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from '../src/uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../src/uapi/netlink.ts';
import { RT_TABLE_MAIN, RTA, RTMSG, RTN_UNICAST, RTPROT_BOOT } from '../src/uapi/route.ts';
import { in6 } from '../src/wire/in6.ts';

const LINK = payload(IFINFOMSG, IFLA);
const ADDR = payload(IFADDRMSG, IFA);
const ROUTE = payload(RTMSG, RTA);
const NETLINK_ROUTE = 0;

/** 10.0.x.y as a number. */
export const address = (x: number, y: number): number => ((10 << 24) | (x << 8) | y) >>> 0;

/** `count` NICs eth0, eth1, ..., each on a cable to a port of one learning switch. */
export function switchedMachine(count: number, rateBps: number, delayNs: number): Machine {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const nics = numbers.map((i): MachineNic => {
    const asProfile = {
      mac: null,
      queues: 1,
      ring: null,
      speedBps: null,
      mtu: null,
      busInfo: null,
      unicastFilters: null,
    };
    return { name: `eth${i}`, profile: 'generic', ...asProfile };
  });
  const cables = numbers.map((i): MachineCable => {
    const between = [
      { owner: '', port: `eth${i}` },
      { owner: 'sw', port: `p${i}` },
    ] as const;
    return { between, rateBps, delayNs, lossNum: 0, lossDen: 1 };
  });
  const ports = numbers.map((i) => `p${i}`);
  return { nics, cables, switches: [{ name: 'sw', ports, learning: true, hairpin: [], ageingNs: 300e9 }], peers: [] };
}

export class BenchLab {
  readonly model: Model;
  readonly host: NsRef;
  private readonly clients = new Map<NsRef, NlClient>();

  constructor(machine?: Machine, timing?: Partial<Timing>, ipv6 = false) {
    this.model = createModel({ seed: 1, ...(machine === undefined ? {} : { machine }), timing: timing ?? {}, ipv6 });
    this.host = this.model.os.initNs;
  }

  /** sysctl -w in a namespace; without one, for settings of the whole kernel. */
  sysctl(path: string, value: string, ns: NsRef = this.host): void {
    const result = this.model.os.writeFile(ns, `/proc/sys/${path}`, value);
    if (result < 0) throw new Error(`sysctl ${path}: errno ${-result}`);
  }

  /** ip link set dev ... netns ... */
  moveLink(ns: NsRef, ifname: string, into: NsRef): void {
    const fd = this.model.os.nsOpen(into);
    this.client(ns).request(LINK, RTM_NEWLINK, 0, {}, { ifname, netNsFd: fd });
    this.model.os.nsClose(fd);
  }

  client(ns: NsRef): NlClient {
    let client = this.clients.get(ns);
    if (client === undefined) {
      client = new NlClient(this.model.os.netlink(ns, NETLINK_ROUTE));
      this.clients.set(ns, client);
    }
    return client;
  }

  netns(name: string): NsRef {
    const ns = this.model.os.nsCreate();
    this.model.os.nsBind(name, ns);
    return ns;
  }

  /** ip link add ... [netns]; a link of another namespace is made there at once. */
  addLink(ns: NsRef, attrs: LinkAttrs, into: NsRef = ns): void {
    const fd = into === ns ? 0 : this.model.os.nsOpen(into);
    const where = fd === 0 ? {} : { netNsFd: fd };
    this.client(ns).request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, { ...attrs, ...where });
    if (fd !== 0) this.model.os.nsClose(fd);
  }

  index(ns: NsRef, ifname: string): number {
    return this.client(ns).get(LINK, RTM_GETLINK, {}, { ifname }).header.index;
  }

  setUp(ns: NsRef, ifname: string): void {
    this.client(ns).request(LINK, RTM_NEWLINK, 0, { flags: IFF_UP, change: IFF_UP }, { ifname });
  }

  setMaster(ns: NsRef, ifname: string, master: string): void {
    this.client(ns).request(LINK, RTM_NEWLINK, 0, {}, { ifname, master: this.index(ns, master) });
  }

  addAddress(ns: NsRef, ifname: string, addr: number, prefixlen: number): void {
    const header = { family: AF_INET, prefixlen, index: this.index(ns, ifname) };
    this.client(ns).request(ADDR, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header, { local: addr, address: addr });
  }

  /** ip -6 addr add ... nodad */
  addAddress6(ns: NsRef, ifname: string, addr: string, prefixlen: number): void {
    const header = { family: AF_INET6, prefixlen, flags: IFA_F_NODAD, index: this.index(ns, ifname) };
    const bytes = in6(addr).bytes();
    this.client(ns).request(ADDR, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, header, { local: bytes, address: bytes });
  }

  /** ip -6 route add default via ... */
  addDefault6(ns: NsRef, gateway: string): void {
    const header = { family: AF_INET6, table: RT_TABLE_MAIN, protocol: RTPROT_BOOT, type: RTN_UNICAST };
    this.client(ns).request(ROUTE, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, header, { gateway: in6(gateway).bytes() });
  }

  /** A veth pair: `name` in `ns`, `peer` in `other`. */
  addVeth(ns: NsRef, name: string, other: NsRef, peer: string): void {
    const fd = this.model.os.nsOpen(other);
    const peerRequest = { header: {}, attrs: { ifname: peer, netNsFd: fd } };
    this.addLink(ns, { ifname: name, linkinfo: { kind: 'veth', data: { peer: peerRequest } } } as LinkAttrs);
    this.model.os.nsClose(fd);
  }

  addMacvlan(ns: NsRef, lower: string, name: string, mode: number, into: NsRef): void {
    const link = this.index(ns, lower);
    this.addLink(ns, { ifname: name, link, linkinfo: { kind: 'macvlan', data: { mode } } } as LinkAttrs, into);
  }

  udp(ns: NsRef, addr: number, port: number): Socket {
    const socket = this.model.os.socket(ns, 'udp4', 17);
    if (typeof socket === 'number') throw new Error(`socket: errno ${-socket}`);
    const result = socket.bind(endpoint(addr, port));
    if (result < 0) throw new Error(`bind: errno ${-result}`);
    return socket;
  }

  udp6(ns: NsRef, port: number): Socket {
    const socket = this.model.os.socket(ns, 'udp6', 17);
    if (typeof socket === 'number') throw new Error(`socket: errno ${-socket}`);
    const result = socket.bind(endpoint6('::', port));
    if (result < 0) throw new Error(`bind: errno ${-result}`);
    return socket;
  }

  /** Lets virtual time pass. */
  run(ns: number): void {
    this.model.loop.runUntil(this.model.loop.now + ns);
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.model.close();
  }
}

export function endpoint(addr4: number, port: number): SockAddr {
  return { addr4, port, ifindex: 0, protocol: 0, mac: 0 };
}

export function endpoint6(addr: string, port: number): SockAddr {
  return { ...endpoint(0, port), addr6: in6(addr) };
}

/** One flow of datagrams: a socket that sends, and one that counts what arrives. */
export class Flow {
  received = 0;
  private readonly from: Socket;
  private readonly sink: Socket;
  private readonly to: SockAddr;

  constructor(from: Socket, sink: Socket, to: SockAddr) {
    this.from = from;
    this.to = to;
    this.sink = sink;
    sink.onReadable = () => {
      while (sink.recv() !== null) this.received++;
    };
  }

  /** The reader takes datagrams where they lie, instead of a copy from recv(). */
  readInPlace(): void {
    this.sink.onReadable = null;
    (this.sink as UdpSocket).onDatagram = () => {
      this.received++;
    };
  }

  send(data: Uint8Array): void {
    const result = this.from.sendTo(data, this.to);
    if (result < 0) throw new Error(`sendTo: errno ${-result}`);
  }
}

/** Sends `each` datagrams on every flow, `gapNs` apart with the flows side by side, and checks that all arrived. */
export function drive(lab: BenchLab, flows: Flow[], each: number, gapNs: number, data: Uint8Array): number {
  const before = flows.reduce((sum, flow) => sum + flow.received, 0);
  const loop = lab.model.loop;
  const started = loop.now;
  const left = flows.map(() => each);
  const next = (i: number): void => {
    flows[i].send(data);
    if (--left[i] > 0) loop.post(gapNs, next, i, 0);
  };
  flows.forEach((_, i) => {
    loop.at(started + Math.floor((i * gapNs) / flows.length), next, i, 0);
  });
  loop.runUntil(started + each * gapNs + 1e9);
  const delivered = flows.reduce((sum, flow) => sum + flow.received, 0) - before;
  if (delivered !== each * flows.length) throw new Error(`${delivered} of ${each * flows.length} datagrams arrived`);
  return delivered;
}
