// `ip neigh`: show, get, add, change, replace, delete, flush. iproute2: ip/ipneigh.c.

import { wordTable } from '../../../base/word-table.ts';
import { NEIGH } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../../../uapi/msgtype.ts';
import {
  type NdMsg,
  type NeighAttrs,
  NTF_EXT_LEARNED,
  NTF_EXT_MANAGED,
  NTF_PROXY,
  NTF_ROUTER,
  NTF_USE,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import {
  type Address,
  Args,
  matches,
  needAddress,
  needPrefix,
  type Prefix,
  parseNumber,
  putLladdr,
  sameBits,
} from '../iproute/args.ts';
import { duparg, duparg2, invarg, noDevice, ToolError } from '../iproute/errors.ts';
import { numberOf, PROTOCOLS } from '../iproute/names.ts';
import type { Ip } from './context.ts';
import { type NeighMsg, printNeigh } from './neigh-print.ts';
import { neighUsage } from './usage.ts';

export function doNeigh(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args, false);
  if (matches(verb, 'add')) return modify(ip, args, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
  if (matches(verb, 'change') || verb === 'chg') return modify(ip, args, RTM_NEWNEIGH, NLM_F_REPLACE);
  if (matches(verb, 'replace')) return modify(ip, args, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  if (matches(verb, 'delete')) return modify(ip, args, RTM_DELNEIGH, 0);
  if (matches(verb, 'get')) return get(ip, args);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, args, false);
  if (matches(verb, 'flush')) return show(ip, args, true);
  if (matches(verb, 'help')) throw new ToolError(neighUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip neigh help".\n`, 255);
}

/** nud_state_a2n(): states that may be abbreviated say so by their place. */
function parseState(text: string): number | null {
  if (matches(text, 'permanent')) return NUD_PERMANENT;
  if (matches(text, 'reachable')) return NUD_REACHABLE;
  const exact = wordTable<number>({
    noarp: NUD_NOARP,
    none: NUD_NONE,
    stale: NUD_STALE,
    incomplete: NUD_INCOMPLETE,
    delay: NUD_DELAY,
    probe: NUD_PROBE,
  });
  if (text in exact) return exact[text];
  if (matches(text, 'failed')) return NUD_FAILED;
  const n = parseNumber(text);
  return n === null || n >= 0x100 || (n & (n - 1)) !== 0 ? null : n;
}

function modify(ip: Ip, args: Args, type: number, flags: number): number {
  const header = { family: ip.opts.family, ifindex: 0, state: NUD_PERMANENT, flags: 0, type: 0 };
  const attrs: NeighAttrs = {};
  let flagsExt = 0;
  let dev: string | null = null;
  let dst: Address | null = null;
  let lladdr: string | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'lladdr')) {
      const text = args.need();
      if (lladdr !== null) duparg('lladdr', text);
      lladdr = text;
    } else if (word === 'nud') {
      const text = args.need();
      header.state = parseState(text) ?? invarg('nud state is bad', text);
    } else if (matches(word, 'proxy')) {
      const text = args.need();
      if (matches(text, 'help')) throw new ToolError(neighUsage, 255);
      if (dst !== null) duparg('address', text);
      dst = needAddress(text, header.family);
      header.flags |= NTF_PROXY;
    } else if (word === 'router') header.flags |= NTF_ROUTER;
    else if (word === 'use') header.flags |= NTF_USE;
    else if (word === 'managed') {
      flagsExt |= NTF_EXT_MANAGED;
      header.state = NUD_NONE;
    } else if (matches(word, 'extern_learn')) header.flags |= NTF_EXT_LEARNED;
    else if (word === 'dev') dev = args.need();
    else if (matches(word, 'protocol')) {
      const text = args.need();
      attrs.protocol = numberOf(PROTOCOLS, text) ?? invarg('"protocol" value is invalid\n', text);
    } else {
      const text = word === 'to' ? args.need() : word;
      if (matches(text, 'help')) throw new ToolError(neighUsage, 255);
      if (dst !== null) duparg2('to', text);
      dst = needAddress(text, header.family);
    }
  }
  // A proxy entry may be for every device.
  const devMissing = dev === null && (header.flags & NTF_PROXY) === 0;
  if (devMissing || dst === null || dst.family === 0)
    throw new ToolError('Device and destination are required arguments.\n', 255);
  header.family = dst.family;
  const inOrder: NeighAttrs = attrs.protocol === undefined ? {} : { protocol: attrs.protocol };
  inOrder.dst = dst.ip ?? undefined;
  if (flagsExt !== 0) inOrder.flagsExt = flagsExt;
  if (lladdr !== null && lladdr !== 'null') putLladdr(inOrder, 'lladdr', 2, lladdr);
  if (dev !== null) header.ifindex = ip.links.need(dev);
  ip.talk(() => ip.client.request(NEIGH, type, flags, header as NdMsg, inOrder));
  return 0;
}

function get(ip: Ip, args: Args): number {
  let dev: string | null = null;
  let dst: Address | null = null;
  let flags = 0;
  const family = ip.opts.family;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.need();
    else if (matches(word, 'proxy')) {
      const text = args.need();
      if (matches(text, 'help')) throw new ToolError(neighUsage, 255);
      if (dst !== null) duparg('address', text);
      dst = needAddress(text, family);
      flags |= NTF_PROXY;
    } else {
      const text = word === 'to' ? args.need() : word;
      if (matches(text, 'help')) throw new ToolError(neighUsage, 255);
      if (dst !== null) duparg2('to', text);
      dst = needAddress(text, family);
    }
  }
  if (dev === null || dst === null || dst.family === 0)
    throw new ToolError('Device and address are required arguments.\n', 1);
  const header = { family: dst.family, ifindex: ip.links.index(dev), flags };
  if (header.ifindex === 0) noDevice(dev);
  const answer = ip.talk(() => ip.client.get(NEIGH, RTM_GETNEIGH, header, { dst: dst.ip ?? undefined }));
  printNeigh(ip.textOnly(), answer, true); // the tool forgets -j here
  return 0;
}

