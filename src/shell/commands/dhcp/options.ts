// The options that udhcpc and udhcpd know by name: their numbers, what text makes them and what text they make.
// Linux tool: busybox 1.35, networking/udhcp/common.c.

import { formatIp4 } from '../../../uapi/format.ts';
import { setU32, u16, u32 } from '../../../wire/bytes.ts';
import type { DhcpOption } from '../../../wire/dhcp.ts';
import { inetAton } from '../hosts.ts';

type Kind = 'ip' | 'pair' | 'string' | 'host' | 'u8' | 'u16' | 'u32' | 's32' | 'routes' | 'names' | 'bytes';

interface Known {
  code: number;
  name: string;
  kind: Kind;
  /** There may be several values. */
  list: boolean;
  /** A client asks for it unasked. */
  wanted: boolean;
}

const known = (code: number, name: string, kind: Kind, flags = ''): Known => {
  return { code, name, kind, list: flags.includes('l'), wanted: flags.includes('w') };
};

const KNOWN: readonly Known[] = [
  known(1, 'subnet', 'ip', 'w'),
  known(2, 'timezone', 's32'),
  known(3, 'router', 'ip', 'lw'),
  known(6, 'dns', 'ip', 'lw'),
  known(9, 'lprsrv', 'ip', 'l'),
  known(12, 'hostname', 'host', 'w'),
  known(13, 'bootsize', 'u16'),
  known(15, 'domain', 'host', 'w'),
  known(16, 'swapsrv', 'ip'),
  known(17, 'rootpath', 'string'),
  known(23, 'ipttl', 'u8'),
  known(26, 'mtu', 'u16'),
  known(28, 'broadcast', 'ip', 'w'),
  known(33, 'routes', 'pair', 'l'),
  known(40, 'nisdomain', 'host'),
  known(41, 'nissrv', 'ip', 'l'),
  known(42, 'ntpsrv', 'ip', 'lw'),
  known(44, 'wins', 'ip', 'l'),
  known(51, 'lease', 'u32'),
  known(54, 'serverid', 'ip'),
  known(56, 'message', 'string'),
  known(60, 'vendor', 'string'),
  known(66, 'tftp', 'host'),
  known(67, 'bootfile', 'string'),
  known(100, 'tzstr', 'string'),
  known(101, 'tzdbstr', 'string'),
  known(119, 'search', 'names', 'l'),
  known(120, 'sipsrv', 'bytes'),
  known(121, 'staticroutes', 'routes', 'l'),
  known(132, 'vlanid', 'u16'),
  known(133, 'vlanpriority', 'u8'),
  known(209, 'pxeconffile', 'string'),
  known(210, 'pxepathprefix', 'string'),
  known(211, 'reboottime', 'u32'),
  known(212, 'ip6rd', 'bytes'),
  known(249, 'msstaticroutes', 'routes'),
  known(252, 'wpad', 'string'),
];

/** The numbers that a client asks for unless told not to. */
export const wantedOptions: readonly number[] = KNOWN.filter((o) => o.wanted).map((o) => o.code);

const byCode = (code: number): Known | null => KNOWN.find((o) => o.code === code) ?? null;

/** A number as bb_strtou() takes it with base 0; null when it is none. */
export function optionNumber(text: string): number | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : null;
}

/** The number of an option, by name or number; otherwise the message that the tools end with. */
export function optionCode(text: string): number | string {
  const n = optionNumber(text);
  if (n !== null && n <= 254) return n;
  const found = KNOWN.find((o) => o.name === text.toLowerCase());
  if (found !== undefined) return found.code;
  return `unknown option '${text}', known options: ${KNOWN.map((o) => o.name).join(' ')}`;
}

/** What a line comes to: an option, as far as its values made sense, whether all did, and words that end the program. */
export interface ParsedOption {
  option: DhcpOption | null;
  ok: boolean;
  fatal: string | null;
}

const parsed = (code: number, data: Uint8Array | null, ok = true): ParsedOption => {
  return { option: data === null ? null : { code, data }, ok: ok && data !== null, fatal: null };
};
const fatal = (text: string): ParsedOption => ({ option: null, ok: false, fatal: text });

/** `dns 10.0.0.1 10.0.0.2`, `mtu:1400`, `0x3d:0102`. `say` hears of addresses that are none. */
export function parseOption(line: string, say: (words: string) => void): ParsedOption {
  const m = /^[ \t=:]*([^ \t=:]+)[ \t=:]?(.*)$/s.exec(line);
  if (m === null) return parsed(0, null);
  const [, name, rest] = m;
  const code = optionCode(name);
  if (typeof code === 'string') return fatal(code);
  if (optionNumber(name) !== null) return rawOption(code, rest.trim());
  const { kind, list } = byCode(code) as Known;
  if (kind === 'string' || kind === 'host') {
    const text = rest.replace(/^[ \t]+/, '');
    return parsed(code, text === '' ? null : bytesOf(text));
  }
  const words = rest.split(/[, \t]+/).filter((w) => w !== '');
  if (words.length === 0) return parsed(code, null);
  if (kind === 'names') return parsed(code, domainNames(words));
  if (kind === 'routes') return parsed(code, routesData(words.flatMap((w) => w.split('/'))));
  const flat = kind === 'pair' ? words.flatMap((w) => w.split('/')) : words;
  const bytes: number[] = [];
  for (const word of list ? flat : flat.slice(0, kind === 'pair' ? 2 : 1)) {
    const value = valueBytes(kind === 'pair' ? 'ip' : kind, word);
    if (value === null && (kind === 'ip' || kind === 'pair')) say(`bad address '${word}'`);
    if (value === null) return parsed(code, bytes.length === 0 ? null : Uint8Array.from(bytes), false);
    bytes.push(...value);
  }
  return parsed(code, Uint8Array.from(bytes));
}

