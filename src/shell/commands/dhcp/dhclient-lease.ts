// What dhclient remembers of a lease: the text of its database, and what its script is told.
// Linux tool: isc-dhcp 4.4.3, client/dhclient.c, write_client_lease(), script_write_params().

import { formatIp4, parseIp4 } from '../../../uapi/format.ts';
import { setU16, setU32, u16, u32 } from '../../../wire/bytes.ts';
import { type DhcpMessage, type DhcpOption, OPT_BROADCAST, OPT_SERVER_ID, OPT_SUBNET } from '../../../wire/dhcp.ts';
import { daysOf, WallTime } from '../../walltime.ts';
import { bytesOf, textOf } from './options.ts';

export interface Lease {
  device: string;
  address: number;
  options: DhcpOption[];
  /** Seconds since 1970. */
  renew: number;
  rebind: number;
  expire: number;
  siaddr: number;
}

type Kind = 'ips' | 'u8' | 'u16' | 'u32' | 's32' | 'text' | 'bytes';

/** The options that it asks for or is told unasked: ISC's names. */
const NAMES: ReadonlyArray<readonly [code: number, name: string, kind: Kind]> = [
  [1, 'subnet-mask', 'ips'],
  [2, 'time-offset', 's32'],
  [3, 'routers', 'ips'],
  [6, 'domain-name-servers', 'ips'],
  [12, 'host-name', 'text'],
  [15, 'domain-name', 'text'],
  [26, 'interface-mtu', 'u16'],
  [28, 'broadcast-address', 'ips'],
  [42, 'ntp-servers', 'ips'],
  [44, 'netbios-name-servers', 'ips'],
  [47, 'netbios-scope', 'text'],
  [51, 'dhcp-lease-time', 'u32'],
  [53, 'dhcp-message-type', 'u8'],
  [54, 'dhcp-server-identifier', 'ips'],
  [56, 'dhcp-message', 'text'],
  [58, 'dhcp-renewal-time', 'u32'],
  [59, 'dhcp-rebinding-time', 'u32'],
  [119, 'domain-search', 'bytes'],
  [121, 'rfc3442-classless-static-routes', 'bytes'],
];

export const codeNamed = (name: string): number | null => NAMES.find(([, n]) => n === name)?.[0] ?? null;

function valueText(kind: Kind, d: Uint8Array, separator: string): string {
  if (kind === 'text') return textOf(d);
  if (kind === 'u8') return String(d[0] ?? 0);
  if (kind === 'u16') return String(u16(d, 0));
  if (kind === 'u32') return String(u32(d, 0));
  if (kind === 's32') return String(u32(d, 0) | 0);
  if (kind === 'bytes') return Array.from(d, String).join(separator);
  const out: string[] = [];
  for (let at = 0; at + 4 <= d.length; at += 4) out.push(formatIp4(u32(d, at)));
  return out.join(separator);
}

function bytesFrom(kind: Kind, text: string): Uint8Array {
  const b = new Uint8Array(4);
  if (kind === 'text') return bytesOf(text.replace(/^"|"$/g, ''));
  if (kind === 'u8') return Uint8Array.of(Number(text));
  if (kind === 'bytes') return Uint8Array.from(text.split(','), Number);
  if (kind === 'u16') setU16(b, 0, Number(text));
  if (kind === 'u16') return b.subarray(0, 2);
  if (kind === 'u32' || kind === 's32') setU32(b, 0, Number(text));
  if (kind === 'u32' || kind === 's32') return b;
  return Uint8Array.from(
    text.split(',').flatMap((ip) => formatIp4(parseIp4(ip.trim()) ?? 0).split('.')),
    Number,
  );
}

export const optionIn = (lease: Lease, code: number): Uint8Array | null =>
  lease.options.find((o) => o.code === code)?.data ?? null;

export function ip4In(lease: Lease, code: number): number {
  const data = optionIn(lease, code);
  return data === null || data.length < 4 ? 0 : u32(data, 0);
}

export const serverOf = (lease: Lease): number => ip4In(lease, OPT_SERVER_ID);

