// One route, as `ip route` and `ip monitor` print it. iproute2: ip/iproute.c, print_route().

import type { Decoded } from '../../../netlink/message.ts';
import type { IpAddr } from '../../../uapi/attr.ts';
import { formatIp } from '../../../uapi/format.ts';
import { RTM_DELROUTE } from '../../../uapi/msgtype.ts';
import {
  type RouteAttrs,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTM_F_CLONED,
  RTM_F_NOTIFY,
  RTM_F_OFFLOAD,
  RTM_F_OFFLOAD_FAILED,
  RTM_F_TRAP,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
  RTNH_F_TRAP,
  RTNH_F_UNRESOLVED,
  RTPROT_BOOT,
  type RtMsg,
} from '../../../uapi/route.ts';
import { bitsOf } from '../iproute/args.ts';
import { DSFIELD, familyName, nameOf, PROTOCOLS, REALM, routeTypeName, SCOPES, TABLES } from '../iproute/names.ts';
import { tintOfIp } from '../iproute/out.ts';
import type { Ip } from './context.ts';
import { printMetrics } from './route-metrics.ts';

export type RouteMsg = Decoded<RtMsg, RouteAttrs>;

/** What a filter asked for exactly is not printed again. */
export interface RouteView {
  table: number;
  metric: boolean;
  tos: boolean;
  protocol: boolean;
  scope: boolean;
  oif: boolean;
  iif: boolean;
  realm: boolean;
  via: boolean;
  src: boolean;
}

export const ROUTE_VIEW_ALL: RouteView = {
  table: 0,
  metric: false,
  tos: false,
  protocol: false,
  scope: false,
  oif: false,
  iif: false,
  realm: false,
  via: false,
  src: false,
};

export const tableOf = (msg: RouteMsg): number => msg.attrs.table ?? msg.header.table;

const CACHE_FLAGS: ReadonlyArray<readonly [number, string]> = [
  [0x80000000, 'local'],
  [0x04000000, 'reject'],
  [0x20000000, 'mc'],
  [0x10000000, 'brd'],
  [0x08000000, 'dst-nat'],
  [0x00800000, 'src-nat'],
  [0x00400000, 'masq'],
  [0x00020000, 'dst-direct'],
  [0x04000000, 'src-direct'],
  [0x00040000, 'redirected'],
  [0x01000000, 'redirect'],
  [0x00200000, 'fastroute'],
  [0x00010000, 'notify'],
  [0x00080000, 'proxy'],
];

export function printRoute(ip: Ip, msg: RouteMsg, view: RouteView): void {
  const { out, opts } = ip;
  const { header, attrs: a } = msg;
  const details = opts.details > 0;
  const cloned = (header.flags & RTM_F_CLONED) !== 0;
  out.openObject();
  if (msg.type === RTM_DELROUTE) out.flag('deleted', 'Deleted ');
  if (header.type !== RTN_UNICAST || details) {
    const type = opts.numeric ? String(header.type) : routeTypeName(header.type);
    out.any('type', type, `${type} `);
  }
  const dst = prefixText(header.family, a.dst, header.dstLen);
  out.tint(a.dst === undefined ? null : tintOfIp(a.dst), 'dst', dst, `${dst} `);
  if (a.src !== undefined || header.srcLen !== 0) {
    const src = prefixText(header.family, a.src, header.srcLen);
    out.tint(a.src === undefined ? null : tintOfIp(a.src), 'from', src, `from ${src} `);
  }
  if (header.tos !== 0 && !view.tos) {
    const tos = nameOf(DSFIELD, header.tos, opts.numeric);
    out.any('tos', tos, `tos ${tos} `);
  }
  if (a.nhId !== undefined) out.any('nhid', a.nhId, `nhid ${a.nhId} `);
  if (a.gateway !== undefined && !view.via) printGateway(ip, a.gateway);
  if (a.via !== undefined) printVia(ip, a.via);
  if (a.oif !== undefined && !view.oif) printDev(ip, a.oif);
  const table = tableOf(msg);
  if (table !== 0 && (table !== RT_TABLE_MAIN || details) && view.table === 0) {
    const name = nameOf(TABLES, table, opts.numeric);
    out.any('table', name, `table ${name} `);
  }
  if (!cloned) {
    if ((header.protocol !== RTPROT_BOOT || details) && !view.protocol) {
      const name = nameOf(PROTOCOLS, header.protocol, opts.numeric);
      out.any('protocol', name, `proto ${name} `);
    }
    if ((header.scope !== RT_SCOPE_UNIVERSE || details) && !view.scope) {
      const name = nameOf(SCOPES, header.scope, opts.numeric);
      out.any('scope', name, `scope ${name} `);
    }
  }
  if (a.prefsrc !== undefined && !view.src) {
    out.tint(tintOfIp(a.prefsrc), 'prefsrc', formatIp(a.prefsrc), `${formatIp(a.prefsrc)} `, 'src ');
  }
  if (a.priority !== undefined && !view.metric) out.any('metric', a.priority, `metric ${a.priority} `);
  printFlags(ip, header.flags);
  if (a.mark !== undefined && a.mark !== 0) {
    const text = a.mark >= 16 ? `0x${a.mark.toString(16)}` : String(a.mark);
    out.value('mark', a.mark >= 16 ? text : a.mark);
    out.text(`mark ${text} `);
  }
  if (a.flow !== undefined && !view.realm) printRealms(ip, a.flow);
  if (a.uid !== undefined) out.any('uid', a.uid, `uid ${a.uid} `);
  printCache(ip, msg, cloned);
  if (a.metrics !== undefined) printMetrics(ip, a.metrics);
  if (a.iif !== undefined && !view.iif) out.any('iif', ip.links.name(a.iif), `iif ${ip.links.name(a.iif)} `);
  if (a.multipath !== undefined) printMultipath(ip, a.multipath);
  if (a.pref !== undefined) {
    const name = { 0: 'medium', 1: 'high', 3: 'low' }[a.pref] ?? String(a.pref);
    out.any('pref', name, `pref ${name}`);
  }
  if (a.ttlPropagate !== undefined) {
    const on = a.ttlPropagate !== 0;
    out.value('ttl-propogate', on);
    out.text(`ttl-propagate ${on ? 'enabled' : 'disabled'}`);
  }
  out.text('\n');
  out.closeObject();
}

