// A namespace that takes part in a measurement: its links and addresses, its routing decisions, and packet sockets that hear
// what gets through to its protocols (not what merely passes a device on the way to a macvlan or a bridge).

import { NlClient, type Request } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import { NEIGH, ROUTE } from '../../netlink/payload.ts';
import { IFA_F_DADFAILED, IFA_F_TENTATIVE } from '../../uapi/addr.ts';
import { errnoName } from '../../uapi/errno.ts';
import { formatIp, parseIp } from '../../uapi/format.ts';
import { AF_INET, AF_INET6, IFF_LOOPBACK, IFF_NOARP, IFF_RUNNING, IFF_UP } from '../../uapi/link.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_GETROUTE } from '../../uapi/msgtype.ts';
import { RT_SCOPE_UNIVERSE, RTN_LOCAL, RTN_UNICAST } from '../../uapi/route.ts';
import { ETH_P_ALL, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ethType } from '../../wire/ethernet.ts';
import { dumpAddresses, eachLink } from '../apply/dump.ts';
import type { NsRef, Socket } from '../os.ts';
import type { Way } from './cells.ts';
import type { MeasureKernel } from './kernel.ts';

const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;
const ETH_P_8021Q = 0x8100;

export interface StationLink {
  readonly index: number;
  readonly ifname: string;
  readonly mac: number;
  readonly up: boolean;
  readonly running: boolean;
  /** Ethernet, with neighbours to be asked for. */
  readonly ether: boolean;
  readonly master: number;
}

export interface StationAddress {
  readonly family: 4 | 6;
  readonly text: string;
  readonly length: number;
  readonly ifindex: number;
  readonly global: boolean;
  readonly state: 'ok' | 'tentative' | 'dadfailed';
}

/** A routing decision, with what sending takes; or why there is none. */
export type Route =
  | { readonly kind: 'via'; readonly way: Way; readonly link: StationLink; readonly nextHop: string }
  | { readonly kind: 'local' }
  | { readonly kind: 'none'; readonly why: string };

/** A frame as a station's device had it. */
export interface Recorded {
  readonly device: string;
  readonly tsNs: number;
  readonly data: Uint8Array;
  readonly outgoing: boolean;
  /** The 802.1Q tag that the kernel keeps beside the frame; null: none. */
  readonly vlan: { readonly tci: number; readonly tpid: number } | null;
}

export class Station {
  readonly ns: NsRef;
  /** '' for the host's. */
  readonly name: string;
  links = new Map<number, StationLink>();
  addresses: StationAddress[] = [];
  /** The IPv4 ones as numbers. */
  own4: ReadonlySet<number> = new Set();
  readonly #kernel: MeasureKernel;
  readonly #client: NlClient;
  readonly #routes = new Map<string, Route>();
  readonly #ears: Socket[] = [];
  #recorder: Socket | null = null;
  readonly #kept = new Set<string>();

  constructor(kernel: MeasureKernel, ns: NsRef, name: string) {
    this.#kernel = kernel;
    this.ns = ns;
    this.name = name;
    this.#client = new NlClient(kernel.netlink(ns, 0));
    try {
      this.look();
    } catch (error) {
      this.#client.close();
      throw error;
    }
  }