/** What a message came to; `random` in [0, n) shortens the time to the renewal, as dhclient does. */
export function leaseOf(m: DhcpMessage, device: string, nowS: number, random: (n: number) => number): Lease {
  const number = (code: number): number | null => {
    const data = m.options.find((o) => o.code === code && o.data.length === 4)?.data;
    return data === undefined ? null : u32(data, 0);
  };
  const lasts = number(51) ?? 43_200;
  const half = number(58) ?? Math.floor(lasts / 2);
  const quarter = Math.floor((half + 3) / 4);
  return {
    device,
    address: m.yiaddr,
    options: m.options,
    renew: nowS + Math.floor((half * 3 + 3) / 4) + random(quarter),
    rebind: nowS + (number(59) ?? half + Math.floor(half / 2) + Math.floor(half / 4)),
    expire: nowS + lasts,
    siaddr: m.siaddr,
  };
}

/** Weekday and UTC. */
function timeText(s: number): string {
  const t = new WallTime(s * 1e9);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${t.weekday} ${t.year}/${two(t.month)}/${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

export function leaseText(lease: Lease): string {
  let text = `lease {\n  interface "${lease.device}";\n  fixed-address ${formatIp4(lease.address)};\n`;
  for (const [code, name, kind] of NAMES) {
    const data = optionIn(lease, code);
    if (data === null) continue;
    const value = valueText(kind, data, ',');
    text += `  option ${name} ${kind === 'text' ? `"${value}"` : value};\n`;
  }
  return `${text}  renew ${timeText(lease.renew)};\n  rebind ${timeText(lease.rebind)};\n  expire ${timeText(lease.expire)};\n}\n`;
}

/** The last lease of a device in a database; null when there is none. */
export function lastLease(database: string, device: string): Lease | null {
  let found: Lease | null = null;
  for (const [, body] of database.matchAll(/lease \{\n([^}]*)\}/g)) {
    const time = (name: string): number => {
      const m = new RegExp(`${name} \\d (\\d+)/(\\d+)/(\\d+) (\\d+):(\\d+):(\\d+);`).exec(body);
      if (m === null) return 0;
      const [year, month, day, hour, minute, second] = m.slice(1).map(Number);
      return daysOf(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    };
    if (/interface "(.*)";/.exec(body)?.[1] !== device) continue;
    const options: DhcpOption[] = [];
    for (const [, name, value] of body.matchAll(/option (\S+) (.*);/g)) {
      const known = NAMES.find(([, n]) => n === name);
      if (known !== undefined) options.push({ code: known[0], data: bytesFrom(known[2], value) });
    }
    const address = parseIp4(/fixed-address (.*);/.exec(body)?.[1] ?? '') ?? 0;
    found = {
      device,
      address,
      options,
      renew: time('renew'),
      rebind: time('rebind'),
      expire: time('expire'),
      siaddr: 0,
    };
  }
  return found;
}

/** `new_ip_address` and so on. */
export function leaseVariables(lease: Lease, prefix: 'new' | 'old'): Record<string, string> {
  const out: Record<string, string> = {};
  out[`${prefix}_ip_address`] = formatIp4(lease.address);
  out[`${prefix}_expiry`] = String(lease.expire);
  if (prefix === 'new') out.new_next_server = formatIp4(lease.siaddr);
  for (const [code, name, kind] of NAMES) {
    const data = optionIn(lease, code);
    if (data !== null) out[`${prefix}_${name.replace(/-/g, '_')}`] = valueText(kind, data, ' ');
  }
  const mask = ip4In(lease, OPT_SUBNET);
  if (mask === 0) return out;
  out[`${prefix}_network_number`] = formatIp4((lease.address & mask) >>> 0);
  if (optionIn(lease, OPT_BROADCAST) === null) {
    out[`${prefix}_broadcast_address`] = formatIp4(((lease.address & mask) | ~mask) >>> 0);
  }
  return out;
}

export function requestedVariables(codes: readonly number[]): Record<string, string> {
  const name = (code: number): string => NAMES.find(([c]) => c === code)?.[1].replace(/-/g, '_') ?? '';
  return Object.fromEntries(codes.map((code) => [`requested_${name(code)}`, '1']));
}