function prefixText(family: number, addr: IpAddr | undefined, length: number): string {
  if (addr === undefined) return length === 0 ? 'default' : `0/${length}`;
  return length === bitsOf(family) ? formatIp(addr) : `${formatIp(addr)}/${length}`;
}

function printGateway(ip: Ip, gateway: IpAddr): void {
  ip.out.tint(tintOfIp(gateway), 'gateway', formatIp(gateway), `${formatIp(gateway)} `, 'via ');
}

function printDev(ip: Ip, index: number): void {
  const name = ip.links.name(index);
  ip.out.tint('ifname', 'dev', name, `${name} `, 'dev ');
}

/** RTA_VIA: a family and an address of it. */
function printVia(ip: Ip, via: Uint8Array): void {
  const family = via[0] | (via[1] << 8);
  const bytes = via.subarray(2);
  const host = formatIp(family === 2 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : bytes);
  ip.out.openObject('via');
  ip.out.any('family', familyName(family), `via ${familyName(family)} `);
  ip.out.any('host', host, `${host} `);
  ip.out.closeObject();
}

const FLAG_WORDS: ReadonlyArray<readonly [number, string]> = [
  [RTNH_F_DEAD, 'dead'],
  [RTNH_F_ONLINK, 'onlink'],
  [RTNH_F_PERVASIVE, 'pervasive'],
  [RTNH_F_OFFLOAD, 'offload'],
  [RTNH_F_TRAP, 'trap'],
  [RTM_F_NOTIFY, 'notify'],
  [RTNH_F_LINKDOWN, 'linkdown'],
  [RTNH_F_UNRESOLVED, 'unresolved'],
  [RTM_F_OFFLOAD, 'rt_offload'],
  [RTM_F_TRAP, 'rt_trap'],
  [RTM_F_OFFLOAD_FAILED, 'rt_offload_failed'],
];

function printFlags(ip: Ip, flags: number): void {
  ip.out.openArray('flags');
  for (const [bit, word] of FLAG_WORDS) {
    if ((flags & bit) === 0) continue;
    ip.out.value(null, word);
    ip.out.text(`${word} `);
  }
  ip.out.closeArray();
}

function printRealms(ip: Ip, flow: number): void {
  const from = flow >>> 16;
  const to = flow & 0xffff;
  const name = (n: number): string => nameOf(REALM, n, ip.opts.numeric);
  ip.out.openObject('flow');
  if (from !== 0) ip.out.any('from', name(from), `realms ${name(from)}/`);
  else ip.out.text('realm ');
  ip.out.any('to', name(to), `${name(to)} `);
  ip.out.closeObject();
}

function printCache(ip: Ip, msg: RouteMsg, cloned: boolean): void {
  const { out } = ip;
  const ci = msg.attrs.cacheinfo;
  if (cloned && msg.header.family === 2) {
    out.newline();
    out.text('    cache ');
    out.openArray('cache');
    let flags = (msg.header.flags & ~0xffff) >>> 0;
    let first = true;
    for (const [bit, word] of CACHE_FLAGS) {
      if ((flags & bit) === 0) continue;
      flags = (flags & ~bit) >>> 0;
      out.value(null, word);
      out.text(`${first ? '<' : ''}${word}${flags !== 0 ? ',' : '> '}`);
      first = false;
    }
    if (flags !== 0) out.text(`${first ? '<' : ''}${flags.toString(16)}> `);
    out.closeArray();
  }
  if (ci === undefined || (msg.header.family === 2 && !cloned)) return;
  if (ci.expires !== 0) out.any('expires', Math.trunc(ci.expires / 100), `expires ${Math.trunc(ci.expires / 100)}sec `);
  if (ci.error !== 0) out.any('error', ci.error, `error ${ci.error | 0} `);
  if (ip.opts.stats > 0) {
    if (ci.clntref !== 0) out.any('users', ci.clntref, `users ${ci.clntref} `);
    if (ci.used !== 0) out.any('used', ci.used, `used ${ci.used} `);
    if (ci.lastuse !== 0) out.any('age', Math.trunc(ci.lastuse / 100), `age ${Math.trunc(ci.lastuse / 100)}sec `);
  }
}

function printMultipath(ip: Ip, hops: NonNullable<RouteAttrs['multipath']>): void {
  const { out } = ip;
  out.openArray('nexthops');
  for (const { header, attrs: a } of hops) {
    out.openObject();
    out.newline();
    out.text('\tnexthop ');
    if (a.gateway !== undefined) printGateway(ip, a.gateway);
    if (a.via !== undefined) printVia(ip, a.via);
    if (a.flow !== undefined) printRealms(ip, a.flow);
    const name = ip.links.name(header.ifindex ?? 0);
    out.any('dev', name, `dev ${name} `);
    out.any('weight', (header.hops ?? 0) + 1, `weight ${(header.hops ?? 0) + 1} `);
    printFlags(ip, header.flags ?? 0);
    out.closeObject();
  }
  out.closeArray();
}
