// Addresses of a snapshot, which are text, as bytes: whether they are in one network, and which route a packet would take.

import { formatIp, parseIp4, parseIp6 } from '../../uapi/format.ts';
import type { SnapAddress, SnapNamespace, SnapRoute } from '../snapshot/snapshot.ts';

/** Four or sixteen bytes; empty for what is no address. */
function addressBytes(text: string): Uint8Array {
  if (text.includes(':')) return parseIp6(text) ?? NONE;
  const ip = parseIp4(text);
  return ip === null ? NONE : Uint8Array.of(ip >>> 24, ip >>> 16, ip >>> 8, ip);
}

const NONE = new Uint8Array(0);

/** Do the first `length` bits agree? Of one family only. */
function sameNetwork(a: Uint8Array, b: Uint8Array, length: number): boolean {
  if (a.length !== b.length || a.length === 0) return false;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const mask = 0xff & (0xff00 >> (length & 7));
  return mask === 0 || (a[whole] & mask) === (b[whole] & mask);
}

/** One that others can reach: not of the link, the host or nobody. */
export function isGlobal({ scope }: SnapAddress): boolean {
  return scope === 'global' || scope === 'site';
}

/** Two addresses on one network that has room for more than one. */
export function shareNetwork(a: SnapAddress, b: SnapAddress): boolean {
  if (a.family !== b.family || a.length !== b.length || a.length >= (a.family === 4 ? 31 : 127)) return false;
  return sameNetwork(addressBytes(a.address), addressBytes(b.address), a.length);
}

/** The first address of its network. */
export function networkOf({ address, length }: SnapAddress): string {
  const bytes = addressBytes(address).slice();
  for (let i = 0; i < bytes.length; i++) bytes[i] &= 0xff00 >> Math.min(8, Math.max(0, length - 8 * i));
  return bytes.length === 4 ? bytes.join('.') : formatIp(bytes);
}

const RT_TABLE_LOCAL = 255;

/** The routes of one namespace, longest first; rules with conditions are not followed. */
export class Routes {
  readonly #routes: { readonly route: SnapRoute; readonly to: Uint8Array; readonly rank: number }[];

  constructor(ns: SnapNamespace) {
    const tables = new Map<number, number>();
    for (const rule of [...ns.rules].sort((a, b) => a.priority - b.priority)) {
      const always = rule.action === 'table' && !rule.not && Object.keys(rule.match).length === 0;
      if (always && !tables.has(rule.table)) tables.set(rule.table, tables.size);
    }
    if (tables.size === 0) for (const table of [RT_TABLE_LOCAL, 254, 253]) tables.set(table, tables.size);
    this.#routes = ns.routes
      .filter((r) => tables.has(r.table))
      .map((route) => ({
        route,
        to: route.to === null ? NONE : addressBytes(route.to.address),
        rank: tables.get(route.table) ?? 0,
      }))
      .sort((a, b) => a.rank - b.rank || lengthOf(b.route) - lengthOf(a.route) || a.route.metric - b.route.metric);
  }

  /** null: unreachable. */
  to(address: string): SnapRoute | null {
    const bytes = addressBytes(address);
    const family = bytes.length === 4 ? 4 : 6;
    const found = this.#routes.find(
      ({ route, to }) => route.family === family && (route.to === null || sameNetwork(bytes, to, route.to.length)),
    );
    return found?.route ?? null;
  }
}

function lengthOf(route: SnapRoute): number {
  return route.to?.length ?? 0;
}
