// `bridge fdb`: show, get, add, append, replace, del. iproute2: bridge/fdb.c.

import { NEIGH } from '../../../netlink/payload.ts';
import { AF_BRIDGE } from '../../../uapi/link.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../../../uapi/msgtype.ts';
import {
  type NdMsg,
  type NeighAttrs,
  NTF_EXT_LEARNED,
  NTF_MASTER,
  NTF_ROUTER,
  NTF_SELF,
  NTF_STICKY,
  NTF_USE,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_REACHABLE,
  NUD_STALE,
} from '../../../uapi/neigh.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import type { Ip } from '../ip/context.ts';
import { Args, matches, needAddress, parseNumber } from '../iproute/args.ts';
import { duparg, duparg2, invarg, ToolError } from '../iproute/errors.ts';
import { type FdbFilter, NO_FDB_FILTER, printFdb } from './fdb-print.ts';
import { fdbUsage } from './usage.ts';

/** Verbs that change an entry. */
const CHANGES: ReadonlyArray<readonly [verb: string, type: number, flags: number]> = [
  ['add', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL],
  ['append', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND],
  ['replace', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE],
  ['delete', RTM_DELNEIGH, 0],
];

export function doFdb(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args);
  for (const [name, type, flags] of CHANGES) if (matches(verb, name)) return modify(ip, args, type, flags);
  if (matches(verb, 'get')) return get(ip, args);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, args);
  if (matches(verb, 'flush')) throw new ToolError('bridge: lowerdev has no "fdb flush" yet\n', 1);
  if (matches(verb, 'help')) throw new ToolError(fdbUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "bridge fdb help".\n`, 255);
}

function parseState(text: string): number | null {
  if (matches(text, 'permanent')) return NUD_PERMANENT;
  if (matches(text, 'static') || matches(text, 'temp')) return NUD_NOARP;
  if (matches(text, 'stale')) return NUD_STALE;
  if (matches(text, 'reachable') || matches(text, 'dynamic')) return NUD_REACHABLE;
  return text === 'all' ? 0xffff : parseNumber(text);
}

/** atoi(): what is no number is 0. */
const atoi = (text: string): number => Number.parseInt(text, 10) || 0;

const noDevice = (name: string, what = 'device'): never => {
  throw new ToolError(`Cannot find ${what} "${name}"\n`, 255, false);
};

function show(ip: Ip, args: Args): number {
  const f: FdbFilter = { ...NO_FDB_FILTER };
  let dev: string | null = null;
  let bridge: string | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'brport' || word === 'dev') dev = args.need();
    else if (word === 'br') bridge = args.need();
    else if (word === 'vlan') {
      const text = args.need();
      if (f.vlan !== 0) duparg('vlan', text);
      f.vlan = atoi(text);
    } else if (word === 'state') {
      const text = args.need();
      f.state |= parseState(text) ?? invarg('invalid state', text);
    } else if (word === 'dynamic') f.dynamic = true;
    else if (matches(word, 'help')) throw new ToolError(fdbUsage, 255);
  }
  const attrs: NeighAttrs = {};
  if (bridge !== null) {
    attrs.master = ip.links.index(bridge);
    if (attrs.master === 0) noDevice(bridge, 'bridge device');
  }
  if (dev !== null) {
    f.index = ip.links.index(dev);
    if (f.index === 0) noDevice(dev);
  }
  const { messages } = ip.dumpOrDie(() =>
    ip.client.dump(NEIGH, RTM_GETNEIGH, { family: AF_BRIDGE, ifindex: f.index }, attrs),
  );
  ip.out.begin();
  for (const msg of messages) printFdb(ip, msg, f);
  ip.out.finish();
  return 0;
}

/** sscanf("%hhx:..."): six parts of hex. */
function needMac(text: string): number {
  const m = /^([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2}):([0-9a-f]{1,2})/i.exec(
    text,
  );
  if (m === null) throw new ToolError(`Invalid mac address ${text}\n`, 255, false);
  return m.slice(1).reduce((key, part) => key * 256 + Number.parseInt(part, 16), 0);
}

interface Parsed {
  header: { family: number; ifindex: number; state: number; flags: number; type: number };
  attrs: NeighAttrs;
  dev: string | null;
  addr: string | null;
  port: number;
}

function modify(ip: Ip, args: Args, type: number, flags: number): number {
  const p: Parsed = {
    header: { family: AF_BRIDGE, ifindex: 0, state: NUD_NOARP, flags: 0, type: 0 },
    attrs: {},
    dev: null,
    addr: null,
    port: 0,
  };
  for (; args.more; args.skip()) parseWord(ip, p, args);
  const { header, attrs: a } = p;
  if (p.dev === null || p.addr === null)
    throw new ToolError('Device and address are required arguments.\n', 255, false);
  if (a.nhId !== undefined && (a.dst !== undefined || p.port !== 0 || a.vni !== undefined)) {
    throw new ToolError('dst, port, vni are mutually exclusive with nhid\n', 255, false);
  }
  if ((header.flags & (NTF_SELF | NTF_MASTER)) === 0) header.flags |= NTF_SELF;
  if ((header.state & (NUD_PERMANENT | NUD_REACHABLE)) === 0) header.state |= NUD_PERMANENT;
  const lladdr = needMac(p.addr);
  const inOrder: NeighAttrs = {
    lladdr,
    dst: a.dst,
    vlan: a.vlan,
    nhId: a.nhId,
    port: p.port === 0 ? undefined : p.port,
    vni: a.vni,
    srcVni: a.srcVni,
    ifindex: a.ifindex,
  };
  header.ifindex = ip.links.index(p.dev);
  if (header.ifindex === 0) noDevice(p.dev);
  ip.talk(() => ip.client.request(NEIGH, type, flags, header as NdMsg, inOrder), 255);
  return 0;
}

function parseWord(ip: Ip, p: Parsed, args: Args): void {
  const { header, attrs } = p;
  const word = args.word;
  if (word === 'dev') p.dev = args.need();
  else if (word === 'dst') {
    const text = args.need();
    if (attrs.dst !== undefined) duparg2('dst', text);
    attrs.dst = needAddress(text, ip.opts.family).ip ?? undefined;
  } else if (word === 'nhid') {
    const text = args.need();
    attrs.nhId = parseNumber(text) ?? invarg('"id" value is invalid\n', text);
  } else if (word === 'port') {
    const text = args.need();
    p.port = parseNumber(text, 0xffff) ?? invarg('invalid port\n', text);
  } else if (word === 'vni' || word === 'src_vni') {
    const text = args.need();
    const n = parseNumber(text, 0xffffff) ?? invarg(word === 'vni' ? 'invalid VNI\n' : 'invalid src VNI\n', text);
    attrs[word === 'vni' ? 'vni' : 'srcVni'] = n;
  } else if (word === 'via') {
    const text = args.need();
    attrs.ifindex = ip.links.index(text);
    if (attrs.ifindex === 0) noDevice(text);
  } else if (word === 'self') header.flags |= NTF_SELF;
  else if (matches(word, 'master')) header.flags |= NTF_MASTER;
  else if (matches(word, 'router')) header.flags |= NTF_ROUTER;
  else if (matches(word, 'local') || matches(word, 'permanent')) header.state |= NUD_PERMANENT;
  else if (matches(word, 'temp') || matches(word, 'static')) header.state |= NUD_REACHABLE;
  else if (matches(word, 'dynamic')) header.state = (header.state | NUD_REACHABLE) & ~NUD_NOARP;
  else if (matches(word, 'vlan')) {
    if (attrs.vlan !== undefined) duparg2('vlan', word);
    attrs.vlan = atoi(args.need()) & 0xffff;
  } else if (matches(word, 'use')) header.flags |= NTF_USE;
  else if (matches(word, 'extern_learn')) header.flags |= NTF_EXT_LEARNED;
  else if (matches(word, 'sticky')) header.flags |= NTF_STICKY;
  else {
    const text = word === 'to' ? args.need() : word;
    if (matches(text, 'help')) throw new ToolError(fdbUsage, 255);
    if (p.addr !== null) duparg2('to', text);
    p.addr = text;
  }
}

function get(ip: Ip, args: Args): number {
  const header = { family: AF_BRIDGE, ifindex: 0, flags: 0 };
  const attrs: NeighAttrs = {};
  let dev: string | null = null;
  let bridge: string | null = null;
  let addr: string | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'brport' || word === 'dev') dev = args.need();
    else if (word === 'br') bridge = args.need();
    else if (matches(word, 'vlan')) {
      if (attrs.vlan !== undefined) duparg2('vlan', word);
      attrs.vlan = atoi(args.need());
    } else if (matches(word, 'vni')) {
      const text = args.need();
      attrs.vni = parseNumber(text, 0xffffff) ?? invarg('invalid VNI\n', text);
    } else if (word === 'self') header.flags |= NTF_SELF;
    else if (matches(word, 'master')) header.flags |= NTF_MASTER;
    else if (matches(word, 'dynamic')) {
      // taken, and without effect on one entry
    } else {
      const text = word === 'to' ? args.need() : word;
      if (matches(text, 'help')) throw new ToolError(fdbUsage, 255);
      if (addr !== null) duparg2('to', text);
      addr = text;
    }
  }
  if ((dev === null && bridge === null) || addr === null) {
    throw new ToolError('Device or master and address are required arguments.\n', 255, false);
  }
  const inOrder: NeighAttrs = { lladdr: needMac(addr), vlan: attrs.vlan, vni: attrs.vni };
  if (dev !== null) {
    header.ifindex = ip.links.index(dev);
    if (header.ifindex === 0) noDevice(dev);
  }
  if (bridge !== null) {
    inOrder.master = ip.links.index(bridge);
    if (inOrder.master === 0) noDevice(bridge, 'bridge device');
  }
  const answer = ip.talk(() => ip.client.get(NEIGH, RTM_GETNEIGH, header, inOrder), 254);
  ip.out.begin();
  printFdb(ip, answer, NO_FDB_FILTER);
  ip.out.finish();
  return 0;
}
