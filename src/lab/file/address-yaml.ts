// Addresses, routes and MAC addresses as a lab file writes them.

import { ip4Of, ip6Of } from '../../wire/text.ts';
import { readMac } from '../machine-yaml.ts';
import type { Cursor } from '../yaml-cursor.ts';
import type { LabRoute, Prefix } from './lab.ts';

/** `192.168.0.1/24`, `fd00::1/64`, `fd00::1/64 nodad`. */
export function readAddresses(items: readonly Cursor[]): Prefix[] {
  return items.flatMap((at) => {
    const text = at.text();
    if (text === null) return [];
    const [written, word, ...rest] = text.trim().split(/\s+/);
    const prefix = rest.length > 0 ? null : prefixOf(written);
    if (prefix === null) at.problem(`"${text}" is no address with a prefix length, as 192.168.0.1/24 or fd00::1/64`);
    if (prefix === null || word === undefined) return prefix ?? [];
    if (word !== 'nodad') at.unknown('word behind an address', word, ['nodad']);
    else if (prefix.family === 4) at.problem(`"nodad" belongs to IPv6: nobody asks whether ${written} is taken`);
    return { ...prefix, nodad: true } as const;
  });
}

/** `192.168.0.1/24`, `fd00::1/64`; without a length, one host. Null: neither. */
export function prefixOf(text: string): Prefix | null {
  const [address, length, ...rest] = text.split('/');
  const family = !Number.isNaN(ip4Of(address)) ? 4 : ip6Of(address) !== null ? 6 : null;
  if (family === null || rest.length > 0) return null;
  const bits = family === 4 ? 32 : 128;
  if (length === undefined) return { family, address, length: bits };
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return null;
  return { family, address, length: Number(length) };
}

/** `default via 192.168.0.254`, `10.0.0.0/8 via 192.168.0.1`, `192.168.1.7` (on the link). */
export function readRoutes(items: readonly Cursor[]): LabRoute[] {
  return items.flatMap((at) => {
    const text = at.text();
    if (text === null) return [];
    const m = /^(\S+)(?:\s+via\s+(\S+))?$/.exec(text.trim());
    const to = m === null ? null : m[1] === 'default' ? undefined : prefixOf(m[1]);
    const via = m?.[2] === undefined ? null : prefixOf(m[2]);
    const wrong = m === null || to === null || (m[2] !== undefined && (via === null || m[2].includes('/')));
    const mixed = to != null && via !== null && to.family !== via.family;
    if (wrong || mixed || (to === undefined && via === null)) {
      at.problem(`expected a route, as "default via 192.168.0.254" or "10.0.0.0/8 via 192.168.0.1", found "${text}"`);
      return [];
    }
    return [{ to: to ?? null, via: via?.address ?? null }];
  });
}

export function readGateway(at: Cursor): LabRoute[] {
  const text = at.text();
  if (text === null) return [];
  if (text.includes('/') || prefixOf(text) === null) {
    at.problem(`"${text}" is no address`);
    return [];
  }
  return [{ to: null, via: text }];
}

export function readMacs(items: readonly Cursor[]): number[] {
  return items.flatMap((at) => readMac(at) ?? []);
}
