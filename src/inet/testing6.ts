// For this room's tests of IPv6: a kernel that speaks it, addresses and routes in one line, frames as lines of text, and
// echo requests over raw sockets. Only tests import it.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { RTPROT_BOOT } from '../uapi/route.ts';
import { u16, u32 } from '../wire/bytes.ts';
import { decodeFrame } from '../wire/frame.ts';
import { encodeIcmp6 } from '../wire/icmp6.ts';
import { in6 } from '../wire/in6.ts';
import { ip6Text } from '../wire/text.ts';
import { addr6Add } from './addr6-control.ts';
import { route6Add, route6Dump } from './control6.ts';
import { attachInet6 } from './inet6.ts';
import type { Raw6Socket } from './raw6.ts';
import { openSocket } from './socket-api.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev, inet6Ns } from './state6.ts';
import { makeKernel } from './testing.ts';
import type { Route6Info, Route6Request } from './types6.ts';

export function makeKernel6(seed = 1): Kernel {
  return makeKernel(seed, attachInet6);
}

export function ns6(ns: NetNs): Inet6Ns {
  return inet6Ns(ns) as Inet6Ns;
}

export function dev6(dev: NetDevice): Inet6Dev {
  return in6Dev(dev) as Inet6Dev;
}

/** `fd00::1/64`, as ip address add would ask for it; `flags`: IFA_F_NODAD and others. */
export function addr6(dev: NetDevice, text: string, flags = 0): void {
  const [ip, len] = text.split('/');
  addr6Add(dev.ns, {
    ifindex: dev.ifindex,
    prefixLen: Number(len ?? 128),
    flags,
    addr: in6(ip),
    peer: null,
    rtPriority: 0,
    proto: 0,
    validLft: null,
    preferredLft: null,
    nlFlags: NLM_F_CREATE | NLM_F_EXCL,
  });
}

export function route6(ns: NetNs, dst: string, more: Partial<Route6Request> = {}): void {
  const [ip, len] = dst === 'default' ? ['::', '0'] : dst.split('/');
  route6Add(ns, {
    dst: in6(ip),
    dstLen: Number(len ?? 128),
    srcLen: 0,
    table: 254,
    protocol: RTPROT_BOOT,
    type: 1,
    flags: 0,
    oif: 0,
    gateway: null,
    metric: 0,
    prefsrc: null,
    metrics: null,
    expiresS: 0,
    pref: 0,
    hasMultipath: false,
    hasEncap: false,
    hasVia: false,
    nhId: 0,
    nlFlags: NLM_F_CREATE | NLM_F_EXCL,
    ...more,
  });
}

const TYPES = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

/** One route, much as ip route prints it. */
function route6Text(r: Route6Info): string {
  let s = r.type === 1 ? '' : `${TYPES[r.type]} `;
  s += r.dstLen === 0 ? 'default' : r.dstLen === 128 ? String(r.dst) : `${r.dst}/${r.dstLen}`;
  if (r.gateway !== null) s += ` via ${r.gateway}`;
  if (r.dev !== null) s += ` dev ${r.dev.name}`;
  if (r.protocol === 2) s += ' proto kernel';
  if (r.protocol === 9) s += ' proto ra';
  s += ` metric ${r.metric}`;
  if ((r.nhFlags & 16) !== 0) s += ' linkdown';
  return s;
}

export function routes6(ns: NetNs, table = 254): string[] {
  return (route6Dump(ns, table) ?? []).map(route6Text);
}

/** IPv6 frames that pass a device, as lines: time in ms, direction, and what they are. MLD's are left out. */
export function watch6(dev: NetDevice, withMld = false): string[] {
  const lines: string[] = [];
  dev.taps.push({
    owner: lines,
    ignoreOutgoing: false,
    frame(skb, _dev, outgoing) {
      if (skb.pktType === 5 && !outgoing) return;
      const text = describe(skb.bytes.slice(skb.mac, skb.off + skb.len));
      if (!withMld && text.includes(' mld')) return;
      lines.push(`${(dev.core.kernel.loop.now / 1e6).toFixed(1)} ${outgoing ? '>' : '<'} ${text}`);
    },
  });
  return lines;
}

function describe(bytes: Uint8Array): string {
  const f = decodeFrame(bytes);
  if (f === null || f.ip6 === null) return 'other';
  const p = f.ip6;
  const head = `${p.src} > ${p.dst}`;
  const end = p.payload.length;
  if (p.next === 44) {
    const off = u16(p.payload, 2);
    return `${head} frag ${off & 0xfff8}+${end - 8}${(off & 1) !== 0 ? '+' : ''}`;
  }
  if (p.proto === 17) return `${head} udp ${u16(p.upper, 0)}>${u16(p.upper, 2)} len ${p.upper.length - 8}`;
  if (p.proto !== 58) return `${head} proto ${p.proto}`;
  return `${head} ${icmp6Text(p.upper, end)} hl ${p.hopLimit}`;
}

function icmp6Text(b: Uint8Array, len: number): string {
  const type = b[0];
  const options = (from: number): string => {
    let s = '';
    for (let at = from; at + 2 <= b.length && b[at + 1] > 0; at += b[at + 1] * 8) s += ` opt${b[at]}`;
    return s;
  };
  if (type === 135) return `ns ${ip6Text(b, 8)}${options(24)}`;
  if (type === 136) {
    const f = b[4];
    const flags = `${(f & 128) !== 0 ? 'R' : ''}${(f & 64) !== 0 ? 'S' : ''}${(f & 32) !== 0 ? 'O' : ''}`;
    return `na ${ip6Text(b, 8)} [${flags}]${options(24)}`;
  }
  if (type === 133) return `rs${options(8)}`;
  if (type === 137) return `redirect ${ip6Text(b, 24)} to ${ip6Text(b, 8)}${options(40)}`;
  if ((type >= 130 && type <= 132) || type === 143) return 'mld';
  if (type < 128) return `icmp6 ${type}/${b[1]} rest ${u32(b, 4)} len ${len}`;
  return `icmp6 ${type}/${b[1]} len ${len}`;
}

/** An echo request through a raw socket; the socket stays open for the answer. `scope`: ifindex. */
export function sendPing6(ns: NetNs, to: string, size = 56, scope = 0): { rc: number; sock: Raw6Socket } {
  const sock = openSocket(ns.kernel, ns, 'raw6', 58) as Raw6Socket;
  sock.setOption('IPV6_RECVERR', 1);
  const data = encodeIcmp6({ type: 128, id: 77, seq: 1, payload: new Uint8Array(size) });
  const rc = sock.sendTo(data, { addr4: 0, port: 0, ifindex: scope, protocol: 0, mac: 0, addr6: in6(to) });
  return { rc, sock };
}

/** What a raw ICMPv6 socket has heard, as `type/code from hoplimit`; requests and discovery left out. */
export function heard6(sock: Raw6Socket): string[] {
  const out: string[] = [];
  for (let m = sock.recv(); m !== null; m = sock.recv()) {
    const type = m.data[0];
    if (type === 128 || (type >= 130 && type <= 137) || type === 143) continue;
    out.push(`${type}/${m.data[1]} ${m.from.addr6} ${m.ttl}`);
  }
  return out;
}
