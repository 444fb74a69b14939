// What UDP, raw and echo sockets over IPv6 share: addresses, options, memberships, the remembered route, and the building
// of the packet. Linux: struct ipv6_pinfo, net/ipv6/ipv6_sockglue.c, datagram.c, ip6_append_data() in ip6_output.c.

import type { Skb } from '../net/skb.ts';
import { IN6_LOOPBACK, In6, in6At } from '../wire/in6.ts';
import { IP6_HLEN, IP6_SRC } from '../wire/ip6.ts';
import { hasAddress } from './addr6.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT } from './errno.ts';
import { InetSocket, PMTUDISC_DONT, PMTUDISC_OMIT } from './inet-socket.ts';
import { CB6_NO_MC_LOOP, flowLabel, ip6Send, writeHeader6 } from './ip6-out.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import { Dst6, dst6HopLimit, dst6Mtu, dst6Valid, lookupKnown6, lookupOut6 } from './route6.ts';
import { noAddr } from './socket.ts';
import type { SockAddr, SockOption } from './socket-types.ts';
import type { InetNs } from './state.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev, inet6Ns } from './state6.ts';

const IP6_MAX = IP6_HLEN + 65535;

export abstract class Inet6Socket extends InetSocket {
  readonly i6: Inet6Ns;
  /** Bound to, and sent from (`::` when bound to a group or not at all). */
  readonly rcvAddr = new In6();
  readonly srcAddr = new In6();
  readonly daddr = new In6();
  hops = -1;
  mcHops = 1;
  ucIf = 0;
  tclass = 0;
  flow = 0;
  srcPrefs = 0;
  dontFrag = false;
  v6only: boolean;
  protected readonly dst = new Dst6();
  /** What dst was looked up for. */
  private readonly dstDaddr = new In6();
  private dstOif = -1;
  private readonly memberships: Array<{ group: In6; d: Inet6Dev }> = [];

  constructor(ins: InetNs, proto: number) {
    super(ins, proto);
    this.i6 = inet6Ns(ins.ns) as Inet6Ns;
    this.v6only = this.i6.set.bindv6only !== 0;
  }

  /** May a socket have this address? 0 or -errno; a scope binds it to a device. Linux: __inet6_bind(). */
  protected checkBind(addr: In6, scope: number): number {
    if (addr.isAny) return 0;
    if (addr.needsScope) {
      if (scope !== 0) this.boundIf = scope;
      if (this.boundIf === 0) return -EINVAL;
    }
    let dev = null;
    if (this.boundIf !== 0) {
      dev = this.ins.ns.devByIndex(this.boundIf);
      if (dev === null) return -ENODEV;
    }
    if (addr.isMulticast || this.i6.set.ipNonlocalBind !== 0) return 0;
    return hasAddress(this.i6, addr, dev, false) === null ? -EADDRNOTAVAIL : 0;
  }

  protected setBound(addr: In6): void {
    this.rcvAddr.set(addr);
    if (addr.isMulticast) this.srcAddr.clear();
    else this.srcAddr.set(addr);
    this.optionChanged();
  }

  /** Linux: __ip6_datagram_connect(). */
  protected connectTo(to: In6, scope: number, port: number): number {
    this.connected = false;
    this.keepsRoute = false;
    this.txQueue = -1;
    this.optionChanged();
    const addr = to.isAny ? IN6_LOOPBACK : to;
    if (addr.needsScope) {
      if (scope !== 0) {
        if (this.boundIf !== 0 && this.boundIf !== scope) return -EINVAL;
        this.boundIf = scope;
      }
      if (this.boundIf === 0 && addr.isMulticast) this.boundIf = this.mcIf;
      if (this.boundIf === 0) return -EINVAL;
    }
    const err = this.routeTo(addr, 0);
    if (err !== 0) return err;
    if (this.srcAddr.isAny) this.srcAddr.set(this.dst.saddr);
    if (this.rcvAddr.isAny) this.rcvAddr.set(this.dst.saddr);
    this.daddr.set(addr);
    this.dport = port;
    this.connected = true;
    this.keepsRoute = true;
    return 0;
  }

