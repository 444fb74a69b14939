// `ip monitor`: what changes, as it changes, until a signal ends it. iproute2: ip/ipmonitor.c.

import { decodeMessage, type NlMessage } from '../../../netlink/message.ts';
import { ADDR, BRIDGE_LINK, LINK, NEIGH, NETCONF, NSID, PREFIX_HEARD, ROUTE, RULE } from '../../../netlink/payload.ts';
import { formatIp } from '../../../uapi/format.ts';
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../../uapi/link.ts';
import * as rtm from '../../../uapi/msgtype.ts';
import { IF_PREFIX_AUTOCONF, IF_PREFIX_ONLINK } from '../../../uapi/prefix.ts';
import { RTM_F_CLONED } from '../../../uapi/route.ts';
import * as grp from '../../../uapi/rtnlgrp.ts';
import { Args, matches } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import { entryOf } from '../iproute/links.ts';
import { timestamp } from '../iproute/timestamp.ts';
import { printAddr } from './addr-print.ts';
import type { Ip } from './context.ts';
import { type LinkMsg, printLink, printLinkBrief } from './link-print.ts';
import { printNeigh } from './neigh-print.ts';
import { printNetconf } from './netconf.ts';
import { netnsNameOfId, netnsNames } from './netns-names.ts';
import { printRoute, ROUTE_VIEW_ALL } from './route-print.ts';
import { printRule } from './rule-print.ts';
import { monitorUsage } from './usage.ts';

/** Objects in the order in which abbreviations are tried: its groups for IPv4, IPv6 and either. */
const OBJECTS: ReadonlyArray<readonly [word: string, v4: number, v6: number, both: number]> = [
  ['link', 0, 0, grp.RTNLGRP_LINK],
  ['address', grp.RTNLGRP_IPV4_IFADDR, grp.RTNLGRP_IPV6_IFADDR, 0],
  ['route', grp.RTNLGRP_IPV4_ROUTE, grp.RTNLGRP_IPV6_ROUTE, 0],
  ['mroute', grp.RTNLGRP_IPV4_MROUTE, grp.RTNLGRP_IPV6_MROUTE, 0],
  ['prefix', 0, grp.RTNLGRP_IPV6_PREFIX, 0],
  ['neigh', 0, 0, grp.RTNLGRP_NEIGH],
  ['netconf', grp.RTNLGRP_IPV4_NETCONF, grp.RTNLGRP_IPV6_NETCONF, 0],
  ['rule', grp.RTNLGRP_IPV4_RULE, grp.RTNLGRP_IPV6_RULE, 0],
  ['nsid', 0, 0, grp.RTNLGRP_NSID],
  ['nexthop', 0, 0, grp.RTNLGRP_NEXTHOP],
  ['stats', 0, 0, grp.RTNLGRP_STATS],
];

/** Objects whose messages nothing here can print. Asked for by name they are refused; `all` leaves them out. */
const UNPRINTED = new Set(['mroute', 'nexthop', 'stats']);

interface View {
  /** [LINK] and its like before each entry. */
  label: boolean;
  /** Only this device; 0: all. */
  index: number;
  /** Names of namespaces as last heard of: one that is gone has none any more. */
  nsNames: Map<number, string>;
}

export async function doMonitor(asked: Ip, words: readonly string[]): Promise<number> {
  const ip = asked.textOnly();
  const view: View = { label: false, index: 0, nsNames: new Map() };
  const objects = new Set<string>();
  for (const args = new Args(words); args.more; args.skip()) parseWord(ip, view, objects, args);
  const { family } = ip.opts;
  const wanted = OBJECTS.filter(([word]) => (objects.size === 0 ? !UNPRINTED.has(word) : objects.has(word)));
  const groups: number[] = [];
  for (const [, v4, v6, both] of wanted) {
    if (v4 !== 0 && (family === 0 || family === AF_INET)) groups.push(v4);
    if (v6 !== 0 && (family === 0 || family === AF_INET6)) groups.push(v6);
    if (both !== 0) groups.push(both);
  }
  view.nsNames = netnsNames(ip);
  for (const m of ip.dumpOrDie(() => ip.client.dump(LINK, rtm.RTM_GETLINK, {}, {})).messages)
    ip.links.remember(m.header.index, entryOf(m));
  return ip.listen(groups, (msg) => show(ip, view, msg));
}

function parseWord(ip: Ip, view: View, objects: Set<string>, args: Args): void {
  const word = args.word;
  if (matches(word, 'file')) throw new ToolError('ip: lowerdev has no "monitor file" yet\n', 1);
  if (matches(word, 'label')) view.label = true;
  else if (word === 'all') view.label = true;
  else if (word === 'dev') {
    const name = args.need();
    view.index = ip.links.index(name);
    if (view.index === 0) invarg('Device does not exist\n', name);
  } else {
    const object = OBJECTS.find(([name]) => (name === 'stats' ? word === name : matches(word, name)))?.[0];
    if (object !== undefined) {
      if (UNPRINTED.has(object)) throw new ToolError(`ip: lowerdev has no "monitor ${object}" yet\n`, 1);
      objects.add(object);
    } else if (matches(word, 'all-nsid')) throw new ToolError('ip: lowerdev has no "monitor all-nsid" yet\n', 1);
    else if (matches(word, 'help')) throw new ToolError(monitorUsage, 255);
    else throw new ToolError(`Argument "${word}" is unknown, try "ip monitor help".\n`, 255);
  }
}

function heading(ip: Ip, view: View, label: string): void {
  if (ip.opts.timestamp) ip.proc.out(timestamp(ip.proc.os.wallNs(), ip.opts.tshort));
  if (view.label) ip.proc.out(`[${label}]`);
}

