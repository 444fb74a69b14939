// One link, as `ip link` and `ip addr` print it. iproute2: ip/ipaddress.c, print_linkinfo().

import type { Decoded } from '../../../netlink/message.ts';
import { linkFlagNames } from '../../../uapi/format.ts';
import type { IfInfoMsg } from '../../../uapi/ifla.ts';
import {
  ADDR_GEN_MODES,
  AF_PACKET,
  IF_OPER_DOWN,
  IF_OPER_UP,
  IFF_POINTOPOINT,
  IFF_UP,
  type LinkAttrs,
  OPERSTATES,
} from '../../../uapi/link.ts';
import { formatMac } from '../iproute/args.ts';
import { entryOf, type LinkEntry } from '../iproute/links.ts';
import type { Tint } from '../iproute/out.ts';
import type { Ip } from './context.ts';
import { printLinkKind } from './link-kinds.ts';
import { groupName } from './link-names.ts';
import { printStats } from './link-stats.ts';
import { netnsNameOfId } from './netns-names.ts';

export type LinkMsg = Decoded<IfInfoMsg, LinkAttrs>;

/** What links of every family have in common. */
export interface AnyLinkMsg {
  readonly header: IfInfoMsg;
  readonly attrs: Pick<LinkAttrs, 'ifname' | 'link' | 'linkNetnsid'>;
}

export interface LinkView {
  /** `ip monitor` leaves out the queue's length. */
  monitor?: boolean;
  /** Names of namespaces by id; without: as they are now. */
  nsNames?: ReadonlyMap<number, string>;
  /** `ip link` (and not `ip addr`). */
  doLink: boolean;
  /** Restricts to one family; link/ether lines are shown for none and AF_PACKET. */
  family: number;
}

/** `name`, with `@below` where there is something below. */
export function printNameAndLink(ip: Ip, msg: AnyLinkMsg, end: string): void {
  const name = msg.attrs.ifname ?? `if${msg.header.index}`;
  const link = msg.attrs.link;
  let below = '';
  if (link !== undefined) {
    if (msg.attrs.linkNetnsid !== undefined) {
      ip.out.value('link_index', link);
      below = `@if${link}`;
    } else if (link !== 0) {
      const entry = ip.links.entry(link);
      const name = entry === null ? `if${link}` : entry.name;
      ip.out.value('link', name);
      below = `@${name}`;
      if (isDown(entry)) markDown.set(msg, true);
    } else {
      ip.out.value('link', null);
      below = '@NONE';
    }
  }
  ip.out.tint('ifname', 'ifname', name, `${name}${below}${end}`);
}

const isDown = (below: LinkEntry | null): boolean => below !== null && (below.flags & IFF_UP) === 0;

/** Messages whose lower device is down: the flags get an M-DOWN. */
const markDown = new WeakMap<AnyLinkMsg, boolean>();

export function printFlags(ip: Ip, msg: AnyLinkMsg): void {
  const names = linkFlagNames(msg.header.flags);
  if (markDown.get(msg) === true) names.push('M-DOWN');
  ip.out.openArray('flags');
  for (const n of names) ip.out.value(null, n);
  ip.out.closeArray();
  ip.out.text(`<${names.join(',')}> `);
}

/** Why a notification was sent: IFLA_EVENT_*. */
const LINK_EVENTS: readonly string[] = [
  'NONE',
  'REBOOT',
  'FEATURE CHANGE',
  'BONDING FAILOVER',
  'NOTIFY PEERS',
  'RESEND IGMP',
  'BONDING OPTION',
];