  protected override optionChanged(): void {
    this.dst.genid = 0;
  }

  /** The route to `daddr`, remembered from the last time when nothing changed. 0 or -errno. */
  protected routeTo(to: In6, scope: number): number {
    const addr = to.isAny ? IN6_LOOPBACK : to;
    let oif = scope !== 0 && addr.needsScope ? scope : this.boundIf;
    if (oif === 0) oif = addr.isMulticast ? this.mcIf : this.ucIf;
    const d = this.dst;
    if (oif === this.dstOif && this.dstDaddr.equals(addr) && dst6Valid(this.i6, d)) return 0;
    this.txQueue = -1; // goes with the route. Linux: ip6_dst_store(), sk_tx_queue_clear()
    this.dstOif = oif;
    this.dstDaddr.set(addr);
    d.daddr.set(addr);
    d.saddr.set(this.srcAddr);
    const err = lookupOut6(this.i6, d, oif, this.boundIf !== 0, this.srcPrefs);
    d.daddr.set(addr);
    if (err !== 0) d.genid = 0;
    return err;
  }

  /**
   * A packet with room for `len` bytes behind its IPv6 header, which is written; null: see allocError. The path is
   * this.dst; `ports` go into the flow label. Linux: __ip6_append_data(), __ip6_make_skb().
   */
  protected allocPacket(len: number, ports: number): Skb | null {
    const d = this.dst;
    const mtu = dst6Mtu(d);
    const skb = this.allocSkb(IP6_HLEN + len, this.ignoresDf && !this.dontFrag ? IP6_MAX : mtu, mtu);
    if (skb === null) return null;
    const set = d.daddr.isMulticast ? this.mcHops : this.hops;
    const hops = set >= 0 ? set : dst6HopLimit(this.i6, d);
    const label = this.flow !== 0 ? this.flow : flowLabel(this.i6, d, this.proto, ports);
    writeHeader6(skb.bytes, skb.off, this.tclass, label, this.proto, hops, d);
    skb.transport = skb.off + IP6_HLEN;
    skb.cb1 = this.mcLoop ? 0 : CB6_NO_MC_LOOP;
    return skb;
  }

  /** Sends a packet of allocPacket(). */
  protected sendPacket(skb: Skb): number {
    return this.told(ip6Send(this.i6, skb, this.dst));
  }

  getName(): SockAddr {
    const a = noAddr();
    a.addr6 = (this.srcAddr.isAny ? this.rcvAddr : this.srcAddr).copy();
    a.port = this.lport;
    if (a.addr6.needsScope) a.ifindex = this.boundIf;
    return a;
  }

  /** Is a packet between `remote` and `local` that came in by `ifindex` one for this socket? */
  matches6(remote: In6, local: In6, ifindex: number): boolean {
    return (
      (!this.connected || this.daddr.equals(remote)) &&
      (this.rcvAddr.isAny || this.rcvAddr.equals(local)) &&
      (this.boundIf === 0 || this.boundIf === ifindex)
    );
  }

