// Settings of bridges, bonds, tun devices and their ports between netlink's records and a snapshot's plain data: numbers as
// they are, addresses as text. What the kernel only reports (timers, ids of the spanning tree) is left out.

import type { AnyLine, AnyTable, IpAddr } from '../../uapi/attr.ts';
import { formatIp, formatMac, parseIp, parseMac } from '../../uapi/format.ts';
import { INFO_DATA, INFO_SLAVE_DATA } from '../../uapi/linkinfo.ts';
import type { SnapSettings } from './snapshot.ts';

type Value = number | string | readonly string[];

/** Kinds whose data a snapshot spells out by itself, or that have none. */
const OTHERWISE = new Set(['macvlan', 'macvtap', 'vlan', 'veth', '']);

const REPORTED = new Set([
  'rootPort', 'rootPathCost', 'topologyChange', 'topologyChangeDetected', 'helloTimer', 'tcnTimer', 'topologyChangeTimer',
  'gcTimer', 'fdbNLearned', 'designatedPort', 'designatedCost', 'id', 'no', 'topologyChangeAck', 'configPending',
  'messageAgeTimer', 'forwardDelayTimer', 'holdTimer', 'mcastEhtHostsCnt', 'mcastNGroups', 'bondState', 'miiStatus',
  'linkFailureCount', 'permHwaddr', 'adAggregatorId', 'adActorOperPortState', 'adPartnerOperPortState',
  'numQueues', 'numDisabledQueues',
]); // biome-ignore format: one look

export function settingsOf(kind: string, data: object | undefined): SnapSettings {
  return OTHERWISE.has(kind) ? {} : plain(tableOf(INFO_DATA, kind), data);
}

export function portSettingsOf(masterKind: string, data: object | undefined): SnapSettings {
  return plain(tableOf(INFO_SLAVE_DATA, masterKind), data);
}

/** Back again, for a request. */
export function settingsData(kind: string, settings: SnapSettings): Record<string, unknown> {
  return raw(tableOf(INFO_DATA, kind), settings);
}

export function portSettingsData(masterKind: string, settings: SnapSettings): Record<string, unknown> {
  return raw(tableOf(INFO_SLAVE_DATA, masterKind), settings);
}

function tableOf(tables: typeof INFO_DATA, kind: string): AnyTable | null {
  return tables.get(kind)?.table ?? null;
}

function plain(table: AnyTable | null, data: object | undefined): SnapSettings {
  const out: Record<string, Value> = {};
  for (const line of data === undefined ? [] : (table?.lines ?? [])) {
    const value = (data as Record<string, unknown>)[line.key];
    if (value === undefined || REPORTED.has(line.key)) continue;
    const shown = shownOf(line, value);
    if (shown !== null) out[line.key] = shown;
  }
  return out;
}

function shownOf(line: AnyLine, value: unknown): Value | null {
  const { code, item } = line.kind;
  if (code === 'list')
    return (value as IpAddr[]).map((v) => (item?.code === 'mac' ? formatMac(Number(v)) : formatIp(v)));
  if (code === 'mac') return formatMac(value as number);
  if (code === 'ip' || code === 'ip4' || code === 'ip6') return formatIp(value as IpAddr);
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function raw(table: AnyTable | null, settings: SnapSettings): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const line of table?.lines ?? []) {
    const value = settings[line.key];
    if (value === undefined) continue;
    const { code } = line.kind;
    if (Array.isArray(value)) out[line.key] = value.map((v) => parseIp(v));
    else if (code === 'mac') out[line.key] = parseMac(String(value));
    else if (code === 'ip' || code === 'ip4' || code === 'ip6') out[line.key] = parseIp(String(value));
    else out[line.key] = value;
  }
  return out;
}