/** The whole entry but the end of the last line. */
export function printLink(ip: Ip, msg: LinkMsg, view: LinkView): void {
  const { out, opts } = ip;
  const a = msg.attrs;
  if (view.monitor !== true) ip.links.remember(msg.header.index, entryOf(msg));
  out.any('ifindex', msg.header.index, `${msg.header.index}: `);
  printNameAndLink(ip, msg, ': ');
  printFlags(ip, msg);
  if (a.mtu !== undefined) out.any('mtu', a.mtu, `mtu ${a.mtu} `);
  if (a.qdisc !== undefined) out.any('qdisc', a.qdisc, `qdisc ${a.qdisc} `);
  if (a.master !== undefined) out.any('master', ip.links.name(a.master), `master ${ip.links.name(a.master)} `);
  if (a.operstate !== undefined) {
    const state = OPERSTATES[a.operstate] ?? String(a.operstate);
    out.tint(stateTint(a.operstate), 'operstate', state, `${state} `, 'state ');
  }
  if (view.doLink && a.linkmode !== undefined) {
    const mode = a.linkmode === 1 ? 'DORMANT' : 'DEFAULT';
    out.any('linkmode', mode, `mode ${mode} `);
  }
  if (a.group !== undefined)
    out.any('group', groupName(a.group, opts.numeric), `group ${groupName(a.group, opts.numeric)} `);
  const qlen = view.monitor === true ? 0 : (a.txqlen ?? queueLength(ip, msg));
  if (qlen !== 0) out.any('txqlen', qlen | 0, `qlen ${qlen | 0}`);
  if (a.event !== undefined && a.event !== 0) {
    const event = LINK_EVENTS[a.event] ?? a.event;
    out.any('event', event, `event ${event} `);
  }
  if (view.family === 0 || view.family === AF_PACKET || opts.details > 0) printAddress(ip, msg);
  printNamespaces(ip, a, view);
  if (a.protoDown === 1) out.flag('proto_down', ' protodown on ');
  if (opts.details > 0) printDetails(ip, msg, view);
  if ((view.doLink || opts.details > 0) && a.ifalias !== undefined) {
    out.newline();
    out.any('ifalias', a.ifalias, `    alias ${a.ifalias}`);
  }
  if (view.doLink && opts.stats > 0) {
    out.newline();
    printStats(ip, a);
  }
  printAltNames(ip, a);
}

/** AF_INET6's form of a link leaves it out; the tool asks again. */
function queueLength(ip: Ip, msg: LinkMsg): number {
  return ip.links.ask({ index: msg.header.index }, { extMask: 9 })?.txqlen ?? 0;
}

function stateTint(operstate: number): Tint | null {
  return operstate === IF_OPER_UP ? 'up' : operstate === IF_OPER_DOWN ? 'down' : null;
}

/** Kinds of hardware by ARPHRD_* number. iproute2: lib/ll_types.c. */
const LINK_TYPES: Record<number, string> = { 1: 'ether', 772: 'loopback', 65534: 'none' };

function printAddress(ip: Ip, msg: LinkMsg): void {
  const { out } = ip;
  const a = msg.attrs;
  const type = (ip.opts.numeric ? undefined : LINK_TYPES[msg.header.type]) ?? `[${msg.header.type}]`;
  out.newline();
  out.any('link_type', type, `    link/${type} `);
  if (a.address !== undefined) out.tint('mac', 'address', formatMac(a.address), formatMac(a.address));
  if (a.broadcast === undefined) return;
  if ((msg.header.flags & IFF_POINTOPOINT) !== 0) {
    out.text(' peer ');
    out.value('link_pointtopoint', true);
  } else out.text(' brd ');
  out.tint('mac', 'broadcast', formatMac(a.broadcast), formatMac(a.broadcast));
}

function nsName(ip: Ip, view: LinkView, id: number): string | null {
  return view.nsNames === undefined ? netnsNameOfId(ip, id) : (view.nsNames.get(id) ?? null);
}

function printNamespaces(ip: Ip, a: LinkAttrs, view: LinkView): void {
  const { out } = ip;
  if (a.linkNetnsid !== undefined) {
    const id = a.linkNetnsid;
    if (id < 0) {
      out.text(' link-netnsid unknown');
      out.value('link_netnsid', id);
    } else {
      const name = nsName(ip, view, id);
      out.any('link_netnsid', id, name !== null ? ` link-netns ${name}` : ` link-netnsid ${id}`);
    }
  }
  if (a.newNetnsid !== undefined) {
    const id = a.newNetnsid;
    const name = id < 0 ? null : nsName(ip, view, id);
    if (id < 0) out.text(' new-netnsid unknown');
    else if (name !== null) out.any('new_netns', name, ` new-netns ${name}`);
    else out.any('new_netnsid', id, ` new-netnsid ${id}`);
  }
  if (a.newIfindex !== undefined) out.any('new_ifindex', a.newIfindex, ` new-ifindex ${a.newIfindex}`);
}

