// `ip address show` and `flush`, and `ip link show`: which links and addresses, and their deletion in rounds.
// iproute2: ip/ipaddress.c, ipaddr_list_flush_or_save(), ipaddr_filter(), ipaddr_flush().

import { ADDR, LINK } from '../../../netlink/payload.ts';
import { IFA_F_PERMANENT, IFA_F_SECONDARY } from '../../../uapi/addr.ts';
import type { IpAddr } from '../../../uapi/attr.ts';
import { strerror } from '../../../uapi/errno.ts';
import { AF_PACKET, IFF_UP, type LinkAttrs } from '../../../uapi/link.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_GETLINK } from '../../../uapi/msgtype.ts';
import { type Args, matches, needPrefix, type Prefix, sameBits } from '../iproute/args.ts';
import { duparg2, invarg, ToolError } from '../iproute/errors.ts';
import { entryOf } from '../iproute/links.ts';
import { numberOf, SCOPES } from '../iproute/names.ts';
import { addrFlag } from './addr-flags.ts';
import { type AddrMsg, addrFlagsOf, printAddr } from './addr-print.ts';
import type { Ip } from './context.ts';
import { type LinkFilter, linkPasses, parseLinkFilterWord } from './link-filter.ts';
import { type LinkMsg, printLink, printLinkBrief } from './link-print.ts';
import { printStats } from './link-stats.ts';
import { linkUsage } from './link-usage.ts';
import { addrUsage } from './usage.ts';

interface Filter extends LinkFilter {
  family: number;
  index: number;
  /** Null: any. */
  scope: number | null;
  flags: number;
  flagMask: number;
  label: string | null;
  to: Prefix | null;
}

function parse(ip: Ip, args: Args, family: number): Filter {
  const f: Filter = {
    up: false,
    master: 0,
    noMaster: false,
    kind: null,
    slaveKind: null,
    group: null,
    family,
    index: 0,
    scope: null,
    flags: 0,
    flagMask: 0,
    label: null,
    to: null,
  };
  let dev: string | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'to') {
      f.to = needPrefix(args.need(), f.family);
      if (f.family === 0) f.family = f.to.family;
    } else if (word === 'scope') {
      const text = args.need();
      f.scope = numberOf(SCOPES, text);
      if (f.scope === null && text !== 'all') invarg('invalid "scope"\n', text);
    } else if (flagWord(f, word)) {
      // taken
    } else if (word === 'label') f.label = args.need();
    else if (!parseLinkFilterWord(ip, f, args)) {
      const name = word === 'dev' ? args.need() : word;
      if (word !== 'dev' && matches(word, 'help'))
        throw new ToolError(family === AF_PACKET ? linkUsage : addrUsage, 255);
      if (dev !== null) duparg2('dev', name);
      dev = name;
    }
  }
  if (dev !== null) {
    f.index = ip.links.index(dev);
    if (f.index === 0) throw new ToolError(`Device "${dev}" does not exist.\n`, 1);
  }
  return f;
}

/** get_filter(): a flag's word, `dynamic`, `primary`, or any of them denied by a minus. */
function flagWord(f: Filter, word: string): boolean {
  const plain = word.replace(/^-/, '');
  const special = plain === 'dynamic' ? IFA_F_PERMANENT : plain === 'primary' ? IFA_F_SECONDARY : 0;
  const bit = special !== 0 ? special : addrFlag(plain)?.bit;
  if (bit === undefined) return false;
  const denied = (special !== 0) !== word.startsWith('-');
  f.flags = denied ? f.flags & ~bit : f.flags | bit;
  f.flagMask |= bit;
  return true;
}

/** What print_addrinfo() filters by. */
function passes(ip: Ip, f: Filter, msg: AddrMsg): boolean {
  const { header, attrs: a } = msg;
  if (f.index !== 0 && f.index !== header.index) return false;
  if (f.scope !== null && f.scope !== header.scope) return false;
  if (((f.flags ^ addrFlagsOf(msg)) & f.flagMask) !== 0) return false;
  if (f.label !== null && !fnmatch(f.label, a.label ?? ip.links.name(header.index))) return false;
  const local = a.local ?? a.address;
  if (f.to !== null && f.to.family !== 0 && local !== undefined && !inPrefix(local, header.family, f.to)) return false;
  return f.family === 0 || f.family === header.family;
}

function inPrefix(addr: IpAddr, family: number, p: Prefix): boolean {
  return family === p.family && sameBits(addr, p.ip ?? addr, p.ip === null ? 0 : p.length);
}

/** fnmatch(3) with no flags: *, ? and [...]. */
function fnmatch(pattern: string, text: string): boolean {
  let re = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    const end = c === '[' ? pattern.indexOf(']', i + 2) : -1;
    if (c === '*') re += '.*';
    else if (c === '?') re += '.';
    else if (end > 0) {
      const set = pattern.slice(i + 1, end).replace(/\\/g, '\\\\');
      re += set[0] === '!' ? `[^${set.slice(1)}]` : `[${set}]`;
      i = end;
    } else re += c.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  }
  return new RegExp(`^${re}$`, 's').test(text);
}

/** `ip link show` is the same with `doLink`: no addresses, and more about each link. */
export function showAddrs(ip: Ip, args: Args, doLink = false): number {
  const base = doLink ? AF_PACKET : ip.opts.family;
  const f = parse(ip, args, base);
  ip.out.begin();
  try {
    const links = f.index === 0 ? dumpLinks(ip, f, base) : [linkByIndex(ip, f, base, doLink)];
    const addrs = f.family === AF_PACKET ? [] : dumpAddrs(ip, f, 'Dump');
    for (const link of links)
      if (f.family === AF_PACKET || hasWanted(ip, f, link, addrs)) showOne(ip, f, link, addrs, doLink);
  } finally {
    ip.out.finish();
  }
  return 0;
}

