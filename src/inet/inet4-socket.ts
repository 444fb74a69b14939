// What UDP, raw and echo sockets over IPv4 share: addresses, options, memberships, the remembered route, and the building of
// the packet. Linux: struct inet_sock, net/ipv4/ip_sockglue.c, ip_append_data() and ip_make_skb() in ip_output.c.

import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../uapi/route.ts';
import { IP4_DF, IP4_HLEN, ip4Src } from '../wire/ip4.ts';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENETUNREACH, ENOBUFS, ENODEV } from './errno.ts';
import { addrType } from './fib-lookup.ts';
import { selectIdent } from './ident.ts';
import { mcJoin, mcLeave } from './igmp.ts';
import { InetSocket, PMTUDISC_DO, PMTUDISC_DONT, PMTUDISC_OMIT, PMTUDISC_PROBE, PMTUDISC_WANT } from './inet-socket.ts';
import { findAddrDev } from './inetdev.ts';
import { CB_IGNORE_DF, CB_NO_MC_LOOP, ipSend, writeHeader } from './ip4-out.ts';
import { isMulticast } from './ipaddr.ts';
import { Dst, dstMtu, dstValid, RTCF_BROADCAST, routeOutput } from './route.ts';
import { noAddr } from './socket.ts';
import type { SockAddr, SockOption } from './socket-types.ts';
import { type InDevice, type InetNs, inDev } from './state.ts';
import { tosPriority } from './tos.ts';

const IP_MAX = 65535;

export abstract class Inet4Socket extends InetSocket {
  /** Bound to (rcv_saddr), and sent from (saddr: 0 when bound to a group). */
  rcvAddr = 0;
  srcAddr = 0;
  daddr = 0;
  ttl = -1;
  tos = 0;
  mcTtl = 1;
  mcAddr = 0;
  hdrIncl = false;
  protected readonly dst = new Dst();
  /** What dst was looked up for. */
  private dstDaddr = -1;
  private ident = 0;
  private readonly memberships: Array<{ group: number; ind: InDevice }> = [];

  constructor(ins: InetNs, proto: number) {
    super(ins, proto);
    if (ins.set.ipNoPmtuDisc !== 0) this.pmtuDisc = PMTUDISC_DONT;
  }

  /** May a socket have this address? 0 or -errno. Linux: __inet_bind(). */
  protected checkBind(addr: number): number {
    if (addr === 0) return 0;
    const type = addrType(this.ins, addr);
    if (type !== RTN_LOCAL && type !== RTN_MULTICAST && type !== RTN_BROADCAST && this.ins.set.ipNonlocalBind === 0) {
      return -EADDRNOTAVAIL;
    }
    return 0;
  }

  protected setBound(addr: number): void {
    const type = addr === 0 ? RTN_LOCAL : addrType(this.ins, addr);
    this.rcvAddr = addr;
    this.srcAddr = type === RTN_MULTICAST || type === RTN_BROADCAST ? 0 : addr;
    this.optionChanged();
  }

  /** Linux: __ip4_datagram_connect(). */
  protected connectTo(addr: number, port: number): number {
    this.connected = false;
    this.keepsRoute = false;
    this.txQueue = -1;
    this.optionChanged();
    const group = isMulticast(addr);
    const oif = this.boundIf !== 0 ? this.boundIf : group ? this.mcIf : 0;
    const src = this.srcAddr !== 0 ? this.srcAddr : group ? this.mcAddr : 0;
    let err = routeOutput(this.ins, this.dst, addr, src, oif, this.tos, this.proto);
    // Without an address the route tells it, and is looked up again with it. Linux: ip_route_connect().
    if (err === 0 && addr === 0) {
      err = routeOutput(this.ins, this.dst, this.dst.daddr, this.dst.saddr, oif, this.tos, this.proto);
    }
    if (err !== 0) {
      if (err === -ENETUNREACH) this.ins.ip.OutNoRoutes++;
      return err;
    }
    if ((this.dst.flags & RTCF_BROADCAST) !== 0 && !this.broadcast) return -EACCES;
    if (this.srcAddr === 0) this.srcAddr = this.dst.saddr;
    if (this.rcvAddr === 0) this.rcvAddr = this.dst.saddr;
    this.daddr = this.dst.daddr;
    this.dport = port;
    this.connected = true;
    this.keepsRoute = true;
    this.ident = this.ins.stack.idStream.u32() & 0xffff;
    this.dstDaddr = this.daddr;
    return 0;
  }

  protected override optionChanged(): void {
    this.dst.genid = 0;
  }

  /** The route to `daddr`, remembered from the last time when nothing changed. 0 or -errno. */
  protected routeTo(daddr: number): number {
    const d = this.dst;
    if (this.dstDaddr === daddr && dstValid(this.ins, d)) return 0;
    this.txQueue = -1; // goes with the route. Linux: sk_dst_set(), sk_tx_queue_clear()
    const group = isMulticast(daddr);
    const oif = this.boundIf !== 0 ? this.boundIf : group ? this.mcIf : 0;
    const src = this.srcAddr !== 0 ? this.srcAddr : group ? this.mcAddr : 0;
    this.dstDaddr = daddr;
    const err = routeOutput(this.ins, d, daddr, src, oif, this.tos, this.proto, this.hdrIncl);
    if (err !== 0) {
      d.genid = 0;
      if (err === -ENETUNREACH) this.ins.ip.OutNoRoutes++;
      return err;
    }
    if ((d.flags & RTCF_BROADCAST) !== 0 && !this.broadcast) {
      d.genid = 0;
      return -EACCES;
    }
    return 0;
  }