  override setOption(name: SockOption, value: number, aux = 0, addr6?: In6): number {
    switch (name) {
      case 'IPV6_UNICAST_HOPS':
        if (value < -1 || value > 255) return -EINVAL;
        this.hops = value;
        return 0;
      case 'IPV6_MULTICAST_HOPS':
        if (value < -1 || value > 255) return -EINVAL;
        this.mcHops = value === -1 ? 1 : value;
        return 0;
      case 'IPV6_MULTICAST_LOOP':
        if (value !== 0 && value !== 1) return -EINVAL;
        this.mcLoop = value !== 0;
        return 0;
      case 'IPV6_MULTICAST_IF':
        return this.setIf(value, true);
      case 'IPV6_UNICAST_IF':
        return this.setIf(value, false);
      case 'IPV6_TCLASS':
        if (value < -1 || value > 255) return -EINVAL;
        this.tclass = value === -1 ? 0 : value;
        return 0;
      case 'IPV6_FLOWINFO':
        this.flow = value & 0xfffff;
        return 0;
      case 'IPV6_RECVERR':
        this.recvErr = value !== 0;
        return 0;
      case 'IPV6_MTU_DISCOVER':
        if (value < PMTUDISC_DONT || value > PMTUDISC_OMIT) return -EINVAL;
        this.pmtuDisc = value;
        return 0;
      case 'IPV6_DONTFRAG':
        this.dontFrag = value !== 0;
        return 0;
      case 'IPV6_V6ONLY':
        if (this.lport !== 0) return -EINVAL;
        this.v6only = value !== 0;
        return 0;
      case 'IPV6_ADDR_PREFERENCES':
        this.srcPrefs = value;
        this.optionChanged();
        return 0;
      case 'IPV6_RECVHOPLIMIT':
      case 'IPV6_RECVPKTINFO':
      case 'IPV6_RECVTCLASS':
        return 0; // what they ask for is always there
      case 'IPV6_ADD_MEMBERSHIP':
        return addr6 === undefined ? -EINVAL : this.join(addr6, value);
      case 'IPV6_DROP_MEMBERSHIP':
        return addr6 === undefined ? -EINVAL : this.leave(addr6, value);
      case 'IP_TTL':
      case 'IP_TOS':
      case 'IP_RECVERR':
      case 'IP_MTU_DISCOVER':
        return -ENOPROTOOPT;
      default:
        return super.setOption(name, value, aux);
    }
  }

  private setIf(ifindex: number, multicast: boolean): number {
    this.optionChanged();
    if (ifindex !== 0) {
      if (this.ins.ns.devByIndex(ifindex) === null) return -ENODEV;
      if (this.boundIf !== 0 && this.boundIf !== ifindex) return -EINVAL;
    }
    if (multicast) this.mcIf = ifindex;
    else this.ucIf = ifindex;
    return 0;
  }

  /** Linux: __ipv6_sock_mc_join(). */
  private join(group: In6, ifindex: number): number {
    if (!group.isMulticast) return -EINVAL;
    const same = this.memberships.some((m) => m.group.equals(group) && (ifindex === 0 || m.d.dev.ifindex === ifindex));
    if (same) return -EADDRINUSE;
    const dev = ifindex !== 0 ? this.ins.ns.devByIndex(ifindex) : (lookupKnown6(this.i6, group, 0)?.dev ?? null);
    const d = dev === null ? null : in6Dev(dev);
    if (d === null) return dev === null ? -ENODEV : -EINVAL;
    mc6Join(d, group);
    this.memberships.push({ group: group.copy(), d });
    return 0;
  }

  private leave(group: In6, ifindex: number): number {
    if (!group.isMulticast) return -EINVAL;
    const i = this.memberships.findIndex(
      (m) => m.group.equals(group) && (ifindex === 0 || m.d.dev.ifindex === ifindex),
    );
    if (i < 0) return -EADDRNOTAVAIL;
    const [m] = this.memberships.splice(i, 1);
    if (!m.d.dead) mc6Leave(m.d, group);
    return 0;
  }

  override close(): void {
    if (this.closed) return;
    for (const m of this.memberships.reverse()) if (!m.d.dead) mc6Leave(m.d, m.group);
    this.memberships.length = 0;
    super.close();
  }
}

/** Who sent a packet, with the device as scope where the address needs one. */
export function from6(skb: Skb, port: number, iif: number): SockAddr {
  const addr6 = in6At(skb.bytes, skb.net + IP6_SRC);
  return { addr4: 0, port, ifindex: addr6.needsScope ? iif : 0, protocol: 0, mac: 0, addr6 };
}
