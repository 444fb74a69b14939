// An IPv6 address as four signed 32-bit words: small integers whatever the address, so the hot path may compare and store
// them, and one object that passes through calls. Also maps by address and the questions that Linux asks of one.
// Linux: struct in6_addr, include/net/ipv6.h, __ipv6_addr_type() in net/ipv6/addrconf_core.c.

import { formatIp6, parseIp6 } from '../uapi/format.ts';

export class In6 {
  a: number;
  b: number;
  c: number;
  d: number;

  constructor(a = 0, b = 0, c = 0, d = 0) {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.d = d | 0;
  }

  /** Becomes the sixteen bytes at `at`. */
  read(bytes: Uint8Array, at: number): this {
    this.a = word(bytes, at);
    this.b = word(bytes, at + 4);
    this.c = word(bytes, at + 8);
    this.d = word(bytes, at + 12);
    return this;
  }

  write(bytes: Uint8Array, at: number): void {
    putWord(bytes, at, this.a);
    putWord(bytes, at + 4, this.b);
    putWord(bytes, at + 8, this.c);
    putWord(bytes, at + 12, this.d);
  }

  set(o: In6): this {
    this.a = o.a;
    this.b = o.b;
    this.c = o.c;
    this.d = o.d;
    return this;
  }

  clear(): this {
    this.a = 0;
    this.b = 0;
    this.c = 0;
    this.d = 0;
    return this;
  }

  equals(o: In6): boolean {
    return this.d === o.d && this.c === o.c && this.b === o.b && this.a === o.a;
  }

  /** Are these the sixteen bytes at `at`? */
  equalsAt(bytes: Uint8Array, at: number): boolean {
    return (
      this.d === word(bytes, at + 12) &&
      this.c === word(bytes, at + 8) &&
      this.b === word(bytes, at + 4) &&
      this.a === word(bytes, at)
    );
  }

  copy(): In6 {
    return new In6(this.a, this.b, this.c, this.d);
  }

  /** `::` */
  get isAny(): boolean {
    return (this.a | this.b | this.c | this.d) === 0;
  }

  /** ff00::/8 */
  get isMulticast(): boolean {
    return this.a >>> 24 === 0xff;
  }

  /** fe80::/10 */
  get isLinkLocal(): boolean {
    return this.a >>> 22 === 0x3fa;
  }

  /** `::1` */
  get isLoopback(): boolean {
    return (this.a | this.b | this.c) === 0 && this.d === 1;
  }

  /** ::ffff:0:0/96 */
  get isMapped(): boolean {
    return (this.a | this.b) === 0 && this.c === 0xffff;
  }

  /** Of a group: 1 interface, 2 link, 5 site, 8 organisation, 14 global; 0 when it is no group. */
  get mcScope(): number {
    return this.a >>> 24 === 0xff ? (this.a >>> 16) & 15 : 0;
  }

  /** Groups and addresses that mean something on one link only. Linux: __ipv6_addr_needs_scope_id(). */
  get needsScope(): boolean {
    if (this.isLinkLocal) return true;
    const s = this.mcScope;
    return s === 1 || s === 2;
  }

  /** Sixteen bytes of its own. */
  bytes(): Uint8Array {
    const out = new Uint8Array(16);
    this.write(out, 0);
    return out;
  }

  /** RFC 5952. */
  toString(): string {
    return formatIp6(this.bytes());
  }
}

