// Whole frames from nested records, for tests and examples: frame({ eth, ip4, udp, payload }). What a layer leaves out
// (ethertype, protocol, lengths, checksums) follows from the layers inside it. Allocates freely; not for the hot path.

import { type ArpRecord, decodeArp, encodeArp } from './arp.ts';
import { concat, EMPTY, setU16 } from './bytes.ts';
import { l4Checksum4, l4Checksum6 } from './checksum.ts';
import { decodeEth, ETH_P_8021Q, ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_ZLEN, encodeEth } from './ethernet.ts';
import { decodeIcmp, encodeIcmp, type IcmpFields, type IcmpRecord } from './icmp.ts';
import { decodeIcmp6, encodeIcmp6, ICMP6_CHECK, type Icmp6Fields, type Icmp6Record } from './icmp6.ts';
import { decodeIgmp, encodeIgmp, type IgmpFields, type IgmpRecord } from './igmp.ts';
import type { Ip4Fields, Ip4Record } from './ip4.ts';
import { decodeIp4, encodeIp4, IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_TCP, IPPROTO_UDP, ip4Hlen } from './ip4.ts';
import { decodeIp6, encodeIp6, IP6_HLEN, IPPROTO_ICMPV6, type Ip6Fields, type Ip6Record } from './ip6.ts';
import { decodeNd, encodeNd, type NdFields, type NdRecord } from './nd.ts';
import { decodeTcp, encodeTcp, TCP_CHECK, type TcpFields, type TcpRecord } from './tcp.ts';
import { decodeUdp, encodeUdp, UDP_CHECK, type UdpRecord } from './udp.ts';
import { decodeVlan, encodeVlan, isVlanType, type VlanRecord } from './vlan.ts';

export interface FrameLayers {
  eth: { dst: string; src: string; type?: number };
  /** Outer tag first. */
  vlan?: Array<{ vid: number; prio?: number; dei?: boolean; tpid?: number }>;
  arp?: { op: number; sha: string; spa: string; tha?: string; tpa: string };
  ip4?: Omit<Ip4Fields, 'proto' | 'payload'> & { proto?: number };
  ip6?: Omit<Ip6Fields, 'next' | 'payload'> & { next?: number; ext?: Uint8Array };
  icmp?: IcmpFields;
  icmp6?: Icmp6Fields;
  nd?: NdFields;
  igmp?: IgmpFields;
  udp?: { sport: number; dport: number; check?: number };
  tcp?: Omit<TcpFields, 'payload'>;
  payload?: Uint8Array;
  /** Fill with zeros to the shortest Ethernet frame. */
  pad?: boolean;
}

/** The bytes of a frame. */
export function frame(f: FrameLayers): Uint8Array {
  const l3 = f.arp ? encodeArp(f.arp) : f.ip4 ? ip4Layer(f, f.ip4) : f.ip6 ? ip6Layer(f, f.ip6) : (f.payload ?? EMPTY);
  let type = f.eth.type ?? (f.arp ? ETH_P_ARP : f.ip4 ? ETH_P_IP : f.ip6 ? ETH_P_IPV6 : l3.length);
  let body = l3;
  for (const tag of (f.vlan ?? []).slice().reverse()) {
    body = encodeVlan({ ...tag, type, payload: body });
    type = tag.tpid ?? ETH_P_8021Q;
  }
  const b = encodeEth({ dst: f.eth.dst, src: f.eth.src, type, payload: body });
  return f.pad && b.length < ETH_ZLEN ? concat(b, new Uint8Array(ETH_ZLEN - b.length)) : b;
}

function ip4Layer(f: FrameLayers, ip: NonNullable<FrameLayers['ip4']>): Uint8Array {
  const [proto, upper, check] = upperLayer(f);
  const b = encodeIp4({ ...ip, proto: ip.proto ?? proto, payload: upper });
  const at = ip4Hlen(b, 0);
  const fragment = ip.mf || (ip.fragOff ?? 0) > 0;
  if (check >= 0 && !fragment) fillCheck(b, at + check, proto, l4Checksum4(b, 0, proto, at, upper.length));
  return b;
}

function ip6Layer(f: FrameLayers, ip: NonNullable<FrameLayers['ip6']>): Uint8Array {
  const [proto, upper, check] = upperLayer(f);
  const ext = ip.ext ?? EMPTY;
  const b = encodeIp6({ ...ip, next: ip.next ?? proto, payload: concat(ext, upper) });
  const at = IP6_HLEN + ext.length;
  if (check >= 0) fillCheck(b, at + check, proto, l4Checksum6(b, 0, proto, at, upper.length));
  return b;
}

