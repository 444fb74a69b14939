// Packet sockets: frames as they pass a device, in and out, and frames sent as they are. ETH_P_ALL watches everything
// before any rx handler; a single ethertype is a receiver like any other protocol. Linux: net/packet/af_packet.c.

import type { NetDevice, ProtoTap } from '../net/netdev.ts';
import { PKT_LOOPBACK, PKT_OUTGOING, type Skb } from '../net/skb.ts';
import { copyOf, u16 } from '../wire/bytes.ts';
import { ETH_HLEN, ETH_P_8021Q, ETH_P_ALL, ethSrc, ethType } from '../wire/ethernet.ts';
import { EAGAIN, EINVAL, EMSGSIZE, ENETDOWN, ENOBUFS, ENODEV, ENXIO, EOPNOTSUPP } from './errno.ts';
import { xmitErrno } from './ip4-out.ts';
import { sendTo as sendWithHeader } from './neigh-out.ts';
import { BaseSocket, noAddr } from './socket.ts';
import type { SockAddr, SockOption } from './socket-types.ts';
import { type InetNs, inetNs } from './state.ts';

const MR_MULTICAST = 0;
const MR_PROMISC = 1;
const MR_ALLMULTI = 2;
const MR_UNICAST = 3;
const VLAN_HLEN = 4;

export class PacketSocket extends BaseSocket implements ProtoTap {
  readonly dgram: boolean;
  protocol: number;
  ignoreOutgoing = false;
  /** Bound to this device; 0: every one; -1: the one it was bound to is gone. */
  ifindex = 0;
  private hookedOn: NetDevice | null = null;
  private hooked = false;
  private readonly memberships: Array<{ type: number; dev: NetDevice }> = [];

  constructor(ins: InetNs, dgram: boolean, protocol: number) {
    super(ins);
    this.dgram = dgram;
    this.protocol = protocol;
    ins.packets.push(this);
    if (protocol !== 0) this.hook(null);
  }

  /** Taps skip frames of their own socket. */
  get owner(): unknown {
    return this;
  }

  private listOf(dev: NetDevice | null): ProtoTap[] {
    const all = this.protocol === ETH_P_ALL;
    if (dev === null) return (all ? this.ins.ns.taps : this.ins.ns.protoTaps) as ProtoTap[];
    return (all ? dev.taps : dev.protoTaps) as ProtoTap[];
  }

  private hook(dev: NetDevice | null): void {
    this.hookedOn = dev;
    this.hooked = true;
    this.listOf(dev).push(this);
  }

  private unhook(): void {
    if (!this.hooked) return;
    this.hooked = false;
    const list = this.listOf(this.hookedOn);
    list.splice(list.indexOf(this), 1);
  }

  /** Linux: packet_do_bind(). */
  bind(addr: SockAddr): number {
    let dev: NetDevice | null = null;
    if (addr.ifindex !== 0) {
      dev = this.ins.ns.devByIndex(addr.ifindex);
      if (dev === null) return -ENODEV;
    }
    this.unhook();
    if (addr.protocol !== 0) this.protocol = addr.protocol;
    this.ifindex = addr.ifindex;
    if (this.protocol === 0) return 0;
    if (dev === null || dev.up) this.hook(dev);
    else this.setError(ENETDOWN);
    return 0;
  }

  connect(): number {
    return -EOPNOTSUPP;
  }

  /** Linux: packet_rcv(). Borrows. */
  frame(skb: Skb, dev: NetDevice, outgoing: boolean): void {
    if (skb.pktType === PKT_LOOPBACK && !outgoing) return;
    const b = skb.bytes;
    const mac = skb.mac >= 0 ? skb.mac : skb.off;
    const end = skb.off + skb.len;
    const from = this.dgram ? (outgoing ? mac + dev.hardHeaderLen : skb.off) : mac;
    const a = noAddr();
    a.ifindex = dev.ifindex;
    a.protocol = skb.protocol;
    a.mac = dev.hardHeaderLen >= ETH_HLEN ? ethSrc(b, mac) : 0;
    this.enqueue({
      data: copyOf(b, from, end - from),
      from: a,
      tstampNs: this.ins.now,
      ttl: 0,
      ifindex: dev.ifindex,
      pktType: outgoing ? PKT_OUTGOING : skb.pktType,
      wireLen: end - from,
      vlanTci: skb.vlanProto !== 0 ? skb.vlanTci : -1,
      truesize: skb.truesize,
    });
  }

