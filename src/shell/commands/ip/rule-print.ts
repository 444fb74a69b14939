// One routing rule, as `ip rule` and `ip monitor` print it. iproute2: ip/iprule.c, print_rule().

import type { Decoded } from '../../../netlink/message.ts';
import type { IpAddr } from '../../../uapi/attr.ts';
import { formatIp } from '../../../uapi/format.ts';
import { RTM_DELRULE } from '../../../uapi/msgtype.ts';
import { RTPROT_KERNEL } from '../../../uapi/route.ts';
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  type FibRuleHdr,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_TO_TBL,
  type RuleAttrs,
} from '../../../uapi/rule.ts';
import { bitsOf } from '../iproute/args.ts';
import { DSFIELD, nameOf, PROTOCOLS, REALM, routeTypeName, TABLES } from '../iproute/names.ts';
import { tintOfIp } from '../iproute/out.ts';
import type { Ip } from './context.ts';
import { groupName } from './link-names.ts';

export type RuleMsg = Decoded<FibRuleHdr, RuleAttrs>;

const IP_PROTOCOLS: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  132: 'sctp',
};

export function printRule(ip: Ip, msg: RuleMsg): void {
  const { out, opts } = ip;
  const { header: h, attrs: a } = msg;
  out.openObject();
  if (msg.type === RTM_DELRULE) out.flag('deleted', 'Deleted ');
  out.any('priority', a.priority ?? 0, `${a.priority ?? 0}:\t`);
  if ((h.flags & FIB_RULE_INVERT) !== 0) {
    out.value('not', null);
    out.text('not ');
  }
  out.text('from ');
  printPrefix(ip, 'src', 'srclen', h.family, a.src, h.srcLen, 'all');
  if (a.dst !== undefined || h.dstLen !== 0) {
    out.text(' to ');
    printPrefix(ip, 'dst', 'dstlen', h.family, a.dst, h.dstLen, 'all');
  }
  if (h.tos !== 0) out.any('tos', nameOf(DSFIELD, h.tos, opts.numeric), ` tos ${nameOf(DSFIELD, h.tos, opts.numeric)}`);
  if (a.fwmark !== undefined || a.fwmask !== undefined) printMark(ip, a.fwmark ?? 0, a.fwmask);
  printDevice(ip, 'iif', a.iifname, (h.flags & FIB_RULE_IIF_DETACHED) !== 0);
  printDevice(ip, 'oif', a.oifname, (h.flags & FIB_RULE_OIF_DETACHED) !== 0);
  if (a.l3mdev !== undefined && a.l3mdev !== 0) {
    out.value('l3mdev', null);
    out.text(' lookup [l3mdev-table]');
  }
  if (a.uidRange !== undefined) {
    out.any('uid_start', a.uidRange.start, ` uidrange ${a.uidRange.start}`);
    out.any('uid_end', a.uidRange.end, `-${a.uidRange.end}`);
  }
  if (a.ipProto !== undefined) {
    const name = IP_PROTOCOLS[a.ipProto] ?? `ipproto-${a.ipProto}`;
    out.any('ipproto', name, ` ipproto ${name}`);
  }
  printPorts(ip, 'sport', a.sportRange);
  printPorts(ip, 'dport', a.dportRange);
  printTable(ip, msg);
  if (a.flow !== undefined) printFlow(ip, a.flow);
  printAction(ip, msg);
  if (a.protocol !== undefined && ((a.protocol !== RTPROT_KERNEL && a.protocol !== 0) || opts.details > 0)) {
    const name = nameOf(PROTOCOLS, a.protocol, opts.numeric);
    out.any('protocol', name, ` proto ${name}`);
  }
  out.text('\n');
  out.closeObject();
}

function printPrefix(
  ip: Ip,
  key: string,
  lengthKey: string,
  family: number,
  addr: IpAddr | undefined,
  length: number,
  none: string,
): void {
  const { out } = ip;
  if (addr !== undefined) {
    out.tint(tintOfIp(addr), key, formatIp(addr), formatIp(addr));
    if (length !== bitsOf(family)) out.any(lengthKey, length, `/${length}`);
  } else if (length !== 0) {
    out.any(key, '0', '0');
    out.any(lengthKey, length, `/${length}`);
  } else out.any(key, none, none);
}

function printMark(ip: Ip, mark: number, mask: number | undefined): void {
  const hex = (n: number): string => (n === 0 ? '0' : `0x${n.toString(16)}`);
  ip.out.value('fwmark', `0x${mark.toString(16)}`);
  ip.out.text(` fwmark ${hex(mark)}`);
  if (mask === undefined || mask === 0xffffffff) return;
  ip.out.value('fwmask', `0x${mask.toString(16)}`);
  ip.out.text(`/${hex(mask)}`);
}

function printDevice(ip: Ip, key: string, name: string | undefined, detached: boolean): void {
  if (name === undefined) return;
  ip.out.any(key, name, ` ${key} ${name}`);
  if (!detached) return;
  ip.out.value(`${key}_detached`, null);
  ip.out.text(' [detached]');
}

function printPorts(ip: Ip, key: string, range: { start: number; end: number } | undefined): void {
  if (range === undefined) return;
  const { out } = ip;
  if (range.start === range.end) out.any(key, range.start, ` ${key} ${range.start}`);
  else {
    out.any(`${key}_start`, range.start, ` ${key} ${range.start}`);
    out.any(`${key}_end`, range.end, `-${range.end}`);
  }
}

function printTable(ip: Ip, { header, attrs: a }: RuleMsg): void {
  const table = a.table ?? header.table;
  if (table === 0) return;
  const { out } = ip;
  const name = nameOf(TABLES, table, ip.opts.numeric);
  out.any('table', name, ` lookup ${name}`);
  const length = a.suppressPrefixlen;
  if (length !== undefined && length !== 0xffffffff)
    out.any('suppress_prefixlen', length, ` suppress_prefixlength ${length}`);
  const group = a.suppressIfgroup;
  if (group !== undefined && group !== 0xffffffff)
    out.any('suppress_ifgroup', groupName(group), ` suppress_ifgroup ${groupName(group)}`);
}

function printFlow(ip: Ip, flow: number): void {
  const name = (n: number): string => nameOf(REALM, n, ip.opts.numeric);
  const from = flow >>> 16;
  ip.out.text(' realms ');
  if (from !== 0) ip.out.any('flow_from', name(from), `${name(from)}/`);
  ip.out.any('flow_to', name(flow & 0xffff), name(flow & 0xffff));
}

function printAction(ip: Ip, { header, attrs: a }: RuleMsg): void {
  const { out } = ip;
  if (header.action === FR_ACT_GOTO) {
    if (a.goto !== undefined && a.goto !== 0) out.any('goto', a.goto, ` goto ${a.goto}`);
    else out.any('goto', 'none', ' goto none');
    if ((header.flags & FIB_RULE_UNRESOLVED) !== 0) {
      out.value('unresolved', null);
      out.text(' [unresolved]');
    }
  } else if (header.action === FR_ACT_NOP) {
    out.value('nop', null);
    out.text(' nop');
  } else if (header.action !== FR_ACT_TO_TBL) {
    const name = routeTypeName(header.action);
    out.any('action', name, ` ${name}`);
  }
}
