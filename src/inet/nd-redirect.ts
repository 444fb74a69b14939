// Redirects that a router sends: "that way is shorter". Linux: ndisc_send_redirect() in net/ipv6/ndisc.c.

import type { Skb } from '../net/skb.ts';
import { IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { setMacKey } from '../wire/ethernet.ts';
import { type In6, In6 as In6Value, in6At } from '../wire/in6.ts';
import { IP6_DST, IP6_SRC } from '../wire/ip6.ts';
import { ND_OPT_REDIRECT_HDR, ND_OPT_TARGET_LL_ADDR, NDISC_REDIRECT, setNdLlOption } from '../wire/nd.ts';
import { sendIcmp6 } from './nd-send.ts';
import { NUD_VALID } from './neigh.ts';
import { peer6Of, peerAllows } from './peers.ts';
import { D6_GATEWAY, lookupKnown6 } from './route6.ts';
import { lladdrOf } from './saddr6.ts';
import type { Inet6Dev, Inet6Ns } from './state6.ts';

const MIN_MTU = 1280;
const HEADER = 40;
const own = new In6Value();

/** Tells the sender of `skb`, which leaves by the device it came in, where to send instead. Borrows. */
export function sendRedirect6(i6: Inet6Ns, skb: Skb, id: Inet6Dev, target: In6): void {
  const b = skb.bytes;
  const to = in6At(b, skb.net + IP6_SRC);
  const dest = in6At(b, skb.net + IP6_DST);
  if (!allows(i6, dest)) return;
  if (!lladdrOf(id, IFA_F_TENTATIVE, own)) return;
  if (!dest.equals(target) && !target.isLinkLocal) return;
  const d = lookupKnown6(i6, to, id.dev.ifindex);
  if (d === null || (d.flags & D6_GATEWAY) !== 0 || !allows(i6, to)) return;
  const n = id.neighs.get(target);
  const known = n !== null && (n.state & NUD_VALID) !== 0;
  const room = MIN_MTU - HEADER - HEADER - (known ? 8 : 0);
  const quoted = Math.min(room, skb.off + skb.len - skb.net + 8) & ~7;
  const m = new Uint8Array(HEADER + (known ? 8 : 0) + quoted);
  m[0] = NDISC_REDIRECT;
  target.write(m, 8);
  dest.write(m, 24);
  let at = HEADER;
  if (known) {
    setNdLlOption(m, at, ND_OPT_TARGET_LL_ADDR);
    setMacKey(m, at + 2, n.lladdr);
    at += 8;
  }
  m[at] = ND_OPT_REDIRECT_HDR;
  m[at + 1] = quoted >> 3;
  m.set(b.subarray(skb.net, skb.net + quoted - 8), at + 8);
  sendIcmp6(id, own, to, 255, m, null);
}

/** Once in a second, six at most in a burst, for each host. */
function allows(i6: Inet6Ns, host: In6): boolean {
  return peerAllows(peer6Of(i6, host), i6.now, 1e9);
}