function printDetails(ip: Ip, msg: LinkMsg, view: LinkView): void {
  const { out } = ip;
  const a = msg.attrs;
  const number = (key: string, value: number | undefined, label: string): void => {
    if (value !== undefined) out.any(key, value, `${label} ${value} `);
  };
  if (a.promiscuity !== undefined) out.any('promiscuity', a.promiscuity, ` promiscuity ${a.promiscuity} `);
  if (a.allmulti !== undefined) out.any('allmulti', a.allmulti, ` allmulti ${a.allmulti} `);
  number('min_mtu', a.minMtu, 'minmtu');
  number('max_mtu', a.maxMtu, 'maxmtu');
  if (a.linkinfo !== undefined) printLinkKind(ip, a.linkinfo);
  const gen = a.afSpec?.inet6?.addrGenMode;
  if (view.doLink && gen !== undefined) {
    const name = ADDR_GEN_MODES[gen] ?? `0x${gen.toString(16).padStart(2, '0')}`;
    out.any('inet6_addr_gen_mode', name, `addrgenmode ${name} `);
  }
  number('num_tx_queues', a.numTxQueues, 'numtxqueues');
  number('num_rx_queues', a.numRxQueues, 'numrxqueues');
  number('gso_max_size', a.gsoMaxSize, 'gso_max_size');
  number('gso_max_segs', a.gsoMaxSegs, 'gso_max_segs');
  number('tso_max_size', a.tsoMaxSize, 'tso_max_size');
  number('tso_max_segs', a.tsoMaxSegs, 'tso_max_segs');
  number('gro_max_size', a.groMaxSize, 'gro_max_size');
  if (a.physPortName !== undefined) out.any('phys_port_name', a.physPortName, `portname ${a.physPortName} `);
  if (a.parentDevBusName !== undefined) out.any('parentbus', a.parentDevBusName, `parentbus ${a.parentDevBusName} `);
  if (a.parentDevName !== undefined) out.any('parentdev', a.parentDevName, `parentdev ${a.parentDevName} `);
}

function printAltNames(ip: Ip, a: LinkAttrs): void {
  if (a.propList === undefined || a.propList.length === 0) return;
  ip.out.openArray('altnames');
  for (const alt of a.propList) {
    ip.out.newline();
    ip.out.text(`    altname ${alt}`);
    ip.out.value(null, alt);
  }
  ip.out.closeArray();
}

/** -br: a line in columns. */
export function printLinkBrief(ip: Ip, msg: LinkMsg, view: LinkView): void {
  const { out } = ip;
  const a = msg.attrs;
  if (view.monitor !== true) ip.links.remember(msg.header.index, entryOf(msg));
  const link = a.link;
  let name = a.ifname ?? '';
  let down = false;
  if (link !== undefined) {
    if (a.linkNetnsid !== undefined) {
      out.value('link_index', link);
      name += `@if${link}`;
    } else {
      const below = link === 0 ? 'NONE' : ip.links.name(link);
      down = link !== 0 && isDown(ip.links.entry(link));
      out.value('link', link === 0 ? null : below);
      name += `@${below}`;
    }
  }
  out.tint('ifname', 'ifname', a.ifname ?? '', `${name.padEnd(16)} `);
  if (a.operstate !== undefined) {
    const state = OPERSTATES[a.operstate] ?? String(a.operstate);
    out.tint(stateTint(a.operstate), 'operstate', state, `${state.padEnd(14)} `);
  }
  if (!view.doLink) return;
  if (a.address !== undefined) out.tint('mac', 'address', formatMac(a.address), `${formatMac(a.address)} `);
  const names = linkFlagNames(msg.header.flags);
  if (down) names.push('M-DOWN');
  out.openArray('flags');
  for (const n of names) out.value(null, n);
  out.closeArray();
  out.text(`<${names.join(',')}> `);
}
