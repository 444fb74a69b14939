// ARP for IPv4 over Ethernet (RFC 826): 28 bytes. Other hardware and protocol types are recognised, not read.
// Linux: include/uapi/linux/if_arp.h.

import { holds, setU16, setU32, u16, u32 } from './bytes.ts';
import { ETH_P_IP, macKey, setMacKey } from './ethernet.ts';
import { ip4Text, macText, mustSetIp4, mustSetMac } from './text.ts';

export const ARP_LEN = 28;
export const ARPHRD_ETHER = 1;
export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;
export const ARPOP_RREQUEST = 3;
export const ARPOP_RREPLY = 4;

export const ARP_HRD = 0;
export const ARP_PRO = 2;
export const ARP_HLN = 4;
export const ARP_PLN = 5;
export const ARP_OP = 6;
export const ARP_SHA = 8;
export const ARP_SPA = 14;
export const ARP_THA = 18;
export const ARP_TPA = 24;

/** Is this Ethernet and IPv4, with all its bytes? */
export function arpIsEthIp4(b: Uint8Array, off: number, len: number): boolean {
  return (
    len >= ARP_LEN &&
    u16(b, off) === ARPHRD_ETHER &&
    u16(b, off + ARP_PRO) === ETH_P_IP &&
    u16(b, off + ARP_HLN) === 0x0604
  );
}

export function arpOp(b: Uint8Array, off: number): number {
  return u16(b, off + ARP_OP);
}

/** The sender's and the target's MAC as 48-bit numbers; their IPv4 addresses as unsigned 32-bit numbers. */
export function arpSha(b: Uint8Array, off: number): number {
  return macKey(b, off + ARP_SHA);
}

export function arpSpa(b: Uint8Array, off: number): number {
  return u32(b, off + ARP_SPA);
}

export function arpTha(b: Uint8Array, off: number): number {
  return macKey(b, off + ARP_THA);
}

export function arpTpa(b: Uint8Array, off: number): number {
  return u32(b, off + ARP_TPA);
}

/** The whole message at once. */
export function setArp(
  b: Uint8Array,
  off: number,
  op: number,
  sha: number,
  spa: number,
  tha: number,
  tpa: number,
): void {
  setU16(b, off, ARPHRD_ETHER);
  setU16(b, off + ARP_PRO, ETH_P_IP);
  setU16(b, off + ARP_HLN, 0x0604);
  setU16(b, off + ARP_OP, op);
  setMacKey(b, off + ARP_SHA, sha);
  setU32(b, off + ARP_SPA, spa);
  setMacKey(b, off + ARP_THA, tha);
  setU32(b, off + ARP_TPA, tpa);
}

export interface ArpRecord {
  op: number;
  sha: string;
  spa: string;
  tha: string;
  tpa: string;
}

/** Null when it is short, or not Ethernet and IPv4. */
export function decodeArp(b: Uint8Array, off: number, len: number): ArpRecord | null {
  if (!holds(b, off, len, ARP_LEN) || !arpIsEthIp4(b, off, len)) return null;
  return {
    op: arpOp(b, off),
    sha: macText(b, off + ARP_SHA),
    spa: ip4Text(arpSpa(b, off)),
    tha: macText(b, off + ARP_THA),
    tpa: ip4Text(arpTpa(b, off)),
  };
}

export function encodeArp(r: { op: number; sha: string; spa: string; tha?: string; tpa: string }): Uint8Array {
  const b = new Uint8Array(ARP_LEN);
  setArp(b, 0, r.op, 0, 0, 0, 0);
  mustSetMac(b, ARP_SHA, r.sha);
  mustSetIp4(b, ARP_SPA, r.spa);
  mustSetMac(b, ARP_THA, r.tha ?? '00:00:00:00:00:00');
  mustSetIp4(b, ARP_TPA, r.tpa);
  return b;
}