  /** Links and addresses as they are now. */
  look(): void {
    const links = eachLink(this.#client, ({ header, attrs }): StationLink => {
      const is = (flag: number): boolean => (header.flags & flag) !== 0;
      return {
        index: header.index,
        ifname: attrs.ifname ?? '',
        mac: attrs.address ?? 0,
        up: is(IFF_UP),
        running: is(IFF_RUNNING),
        ether: header.type === 1 && !is(IFF_LOOPBACK) && !is(IFF_NOARP),
        master: attrs.master ?? 0,
      };
    });
    this.links = new Map(links.map((link) => [link.index, link]));
    this.addresses = dumpAddresses(this.#client).flatMap(({ header, attrs }): StationAddress[] => {
      const address = attrs.local ?? attrs.address;
      const family = header.family === AF_INET ? 4 : header.family === AF_INET6 ? 6 : 0;
      if (address === undefined || family === 0) return [];
      const flags = attrs.flags ?? header.flags;
      const state = flags & IFA_F_DADFAILED ? 'dadfailed' : flags & IFA_F_TENTATIVE ? 'tentative' : 'ok';
      const global = header.scope === RT_SCOPE_UNIVERSE;
      return [{ family, text: formatIp(address), length: header.prefixlen, ifindex: header.index, global, state }];
    });
    this.own4 = new Set(this.addresses.flatMap((a) => (a.family === 4 ? (parseIp(a.text) as number) : [])));
    this.#routes.clear();
  }

  link(ifname: string): StationLink | null {
    for (const link of this.links.values()) if (link.ifname === ifname) return link;
    return null;
  }

  /** `blue/eth0`; in the host's namespace `eth0`. */
  label(link: StationLink | undefined): string {
    return `${this.name === '' ? '' : `${this.name}/`}${link?.ifname ?? '?'}`;
  }

  owns(address: string): boolean {
    return this.addresses.some((a) => a.text === address);
  }

  /** Where this namespace sends what is for `destination`; `from`: as a socket bound to that device would (0: any). */
  route(destination: string, from = 0): Route {
    const key = `${destination} ${from}`;
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = this.#askRoute(destination, from);
      this.#routes.set(key, route);
    }
    return route;
  }

  #askRoute(destination: string, from: number): Route {
    const dst = parseIp(destination);
    if (dst === null) return { kind: 'none', why: `${destination} is no address` };
    const six = typeof dst !== 'number';
    const header = { family: six ? AF_INET6 : AF_INET, dstLen: six ? 128 : 32 };
    try {
      const attrs = from === 0 ? { dst } : { dst, oif: from };
      const { header: h, attrs: a } = this.#client.get(ROUTE, RTM_GETROUTE, header, attrs);
      if (h.type === RTN_LOCAL) return { kind: 'local' };
      if (h.type !== RTN_UNICAST) return { kind: 'none', why: 'the route says unreachable' };
      const link = this.links.get(a.oif ?? 0);
      if (link === undefined) return { kind: 'none', why: 'the route goes to a device that is gone' };
      if (a.prefsrc === undefined) return { kind: 'none', why: `no address of its own to send from on ${link.ifname}` };
      const gateway = a.gateway === undefined ? null : formatIp(a.gateway);
      const way = { device: this.label(link), source: formatIp(a.prefsrc), destination: formatIp(dst), gateway };
      return { kind: 'via', way, link, nextHop: gateway ?? way.destination };
    } catch (error) {
      if (!(error instanceof NlError)) throw error;
      return { kind: 'none', why: error.code };
    }
  }

  /** What stands in its neighbour tables now is not ours to remove. */
  keepNeighbours(): void {
    for (const { header, attrs } of this.#client.dump(NEIGH, RTM_GETNEIGH, {}, {}).messages) {
      if (attrs.dst !== undefined) this.#kept.add(`${header.ifindex} ${formatIp(attrs.dst)}`);
    }
  }

  /** Takes entries out of its neighbour tables that were not there before. */
  forget(entries: readonly { readonly ifindex: number; readonly address: string }[]): void {
    const gone = new Map(entries.map((e) => [`${e.ifindex} ${e.address}`, e]));
    const requests = [...gone].flatMap(([key, { ifindex, address }]) => {
      const dst = parseIp(address);
      if (dst === null || this.#kept.has(key)) return [];
      const header = { family: typeof dst === 'number' ? AF_INET : AF_INET6, ifindex };
      return { form: NEIGH, type: RTM_DELNEIGH, header, attrs: { dst } } as Request<unknown, unknown>;
    });
    this.#client.batch(requests); // one that has gone by itself is refused, which is as well
  }

  /** Opens the ears; `record`: also one that hears every frame of every device, in and out. Throws where it is refused. */
  listen(six: boolean, record: boolean): void {
    for (const type of [ETH_P_ARP, ETH_P_IP, ...(six ? [ETH_P_IPV6] : [])]) this.#ears.push(this.#open(type));
    for (const ear of this.#ears) ear.setOption('PACKET_IGNORE_OUTGOING', 1);
    if (record) this.#recorder = this.#open(ETH_P_ALL);
  }

  #open(type: number): Socket {
    const socket = this.#kernel.socket(this.ns, 'packet', type);
    if (typeof socket === 'number') {
      throw new Error(`no packet socket in ${this.name || 'the host'}: ${errnoName(-socket) ?? -socket}`);
    }
    socket.bind({ addr4: 0, port: 0, ifindex: 0, protocol: type, mac: 0 });
    return socket;
  }

  /** 0, or a negative errno. */
  send(link: StationLink, bytes: Uint8Array): number {
    const to = { addr4: 0, port: 0, ifindex: link.index, protocol: ethType(bytes, 0), mac: 0 };
    return Math.min(0, this.#ears[0].sendTo(bytes, to));
  }

  /** Everything that was heard since, each with its device. */
  drain(hear: (bytes: Uint8Array, link: StationLink | undefined) => void): void {
    for (const ear of this.#ears) {
      for (let got = ear.recv(); got !== null; got = ear.recv()) {
        if (got.pktType === PACKET_OTHERHOST || got.pktType === PACKET_OUTGOING) continue;
        hear(got.data, this.links.get(got.ifindex));
      }
    }
  }

  drainRecorder(take: (frame: Recorded) => void): void {
    if (this.#recorder === null) return;
    for (let got = this.#recorder.recv(); got !== null; got = this.#recorder.recv()) {
      const device = this.label(this.links.get(got.ifindex));
      const vlan = got.vlanTci < 0 ? null : { tci: got.vlanTci, tpid: got.vlanTpid ?? ETH_P_8021Q };
      take({ device, tsNs: got.tstampNs, data: got.data, outgoing: got.pktType === PACKET_OUTGOING, vlan });
    }
  }

  /** Frames that came faster than they were read. */
  get lost(): number {
    const sockets = [...this.#ears, ...(this.#recorder === null ? [] : [this.#recorder])];
    return sockets.reduce((n, socket) => n + (socket.drops ?? 0), 0);
  }

  close(): void {
    for (const ear of this.#ears) ear.close();
    this.#ears.length = 0;
    this.#recorder?.close();
    this.#recorder = null;
    this.#client.close();
  }
}
