// What is remembered of single hosts for limiting errors and redirects to them. Bound: 65536 hosts, then all are
// forgotten. Linux: net/ipv4/inetpeer.c, struct inet_peer.

import type { In6 } from '../wire/in6.ts';
import type { InetNs } from './state.ts';
import type { Inet6Ns } from './state6.ts';

const MAX_PEERS = 65536;

export class Peer {
  tokensNs = 0;
  rateLastNs: number;
  redirects = 0;

  constructor(now: number) {
    // As if it had been quiet for a minute: a fresh peer has its whole burst.
    this.rateLastNs = now - 60e9;
  }
}

export function peerOf(ins: InetNs, addr: number): Peer {
  return ins.peers.get(addr) ?? remember(ins.peers, addr, ins.now);
}

export function peer6Of(i6: Inet6Ns, addr: In6): Peer {
  return i6.peers.get(addr) ?? remember(i6.peers, addr, i6.now);
}

function remember<A>(peers: { size: number; set(addr: A, p: Peer): void; clear(): void }, addr: A, now: number): Peer {
  if (peers.size >= MAX_PEERS) peers.clear();
  const p = new Peer(now);
  peers.set(addr, p);
  return p;
}

/** One token every `perNs`, `burst` at most. Linux: inet_peer_xrlim_allow(), ip_error(). */
export function peerAllows(p: Peer, now: number, perNs: number, burst = 6): boolean {
  p.tokensNs = Math.min(p.tokensNs + now - p.rateLastNs, burst * perNs);
  p.rateLastNs = now;
  if (p.tokensNs < perNs) return false;
  p.tokensNs -= perNs;
  return true;
}
