// `tc qdisc`: add, change, replace, link, delete and show. iproute2: tc/tc_qdisc.c.

import type { Decoded } from '../../../netlink/message.ts';
import { QDISC } from '../../../netlink/payload.ts';
import { RTM_DELQDISC, RTM_GETQDISC, RTM_NEWQDISC } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import type { QdiscAttrs, TcMsg } from '../../../uapi/qdisc.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, invarg, noDevice, ToolError } from '../iproute/errors.ts';
import { kindOf } from './kinds.ts';
import { printStats } from './stats.ts';
import type { Tc } from './tc.ts';
import { formatClassid, parseClassid, parseHandle, TC_H_INGRESS, TC_H_ROOT } from './units.ts';
import { qdiscUsage } from './usage.ts';

export type TcMessage = Decoded<TcMsg, QdiscAttrs>;

export function doQdisc(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(tc, []);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(tc, rest);
  if (matches(verb, 'add')) return modify(tc, RTM_NEWQDISC, NLM_F_EXCL | NLM_F_CREATE, rest);
  if (matches(verb, 'change')) return modify(tc, RTM_NEWQDISC, 0, rest);
  if (matches(verb, 'replace')) return modify(tc, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, rest);
  if (matches(verb, 'link')) return modify(tc, RTM_NEWQDISC, NLM_F_REPLACE, rest);
  if (matches(verb, 'delete')) return modify(tc, RTM_DELQDISC, 0, rest);
  if (matches(verb, 'help')) throw new ToolError(qdiscUsage, 0);
  throw new ToolError(`Command "${verb}" is unknown, try "tc qdisc help".\n`, 255, false);
}

/** "Error: ..." of a second parent. */
function twice(text: string): never {
  throw new ToolError(`Error: ${text}\n`, 255, false);
}

function modify(tc: Tc, type: number, flags: number, words: readonly string[]): number {
  const args = new Args(words);
  let dev = '';
  let handle = 0;
  let parent = 0;
  let kind = '';
  const door = (name: string): void => {
    if (parent !== 0) twice(`"${name}" is a duplicate parent ID`);
    parent = TC_H_INGRESS;
    handle = 0xffff0000;
    kind = name;
  };
  for (; args.more && kind === ''; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      args.need();
      if (dev !== '') duparg('dev', args.word);
      dev = args.word;
    } else if (word === 'handle') {
      if (handle !== 0) duparg('handle', word);
      handle = parseHandle(args.need()) ?? invarg('invalid qdisc ID', args.word);
    } else if (word === 'root') {
      if (parent !== 0) twice('"root" is duplicate parent ID');
      parent = TC_H_ROOT;
    } else if (word === 'clsact' || word === 'ingress') door(word);
    else if (word === 'parent') {
      args.need();
      if (parent !== 0) duparg('parent', args.word);
      parent = parseClassid(args.word) ?? invarg('invalid parent ID', args.word);
    } else if (['estimator', 'stab', 'ingress_block', 'egress_block'].some((w) => matches(word, w))) {
      throw new ToolError(`tc: lowerdev has no "${word}"\n`, 1, false);
    } else if (matches(word, 'help')) throw new ToolError(qdiscUsage, 0);
    else kind = word;
  }
  const bytes = kind === '' ? null : kindOf(kind).parse(kind, args);
  const ifindex = dev === '' ? 0 : tc.links.index(dev);
  if (dev !== '' && ifindex === 0) noDevice(dev);
  const attrs: QdiscAttrs = kind === '' ? {} : { kind };
  if (bytes !== null) attrs.unknown = [{ type: 2, bytes }];
  tc.talk(() => tc.client.request(QDISC, type, flags, { ifindex, handle, parent }, attrs));
  return 0;
}

/** Which of the qdiscs are shown. */
interface Filter {
  ifindex: number;
  handle: number;
  parent: number;
}