  /**
   * A packet with room for `len` bytes behind its IP header, which is written; null: see `allocError`. The path is
   * this.dst. Linux: __ip_append_data(), __ip_make_skb().
   */
  protected allocPacket(len: number): Skb | null {
    const d = this.dst;
    const mtu = dstMtu(d);
    const disc = this.pmtuDisc;
    const ignoreDf = this.ignoresDf;
    const skb = this.allocSkb(IP4_HLEN + len, ignoreDf ? IP_MAX : mtu, mtu);
    if (skb === null) return null;
    const strict = disc === PMTUDISC_DO || disc === PMTUDISC_PROBE;
    const df = strict || (disc === PMTUDISC_WANT && IP4_HLEN + len <= mtu) ? IP4_DF : 0;
    const ttl = d.type === RTN_MULTICAST ? this.mcTtl : this.ttl >= 0 ? this.ttl : this.ins.set.ipDefaultTtl;
    const id = this.nextIdent(df !== 0 && !ignoreDf);
    writeHeader(skb.bytes, skb.off, this.tos, id, df, ttl, this.proto, d);
    skb.transport = skb.off + IP4_HLEN;
    skb.cb1 = (ignoreDf ? CB_IGNORE_DF : 0) | (this.mcLoop ? 0 : CB_NO_MC_LOOP);
    return skb;
  }

  private nextIdent(none: boolean): number {
    if (this.connected) {
      this.ident = (this.ident + 1) & 0xffff;
      return this.ident;
    }
    return none ? 0 : selectIdent(this.ins, this.dst.daddr | 0, this.dst.saddr | 0, this.proto);
  }

  /** Sends a packet of allocPacket(). */
  protected sendPacket(skb: Skb): number {
    return this.told(ipSend(this.ins, skb, this.dst));
  }

  getName(): SockAddr {
    const a = noAddr();
    a.addr4 = this.srcAddr !== 0 ? this.srcAddr : this.rcvAddr;
    a.port = this.lport;
    return a;
  }

  override setOption(name: SockOption, value: number, aux = 0): number {
    switch (name) {
      case 'IP_TTL':
        if (value !== -1 && (value < 1 || value > 255)) return -EINVAL;
        this.ttl = value;
        return 0;
      case 'IP_TOS':
        this.tos = value & 0xff;
        this.priority = tosPriority(this.tos);
        this.optionChanged();
        return 0;
      case 'IP_RECVERR':
        this.recvErr = value !== 0;
        return 0;
      case 'IP_MTU_DISCOVER':
        if (value < PMTUDISC_DONT || value > PMTUDISC_OMIT) return -EINVAL;
        this.pmtuDisc = value;
        return 0;
      case 'IP_MULTICAST_TTL':
        if (value < -1 || value > 255) return -EINVAL;
        this.mcTtl = value === -1 ? 1 : value;
        return 0;
      case 'IP_MULTICAST_LOOP':
        this.mcLoop = value !== 0;
        return 0;
      case 'IP_MULTICAST_IF':
        return this.setMcIf(value, aux);
      case 'IP_ADD_MEMBERSHIP':
        return this.join(value, aux);
      case 'IP_DROP_MEMBERSHIP':
        return this.leave(value, aux);
      default:
        return super.setOption(name, value, aux);
    }
  }

  /** value: an address of ours or 0; aux: ifindex or 0. */
  private setMcIf(addr: number, ifindex: number): number {
    this.optionChanged();
    if (addr === 0 && ifindex === 0) {
      this.mcIf = 0;
      this.mcAddr = 0;
      return 0;
    }
    const dev = ifindex !== 0 ? this.ins.ns.devByIndex(ifindex) : findAddrDev(this.ins, addr);
    if (dev === null) return -EADDRNOTAVAIL;
    if (this.boundIf !== 0 && this.boundIf !== dev.ifindex) return -EINVAL;
    this.mcIf = dev.ifindex;
    this.mcAddr = addr;
    return 0;
  }

  private mcDevice(group: number, ifindex: number): NetDevice | null {
    if (ifindex !== 0) return this.ins.ns.devByIndex(ifindex);
    const d = this.ins.tmpDst;
    return routeOutput(this.ins, d, group, 0, 0, 0, 0) === 0 ? d.dev : null;
  }

  /** Linux: ip_mc_join_group(). */
  private join(group: number, ifindex: number): number {
    if (!isMulticast(group)) return -EINVAL;
    const dev = this.mcDevice(group, ifindex);
    const ind = dev === null ? null : inDev(dev);
    if (ind === null) return -ENODEV;
    if (this.memberships.some((m) => m.group === group && m.ind === ind)) return -EADDRINUSE;
    if (this.memberships.length >= this.ins.set.igmpMaxMemberships) return -ENOBUFS;
    this.memberships.push({ group, ind });
    mcJoin(ind, group);
    return 0;
  }

  private leave(group: number, ifindex: number): number {
    const i = this.memberships.findIndex((m) => m.group === group && (ifindex === 0 || m.ind.dev.ifindex === ifindex));
    if (i < 0) return -EADDRNOTAVAIL;
    const [m] = this.memberships.splice(i, 1);
    if (!m.ind.dead) mcLeave(m.ind, group);
    return 0;
  }

  override close(): void {
    // The newest first, as Linux's list has them: reports show the order.
    for (const m of this.memberships.reverse()) if (!m.ind.dead) mcLeave(m.ind, m.group);
    this.memberships.length = 0;
    super.close();
  }
}

/** Who sent a packet. */
export function from4(skb: Skb, port: number): SockAddr {
  return { addr4: ip4Src(skb.bytes, skb.net), port, ifindex: 0, protocol: 0, mac: 0 };
}
