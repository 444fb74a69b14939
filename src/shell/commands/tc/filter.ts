// `tc filter`: add, change, replace, delete, get and show; kinds matchall and u32. iproute2: tc/tc_filter.c, f_matchall.c.

import { decode, encode } from '../../../netlink/attrs.ts';
import { NlError } from '../../../netlink/error.ts';
import { QDISC } from '../../../netlink/payload.ts';
import { RTM_DELCHAIN, RTM_DELTFILTER, RTM_GETTFILTER, RTM_NEWCHAIN, RTM_NEWTFILTER } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../uapi/netlink.ts';
import type { QdiscAttrs } from '../../../uapi/qdisc.ts';
import { NOT_IN_HW, TCA_MATCHALL } from '../../../uapi/tcfilter.ts';
import { Args, matches, parseNumber } from '../iproute/args.ts';
import { duparg, invarg, noDevice, refusalText, ToolError } from '../iproute/errors.ts';
import { parseActions, printActions } from './actions.ts';
import { wrong } from './kinds.ts';
import type { TcMessage } from './qdisc.ts';
import type { Tc } from './tc.ts';
import { parseU32, printU32 } from './u32.ts';
import { formatClassid, parseClassid, TC_H_ROOT } from './units.ts';
import { filterUsage, matchallUsage } from './usage.ts';

const CLS_INGRESS = 0xfffffff2;
const CLS_EGRESS = 0xfffffff3;
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['all', 0x0003],
  ['ip', 0x0800],
  ['ipv4', 0x0800],
  ['arp', 0x0806],
  ['802.1Q', 0x8100],
  ['802.1q', 0x8100],
  ['802.1ad', 0x88a8],
  ['ipv6', 0x86dd],
  ['loop', 0x0060],
  ['lldp', 0x88cc],
]);

const swap16 = (n: number): number => ((n & 0xff) << 8) | (n >> 8);

function protocolName(protocol: number): string {
  for (const [name, n] of PROTOCOLS) if (n === protocol) return name;
  return `[${protocol}]`;
}

export function doFilter(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(tc, []);
  if (matches(verb, 'add')) return modify(tc, RTM_NEWTFILTER, NLM_F_EXCL | NLM_F_CREATE, rest);
  if (matches(verb, 'change')) return modify(tc, RTM_NEWTFILTER, 0, rest);
  if (matches(verb, 'replace')) return modify(tc, RTM_NEWTFILTER, NLM_F_CREATE, rest);
  if (matches(verb, 'delete')) return modify(tc, RTM_DELTFILTER, 0, rest);
  if (verb === 'get') throw new ToolError('tc: lowerdev has no "filter get"\n', 1, false);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(tc, rest);
  if (matches(verb, 'help')) throw new ToolError(filterUsage, 0);
  throw new ToolError(`Command "${verb}" is unknown, try "tc filter help".\n`, 255, false);
}

/** Where and which: the words before the kind. */
interface Head {
  dev: string;
  parent: number;
  pref: number;
  /** Network order; 0: not said. */
  protocol: number;
  handle: string;
  kind: string;
}

/** True when the word at hand was one of those. */
function headWord(args: Args, h: Head): boolean {
  const word = args.word;
  const parent = (name: string, id: number): void => {
    if (h.parent !== 0) throw new ToolError(`Error: "${name}" is duplicate parent ID\n`, 255, false);
    h.parent = id;
  };
  if (word === 'dev') {
    args.need();
    if (h.dev !== '') duparg('dev', args.word);
    h.dev = args.word;
  } else if (word === 'root') parent('root', TC_H_ROOT);
  else if (word === 'ingress') parent('ingress', CLS_INGRESS);
  else if (word === 'egress') parent('egress', CLS_EGRESS);
  else if (word === 'parent') {
    args.need();
    if (h.parent !== 0) duparg('parent', args.word);
    h.parent = parseClassid(args.word) ?? invarg('Invalid parent ID', args.word);
  } else if (word === 'handle') {
    args.need();
    if (h.handle !== '') duparg('handle', args.word);
    h.handle = args.word;
  } else if (matches(word, 'preference') || matches(word, 'priority')) {
    args.need();
    if (h.pref !== 0) duparg('priority', args.word);
    h.pref = parseNumber(args.word, 0xffff) ?? invarg('invalid priority value', args.word);
  } else if (matches(word, 'protocol')) {
    args.need();
    if (h.protocol !== 0) duparg('protocol', args.word);
    const n = PROTOCOLS.get(args.word) ?? parseNumber(args.word, 0xffff);
    if (n === null) invarg('invalid protocol', args.word);
    h.protocol = swap16(n);
  } else if (['chain', 'block', 'estimator'].some((w) => matches(word, w))) {
    throw new ToolError(`tc: lowerdev has no "${word}" for filters\n`, 1, false);
  } else return false;
  return true;
}

