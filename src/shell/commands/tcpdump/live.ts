// A capture on a device: a packet socket, the direction, the filter, and the frame as a capture file holds it.
// libpcap: pcap-linux.c.

import type { Received, Socket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import { concat, setU16, setU32 } from '../../../wire/bytes.ts';
import { ETH_P_8021Q, ETH_P_ALL, setMacKey } from '../../../wire/ethernet.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2 } from '../../../wire/pcapng.ts';
import type { Proc } from '../../process.ts';
import type { Args } from './args.ts';
import { ANY, type Device, isEthernet, netmaskOf, readDevices } from './devices.ts';
import { ETHERNET_LAYOUT, SLL2_LAYOUT } from './filter/gen.ts';
import type { Filter, FilterContext } from './filter/parse.ts';
import { SLL2_HLEN } from './print-ether.ts';
import type { Captured } from './source.ts';

const PACKET_OUTGOING = 4;
const PACKET_MR_PROMISC = 1;
const IFF_UP = 1;
const ENETDOWN = 100;
const EN_NAMES = { [LINKTYPE_ETHERNET]: 'EN10MB (Ethernet)', [LINKTYPE_LINUX_SLL2]: 'LINUX_SLL2 (Linux cooked v2)' };

export function linkTypeText(linkType: number): string {
  return (EN_NAMES as Record<number, string>)[linkType] ?? String(linkType);
}

export class LiveCapture {
  readonly name: string;
  readonly linkType: number;
  readonly context: FilterContext;
  /** Packets that passed the filter, whether they were taken or not. */
  received = 0;
  /** Packets that found no room, by the kernel's count. */
  dropped = 0;
  private readonly proc: Proc;
  private readonly socket: Socket;
  private readonly ifindex: number;
  private readonly args: Args;
  private readonly epochSec: number;
  private devices: Device[];
  private filter: Filter | null = null;
  private closed = false;

  private constructor(proc: Proc, args: Args, socket: Socket, device: Device | null, devices: Device[]) {
    this.proc = proc;
    this.args = args;
    this.socket = socket;
    this.devices = devices;
    this.name = device?.name ?? ANY;
    this.ifindex = device?.ifindex ?? 0;
    this.linkType = device === null ? LINKTYPE_LINUX_SLL2 : LINKTYPE_ETHERNET;
    const netmask = device === null ? 0 : netmaskOf(proc, device.ifindex);
    this.context = { layout: device === null ? SLL2_LAYOUT : ETHERNET_LAYOUT, netmask, live: true };
    this.epochSec = Math.round((proc.os.wallNs() - proc.os.nowNs()) / 1e9);
  }

  /** Opens the device, or says why not. */
  static open(proc: Proc, name: string, args: Args): LiveCapture | string {
    const devices = readDevices(proc);
    const device = name === ANY ? null : devices.find((d) => d.name === name);
    if (device === undefined) return `tcpdump: ${name}: No such device exists\n(No such device exists)`;
    if (device !== null && !isEthernet(device))
      return `tcpdump: ${name}: capture is supported only on devices with an Ethernet header`;
    if (device !== null && (device.flags & IFF_UP) === 0) return `tcpdump: ${name}: That device is not up`;
    const socket = proc.os.socket(proc.ns, device === null ? 'packet-dgram' : 'packet', ETH_P_ALL);
    if (typeof socket === 'number') return `tcpdump: ${name}: socket: ${strerror(-socket)}`;
    const ifindex = device?.ifindex ?? 0;
    const bound = socket.bind({ addr4: 0, port: 0, ifindex, protocol: ETH_P_ALL, mac: 0 });
    const promiscuous = args.promiscuous && device !== null;
    const joined =
      bound < 0 || !promiscuous ? bound : socket.setOption('PACKET_ADD_MEMBERSHIP', PACKET_MR_PROMISC, ifindex);
    if (joined >= 0) return new LiveCapture(proc, args, socket, device, devices);
    socket.close();
    return `tcpdump: ${name}: ${bound < 0 ? 'bind' : "can't set promiscuous mode"}: ${strerror(-joined)}`;
  }

  setFilter(filter: Filter): void {
    this.filter = filter;
  }

  /** The name of an interface, asked again when it is new. */
  ifName(ifindex: number): string | null {
    const find = (): string | undefined => this.devices.find((d) => d.ifindex === ifindex)?.name;
    const known = find();
    if (known !== undefined) return known;
    this.devices = readDevices(this.proc);
    return find() ?? null;
  }

  /** The next packet; null when a signal came, text when the capture cannot go on. */
  async next(): Promise<Captured | string | null> {
    for (;;) {
      const r = this.socket.recv();
      if (r !== null) {
        const c = this.take(r);
        if (c !== null) return c;
        continue;
      }
      if (this.proc.takeSignal() !== null) return null;
      if (this.socket.takeError() === ENETDOWN) return this.lost();
      await this.proc.waitReadable([this.socket], -1);
    }
  }

  /** Counts what is still queued, and closes. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (let r = this.socket.recv(); r !== null; r = this.socket.recv()) this.take(r);
    this.dropped = this.socket.drops ?? 0;
    this.received += this.dropped; // which the kernel counts too
    this.socket.close();
  }

  private lost(): string {
    const there = readDevices(this.proc).some((d) => d.ifindex === this.ifindex);
    return `pcap_loop: ${there ? 'The interface went down' : 'The interface disappeared'}`;
  }

  /** Null: not wanted. */
  private take(r: Received): Captured | null {
    const bare = this.ifindex === 0 ? this.cooked(r) : r.data;
    const extra = bare.length - r.data.length;
    const tagged = r.vlanTci >= 0 ? this.withTag(bare, r.vlanTci) : bare;
    // The kernel keeps the tag beside the frame: only filters that ask for tags see it.
    const seen = this.filter?.usesVlan ? tagged : bare;
    if (this.filter !== null && !this.filter.matches(seen, r.wireLen + extra, r.pktType, r.from.ifindex)) return null;
    this.received++;
    if (!this.wanted(r)) return null;
    const data = tagged.length > this.args.snapLen ? tagged.slice(0, this.args.snapLen) : tagged;
    const wireLen = r.wireLen + extra + (tagged.length - bare.length);
    const sec = this.epochSec + Math.floor(r.tstampNs / 1e9);
    return { data, wireLen, sec, nsec: r.tstampNs % 1e9 };
  }

  /** The loopback shows each frame twice: once is enough. */
  private wanted(r: Received): boolean {
    const out = r.pktType === PACKET_OUTGOING;
    if (out && this.devices.some((d) => d.ifindex === r.from.ifindex && d.name === 'lo')) return false;
    return this.args.direction === 'inout' || (this.args.direction === 'out') === out;
  }

  /** The header of `-i any` before what the frame carried. */
  private cooked(r: Received): Uint8Array {
    const h = new Uint8Array(SLL2_HLEN);
    setU16(h, 0, r.from.protocol);
    setU32(h, 4, r.from.ifindex);
    setU16(h, 8, this.devices.find((d) => d.ifindex === r.from.ifindex)?.type ?? 1);
    h[10] = r.pktType;
    h[11] = 6;
    setMacKey(h, 12, r.from.mac);
    return concat(h, r.data);
  }

  private withTag(frame: Uint8Array, tci: number): Uint8Array {
    const tag = new Uint8Array(4);
    const cooked = this.ifindex === 0;
    setU16(tag, cooked ? 0 : 2, tci);
    if (!cooked) {
      setU16(tag, 0, ETH_P_8021Q);
      return concat(frame.subarray(0, 12), tag, frame.subarray(12));
    }
    tag.set(frame.subarray(0, 2), 2);
    const out = concat(frame.subarray(0, SLL2_HLEN), tag, frame.subarray(SLL2_HLEN));
    setU16(out, 0, ETH_P_8021Q);
    return out;
  }
}