function show(ip: Ip, view: View, msg: NlMessage): void {
  switch (msg.type) {
    case rtm.RTM_NEWLINK:
    case rtm.RTM_DELLINK:
      showLink(ip, view, msg);
      break;
    case rtm.RTM_NEWADDR:
    case rtm.RTM_DELADDR:
      showAddr(ip, view, msg);
      break;
    case rtm.RTM_NEWROUTE:
    case rtm.RTM_DELROUTE:
      showRoute(ip, view, msg);
      break;
    case rtm.RTM_NEWNEIGH:
    case rtm.RTM_DELNEIGH:
    case rtm.RTM_GETNEIGH:
      showNeigh(ip, view, msg);
      break;
    case rtm.RTM_NEWRULE:
    case rtm.RTM_DELRULE:
      heading(ip, view, 'RULE');
      printRule(ip, decodeMessage(RULE, msg));
      break;
    case rtm.RTM_NEWNETCONF:
    case rtm.RTM_DELNETCONF:
      heading(ip, view, 'NETCONF');
      printNetconf(ip, decodeMessage(NETCONF, msg), msg.type === rtm.RTM_DELNETCONF);
      break;
    case rtm.RTM_NEWPREFIX:
      showPrefix(ip, view, msg);
      break;
    case rtm.RTM_NEWNSID:
    case rtm.RTM_DELNSID:
      showNsid(ip, view, msg);
      break;
  }
}

function showAddr(ip: Ip, view: View, msg: NlMessage): void {
  const m = decodeMessage(ADDR, msg);
  if (view.index !== 0 && m.header.index !== view.index) return;
  heading(ip, view, 'ADDR');
  printAddr(ip, m, true);
}

function showRoute(ip: Ip, view: View, msg: NlMessage): void {
  const m = decodeMessage(ROUTE, msg);
  if ((m.header.flags & RTM_F_CLONED) !== 0 || (m.header.family !== AF_INET && m.header.family !== AF_INET6)) return;
  if (view.index !== 0 && m.attrs.oif !== view.index) return;
  heading(ip, view, 'ROUTE');
  printRoute(ip, m, { ...ROUTE_VIEW_ALL, oif: view.index !== 0 });
}

function showNeigh(ip: Ip, view: View, msg: NlMessage): void {
  const m = decodeMessage(NEIGH, msg);
  if (ip.opts.family !== 0 && m.header.family !== ip.opts.family) return;
  if (view.index !== 0 && m.header.ifindex !== view.index) return;
  heading(ip, view, 'NEIGH');
  printNeigh(ip, m, view.index === 0);
}

function showLink(ip: Ip, view: View, msg: NlMessage): void {
  const bridge = msg.bytes[msg.at] === AF_BRIDGE;
  const m: LinkMsg = bridge ? asPlainLink(msg) : decodeMessage(LINK, msg);
  if (msg.type === rtm.RTM_DELLINK) ip.links.forget(m.header.index);
  else ip.links.remember(m.header.index, entryOf(m));
  if (view.index !== 0 && m.header.index !== view.index) return;
  heading(ip, view, 'LINK');
  if (msg.type === rtm.RTM_DELLINK) ip.out.flag('deleted', 'Deleted ');
  const form = { doLink: false, family: 0, monitor: true, nsNames: view.nsNames };
  if (ip.opts.brief)
    printLinkBrief(ip, m, form); // and no end of line: addresses would follow
  else {
    printLink(ip, m, form);
    ip.out.text('\n');
  }
}

/** A link as AF_BRIDGE shows it, without what only that family has. */
function asPlainLink(msg: NlMessage): LinkMsg {
  const { attrs, ...rest } = decodeMessage(BRIDGE_LINK, msg);
  const { protinfo: _p, linkinfo: _l, afSpec: _s, ...common } = attrs;
  return { ...rest, attrs: common };
}

/** What a router's advertisement said. iproute2: ip/ipprefix.c, with its spaces. */
function showPrefix(ip: Ip, view: View, msg: NlMessage): void {
  const { header, attrs } = decodeMessage(PREFIX_HEARD, msg);
  if (ip.opts.family !== 0 && header.family !== ip.opts.family) return;
  heading(ip, view, 'PREFIX');
  ip.proc.out(`prefix ${attrs.address === undefined ? '' : formatIp(attrs.address)}/${header.len}`);
  ip.proc.out(`dev ${ip.links.name(header.ifindex)} `);
  if ((header.flags & IF_PREFIX_ONLINK) !== 0) ip.proc.out('onlink ');
  if ((header.flags & IF_PREFIX_AUTOCONF) !== 0) ip.proc.out('autoconf ');
  if (attrs.cacheinfo !== undefined)
    ip.proc.out(`valid ${attrs.cacheinfo.valid} preferred ${attrs.cacheinfo.preferred} `);
  ip.proc.out('\n');
}

function showNsid(ip: Ip, view: View, msg: NlMessage): void {
  const { attrs } = decodeMessage(NSID, msg);
  const id = attrs.nsid ?? -1;
  heading(ip, view, 'NSID');
  const gone = msg.type === rtm.RTM_DELNSID;
  if (gone) ip.proc.out('Deleted ');
  const name = view.nsNames.get(id) ?? (gone ? null : netnsNameOfId(ip, id));
  if (gone || name === null) view.nsNames.delete(id);
  else view.nsNames.set(id, name);
  ip.proc.out(`nsid ${id} ${name === null ? '' : `(iproute2 netns name: ${name})`}\n`);
}