function linkByIndex(ip: Ip, f: Filter, family: number, doLink: boolean): LinkMsg {
  const stats = doLink || ip.opts.stats > 0;
  const { index } = f;
  return ip.talk(() => ip.client.get(LINK, RTM_GETLINK, { family, index }, { extMask: stats ? 1 : 9 }));
}

function dumpLinks(ip: Ip, f: Filter, family: number): LinkMsg[] {
  const ask: LinkAttrs = {};
  if (family === 0 || family === AF_PACKET) {
    ask.extMask = 1;
    if (f.master > 0) ask.master = f.master;
    if (f.kind !== null) ask.linkinfo = { kind: f.kind };
    else if (f.slaveKind !== null) ask.linkinfo = { slaveKind: f.slaveKind };
  }
  const { messages } = ip.dumpOrDie(() => ip.client.dump(LINK, RTM_GETLINK, { family }, ask));
  for (const msg of messages) ip.links.remember(msg.header.index, entryOf(msg));
  return messages;
}

function dumpAddrs(ip: Ip, f: Filter, what: 'Dump' | 'Flush'): AddrMsg[] {
  return ip.dumpOrDie(() => ip.client.dump(ADDR, RTM_GETADDR, { family: f.family, index: f.index }, {}), 1, what)
    .messages;
}

/** ipaddr_filter(): links without a wanted address go; links without any stay unless a family was asked for. */
function hasWanted(ip: Ip, f: Filter, link: LinkMsg, addrs: readonly AddrMsg[]): boolean {
  let any = false;
  for (const msg of addrs) {
    if (msg.header.index !== link.header.index) continue;
    any = true;
    if (passes(ip, { ...f, index: 0 }, msg)) return true;
  }
  return !any && (f.family === 0 || f.family === AF_PACKET);
}

function showOne(ip: Ip, f: Filter, link: LinkMsg, addrs: readonly AddrMsg[], doLink: boolean): void {
  const { out, opts } = ip;
  const view = { doLink, family: f.family };
  const noLink = opts.oneline && f.family !== AF_PACKET && !opts.brief;
  out.openObject();
  if (noLink || linkPasses(f, link)) {
    const withLink = !noLink && f.label === null; // who looks for a label sees addresses only
    if (withLink && opts.brief) printLinkBrief(ip, link, view);
    else if (withLink) printLink(ip, link, view);
    if (withLink && (!opts.brief || doLink)) out.text('\n');
    if (f.family !== AF_PACKET) selected(ip, f, link, addrs);
    if (withLink && !doLink && !opts.brief && opts.stats > 0) {
      printStats(ip, link.attrs);
      out.text('\n');
    }
  }
  out.closeObject();
}

/** print_selected_addrinfo(). */
function selected(ip: Ip, f: Filter, link: LinkMsg, addrs: readonly AddrMsg[]): void {
  const { out } = ip;
  out.openArray('addr_info');
  for (const msg of addrs) {
    if (msg.header.index !== link.header.index || (f.family !== 0 && f.family !== msg.header.family)) continue;
    if (f.up && (link.header.flags & IFF_UP) === 0) continue;
    out.openObject();
    if (passes(ip, f, msg)) printAddr(ip, msg, ip.opts.oneline);
    out.closeObject();
  }
  out.closeArray();
  if (ip.opts.brief) out.text('\n');
}

/** ipaddr_flush(): deletes what passes, round after round, until nothing does. */
export function flushAddrs(ip: Ip, args: Args): number {
  if (!args.more) throw new ToolError('Flush requires arguments.\n', 1);
  if (ip.opts.family === AF_PACKET) throw new ToolError('Cannot flush link addresses.\n', 1);
  const f = parse(ip, args, ip.opts.family);
  const { proc, opts } = ip;
  const onlyOnce = (f.flagMask & IFA_F_SECONDARY) !== 0 && (f.flags & IFA_F_SECONDARY) === 0;
  const most = opts.loops;
  for (let round = 0; most === 0 || round < most; ) {
    const found = dumpAddrs(ip, f, 'Flush').filter((msg) => passes(ip, f, msg));
    if (found.length === 0) {
      if (opts.stats > 0) proc.out(round === 0 ? 'Nothing to flush.\n' : doneText(round));
      return 0;
    }
    if (opts.stats > 1) for (const msg of found) printAddr(ip, msg, true);
    round++;
    const refusals = ip.client.batch(
      found.map((msg) => ({
        form: ADDR as never,
        type: RTM_DELADDR,
        header: msg.header as never,
        attrs: msg.attrs as never,
      })),
    );
    const refusal = refusals.find((e) => e !== null && e.code !== 'EADDRNOTAVAIL');
    if (refusal != null) throw new ToolError(`Failed to send flush request: ${strerror(refusal.errno)}\n`, 1);
    if (opts.stats > 0) proc.out(`\n*** Round ${round}, deleting ${found.length} addresses ***\n`);
    if (onlyOnce) {
      if (opts.stats > 0) proc.out(doneText(round));
      return 0;
    }
  }
  throw new ToolError(`*** Flush remains incomplete after ${most} rounds. ***\n`, 1);
}

const doneText = (round: number): string => `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`;
