// `ip link`: show, add, set, delete, property. iproute2: ip/iplink.c, ip/ipaddress.c.

import { wordTable } from '../../../base/word-table.ts';
import { LINK } from '../../../netlink/payload.ts';
import type { LinkAttrs } from '../../../uapi/link.ts';
import { RTM_DELLINK, RTM_DELLINKPROP, RTM_NEWLINK, RTM_NEWLINKPROP } from '../../../uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import { Args, matches } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { showAddrs } from './addr-show.ts';
import type { Ip } from './context.ts';
import { parseBond, parseBondSlave } from './kind-bond.ts';
import { parseBridge } from './kind-bridge.ts';
import { parseBridgeSlave } from './kind-bridge-slave.ts';
import { macvlanUsage, parseMacvlan } from './kind-macvlan.ts';
import { parseVlan, vlanKindUsage } from './kind-vlan.ts';
import { parseLink, parseVeth } from './link-parse.ts';
import { bridgeKindUsage, bridgeSlaveUsage, linkUsage, vethUsage } from './link-usage.ts';
import { bondSlaveUsage, bondUsage } from './usage-bond.ts';

/** do_iplink(). Returns the exit code. */
export function doLink(ip: Ip, words: readonly string[]): number {
  if (words.length === 0) return showAddrs(ip, new Args([]), true);
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (matches(verb, 'add') || verb === 'new') return modify(ip, args, NLM_F_CREATE | NLM_F_EXCL);
  if (matches(verb, 'set') || matches(verb, 'change')) return modify(ip, args, 0);
  if (matches(verb, 'replace')) return modify(ip, args, NLM_F_CREATE | NLM_F_REPLACE);
  if (matches(verb, 'delete')) return remove(ip, args);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return showAddrs(ip, args, true);
  if (matches(verb, 'xstats') || matches(verb, 'afstats'))
    throw new ToolError(`ip: lowerdev has no "link ${verb}" yet\n`, 1);
  if (matches(verb, 'property')) return property(ip, args);
  if (matches(verb, 'help')) return help(ip, rest[0]);
  throw new ToolError(`Command "${verb}" is unknown, try "ip link help".\n`, 255);
}

/** `ip link help [TYPE]`: what a kind says of itself goes to standard output. */
function help(ip: Ip, kind: string | undefined): number {
  const text = kind === undefined ? undefined : kindUsage(kind);
  if (text === undefined) throw new ToolError(linkUsage, 255);
  ip.proc.out(text);
  return 0;
}

function kindUsage(kind: string): string | undefined {
  if (kind === 'macvlan' || kind === 'macvtap') return macvlanUsage(kind);
  const usages = wordTable<string>({
    veth: vethUsage,
    bridge: bridgeKindUsage,
    bridge_slave: bridgeSlaveUsage,
    vlan: vlanKindUsage,
    bond: bondUsage,
    bond_slave: bondSlaveUsage,
    dummy: 'Usage: ... dummy\n',
  });
  return usages[kind];
}

/** Kinds that the real tool has words for, and lowerdev has not. */
const KINDS_WITH_WORDS = new Set([
  'vxlan',
  'vrf',
  'ipvlan',
  'ipvtap',
  'gre',
  'gretap',
  'ipip',
  'sit',
  'geneve',
  'vti',
  'macsec',
  'team',
]);

/** INFO_DATA of a kind, from the words after it. Kinds that take no words are not listed. */
function kindData(ip: Ip, kind: string, args: Args, fds: number[]): Record<string, unknown> | null {
  if (!args.more) return null;
  if (kind === 'macvlan' || kind === 'macvtap') return parseMacvlan(ip, kind, args) as Record<string, unknown>;
  if (kind === 'bridge') return parseBridge(args) as Record<string, unknown>;
  if (kind === 'veth') return parseVeth(ip, args, fds);
  if (kind === 'dummy') return null; // the tool looks at no word after it
  if (kind === 'vlan') return parseVlan(args) as Record<string, unknown>;
  if (kind === 'bond') return parseBond(ip, args) as Record<string, unknown>;
  if (args.word === 'help') throw new ToolError(linkUsage, 255);
  if (KINDS_WITH_WORDS.has(kind)) throw new ToolError(`ip: lowerdev has no words for links of type "${kind}" yet\n`, 1);
  throw new ToolError(`Garbage instead of arguments "${args.word} ...". Try "ip link help".\n`, 1);
}

function modify(ip: Ip, args: Args, flags: number): number {
  const create = (flags & NLM_F_CREATE) !== 0;
  const fds: number[] = [];
  try {
    const r = parseLink(ip, args, create, fds);
    if (r.type !== null) {
      const slave = r.type.endsWith('_slave');
      if (slave) {
        const kind = r.type.slice(0, -6);
        if (kind !== 'bridge' && kind !== 'bond') throw new ToolError(`ip: lowerdev has no "${r.type}" yet\n`, 1);
        const slaveData = kind === 'bond' ? parseBondSlave(args) : parseBridgeSlave(ip, args);
        r.attrs.linkinfo = { slaveKind: kind, slaveData };
      } else {
        const data = kindData(ip, r.type, args, r.fds);
        r.attrs.linkinfo = data === null ? { kind: r.type } : { kind: r.type, data };
      }
    } else if (create) throw new ToolError('Not enough information: "type" argument is required\n', 1);
    ip.talk(() => ip.client.request(LINK, RTM_NEWLINK, flags, r.header, r.attrs as LinkAttrs));
    return 0;
  } finally {
    for (const fd of fds) ip.proc.os.nsClose(fd);
  }
}

function remove(ip: Ip, args: Args): number {
  const fds: number[] = [];
  try {
    const r = parseLink(ip, args, false, fds);
    if (r.type !== null) r.attrs.linkinfo = { kind: r.type };
    ip.talk(() => ip.client.request(LINK, RTM_DELLINK, 0, r.header, r.attrs as LinkAttrs));
    return 0;
  } finally {
    for (const fd of fds) ip.proc.os.nsClose(fd);
  }
}

function property(ip: Ip, args: Args): number {
  if (!args.more) throw new ToolError(linkUsage, 255);
  const verb = args.next();
  const add = matches(verb, 'add');
  if (matches(verb, 'help')) throw new ToolError(linkUsage, 255);
  if (!add && !matches(verb, 'del')) throw new ToolError('Operator required\n', 255);
  let dev: string | null = null;
  const names: string[] = [];
  for (; args.more; args.skip()) {
    if (args.word === 'altname') {
      names.push(args.need());
    } else dev = args.word === 'dev' ? args.need() : args.word;
  }
  if (dev === null) throw new ToolError('Not enough of information: "dev" argument is required.\n', 255);
  const index = ip.links.need(dev);
  const type = add ? RTM_NEWLINKPROP : RTM_DELLINKPROP;
  const flags = add ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0;
  ip.talk(() => ip.client.request(LINK, type, flags, { index }, { propList: names }));
  return 0;
}
