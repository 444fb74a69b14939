// What every protocol printer writes into: one packet's text so far, and bounds-checked access to its bytes.
// Reading past what was captured stops the packet with ` [|proto]`, as tcpdump's GET_ macros do.
// tcpdump: netdissect.h, print.c.

import { ip4Text, ip6Text, macText } from '../../../wire/text.ts';
import { ouiName, serviceName } from './names.ts';

export interface PrintOptions {
  /** How many times -v, -n, -q, -e, -t were given. */
  v: number;
  n: number;
  q: number;
  e: boolean;
  /** -S: absolute TCP sequence numbers. */
  absoluteSeq: boolean;
  /** -K: checksums are not verified. */
  noCheck: boolean;
  /** -x, -X or -q: unknown packets are not dumped. */
  suppressDefault: boolean;
  /** What `-i any` calls an interface: `eth0`, or null when the number has no name. */
  ifName: (ifindex: number) => string | null;
}

/** What tcpdump remembers of a TCP conversation between packets: both sides' first sequence numbers. */
export interface TcpFlow {
  seq: number;
  ack: number;
}

class Truncated extends Error {}

/** Numbers by bits and values by number, in tcpdump's `struct tok` order. */
export type Tok = ReadonlyArray<readonly [number, string]>;

export function tok(list: Tok, value: number, unknown: string): string {
  for (const [v, name] of list) if (v === value) return name;
  return unknown;
}

/** The names of all bits that are set, joined. */
export function bits(list: Tok, value: number, none: string, sep = ', '): string {
  const names = list.filter(([bit]) => bit !== 0 && (value & bit) === bit).map(([, name]) => name);
  return names.length === 0 ? none : names.join(sep);
}

export function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}

export class Printer {
  readonly b: Uint8Array;
  readonly o: PrintOptions;
  readonly flows: Map<string, TcpFlow>;
  /** End of what was captured, or of the packet inside when that is earlier. */
  end: number;
  text = '';
  /** Named when something is truncated. */
  proto = '';

  constructor(b: Uint8Array, o: PrintOptions, flows: Map<string, TcpFlow>) {
    this.b = b;
    this.o = o;
    this.flows = flows;
    this.end = b.length;
  }

  put(s: string): void {
    this.text += s;
  }

  /** Runs a printer; what was printed before a truncation stays. */
  guard(f: () => void): void {
    try {
      f();
    } catch (e) {
      if (!(e instanceof Truncated)) throw e;
      this.putTrunc();
    }
  }

  putTrunc(): void {
    this.put(` [|${this.proto}]`);
  }

  has(at: number, n: number): boolean {
    return at + n <= this.end;
  }

  need(at: number, n: number): void {
    if (!this.has(at, n)) throw new Truncated();
  }

  u8(at: number): number {
    this.need(at, 1);
    return this.b[at];
  }

  u16(at: number): number {
    this.need(at, 2);
    return (this.b[at] << 8) | this.b[at + 1];
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.u16(at) * 65536 + this.u16(at + 2);
  }

  ip4(at: number): string {
    return ip4Text(this.u32(at));
  }

  ip6(at: number): string {
    this.need(at, 16);
    return ip6Text(this.b, at);
  }

  mac(at: number): string {
    this.need(at, 6);
    const text = macText(this.b, at);
    if (this.o.n > 0) return text;
    return text === 'ff:ff:ff:ff:ff:ff'
      ? 'Broadcast'
      : `${text} (oui ${ouiName((this.u16(at) << 8) | this.b[at + 2])})`;
  }

  port(proto: 'tcp' | 'udp', port: number): string {
    return (this.o.n > 0 ? null : serviceName(proto, port)) ?? String(port);
  }
}
