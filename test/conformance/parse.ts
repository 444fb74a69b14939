// From a probe's raw output to what is compared: times, race results and machine-dependent fields are left out, and what
// has no order is sorted. The rules are listed in README.md beside this file.

import type { Kind } from './instrument.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f]/);
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** `err` is null when both streams came merged in `out`. */
export function parseProbe(kind: Kind, out: string, err: string | null, rc: number | null): JsonObject {
  const both = out + (err ?? '');
  switch (kind) {
    case 'ping':
      return parsePing(both, rc);
    case 'link':
    case 'addr':
    case 'stats':
    case 'neigh':
    case 'route':
      return { ...parseIp(kind, out, rc), ...(err ? { stderr: err } : {}) };
    case 'ethtool':
      return parseEthtool(both, rc);
    case 'rc':
      return { rc };
    default:
      return { rc, text: both, ...(err ? { stderr: err } : {}) };
  }
}

const replyPattern =
  /^(\d+) bytes from (.+?): icmp_seq=(\d+) (?:ident=\d+ )?(?:ttl=(\d+) )?(?:time[=<]\S+ ms)?\s*(.*)$/;
const fromPattern = /^From (\S+)(?: \(\S+\))?:? icmp_seq=(\d+) (.*)$/;
const sumPattern =
  /^(\d+) packets transmitted, (\d+) received(?:, \+(\d+) duplicates)?(?:, \+(\d+) corrupted)?(?:, \+(\d+) errors)?(?:, (\S+%) packet loss)?(?:, time \d+ ?ms)?$/;

interface Reply {
  seq: number;
  from: string;
  bytes: number;
  ttl: number | null;
}

function parsePing(text: string, rc: number | null): JsonObject {
  const result: JsonObject = { rc };
  const replies: Reply[] = [];
  const errors: string[] = [];
  const other: string[] = [];
  for (const raw of linesOf(text)) {
    const line = raw.trimEnd();
    if (line === '') continue;
    const reply = replyPattern.exec(line);
    const from = fromPattern.exec(line);
    const sum = sumPattern.exec(line);
    if (reply !== null) {
      const ttl = reply[4] === undefined ? null : Number(reply[4]);
      replies.push({ seq: Number(reply[3]), from: reply[2], bytes: Number(reply[1]), ttl });
    } else if (from !== null) {
      errors.push(`${from[1]} seq=${from[2]} ${from[3]}`);
    } else if (sum !== null) {
      result.transmitted = Number(sum[1]);
      result.received = Number(sum[2]);
      result.duplicates = Number(sum[3] ?? 0);
      result.errors = Number(sum[5] ?? 0);
      result.loss = sum[6] ?? null;
    } else if (line.startsWith('PING ')) {
      result.header = line;
    } else if (/^--- .* ping statistics ---$/.test(line)) {
      result.statline = line;
    } else if (!/^(?:rtt |pipe |, pipe|round-trip)/.test(line)) {
      other.push(line);
    }
  }
  return { ...result, ...summarise(result, replies), error_lines: errors.sort(byText), other_lines: other };
}

function summarise(result: JsonObject, replies: Reply[]): JsonObject {
  const repliers = [...new Set(replies.map((reply) => reply.from))].sort(byText);
  // With several repliers, how many DUP! are seen before ping stops is a race.
  if (repliers.length > 1) delete result.duplicates;
  const last = typeof result.transmitted === 'number' ? result.transmitted : 0;
  const beforeLast: { [key: string]: number } = {};
  for (const { seq, from } of replies) {
    if (seq < last) beforeLast[`${seq} ${from}`] = (beforeLast[`${seq} ${from}`] ?? 0) + 1;
  }
  const ttls = new Set(replies.flatMap((reply) => (reply.ttl === null ? [] : [reply.ttl])));
  return {
    repliers,
    reply_ttl: [...ttls].sort((a, b) => a - b),
    reply_bytes: [...new Set(replies.map((reply) => reply.bytes))].sort((a, b) => a - b),
    replies_before_last: beforeLast,
  };
}

function parseEthtool(text: string, rc: number | null): JsonObject {
  const features: JsonObject = {};
  for (const line of linesOf(text)) {
    const match = /^\s*([\w-]+): (on|off)(?: \[.*\])?$/.exec(line.trimEnd());
    if (match !== null) features[match[1]] = match[2];
  }
  return Object.keys(features).length > 0 ? { rc, features } : { rc, text };
}

