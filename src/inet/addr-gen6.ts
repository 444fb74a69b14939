// Interface identifiers: the lower half of an address that a host makes for itself. From the MAC (modified EUI-64),
// from a secret (RFC 7217, as Linux does it with one SHA-1 block), or by chance (RFC 8981).
// Linux: addrconf_ifid_eui48(), ipv6_generate_stable_address(), ipv6_gen_rnd_iid() in net/ipv6/addrconf.c.

import type { NetDevice } from '../net/netdev.ts';
import { type In6, word } from '../wire/in6.ts';
import type { Inet6Dev } from './state6.ts';

/** IN6_ADDR_GEN_MODE_* */
export const GEN_EUI64 = 0;
export const GEN_NONE = 1;
export const GEN_STABLE_PRIVACY = 2;
export const GEN_RANDOM = 3;

const ARPHRD_ETHER = 1;

/** Fills in the lower half from the device's MAC; false when it has none. */
export function setEui64(addr: In6, dev: NetDevice): boolean {
  if (dev.type !== ARPHRD_ETHER || dev.addrLen !== 6) return false;
  const high = Math.floor(dev.addr / 0x1000000);
  const low = dev.addr % 0x1000000;
  addr.c = (((high << 8) | 0xff) ^ 0x02000000) | 0;
  addr.d = 0xfe000000 | low;
  return true;
}

/** Identifiers that mean something else: subnet-router and reserved anycast, the IANA Ethernet block (RFC 5453). */
function reserved(a: In6): boolean {
  if ((a.c | a.d) === 0) return true;
  if (a.c === 0x02005eff && a.d >>> 24 === 0xfe) return true;
  return a.c === (0xfdffffff | 0) && (a.d & 0xffffff80) === (0xffffff80 | 0);
}

/**
 * Fills in the lower half that the secret, the prefix and the permanent MAC give; `dadCount` is how often duplicates were
 * met. False when there is no secret, or chance kept giving reserved ones.
 */
export function setStableIid(addr: In6, dadCount: number, d: Inet6Dev): boolean {
  const secret = d.stableSecret ?? d.i6.stableSecret;
  if (secret === null) return false;
  const block = new Uint8Array(64);
  secret.write(block, 0);
  for (let count = dadCount; ; count++) {
    block.fill(0, 16);
    addr.write(block, 16);
    block.fill(0, 24);
    writeMac(block, 24, d.dev.permAddr);
    block[56] = count;
    const [h0, h1] = sha1Block(block);
    addr.c = h0;
    addr.d = h1;
    if (!reserved(addr)) return true;
    if (count + 1 > d.i6.set.idgenRetries) return false;
  }
}

function writeMac(b: Uint8Array, at: number, mac: number): void {
  for (let i = 5, rest = mac; i >= 0; i--, rest = Math.floor(rest / 256)) b[at + i] = rest % 256;
}

const rotl = (v: number, n: number): number => (v << n) | (v >>> (32 - n));

/**
 * The first two words of SHA-1's state after one block without padding, byte order as in an address on a little-endian
 * machine: Linux stores the words as they are. FIPS 180-4.
 */
function sha1Block(block: Uint8Array): [number, number] {
  const w = new Int32Array(80);
  for (let i = 0; i < 16; i++) w[i] = word(block, 4 * i);
  for (let i = 16; i < 80; i++) w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  const h = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  let [a, b, c, d, e] = h;
  for (let i = 0; i < 80; i++) {
    const [f, k] =
      i < 20
        ? [(b & c) | (~b & d), 0x5a827999]
        : i < 40
          ? [b ^ c ^ d, 0x6ed9eba1]
          : i < 60
            ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
            : [b ^ c ^ d, 0xca62c1d6];
    const t = (rotl(a, 5) + f + e + k + w[i]) | 0;
    e = d;
    d = c;
    c = rotl(b, 30);
    b = a;
    a = t;
  }
  return [swap((h[0] + a) | 0), swap((h[1] + b) | 0)];
}

function swap(v: number): number {
  return (v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
}
