// IPv6 forwarding: a hop fewer, perhaps a redirect, and out. Linux: ip6_forward(), ip6_forward_proxy_check() in
// net/ipv6/ip6_output.c.

import { Drop } from '../net/drop.ts';
import { networkLen } from '../net/gso.ts';
import type { NetDevice } from '../net/netdev.ts';
import { CSUM_COMPLETE, CSUM_NONE, PKT_HOST, type Skb } from '../net/skb.ts';
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from '../wire/icmp6.ts';
import { In6, word } from '../wire/in6.ts';
import {
  IP6_DST,
  IP6_HOP,
  IP6_SRC,
  IPPROTO_ICMPV6,
  ip6IsLinkLocal,
  ip6IsUnspecified,
  ip6UpperOff,
  ip6UpperProto,
} from '../wire/ip6.ts';
import { NDISC_REDIRECT, NDISC_ROUTER_SOLICITATION } from '../wire/nd.ts';
import { DC_FORCE_FORWARDING, DC_FORWARDING, DC_MTU6, DC_PROXY_NDP } from './conf6.ts';
import { isLocked } from './fib6-sync.ts';
import { icmp6Send } from './icmp6-send.ts';
import { ip6Input } from './ip6-in.ts';
import { CB6_FORWARDED, ip6Output } from './ip6-out.ts';
import { sendRedirect6 } from './nd-redirect.ts';
import { D6_GATEWAY, type Dst6 } from './route6.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';

const MIN_MTU = 1280;
const NOT_NEIGHBOUR = 2;
const target = new In6();

/** Takes. `id`: where it came in. */
export function ip6Forward(i6: Inet6Ns, skb: Skb, d: Dst6, id: Inet6Dev): void {
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ip6_forward', skb, skb.dev);
  if (i6.confAll.v[DC_FORWARDING] === 0 && id.conf.v[DC_FORCE_FORWARDING] === 0) return addrError(i6, skb, id);
  if (skb.pktType !== PKT_HOST) {
    skb.slabs.free(skb, Drop.IpNotForUs);
    return;
  }
  if (skb.ipSummed === CSUM_COMPLETE) skb.ipSummed = CSUM_NONE;
  const b = skb.bytes;
  const at = skb.net;
  if (b[at + IP6_HOP] <= 1) {
    icmp6Send(i6, skb, ICMPV6_TIME_EXCEED, 0, 0);
    i6.ip.InHdrErrors++;
    id.ip.InHdrErrors++;
    skb.slabs.free(skb, Drop.IpTtl);
    return;
  }
  if (i6.confAll.v[DC_PROXY_NDP] !== 0 || id.conf.v[DC_PROXY_NDP] !== 0) {
    const done = proxied(i6, skb, id);
    if (done) return;
  }
  const out = d.dev as NetDevice;
  if (out === id.dev) {
    if ((d.flags & D6_GATEWAY) !== 0) target.set(d.gateway);
    else target.read(b, at + IP6_DST);
    sendRedirect6(i6, skb, id, target);
  } else {
    if (b[at + IP6_SRC] === 0xff || ip6IsUnspecified(b, at + IP6_SRC)) return addrError(i6, skb, id);
    if (ip6IsLinkLocal(b, at + IP6_SRC)) {
      icmp6Send(i6, skb, ICMPV6_DEST_UNREACH, NOT_NEIGHBOUR, 0);
      return addrError(i6, skb, id);
    }
  }
  i6.ip.OutForwDatagrams++;
  const od = in6Dev(out);
  if (od !== null) od.ip.OutForwDatagrams++;
  const mtu = forwardMtu(d, od);
  if (networkLen(skb) > mtu) {
    tooBig(i6, skb, id, od, out, mtu);
    return;
  }
  if (!skb.slabs.unshare(skb)) {
    skb.slabs.free(skb, Drop.NoMemory);
    return;
  }
  skb.bytes[skb.net + IP6_HOP]--;
  skb.cb1 = CB6_FORWARDED;
  ip6Output(i6, skb, d);
}

function addrError(i6: Inet6Ns, skb: Skb, id: Inet6Dev): void {
  i6.ip.InAddrErrors++;
  id.ip.InAddrErrors++;
  skb.slabs.free(skb, Drop.IpNotForUs);
}

/** The device's MTU; a route's own only when it is locked. Linux: ip6_dst_mtu_maybe_forward(). */
function forwardMtu(d: Dst6, od: Inet6Dev | null): number {
  let mtu = od === null ? MIN_MTU : od.conf.v[DC_MTU6];
  if (d.mtu !== 0 && d.route !== null && isLocked(d.route)) mtu = d.mtu;
  return mtu < MIN_MTU ? MIN_MTU : mtu;
}

/** The source of the error is that of the way out. */
function tooBig(i6: Inet6Ns, skb: Skb, id: Inet6Dev, od: Inet6Dev | null, out: NetDevice, mtu: number): void {
  skb.dev = out;
  icmp6Send(i6, skb, ICMPV6_PKT_TOOBIG, 0, mtu);
  i6.ip.InTooBigErrors++;
  id.ip.InTooBigErrors++;
  i6.ip.FragFails++;
  if (od !== null) od.ip.FragFails++;
  skb.slabs.free(skb, Drop.PacketTooBig);
}

/** For an address that we answer solicitations for: discovery comes here, the rest goes on. True: it was taken. */
function proxied(i6: Inet6Ns, skb: Skb, id: Inet6Dev): boolean {
  const b = skb.bytes;
  target.read(b, skb.net + IP6_DST);
  if (i6.proxies.find(target, skb.dev) === null) return false;
  const end = skb.off + skb.len;
  const up = ip6UpperOff(b, skb.net, end);
  if (up >= 0 && up < end && ip6UpperProto(b, skb.net, end) === IPPROTO_ICMPV6) {
    if (b[up] >= NDISC_ROUTER_SOLICITATION && b[up] <= NDISC_REDIRECT) {
      ip6Input(i6, skb, id);
      return true;
    }
  }
  if (word(b, skb.net + IP6_DST) >>> 22 !== 0x3fa) return false;
  icmp6Send(i6, skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
  i6.ip.InDiscards++;
  id.ip.InDiscards++;
  skb.slabs.free(skb, Drop.IpNotForUs);
  return true;
}
