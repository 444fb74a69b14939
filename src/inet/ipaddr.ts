// Questions about one IPv4 address (unsigned 32-bit, host order). Linux: include/linux/in.h, ipv4_is_*().

export const INADDR_LOOPBACK = 0x7f000001;
export const INADDR_BROADCAST = 0xffffffff;
/** Source of an ICMP error from a host without any address. Linux: INADDR_DUMMY. */
export const INADDR_DUMMY = 0xc0000008;
export const ALL_HOSTS = 0xe0000001;

/** Netmask of a prefix length. Linux: inet_make_mask(). */
export function maskOf(len: number): number {
  return len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0;
}

/** The 32 bits at `at`, signed: a small integer whatever the address, so the hot path compares these. */
export function s32(b: Uint8Array, at: number): number {
  return (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
}

export function isMulticast(a: number): boolean {
  return a >>> 28 === 14;
}

/** 224.0.0.0/24: never forwarded. */
export function isLocalMulticast(a: number): boolean {
  return a >>> 8 === 0xe00000;
}

export function isLoopback(a: number): boolean {
  return a >>> 24 === 127;
}

export function isZeronet(a: number): boolean {
  return a >>> 24 === 0;
}

/** Do two addresses agree in the bits of a mask? */
export function sameNet(a: number, b: number, mask: number): boolean {
  return ((a ^ b) & mask) === 0;
}