const addrKeys = (
  'ifname link link_index link_netnsid flags mtu operstate linkmode qdisc group txqlen link_type ' +
  'address broadcast promiscuity allmulti master altnames inet6_addr_gen_mode'
).split(' ');
const linkKeys = [...addrKeys, 'min_mtu', 'max_mtu'];

function pick(from: JsonObject, keys: string[]): JsonObject {
  const out: JsonObject = {};
  for (const key of keys) if (key in from) out[key] = from[key];
  if (Array.isArray(out.flags)) out.flags = (out.flags as string[]).toSorted(byText);
  return out;
}

const object = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

function linkOf(from: JsonObject): JsonObject {
  const out = pick(from, linkKeys);
  const info = object(from.linkinfo);
  if (info.info_kind) out.info_kind = info.info_kind;
  if (info.info_slave_kind) out.info_slave_kind = info.info_slave_kind;
  if (info.info_kind === 'macvlan' || info.info_kind === 'macvtap') out.info_data = info.info_data ?? null;
  if (info.info_slave_kind === 'bridge') {
    out.info_slave_data = pick(object(info.info_slave_data), ['state', 'hairpin', 'flood', 'learning']);
  }
  return out;
}

function addrOf(from: JsonObject): JsonObject {
  const out = pick(from, addrKeys);
  const list = ((from.addr_info ?? []) as JsonObject[]).map((entry) => ({ ...entry })).filter(notEmpty);
  for (const entry of list) {
    const left = entry.preferred_life_time;
    if (left !== 0 && left !== 4294967295) delete entry.preferred_life_time;
  }
  const keyOf = (entry: JsonObject): string => `${entry.local}/${entry.prefixlen}`;
  out.addr_order = list.map(keyOf);
  out.addr_info = Object.fromEntries(list.map((entry) => [keyOf(entry), entry]));
  return out;
}

function statsOf(from: JsonObject): JsonObject {
  const stats = object(from.stats64 ?? from.stats);
  return {
    ifname: from.ifname ?? null,
    rx: pick(object(stats.rx), ['packets', 'bytes', 'errors', 'dropped', 'multicast']),
    tx: pick(object(stats.tx), ['packets', 'bytes', 'errors', 'dropped', 'carrier_errors', 'collisions']),
  };
}

const resolved = new Set<Json>(['REACHABLE', 'STALE', 'DELAY', 'PROBE']);

function neighOf(from: JsonObject): JsonObject {
  const state = ((from.state ?? []) as Json[]).map((name) => (resolved.has(name) ? 'RESOLVED' : name));
  return { ...pick(from, ['dst', 'dev', 'lladdr', 'router', 'proxy']), state };
}

function routeOf(from: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== 'expires' && key !== 'age'));
}

const notEmpty = (entry: JsonObject): boolean => Object.keys(entry).length > 0;
const perKind = { link: linkOf, addr: addrOf, stats: statsOf, neigh: neighOf, route: routeOf };

function parseIp(kind: keyof typeof perKind, text: string, rc: number | null): JsonObject {
  if (text.trim() === '') return { rc, json: {}, ...(kind === 'neigh' ? { failed: [] } : {}) };
  let data: JsonObject[];
  try {
    data = JSON.parse(text) as JsonObject[];
  } catch {
    return { rc, text };
  }
  if (!Array.isArray(data)) return { rc, text };
  // `ip -j` prints {} for what a filter removed.
  const list = data.filter(notEmpty).map(perKind[kind]);
  if (kind === 'link' || kind === 'addr' || kind === 'stats') {
    return { rc, json: Object.fromEntries(list.map((entry) => [String(entry.ifname ?? '?'), entry])) };
  }
  const keyOf = (entry: JsonObject): string => `${entry.dst ?? '?'}${entry.dev ? ` dev ${entry.dev}` : ''}`;
  if (kind === 'route') return { rc, json: Object.fromEntries(list.map((entry) => [keyOf(entry), entry])) };
  // Linux collects FAILED entries when it likes: they are kept apart.
  const failed = (entry: JsonObject): boolean => JSON.stringify(entry.state) === '["FAILED"]';
  return {
    rc,
    failed: list.filter(failed).map(keyOf).sort(byText),
    json: Object.fromEntries(list.filter((entry) => !failed(entry)).map((entry) => [keyOf(entry), entry])),
  };
}