const HEAD: Head = { dev: '', parent: 0, pref: 0, protocol: 0, handle: '', kind: '' };

function modify(tc: Tc, type: number, flags: number, words: readonly string[]): number {
  const args = new Args(words);
  const h = { ...HEAD };
  for (; args.more && h.kind === ''; args.skip()) {
    if (headWord(args, h)) continue;
    if (matches(args.word, 'help')) throw new ToolError(filterUsage, 0);
    h.kind = args.word;
  }
  if (h.protocol === 0 && type === RTM_NEWTFILTER && (flags & NLM_F_CREATE) !== 0) h.protocol = swap16(3);
  const ifindex = h.dev === '' ? 0 : tc.links.index(h.dev);
  if (h.dev !== '' && ifindex === 0) noDevice(h.dev);
  const attrs: QdiscAttrs = h.kind === '' ? {} : { kind: h.kind };
  const options = h.kind === '' ? null : parseKind(tc, h.kind, args);
  if (options !== null) attrs.unknown = [{ type: 2, bytes: options }];
  const handle = h.handle === '' ? 0 : handleOf(h);
  const refused = tc.client.tryRequest(
    QDISC,
    type,
    flags,
    { ifindex, handle, parent: h.parent, info: h.pref * 0x10000 + h.protocol },
    attrs,
  );
  if (refused !== null) {
    throw new ToolError(`${refusalText(refused)}We have an error talking to the kernel\n`, 2, false);
  }
  return 0;
}

/** 0x1 of matchall, 800::801 of u32. */
function handleOf(h: Head): number {
  if (h.kind === '') wrong('Must specify filter type when using "handle"\n');
  const text = h.handle;
  if (h.kind !== 'u32') return parseNumber(text) ?? wrong('Illegal "handle"\n');
  const parts = text.split(':');
  const n = parts.map((p) => (p === '' ? 0 : Number.parseInt(p, 16)));
  if (parts.length > 3 || n.some((x) => Number.isNaN(x) || x < 0 || x > 0xfff)) wrong('Illegal filter ID\n');
  return n[0] * 0x100000 + (n[1] ?? 0) * 0x1000 + (n[2] ?? 0);
}

function parseKind(tc: Tc, kind: string, args: Args): Uint8Array | null {
  if (kind === 'u32') return parseU32(tc, args);
  if (kind === 'matchall') return parseMatchall(tc, args);
  if (args.more) wrong(`Unknown filter "${kind}", hence option "${args.word}" is unparsable\n`);
  return null;
}

function parseMatchall(tc: Tc, args: Args): Uint8Array {
  const o: { classid?: number; act?: Uint8Array } = {};
  while (args.more) {
    const word = args.word;
    if (matches(word, 'classid') || word === 'flowid') {
      const id = parseClassid(args.need());
      if (id === null) wrong(`Illegal "classid"\n`);
      o.classid = id;
      args.skip();
    } else if (word === 'action') {
      args.need();
      o.act = parseActions(tc, args);
    } else if (word === 'skip_hw' || word === 'skip_sw') wrong(`tc: lowerdev has no "${word}"\n`);
    else if (word === 'help') wrong(matchallUsage);
    else wrong(`What is "${word}"?\n${matchallUsage}`);
  }
  return encode(TCA_MATCHALL, o);
}