/** A signed 32-bit word, big-endian. */
export function word(b: Uint8Array, at: number): number {
  return (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
}

function putWord(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 24;
  b[at + 1] = v >>> 16;
  b[at + 2] = v >>> 8;
  b[at + 3] = v;
}

/** From text; null when it is no IPv6 address. */
export function in6Of(text: string): In6 | null {
  const b = parseIp6(text);
  return b === null ? null : new In6().read(b, 0);
}

/** From text that is known to be an address: constants and tests. */
export function in6(text: string): In6 {
  const a = in6Of(text);
  if (a === null) throw new TypeError(`not an IPv6 address: ${text}`);
  return a;
}

export function in6At(b: Uint8Array, at: number): In6 {
  return new In6().read(b, at);
}

/** ::ffff:a.b.c.d for an IPv4 address (unsigned), and back. */
export function in6Mapped(addr4: number): In6 {
  return new In6(0, 0, 0xffff, addr4);
}

export function mapped4(a: In6): number {
  return a.d >>> 0;
}

/** Frozen constants; who wants to change one copies it. */
export const IN6_ANY: In6 = Object.freeze(new In6());
export const IN6_LOOPBACK: In6 = Object.freeze(new In6(0, 0, 0, 1));
/** ff02::1, ff01::1, ff02::2 */
export const IN6_ALL_NODES: In6 = Object.freeze(new In6(0xff020000, 0, 0, 1));
export const IN6_IF_ALL_NODES: In6 = Object.freeze(new In6(0xff010000, 0, 0, 1));
export const IN6_ALL_ROUTERS: In6 = Object.freeze(new In6(0xff020000, 0, 0, 2));

/** The group in which the owner of `addr` hears neighbour solicitations: ff02::1:ffXX:XXXX. */
export function solicitedNode(addr: In6): In6 {
  return new In6(0xff020000, 0, 1, 0xff000000 | (addr.d & 0xffffff));
}

/** 33:33 and the last four bytes of the group, as a 48-bit number. */
export function macOfIn6Group(group: In6): number {
  return 0x333300000000 + (group.d >>> 0);
}

/** The first `len` bits of an address, the rest zero. Linux: ipv6_addr_prefix(). */
export function in6Prefix(addr: In6, len: number): In6 {
  return new In6(
    addr.a & maskWord(len),
    addr.b & maskWord(len - 32),
    addr.c & maskWord(len - 64),
    addr.d & maskWord(len - 96),
  );
}

/** The mask of one word when `len` bits are left for it. */
export function maskWord(len: number): number {
  return len <= 0 ? 0 : len >= 32 ? -1 : -1 << (32 - len);
}

/** Do both agree in the first `len` bits? Linux: ipv6_prefix_equal(). */
export function in6PrefixEqual(x: In6, y: In6, len: number): boolean {
  return (
    ((x.a ^ y.a) & maskWord(len)) === 0 &&
    ((x.b ^ y.b) & maskWord(len - 32)) === 0 &&
    ((x.c ^ y.c) & maskWord(len - 64)) === 0 &&
    ((x.d ^ y.d) & maskWord(len - 96)) === 0
  );
}

/** How many leading bits agree, 0 to 128. Linux: ipv6_addr_diff(). */
export function in6CommonBits(x: In6, y: In6): number {
  if (x.a !== y.a) return Math.clz32(x.a ^ y.a);
  if (x.b !== y.b) return 32 + Math.clz32(x.b ^ y.b);
  if (x.c !== y.c) return 64 + Math.clz32(x.c ^ y.c);
  return x.d !== y.d ? 96 + Math.clz32(x.d ^ y.d) : 128;
}

/** As memcmp() orders them. */
export function in6Compare(x: In6, y: In6): number {
  return (
    (x.a >>> 0) - (y.a >>> 0) || (x.b >>> 0) - (y.b >>> 0) || (x.c >>> 0) - (y.c >>> 0) || (x.d >>> 0) - (y.d >>> 0)
  );
}

/** A small integer from all of an address. */
export function in6Hash(a: In6): number {
  let h = Math.imul(a.a ^ Math.imul(a.b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + a.c, 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + a.d, 0x27d4eb2f);
  return h ^ (h >>> 16);
}

interface Slot<V> {
  readonly key: In6;
  value: V;
}

/** A map by address: reading allocates nothing. Walks in the order of insertion. */
export class In6Map<V> {
  private readonly chains = new Map<number, Array<Slot<V>>>();
  private readonly slots = new Set<Slot<V>>();

  get size(): number {
    return this.slots.size;
  }

  get(key: In6): V | null {
    const chain = this.chains.get(in6Hash(key));
    if (chain === undefined) return null;
    for (let i = 0; i < chain.length; i++) if (chain[i].key.equals(key)) return chain[i].value;
    return null;
  }

  has(key: In6): boolean {
    return this.get(key) !== null;
  }

  /** Keeps a copy of the key. */
  set(key: In6, value: V): void {
    const h = in6Hash(key);
    const chain = this.chains.get(h);
    const known = chain?.find((s) => s.key.equals(key));
    if (known !== undefined) {
      known.value = value;
      return;
    }
    const slot = { key: key.copy(), value };
    this.slots.add(slot);
    if (chain === undefined) this.chains.set(h, [slot]);
    else chain.push(slot);
  }

  delete(key: In6): void {
    const h = in6Hash(key);
    const chain = this.chains.get(h);
    if (chain === undefined) return;
    const i = chain.findIndex((s) => s.key.equals(key));
    if (i < 0) return;
    this.slots.delete(chain[i]);
    chain.splice(i, 1);
    if (chain.length === 0) this.chains.delete(h);
  }

  clear(): void {
    this.chains.clear();
    this.slots.clear();
  }

  values(): V[] {
    return [...this.slots].map((s) => s.value);
  }
}
