// What is remembered of single hosts for limiting errors and redirects to them. Bound: 65536 hosts, then all are
// forgotten. Linux: net/ipv4/inetpeer.c, struct inet_peer.

import type { InetNs } from './state.ts';

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
  let p = ins.peers.get(addr);
  if (p === undefined) {
    if (ins.peers.size >= 65536) ins.peers.clear();
    p = new Peer(ins.now);
    ins.peers.set(addr, p);
  }
  return p;
}

/** One token every `perNs`, `burst` at most. Linux: inet_peer_xrlim_allow(), ip_error(). */
export function peerAllows(ins: InetNs, p: Peer, perNs: number, burst = 6): boolean {
  return peerAllowsNs(ins.now, p, perNs, burst);
}

export function peerAllowsNs(now: number, p: Peer, perNs: number, burst = 6): boolean {
  p.tokensNs = Math.min(p.tokensNs + now - p.rateLastNs, burst * perNs);
  p.rateLastNs = now;
  if (p.tokensNs < perNs) return false;
  p.tokensNs -= perNs;
  return true;
}