/** By number: hexadecimal bytes, or text in quotes. */
function rawOption(code: number, text: string): ParsedOption {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted !== null) return parsed(code, bytesOf(quoted[2]));
  const hex = text.replace(/:/g, '');
  if (hex === '' || hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return fatal(`malformed hex string '${text}'`);
  return parsed(
    code,
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  );
}

function valueBytes(kind: Kind, text: string): number[] | null {
  const b = new Uint8Array(4);
  if (kind === 'ip') {
    const ip = inetAton(text);
    if (ip === null) return null;
    setU32(b, 0, ip);
    return [...b];
  }
  const negative = kind === 's32' && text.startsWith('-');
  const n = optionNumber(negative ? text.slice(1) : text);
  if (n === null) return null;
  const most = kind === 'u8' ? 0xff : kind === 'u16' ? 0xffff : kind === 's32' ? 0x7fffffff : 0xffffffff;
  if (n > most || kind === 'bytes') return null;
  setU32(b, 0, negative ? -n : n);
  return [...b.subarray(kind === 'u8' ? 3 : kind === 'u16' ? 2 : 0)];
}

/** `10.0.0.0/8 10.0.0.1, ...`: RFC 3442. */
function routesData(flat: readonly string[]): Uint8Array | null {
  const out: number[] = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const net = valueBytes('ip', flat[i]);
    const bits = optionNumber(flat[i + 1]);
    const via = valueBytes('ip', flat[i + 2]);
    if (net === null || bits === null || bits > 32 || via === null) return null;
    out.push(bits, ...net.slice(0, (bits + 7) >> 3), ...via);
  }
  return out.length === 0 ? null : Uint8Array.from(out);
}

/** Domain names as in DNS, without compression. */
function domainNames(names: readonly string[]): Uint8Array {
  const out: number[] = [];
  for (const name of names) {
    for (const label of name.split('.').filter((l) => l !== '')) out.push(label.length, ...bytesOf(label));
    out.push(0);
  }
  return Uint8Array.from(out);
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function textOf(data: Uint8Array): string {
  return Array.from(data, (c) => String.fromCharCode(c)).join('');
}

/** What a script finds in its environment: `dns`, `10.0.0.1 10.0.0.2`; options without a name as `opt43` in hexadecimal. */
export function optionVariable({ code, data }: DhcpOption): [name: string, value: string] {
  const o = byCode(code);
  if (o === null) return [`opt${code}`, Array.from(data, (c) => c.toString(16).padStart(2, '0')).join('')];
  return [o.name, optionText(o.kind, data)];
}

function optionText(kind: Kind, d: Uint8Array): string {
  const values = (size: number, one: (at: number) => string): string => {
    const out: string[] = [];
    for (let at = 0; at + size <= d.length; at += size) out.push(one(at));
    return out.join(' ');
  };
  switch (kind) {
    case 'ip':
      return values(4, (at) => formatIp4(u32(d, at)));
    case 'pair':
      return values(8, (at) => `${formatIp4(u32(d, at))}/${formatIp4(u32(d, at + 4))}`);
    case 'u8':
      return values(1, (at) => String(d[at]));
    case 'u16':
      return values(2, (at) => String(u16(d, at)));
    case 'u32':
      return values(4, (at) => String(u32(d, at)));
    case 's32':
      return values(4, (at) => String(u32(d, at) | 0));
    case 'string':
      return textOf(d);
    case 'host': {
      const text = textOf(d);
      return /^(?!-)[A-Za-z0-9._-]*$/.test(text) ? text : 'bad'.slice(0, Math.max(0, d.length - 1));
    }
    case 'routes':
      return routesText(d);
    case 'names':
      return namesText(d);
    case 'bytes':
      return Array.from(d, (c) => c.toString(16).padStart(2, '0')).join('');
  }
}

function routesText(d: Uint8Array): string {
  const out: string[] = [];
  for (let at = 0; at + 5 <= d.length && d[at] <= 32; ) {
    const n = (d[at] + 7) >> 3;
    if (at + 1 + n + 4 > d.length) break;
    const net = new Uint8Array(4);
    net.set(d.subarray(at + 1, at + 1 + n));
    out.push(`${formatIp4(u32(net, 0))}/${d[at]} ${formatIp4(u32(d, at + 1 + n))}`);
    at += 1 + n + 4;
  }
  return out.join(' ');
}

function namesText(d: Uint8Array): string {
  const out: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < d.length; at += d[at] + 1) {
    if (d[at] === 0) {
      if (labels.length > 0) out.push(labels.join('.'));
      labels = [];
    } else labels.push(textOf(d.subarray(at + 1, at + 1 + d[at])));
  }
  return out.join(' ');
}
