// The words of a command line, taken one by one, and iproute2's abbreviations and numbers.
// iproute2: lib/utils.c, matches(), get_unsigned(), get_addr_1(), get_prefix_1().

import type { IpAddr, WithUnknown } from '../../../uapi/attr.ts';
import { formatIp4, formatMac, macOfBytes, parseIp6 } from '../../../uapi/format.ts';
import { incomplete, invarg, ToolError } from './errors.ts';
import { familyName } from './names.ts';

export class Args {
  private readonly words: string[];
  private at = 0;

  constructor(words: readonly string[]) {
    this.words = [...words];
  }

  get more(): boolean {
    return this.at < this.words.length;
  }

  /** The word at hand; undefined past the end. */
  get word(): string {
    return this.words[this.at];
  }

  /** The word after it, if any. */
  get following(): string | undefined {
    return this.words[this.at + 1];
  }

  next(): string {
    return this.words[this.at++];
  }

  /** NEXT_ARG(): there has to be another word. */
  need(): string {
    this.at++;
    if (!this.more) incomplete();
    return this.words[this.at];
  }

  skip(): void {
    this.at++;
  }

  /** ll_addr_a2n() writes into what it reads: of the word after it, its first byte is left. */
  cutFollowing(): void {
    const word = this.following;
    if (word !== undefined && !word.includes('.')) this.words[this.at + 1] = word.split(':', 1)[0];
  }

  back(): void {
    this.at--;
  }

  rest(): string[] {
    return this.words.slice(this.at);
  }
}

/** Is `word` an abbreviation of `full`? The empty word is none. */
export function matches(word: string, full: string): boolean {
  return word !== '' && full.startsWith(word);
}

/** strtoul() in base 0, to its last letter; null when it is no number of that range. */
export function parseNumber(text: string, max = 0xffffffff): number | null {
  const n = readInteger(text);
  return n !== null && n >= 0 && n <= max ? n : null;
}

/** strtol() in base 0. */
export function parseSigned(text: string): number | null {
  const n = readInteger(text);
  return n !== null && Math.abs(n) <= 0x7fffffff ? n : null;
}

/** C's whole numbers: blanks and a sign may be in front, `0x` says hexadecimal and `0` octal. */
function readInteger(text: string): number | null {
  const [, sign, digits] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text) ?? [];
  if (digits === undefined) return null;
  const n = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? 0 - n : n;
}

/** An IPv4 address the way ip takes it: parts in any base, and left out at the end (10.1 is 10.1.0.0). */
export function parseShortIp4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let ip = 0;
  for (let i = 0; i < 4; i++) {
    const n = i < parts.length ? parseNumber(parts[i], 255) : 0;
    if (n === null) return null;
    ip = ip * 256 + n;
  }
  return ip;
}

/** An address as get_addr() and get_prefix() read it. */
export interface Address {
  /** AF_UNSPEC: `any` where no family was known. */
  family: number;
  /** Null: nothing to send (`any`, and `default` as a prefix). */
  ip: IpAddr | null;
}

export interface Prefix extends Address {
  /** Prefix length; the whole address when none was written. */
  length: number;
  hasLength: boolean;
}

/** Bits of an address. */
export const bitsOf = (family: number): number => (family === 10 ? 128 : family === 2 ? 32 : 0);

const verbose = (family: number): string => (family === 0 ? 'any valid' : familyName(family));

/** get_addr_1(). */
export function parseAddress(text: string, family: number): Address | null {
  if (text === 'default') return family === 10 ? { family: 10, ip: new Uint8Array(16) } : { family: 2, ip: 0 };
  if (text === 'any' || text === 'all') return { family, ip: null };
  if (text.includes(':')) {
    const ip = family === 0 || family === 10 ? parseIp6(text) : null;
    return ip === null ? null : { family: 10, ip };
  }
  const ip = family === 0 || family === 2 ? parseShortIp4(text) : null;
  return ip === null ? null : { family: 2, ip };
}

/** get_prefix(): ends with the tool's words when it is none. */
export function needPrefix(text: string, family: number): Prefix {
  if (text === 'default' || text === 'any' || text === 'all') return { family, ip: null, length: 0, hasLength: true };
  const slash = text.indexOf('/');
  const a = parseAddress(slash < 0 ? text : text.slice(0, slash), family);
  const whole = a === null ? 0 : bitsOf(a.family);
  const length = slash < 0 ? whole : parseMaskLength(text.slice(slash + 1));
  if (a === null || length === null || length > whole) {
    throw new ToolError(`Error: ${verbose(family)} prefix is expected rather than "${text}".\n`, 1);
  }
  return { ...a, length, hasLength: slash >= 0 };
}

/** get_netmask(): a number or a dotted mask. */
function parseMaskLength(text: string): number | null {
  const n = parseNumber(text);
  if (n !== null) return n;
  const mask = parseShortIp4(text);
  return mask === null ? null : maskLength(mask);
}

/** Prefix length of a netmask; null when it has holes. */
export function maskLength(mask: number): number | null {
  const inverted = ~mask >>> 0;
  if ((inverted & (inverted + 1)) !== 0) return null;
  return 32 - (inverted === 0 ? 0 : Math.floor(Math.log2(inverted)) + 1);
}

/** get_addr(): ends with the tool's words when it is none. */
export function needAddress(text: string, family: number): Address {
  const a = parseAddress(text, family);
  if (a === null) throw new ToolError(`Error: ${verbose(family)} address is expected rather than "${text}".\n`, 1);
  return a;
}

/** inet_addr_match(): do two addresses agree in their first bits? */
export function sameBits(a: IpAddr, b: IpAddr, bits: number): boolean {
  if (typeof a === 'number' || typeof b === 'number') {
    if (typeof a !== typeof b) return false;
    return bits === 0 || ((a as number) ^ (b as number)) >>> (32 - bits) === 0;
  }
  for (let i = 0; i < bits; i++) if (((a[i >> 3] ^ b[i >> 3]) & (0x80 >> (i & 7))) !== 0) return false;
  return true;
}

/** ll_addr_a2n(): bytes in hex between colons, or an IPv4 address as four bytes. Any number of them: the kernel decides. */
export function needLladdr(text: string): Uint8Array {
  if (text.includes('.')) {
    const ip = parseShortIp4(text);
    if (ip === null) throw new ToolError(`"${text}" is invalid lladdr.\n`, 1);
    return Uint8Array.of(ip >>> 24, ip >>> 16, ip >>> 8, ip);
  }
  return Uint8Array.from(text.split(':'), (part) => {
    const n = Number.parseInt(/^(?:0x)?[0-9a-f]+/i.exec(part)?.[0] ?? '', 16);
    if (!(n <= 255)) throw new ToolError(`"${part}" is invalid lladdr.\n`, 1);
    return n;
  });
}

/** Sets an attribute to a link-layer address as typed: a MAC, or raw bytes for the kernel to refuse. */
export function putLladdr(attrs: object, key: string, type: number, text: string): void {
  const bytes = needLladdr(text);
  if (bytes.length === 6) (attrs as Record<string, unknown>)[key] = macOfBytes(bytes);
  else ((attrs as WithUnknown).unknown ??= []).push({ type, bytes });
}

export function needNumber(what: string, text: string, max = 0xffffffff): number {
  const n = parseNumber(text, max);
  if (n === null) invarg(what, text);
  return n;
}

export { formatIp4, formatMac };
