// What UDP does alike over both families: which socket gets a datagram, and what a sender is told.
// Linux: udp4_lib_lookup2(), __udp4_lib_mcast_deliver(), udp_send_skb() and their IPv6 twins.

import { Drop } from '../net/drop.ts';
import type { Skb } from '../net/skb.ts';
import { ENOBUFS } from './errno.ts';
import type { InetSocket } from './inet-socket.ts';
import type { UdpMib } from './stats.ts';

/** A socket as datagrams see it (skb.off at the UDP header). `iif`: by which device it counts as having come. */
export interface UdpReceiver {
  /** How well it fits, -1: not at all. Linux: compute_score(). */
  score(skb: Skb, iif: number): number;
  /** Borrows. */
  deliver(skb: Skb, iif: number): void;
}

/** The one that fits best, the first of equals. */
export function bestReceiver<S extends UdpReceiver>(list: readonly S[], skb: Skb, iif: number): S | null {
  let found: S | null = null;
  let most = -1;
  for (let i = 0; i < list.length; i++) {
    const v = list[i].score(skb, iif);
    if (v > most) {
      most = v;
      found = list[i];
    }
  }
  return found;
}

/** Every socket that fits gets it. Takes. */
export function deliverToGroup(list: readonly UdpReceiver[] | undefined, skb: Skb, iif: number, mib: UdpMib): void {
  let n = 0;
  if (list !== undefined) {
    for (let i = 0; i < list.length; i++) {
      if (list[i].score(skb, iif) < 0) continue;
      list[i].deliver(skb, iif);
      n++;
    }
  }
  if (n === 0) mib.IgnoredMulti++;
  skb.slabs.free(skb, n === 0 ? Drop.NoSocket : Drop.None);
}

/** Counts what became of a datagram of `len` bytes, and says what its sender is told: `len` or -errno. */
export function udpSent(s: InetSocket, mib: UdpMib, rc: number, len: number): number {
  if (rc === 0) {
    mib.OutDatagrams++;
    return len;
  }
  if (rc !== -ENOBUFS || s.recvErr) return rc;
  mib.SndbufErrors++;
  return len;
}
