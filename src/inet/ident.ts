// Identifiers of IP packets: counters by a hash of the addresses, that jump by a random number of at most the time that
// passed, so that nobody can count a host's packets. Linux: __ip_select_ident(), ip_idents_reserve().

import type { InetNs } from './state.ts';

const TICK_NS = 4e6;

/** Addresses as signed 32-bit numbers. */
export function selectIdent(ins: InetNs, daddr: number, saddr: number, proto: number): number {
  if (!ins.identsDrawn) {
    ins.identsDrawn = true;
    for (let i = 0; i < 256; i++) ins.idents[i] = ins.stack.idStream.u32();
  }
  const h = Math.imul(daddr ^ Math.imul(saddr, 0x9e3779b1) ^ proto, 0x85ebca6b);
  const i = (h >>> 16) & 255;
  const now = ins.now;
  const ticks = Math.floor((now - ins.identNs[i]) / TICK_NS);
  let step = 1;
  if (ticks > 0) {
    ins.identNs[i] = now;
    step += ins.stack.idStream.below(ticks);
  }
  ins.idents[i] += step;
  return ins.idents[i] & 0xffff; // what fits the header; an unsigned 32-bit number would be allocated half of the time
}