  /** Linux: packet_snd(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const index = to !== null ? to.ifindex : this.ifindex;
    const dev = index > 0 ? this.ins.ns.devByIndex(index) : null;
    if (dev === null) return -ENXIO;
    if (!dev.up) return -ENETDOWN;
    let proto = to !== null ? to.protocol : this.protocol;
    const reserve = this.dgram ? 0 : dev.hardHeaderLen;
    if (data.length > dev.mtu + reserve + VLAN_HLEN) return -EMSGSIZE;
    if (!this.dgram && data.length < dev.hardHeaderLen) return -EINVAL;
    const tagged = !this.dgram && dev.hardHeaderLen >= ETH_HLEN && u16(data, 12) === ETH_P_8021Q;
    if (data.length > dev.mtu + reserve && !tagged) return -EMSGSIZE;
    if (this.soError !== 0) return -this.takeError();
    if (!this.maySend()) return -EAGAIN;
    const skb = this.ins.kernel.skbs.alloc(data.length);
    if (skb === null) return -ENOBUFS;
    skb.bytes.set(data, skb.off);
    if (!this.dgram && (proto === 0 || proto === ETH_P_ALL)) proto = ethType(data, 0);
    skb.protocol = proto;
    skb.priority = this.priority;
    skb.mark = this.mark;
    skb.dev = dev;
    skb.net = skb.off + reserve;
    skb.trace = this.ins.kernel.newTrace();
    this.charge(skb);
    const rc = this.dgram
      ? sendWithHeader(dev, skb, to !== null ? to.mac : dev.broadcast)
      : this.ins.kernel.tx.devQueueXmit(skb, null);
    const err = xmitErrno(rc);
    return err === 0 ? data.length : err;
  }

  getName(): SockAddr {
    const a = noAddr();
    a.ifindex = Math.max(0, this.ifindex);
    a.protocol = this.protocol;
    a.mac = this.hookedOn?.addr ?? 0;
    return a;
  }

  /** PACKET_ADD_MEMBERSHIP: value = PACKET_MR_* (MULTICAST 0, PROMISC 1, ALLMULTI 2), aux = ifindex. */
  override setOption(name: SockOption, value: number, aux = 0): number {
    switch (name) {
      case 'PACKET_IGNORE_OUTGOING':
        this.ignoreOutgoing = value !== 0;
        return 0;
      case 'PACKET_ADD_MEMBERSHIP':
        return this.addMembership(value, aux);
      case 'PACKET_DROP_MEMBERSHIP':
        return this.dropMembership(value, aux);
      default:
        return super.setOption(name, value, aux);
    }
  }

  private addMembership(type: number, ifindex: number): number {
    const dev = this.ins.ns.devByIndex(ifindex);
    if (dev === null) return -ENODEV;
    if (type === MR_MULTICAST || type === MR_UNICAST) return -EOPNOTSUPP; // addresses do not fit this call
    if (type !== MR_PROMISC && type !== MR_ALLMULTI) return -EINVAL;
    this.memberships.push({ type, dev });
    apply(type, dev, 1);
    return 0;
  }

  private dropMembership(type: number, ifindex: number): number {
    const i = this.memberships.findIndex((m) => m.type === type && m.dev.ifindex === ifindex);
    if (i < 0) return 0;
    const [m] = this.memberships.splice(i, 1);
    apply(type, m.dev, -1);
    return 0;
  }

  /** A device came up, went down or goes. Linux: packet_notifier(). */
  deviceEvent(dev: NetDevice, up: boolean, gone: boolean): void {
    if (gone) {
      for (let i = this.memberships.length - 1; i >= 0; i--) {
        if (this.memberships[i].dev !== dev) continue;
        apply(this.memberships[i].type, dev, -1);
        this.memberships.splice(i, 1);
      }
    }
    if (this.ifindex !== dev.ifindex) return;
    if (up) {
      if (!this.hooked && this.protocol !== 0) this.hook(dev);
      return;
    }
    if (this.hooked) {
      this.unhook();
      this.setError(ENETDOWN);
    }
    if (gone) this.ifindex = -1;
  }

  override close(): void {
    if (this.closed) return;
    this.unhook();
    for (const m of this.memberships) apply(m.type, m.dev, -1);
    this.memberships.length = 0;
    this.ins.packets.splice(this.ins.packets.indexOf(this), 1);
    super.close();
  }
}

function apply(type: number, dev: NetDevice, inc: number): void {
  if (type === MR_PROMISC) dev.core.setPromiscuity(dev, inc);
  else dev.core.setAllmulti(dev, inc);
}

/** For the device notifier. */
export function packetDeviceEvent(dev: NetDevice, up: boolean, gone: boolean): void {
  for (const s of [...inetNs(dev.ns).packets]) s.deviceEvent(dev, up, gone);
}
