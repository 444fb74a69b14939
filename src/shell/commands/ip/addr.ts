// `ip address`: which command, and adding, changing and deleting one address. Showing and flushing are addr-show.ts.
// iproute2: ip/ipaddress.c, do_ipaddr(), ipaddr_modify().

import { ADDR } from '../../../netlink/payload.ts';
import { type AddrAttrs, IFA_F_MCAUTOJOIN, type IfAddrMsg, INFINITY_LIFE_TIME } from '../../../uapi/addr.ts';
import { RTM_DELADDR, RTM_NEWADDR } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import { RT_SCOPE_HOST } from '../../../uapi/route.ts';
import { Args, matches, needAddress, needPrefix, type Prefix, parseNumber } from '../iproute/args.ts';
import { duparg, duparg2, invarg, ToolError } from '../iproute/errors.ts';
import { numberOf, SCOPES } from '../iproute/names.ts';
import { addrFlag } from './addr-flags.ts';
import { flushAddrs, showAddrs } from './addr-show.ts';
import type { Ip } from './context.ts';
import { addrUsage } from './usage.ts';

export function doAddr(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return showAddrs(ip, args);
  if (matches(verb, 'add')) return modify(ip, args, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  if (matches(verb, 'change') || verb === 'chg') return modify(ip, args, RTM_NEWADDR, NLM_F_REPLACE);
  if (matches(verb, 'replace')) return modify(ip, args, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  if (matches(verb, 'delete')) return modify(ip, args, RTM_DELADDR, 0);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return showAddrs(ip, args);
  if (matches(verb, 'flush')) return flushAddrs(ip, args);
  if (matches(verb, 'save') || matches(verb, 'showdump') || matches(verb, 'restore')) {
    throw new ToolError(`ip: lowerdev has no "address ${verb}" yet\n`, 1);
  }
  if (matches(verb, 'help')) throw new ToolError(addrUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip address help".\n`, 255);
}

interface Parsed {
  header: { family: number; prefixlen: number; flags: number; scope: number; index: number };
  /** In the order in which the words came. */
  attrs: AddrAttrs;
  dev: string | null;
  local: Prefix | null;
  localWord: string;
  peer: Prefix | null;
  /** `+` or `-`, or null. */
  brdSign: string | null;
  scoped: boolean;
  flags: number;
  valid: number | null;
  preferred: number | null;
}

function modify(ip: Ip, args: Args, type: number, flags: number): number {
  const p = parse(ip, args);
  const { header, attrs } = p;
  if (p.flags <= 0xff) header.flags = p.flags;
  else attrs.flags = p.flags;
  if (p.dev === null) throw new ToolError('Not enough information: "dev" argument is required.\n', 1);
  complete(ip, p, type);
  header.index = ip.links.need(p.dev);
  lifetimes(p);
  if ((p.flags & IFA_F_MCAUTOJOIN) !== 0 && !isMulticast(p.local)) {
    throw new ToolError('autojoin needs multicast address\n', 1);
  }
  ip.talk(() => ip.client.request(ADDR, type, flags, header as IfAddrMsg, attrs));
  return 0;
}

function parse(ip: Ip, args: Args): Parsed {
  const p: Parsed = {
    header: { family: ip.opts.family, prefixlen: 0, flags: 0, scope: 0, index: 0 },
    attrs: {},
    dev: null,
    local: null,
    localWord: '',
    peer: null,
    brdSign: null,
    scoped: false,
    flags: 0,
    valid: null,
    preferred: null,
  };
  for (; args.more; args.skip()) parseWord(ip, p, args);
  return p;
}

function parseWord(ip: Ip, p: Parsed, args: Args): void {
  const { header, attrs } = p;
  const word = args.word;
  if (word === 'peer' || word === 'remote') {
    const text = args.need();
    if (p.peer !== null) duparg('peer', text);
    p.peer = needPrefix(text, header.family);
    if (header.family === 0) header.family = p.peer.family;
    attrs.address = p.peer.ip ?? undefined;
    header.prefixlen = p.peer.length;
  } else if (matches(word, 'broadcast') || word === 'brd') {
    const text = args.need();
    if (p.brdSign !== null || attrs.broadcast !== undefined) duparg('broadcast', text);
    if (text === '+' || text === '-') p.brdSign = text;
    else attrs.broadcast = addressWord(p, text);
  } else if (word === 'anycast') {
    const text = args.need();
    if (attrs.anycast !== undefined) duparg('anycast', text);
    attrs.anycast = addressWord(p, text);
  } else if (word === 'scope') {
    const text = args.need();
    header.scope = numberOf(SCOPES, text) ?? invarg('invalid scope value.', text);
    p.scoped = true;
  } else if (word === 'dev') p.dev = args.need();
  else if (word === 'label') attrs.label = args.need();
  else if (matches(word, 'metric') || matches(word, 'priority') || matches(word, 'preference')) {
    const text = args.need();
    attrs.rtPriority = parseNumber(text) ?? invarg('"metric" value is invalid\n', text);
  } else if (matches(word, 'valid_lft')) {
    if (p.valid !== null) duparg('valid_lft', word);
    const text = args.need();
    p.valid = lifetime(text) ?? invarg('valid_lft value', text);
  } else if (matches(word, 'preferred_lft')) {
    if (p.preferred !== null) duparg('preferred_lft', word);
    const text = args.need();
    p.preferred = lifetime(text) ?? invarg('preferred_lft value', text);
  } else if (addrFlag(word) !== null) setFlag(ip, p, word);
  else {
    const text = word === 'local' ? args.need() : word;
    if (matches(text, 'help')) throw new ToolError(addrUsage, 255);
    if (p.local !== null) duparg2('local', text);
    p.local = needPrefix(text, header.family);
    p.localWord = text;
    if (header.family === 0) header.family = p.local.family;
    attrs.local = p.local.ip ?? undefined;
  }
}

function addressWord(p: Parsed, text: string): AddrAttrs['broadcast'] {
  const a = needAddress(text, p.header.family);
  if (p.header.family === 0) p.header.family = a.family;
  return a.ip ?? undefined;
}

/** A flag word: some can only be read, some only make sense for IPv6. */
function setFlag(ip: Ip, p: Parsed, word: string): void {
  const flag = addrFlag(word);
  if (flag === null) return;
  if (flag.readOnly) ip.proc.err(`Warning: ${word} option is not mutable from userspace\n`);
  else if (flag.v6Only && p.header.family === 2)
    ip.proc.err(`Warning: ${word} option can be set only for IPv6 addresses\n`);
  else p.flags |= flag.bit;
}

function lifetime(text: string): number | null {
  return text === 'forever' ? INFINITY_LIFE_TIME : parseNumber(text);
}

/** What follows from the words: the peer, the prefix length, the broadcast address, the scope. */
function complete(ip: Ip, p: Parsed, type: number): void {
  const { header, attrs, local } = p;
  if (p.peer === null && local !== null) {
    if (type === RTM_DELADDR && local.family === 2 && !local.hasLength) {
      ip.proc.err(
        'Warning: Executing wildcard deletion to stay compatible with old scripts.\n' +
          `         Explicitly specify the prefix length (${p.localWord}/32) to avoid this warning.\n` +
          '         This special behaviour is likely to disappear in further releases,\n' +
          '         fix your scripts!\n',
      );
    } else {
      p.peer = local;
      attrs.address = local.ip ?? undefined;
    }
  }
  if (header.prefixlen === 0 && local !== null) header.prefixlen = local.length;
  if (p.brdSign !== null && type !== RTM_DELADDR) {
    if (header.family !== 2) throw new ToolError('Broadcast can be set only for IPv4 addresses\n', 1);
    const peer = p.peer;
    if (peer !== null && typeof peer.ip === 'number' && peer.length <= 30) {
      const hostBits = peer.length === 0 ? 0xffffffff : 2 ** (32 - peer.length) - 1;
      attrs.broadcast = p.brdSign === '+' ? (peer.ip | hostBits) >>> 0 : (peer.ip & ~hostBits) >>> 0;
    }
  }
  if (!p.scoped && type !== RTM_DELADDR) header.scope = defaultScope(local);
}

/** default_scope(): 127/8 belongs to this host alone. */
function defaultScope(local: Prefix | null): number {
  return local !== null && typeof local.ip === 'number' && local.ip >>> 24 === 127 ? RT_SCOPE_HOST : 0;
}

function lifetimes(p: Parsed): void {
  if (p.valid === null && p.preferred === null) return;
  const valid = p.valid ?? INFINITY_LIFE_TIME;
  const prefered = p.preferred ?? INFINITY_LIFE_TIME;
  if (valid === 0) throw new ToolError('valid_lft is zero\n', 1);
  if (valid < prefered) throw new ToolError('preferred_lft is greater than valid_lft\n', 1);
  p.attrs.cacheinfo = { prefered, valid, cstamp: 0, tstamp: 0 };
}

function isMulticast(a: Prefix | null): boolean {
  if (a === null || a.ip === null) return false;
  return typeof a.ip === 'number' ? a.ip >>> 28 === 14 : a.ip[0] === 0xff;
}