function list(tc: Tc, words: readonly string[]): number {
  const args = new Args(words);
  const h = { ...HEAD };
  for (; args.more; args.skip()) {
    if (headWord(args, h)) continue;
    if (matches(args.word, 'help')) throw new ToolError(filterUsage, 0);
    throw new ToolError(` What is "${args.word}"? Try "tc filter help"\n`, 255, false);
  }
  const ifindex = h.dev === '' ? 0 : tc.links.index(h.dev);
  if (h.dev !== '' && ifindex === 0) noDevice(h.dev);
  const header = { ifindex, parent: h.parent, info: h.pref * 0x10000 + h.protocol };
  let messages: TcMessage[];
  try {
    messages = tc.client.dump(QDISC, RTM_GETTFILTER, header, {}).messages as TcMessage[];
  } catch (e) {
    if (!(e instanceof NlError)) throw e;
    throw new ToolError(`${refusalText(e)}Dump terminated\n`, 1, false);
  }
  tc.out.begin();
  for (const m of messages) printFilter(tc, m, { ...h, ifindex });
  tc.out.finish();
  return 0;
}

/** One filter, without what was asked for anyway. */
export function printFilter(tc: Tc, m: TcMessage, known: Partial<Head> & { ifindex?: number } = {}): void {
  const { out } = tc;
  const { header: t, attrs } = m;
  out.openObject();
  const chain = m.type === RTM_NEWCHAIN || m.type === RTM_DELCHAIN;
  if (m.type === RTM_DELTFILTER || m.type === RTM_DELCHAIN) out.flag('deleted', 'deleted ');
  if ((m.type === RTM_NEWTFILTER || m.type === RTM_NEWCHAIN) && (m.flags & NLM_F_CREATE) !== 0) {
    if ((m.flags & NLM_F_EXCL) !== 0) out.flag('added', 'added ');
    else if (!chain) out.flag('replaced', 'replaced ');
  }
  out.text(chain ? 'chain ' : 'filter ');
  if (known.ifindex === undefined || known.ifindex !== t.ifindex) {
    const name = tc.links.name(t.ifindex);
    out.tint('ifname', 'dev', name, name, 'dev ');
    out.text(' ');
  }
  if (known.parent === undefined || known.parent === 0 || known.parent !== t.parent) printParent(tc, t.parent);
  const pref = Math.floor(t.info / 0x10000);
  const protocol = t.info % 0x10000;
  if (protocol !== 0 && known.protocol !== protocol) {
    const name = protocolName(swap16(protocol));
    out.any('protocol', name, `protocol ${name} `);
  }
  if (pref !== 0 && known.pref !== pref) out.any('pref', pref, `pref ${pref} `);
  const kind = attrs.kind ?? '';
  if (!chain) out.any('kind', kind, `${kind} `);
  if (attrs.chain !== undefined) out.any('chain', attrs.chain, `chain ${attrs.chain} `);
  const options = attrs.unknown?.find((u) => u.type === 2)?.bytes;
  if (options !== undefined) {
    out.openObject('options');
    if (kind === 'u32') printU32(tc, options, t.handle);
    else if (kind === 'matchall') printMatchall(tc, options, t.handle);
    else out.text('[cannot parse parameters]');
    out.closeObject();
  }
  out.newline();
  out.closeObject();
}

function printParent(tc: Tc, parent: number): void {
  const { out } = tc;
  if (parent === TC_H_ROOT) out.flag('root', 'root ');
  else if (parent === CLS_INGRESS) out.flag('ingress', 'ingress ');
  else if (parent === CLS_EGRESS) out.flag('egress', 'egress ');
  else out.any('parent', formatClassid(parent), `parent ${formatClassid(parent)} `);
}

function printMatchall(tc: Tc, bytes: Uint8Array, handle: number): void {
  const { out } = tc;
  const o = decode(TCA_MATCHALL, bytes);
  if (handle !== 0) out.any('handle', handle, `handle 0x${handle.toString(16)} `);
  if (o.classid !== undefined) out.any('flowid', formatClassid(o.classid), `flowid ${formatClassid(o.classid)} `);
  if (((o.flags ?? 0) & NOT_IN_HW) !== 0) {
    out.newline();
    out.flag('not_in_hw', '  not_in_hw');
  }
  if (o.pcnt !== undefined && tc.opts.stats > 0) {
    const hits = Number(new DataView(o.pcnt.buffer, o.pcnt.byteOffset, 8).getBigUint64(0, true));
    out.any('rule_hit', hits, ` (rule hit ${hits})`);
  }
  if (o.act !== undefined) printActions(tc, o.act);
}