interface Filter {
  family: number;
  index: number;
  master: number;
  noMaster: boolean;
  /** Bits of wanted states; 0x100: those without one. */
  state: number;
  unused: boolean;
  to: Prefix | null;
  protocol: number | null;
  flags: number;
}

const NO_STATE = 0x100;

function parseFilter(ip: Ip, args: Args, flush: boolean): Filter {
  const f: Filter = {
    family: ip.opts.family,
    index: 0,
    master: 0,
    noMaster: false,
    state: flush ? ~(NUD_PERMANENT | NUD_NOARP) : 0xff & ~NUD_NOARP,
    unused: false,
    to: null,
    protocol: null,
    flags: 0,
  };
  let dev: string | null = null;
  let stateGiven = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      const text = args.need();
      if (dev !== null) duparg('dev', text);
      dev = text;
    } else if (word === 'master') {
      const text = args.need();
      f.master = ip.links.index(text);
      if (f.master === 0) invarg('Device does not exist\n', text);
    } else if (word === 'vrf') {
      invarg('Not a valid VRF name\n', args.need());
    } else if (word === 'nomaster') f.noMaster = true;
    else if (word === 'unused') f.unused = true;
    else if (word === 'nud') {
      const text = args.need();
      if (!stateGiven) f.state = 0;
      stateGiven = true;
      const state = parseState(text);
      if (state === null && text !== 'all') invarg('nud state is bad', text);
      f.state |= state === null ? (flush ? ~NUD_NOARP : ~0) : state === 0 ? NO_STATE : state;
    } else if (word === 'proxy') f.flags = NTF_PROXY;
    else if (matches(word, 'protocol')) {
      const text = args.need();
      const protocol = numberOf(PROTOCOLS, text);
      if (protocol === null && text !== 'all') invarg('invalid "protocol"\n', text);
      f.protocol = protocol;
    } else {
      const text = word === 'to' ? args.need() : word;
      if (matches(text, 'help')) throw new ToolError(neighUsage, 255);
      f.to = needPrefix(text, f.family);
      if (f.family === 0) f.family = f.to.family;
    }
  }
  if (dev !== null) f.index = ip.links.need(dev);
  return f;
}

function passes(f: Filter, msg: NeighMsg): boolean {
  const { header, attrs: a } = msg;
  if (f.family !== 0 && f.family !== header.family) return false;
  if (f.index !== 0 && f.index !== header.ifindex) return false;
  const stateWanted = (f.state & header.state) !== 0 || (header.state === 0 && (f.state & NO_STATE) !== 0);
  const special = (header.flags & (NTF_PROXY | NTF_EXT_LEARNED)) !== 0;
  if (!stateWanted && !special) return false;
  if (f.noMaster && a.master !== undefined && a.master !== 0) return false;
  if (f.protocol !== null && a.protocol !== f.protocol) return false;
  if (f.to !== null && f.to.ip !== null && a.dst !== undefined) {
    if (header.family !== f.to.family || !sameBits(a.dst, f.to.ip, f.to.length)) return false;
  }
  return !(f.unused && a.cacheinfo !== undefined && a.cacheinfo.refcnt !== 0);
}

function dump(ip: Ip, f: Filter, what: 'Dump' | 'Flush'): NeighMsg[] {
  const attrs: NeighAttrs = {};
  if (f.index !== 0) attrs.ifindex = f.index;
  if (f.master !== 0) attrs.master = f.master;
  return ip.dumpOrDie(() => ip.client.dump(NEIGH, RTM_GETNEIGH, { family: f.family, flags: f.flags }, attrs), 1, what)
    .messages;
}

function show(ip: Ip, args: Args, flush: boolean): number {
  if (flush && !args.more) throw new ToolError('Flush requires arguments.\n', 1);
  const f = parseFilter(ip, args, flush);
  if (flush) return flushAll(ip, f);
  ip.out.begin();
  try {
    for (const msg of dump(ip, f, 'Dump')) if (passes(f, msg)) printNeigh(ip, msg, f.index === 0);
  } finally {
    ip.out.finish();
  }
  return 0;
}

const MAX_ROUNDS = 10;

function flushAll(ip: Ip, f: Filter): number {
  const { proc, opts } = ip;
  for (let round = 0; round < MAX_ROUNDS; ) {
    const wanted = round === 0 ? f : { ...f, state: f.state & ~NUD_FAILED }; // what fails by being deleted stays a while
    const found = dump(ip, f, 'Flush').filter((msg) => passes(wanted, msg));
    if (found.length === 0) {
      if (opts.stats > 0) {
        proc.out(
          round === 0
            ? 'Nothing to flush.\n'
            : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`,
        );
      }
      return 0;
    }
    if (opts.stats > 1) for (const msg of found) printNeigh(ip, msg, f.index === 0);
    round++;
    const refusals = ip.client.batch(
      found.map((msg) => ({
        form: NEIGH as never,
        type: RTM_DELNEIGH,
        header: msg.header as never,
        attrs: msg.attrs as never,
      })),
    );
    const refusal = refusals.find((e) => e !== null);
    if (refusal != null) throw new ToolError(`Failed to send flush request: ${strerror(refusal.errno)}\n`, 1);
    if (opts.stats > 0) proc.out(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
  }
  proc.out(`*** Flush not complete bailing out after ${MAX_ROUNDS} rounds\n`);
  return 1;
}
