// Names of hosts for commands: numbers, and what the script's /etc/hosts says. There is no DNS in a lab.

import { parseIp4, parseIp6 } from '../../uapi/format.ts';
import type { Proc } from '../process.ts';
import { die } from './ping/options.ts';

export interface Host {
  ip: number;
  /** It was a name and not a number. */
  named: boolean;
  /** The first name on its line of /etc/hosts, or the number as it was written. */
  canonical: string;
}

/** An IPv4 address, or the name's; ends as ping does when there is none. `family` 6 or an IPv6 address: not there yet. */
export async function resolveHost(proc: Proc, name: string, family: 0 | 4 | 6): Promise<Host> {
  const number = inetAton(name);
  if (number !== null) {
    if (family === 6) die(`${name}: Address family for hostname not supported`);
    return { ip: number, named: false, canonical: name };
  }
  if (parseIp6(name) !== null && family === 4) die(`${name}: Address family for hostname not supported`);
  if (parseIp6(name) !== null) die(`${name}: the model kernel has no IPv6 yet`, 1);
  if (name === '') die(': Name or service not known');
  const found = await entry(proc, name);
  if (found === null) return die(`${name}: Temporary failure in name resolution`);
  if (family === 6) die(`${name}: the model kernel has no IPv6 yet`, 1);
  return { ip: found.ip, named: true, canonical: found.canonical };
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

/** The first IPv4 line of /etc/hosts with that name; case does not matter. */
async function entry(proc: Proc, name: string): Promise<{ ip: number; canonical: string } | null> {
  const text = await proc.readText('/etc/hosts');
  if (typeof text === 'number') return null;
  const wanted = name.toLowerCase();
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (!names.some((other) => other.toLowerCase() === wanted)) continue;
    const ip = parseIp4(address);
    if (ip !== null) return { ip, canonical: names[0] };
  }
  return null;
}

export async function lookup(proc: Proc, name: string): Promise<number | null> {
  return (await entry(proc, name))?.ip ?? null;
}