function list(tc: Tc, words: readonly string[]): number {
  const filter: Filter = { ifindex: 0, handle: 0, parent: 0 };
  const args = new Args(words);
  let dev = '';
  let invisible = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.need();
    else if (word === 'root') {
      if (filter.parent !== 0) invarg('parent is already specified', word);
      filter.parent = TC_H_ROOT;
    } else if (word === 'ingress' || word === 'clsact') {
      if (filter.parent !== 0) invarg('parent is already specified', word);
      filter.parent = TC_H_INGRESS;
    } else if (matches(word, 'parent')) {
      if (filter.parent !== 0) invarg('parent is already specified', word);
      filter.parent = parseClassid(args.need()) ?? invarg('invalid parent ID', args.word);
    } else if (matches(word, 'handle')) {
      if (filter.handle !== 0) invarg('handle is already specified', word);
      filter.handle = parseHandle(args.need()) ?? invarg('invalid handle ID', args.word);
    } else if (word === 'invisible') invisible = true;
    else if (matches(word, 'help')) throw new ToolError(qdiscUsage, 0);
    else throw new ToolError(`What is "${word}"? Try "tc qdisc help".\n`, 255, false);
  }
  if (dev !== '') {
    filter.ifindex = tc.links.index(dev);
    if (filter.ifindex === 0) noDevice(dev);
  }
  const attrs: QdiscAttrs = invisible ? { dumpInvisible: new Uint8Array(0) } : {};
  const { messages } = tc.dumpOrDie(() => tc.client.dump(QDISC, RTM_GETQDISC, { ifindex: filter.ifindex }, attrs));
  tc.out.begin();
  for (const m of messages) {
    const { ifindex, handle, parent } = m.header;
    if (filter.ifindex !== 0 && ifindex !== filter.ifindex) continue;
    if (filter.handle !== 0 && handle !== filter.handle) continue;
    if (filter.parent !== 0 && parent !== filter.parent) continue;
    printQdisc(tc, m, filter.ifindex === 0);
  }
  tc.out.finish();
  return 0;
}

/** One qdisc; `named`: with its device. */
export function printQdisc(tc: Tc, m: TcMessage, named: boolean): void {
  const { out } = tc;
  const { header: t, attrs } = m;
  const kind = attrs.kind ?? '';
  out.openObject();
  if (m.type === RTM_DELQDISC) out.flag('deleted', 'deleted ');
  if (m.type === RTM_NEWQDISC && (m.flags & NLM_F_CREATE) !== 0) {
    if ((m.flags & NLM_F_REPLACE) !== 0) out.flag('replaced', 'replaced ');
    if ((m.flags & NLM_F_EXCL) !== 0) out.flag('added', 'added ');
  }
  out.any('kind', kind, `qdisc ${kind}`);
  const handle = `${Math.floor(t.handle / 0x10000).toString(16)}:`;
  out.any('handle', handle, ` ${handle}`);
  if (tc.raw) out.text(`[${t.handle.toString(16).padStart(8, '0')}]`);
  out.text(' ');
  if (named) {
    const name = tc.links.name(t.ifindex);
    out.tint('ifname', 'dev', name, name, 'dev ');
    out.text(' ');
  }
  if (t.parent === TC_H_ROOT) out.flag('root', 'root ');
  else if (t.parent !== 0) out.any('parent', formatClassid(t.parent), `parent ${formatClassid(t.parent)} `);
  if (t.info !== 1) out.any('refcnt', t.info, `refcnt ${t.info} `);
  if (attrs.hwOffload) out.flag('offloaded', 'offloaded ');
  const words = kindOf(kind);
  out.openObject('options');
  if (attrs.options !== undefined || (kind === 'ingress' && attrs.unknown !== undefined)) {
    words.print(tc, kind, attrs.options ?? {});
  }
  out.closeObject();
  out.newline();
  if (tc.opts.stats > 0 && (attrs.stats !== undefined || attrs.stats2 !== undefined)) {
    const own = printStats(tc, attrs, ' ');
    out.newline();
    if (own !== null && words.printStats !== undefined) {
      words.printStats(tc, own);
      out.newline();
    }
  }
  out.closeObject();
}