function fillCheck(b: Uint8Array, at: number, proto: number, check: number): void {
  setU16(b, at, check === 0 && proto === IPPROTO_UDP ? 0xffff : check);
}

/** Protocol, bytes, and where its checksum still has to be filled in (-1: nowhere). */
function upperLayer(f: FrameLayers): [number, Uint8Array, number] {
  const payload = f.payload ?? EMPTY;
  if (f.icmp) return [IPPROTO_ICMP, encodeIcmp({ payload, ...f.icmp }), -1];
  if (f.igmp) return [IPPROTO_IGMP, encodeIgmp(f.igmp), -1];
  if (f.udp) return [IPPROTO_UDP, encodeUdp({ ...f.udp, payload }), f.udp.check === undefined ? UDP_CHECK : -1];
  if (f.tcp) return [IPPROTO_TCP, encodeTcp({ ...f.tcp, payload }), f.tcp.check === undefined ? TCP_CHECK : -1];
  if (f.nd) return [IPPROTO_ICMPV6, encodeNd(f.nd), ICMP6_CHECK];
  if (f.icmp6)
    return [IPPROTO_ICMPV6, encodeIcmp6({ payload, ...f.icmp6 }), f.icmp6.check === undefined ? ICMP6_CHECK : -1];
  return [255, payload, -1];
}

export interface FrameRecord {
  dst: string;
  src: string;
  /** Behind all tags. */
  type: number;
  vlan: VlanRecord[];
  arp: ArpRecord | null;
  ip4: Ip4Record | null;
  ip6: Ip6Record | null;
  icmp: IcmpRecord | null;
  icmp6: Icmp6Record | null;
  nd: NdRecord | null;
  igmp: IgmpRecord | null;
  udp: UdpRecord | null;
  tcp: TcpRecord | null;
  /** What no decoder took. */
  payload: Uint8Array;
}

/** Everything that can be read of a frame; layers that are missing or malformed are null. Null: shorter than a header. */
export function decodeFrame(b: Uint8Array, off = 0, len = b.length - off): FrameRecord | null {
  const eth = decodeEth(b, off, len);
  if (eth === null) return null;
  const r: FrameRecord = {
    dst: eth.dst,
    src: eth.src,
    type: eth.type,
    vlan: [],
    arp: null,
    ip4: null,
    ip6: null,
    icmp: null,
    icmp6: null,
    nd: null,
    igmp: null,
    udp: null,
    tcp: null,
    payload: eth.payload,
  };
  while (isVlanType(r.type)) {
    const tag = decodeVlan(r.payload, 0, r.payload.length);
    if (tag === null) return r;
    r.vlan.push(tag);
    r.type = tag.type;
    r.payload = tag.payload;
  }
  if (r.type === ETH_P_ARP) r.arp = decodeArp(r.payload, 0, r.payload.length);
  if (r.type === ETH_P_IP) decodeUnder4(r);
  if (r.type === ETH_P_IPV6) decodeUnder6(r);
  return r;
}

function decodeUnder4(r: FrameRecord): void {
  const ip = decodeIp4(r.payload, 0, r.payload.length);
  r.ip4 = ip;
  if (ip === null) return;
  r.payload = ip.payload;
  if (ip.fragOff === 0 && !ip.mf) decodeUpper(r, ip.proto, ip.payload);
}

function decodeUnder6(r: FrameRecord): void {
  const ip = decodeIp6(r.payload, 0, r.payload.length);
  r.ip6 = ip;
  if (ip === null) return;
  r.payload = ip.upper;
  decodeUpper(r, ip.proto, ip.upper);
}

function decodeUpper(r: FrameRecord, proto: number, b: Uint8Array): void {
  const n = b.length;
  if (proto === IPPROTO_ICMP) r.icmp = decodeIcmp(b, 0, n);
  if (proto === IPPROTO_IGMP) r.igmp = decodeIgmp(b, 0, n);
  if (proto === IPPROTO_UDP) r.udp = decodeUdp(b, 0, n);
  if (proto === IPPROTO_TCP) r.tcp = decodeTcp(b, 0, n);
  if (proto === IPPROTO_ICMPV6) {
    r.icmp6 = decodeIcmp6(b, 0, n);
    r.nd = decodeNd(b, 0, n);
  }
  const inner = r.icmp ?? r.udp ?? r.tcp ?? (r.nd === null ? r.icmp6 : null);
  if (inner !== null) r.payload = inner.payload;
}
