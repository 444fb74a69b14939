// Names of hosts for commands: numbers, and what the script's /etc/hosts says. There is no DNS in a lab.

import { parseIp4 } from '../../uapi/format.ts';
import { type In6, in6Of } from '../../wire/in6.ts';
import type { Proc } from '../process.ts';
import { die } from './ping/options.ts';

export interface Host {
  /** IPv4; 0 when ip6 is not null. */
  ip: number;
  ip6: In6 | null;
  /** The device that was written behind a `%`, 0: none. */
  scope: number;
  /** It was a name and not a number. */
  named: boolean;
  /** The first name on its line of /etc/hosts, or the number as it was written. */
  canonical: string;
}

/** An address, or the name's; ends as ping does when there is none. `family` 0: whichever it is, IPv4 first. */
export async function resolveHost(proc: Proc, name: string, family: 0 | 4 | 6): Promise<Host> {
  const wrongFamily = (): never => die(`${name}: Address family for hostname not supported`);
  const number = inetAton(name);
  if (number !== null) {
    if (family === 6) wrongFamily();
    return { ip: number, ip6: null, scope: 0, named: false, canonical: name };
  }
  const literal = scoped(proc, name);
  if (literal !== null) {
    if (typeof literal === 'string') return die(`${name}: ${literal}`);
    if (family === 4) wrongFamily();
    return { ip: 0, ...literal, named: false, canonical: name };
  }
  if (name === '') die(': Name or service not known');
  const found = await entries(proc, name);
  if (found.length === 0) return die(`${name}: Temporary failure in name resolution`);
  const first =
    found.find((e) => (family === 6 ? e.ip6 !== null : e.ip6 === null)) ?? (family === 0 ? found[0] : wrongFamily());
  return { ...first, scope: 0, named: true };
}

/** `fe80::1%eth0`, as getaddrinfo(3) takes it: the device by name or number. A string is what gai_strerror() says of no such device. */
export function scoped(proc: Proc, text: string): { ip6: In6; scope: number } | string | null {
  const [address, device] = text.split('%');
  const ip6 = in6Of(address);
  if (ip6 === null) return null;
  if (device === undefined) return { ip6, scope: 0 };
  const index = proc.os.readFile(proc.ns, `/sys/class/net/${device}/ifindex`);
  if (typeof index !== 'number' && device !== '') return { ip6, scope: Number(index) };
  return /^[0-9]+$/.test(device) ? { ip6, scope: Number(device) } : 'Name or service not known';
}

/** One to four numbers, decimal, octal or hexadecimal; the last one fills what is left. Linux: inet_aton(3). */
export function inetAton(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let ip = 0;
  for (let i = 0; i < parts.length; i++) {
    if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(parts[i])) return null;
    const octal = /^0[0-7]+$/.test(parts[i]);
    const n = octal ? Number.parseInt(parts[i], 8) : Number(parts[i]);
    const last = i === parts.length - 1;
    const room = last ? 256 ** (4 - i) : 256;
    if (n >= room) return null;
    ip = last ? ip * room + n : ip * 256 + n;
  }
  return ip;
}

interface Entry {
  ip: number;
  ip6: In6 | null;
  canonical: string;
}

/** The lines of /etc/hosts with that name; case does not matter. */
export async function entries(proc: Proc, name: string): Promise<Entry[]> {
  const text = await proc.readText('/etc/hosts');
  if (typeof text === 'number') return [];
  const wanted = name.toLowerCase();
  const out: Entry[] = [];
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!names.some((other) => other.toLowerCase() === wanted)) continue;
    const ip = parseIp4(address);
    const ip6 = ip === null ? in6Of(address) : null;
    if (ip !== null || ip6 !== null) out.push({ ip: ip ?? 0, ip6, canonical: names[0] });
  }
  return out;
}

/** The IPv4 address of a name, or null. */
export async function lookup(proc: Proc, name: string): Promise<number | null> {
  return (await entries(proc, name)).find((e) => e.ip6 === null)?.ip ?? null;
}
