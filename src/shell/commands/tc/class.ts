// `tc class show`. Classes come with their qdisc; no kind that there is lets them be made. iproute2: tc/tc_class.c.

import { QDISC } from '../../../netlink/payload.ts';
import { RTM_DELTCLASS, RTM_GETTCLASS, RTM_NEWTCLASS } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import type { QdiscAttrs } from '../../../uapi/qdisc.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, invarg, noDevice, ToolError } from '../iproute/errors.ts';
import { kindOf } from './kinds.ts';
import type { TcMessage } from './qdisc.ts';
import { printStats } from './stats.ts';
import type { Tc } from './tc.ts';
import { formatClassid, parseClassid, parseHandle, TC_H_ROOT } from './units.ts';
import { classUsage } from './usage.ts';

export function doClass(tc: Tc, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(tc, []);
  if (matches(verb, 'add')) return modify(tc, RTM_NEWTCLASS, NLM_F_EXCL | NLM_F_CREATE, rest);
  if (matches(verb, 'change')) return modify(tc, RTM_NEWTCLASS, 0, rest);
  if (matches(verb, 'replace')) return modify(tc, RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE, rest);
  if (matches(verb, 'delete')) return modify(tc, RTM_DELTCLASS, 0, rest);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(tc, rest);
  if (matches(verb, 'help')) throw new ToolError(classUsage, 0);
  throw new ToolError(`Command "${verb}" is unknown, try "tc class help".\n`, 255, false);
}

function modify(tc: Tc, type: number, flags: number, words: readonly string[]): number {
  const args = new Args(words);
  let dev = '';
  let handle = 0;
  let parent = 0;
  let kind = '';
  for (; args.more && kind === ''; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      args.need();
      if (dev !== '') duparg('dev', args.word);
      dev = args.word;
    } else if (word === 'classid') {
      args.need();
      if (handle !== 0) duparg('classid', args.word);
      handle = parseClassid(args.word) ?? invarg('invalid class ID', args.word);
    } else if (word === 'handle') throw new ToolError('Error: try "classid" instead of "handle"\n', 255, false);
    else if (word === 'root') {
      if (parent !== 0) throw new ToolError('Error: "root" is duplicate parent ID.\n', 255, false);
      parent = TC_H_ROOT;
    } else if (word === 'parent') {
      args.need();
      if (parent !== 0) duparg('parent', args.word);
      parent = parseClassid(args.word) ?? invarg('invalid parent ID', args.word);
    } else if (matches(word, 'help')) throw new ToolError(classUsage, 0);
    else kind = word;
  }
  if (kind !== '' && args.more) throw new ToolError(`Error: Qdisc "${kind}" is classless.\n`, 1, false);
  if (kind !== '') throw new ToolError(`Error: Qdisc "${kind}" is classless.\n`, 1, false);
  const ifindex = dev === '' ? 0 : tc.links.index(dev);
  if (dev !== '' && ifindex === 0) noDevice(dev);
  tc.talk(() => tc.client.request(QDISC, type, flags, { ifindex, handle, parent }, {}));
  return 0;
}

/** Text even for -json: this tool's classes know no other. */
function list(asked: Tc, words: readonly string[]): number {
  const tc = asked.textOnly();
  const args = new Args(words);
  let dev = '';
  let qdisc = 0;
  let classid = 0;
  let parent = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      args.need();
      if (dev !== '') duparg('dev', args.word);
      dev = args.word;
    } else if (word === 'qdisc') {
      args.need();
      if (qdisc !== 0) duparg('qdisc', args.word);
      qdisc = parseHandle(args.word) ?? invarg('invalid qdisc ID', args.word);
    } else if (word === 'classid') {
      args.need();
      if (classid !== 0) duparg('classid', args.word);
      classid = parseClassid(args.word) ?? invarg('invalid class ID', args.word);
    } else if (word === 'root') {
      if (parent !== 0) throw new ToolError('Error: "root" is duplicate parent ID\n', 255, false);
      parent = TC_H_ROOT;
    } else if (word === 'parent') {
      args.need();
      if (parent !== 0) duparg('parent', args.word);
      parent = parseClassid(args.word) ?? invarg('invalid parent ID', args.word);
    } else if (matches(word, 'help')) throw new ToolError(classUsage, 0);
    else throw new ToolError(`What is "${word}"? Try "tc class help".\n`, 255, false);
  }
  const ifindex = dev === '' ? 0 : tc.links.index(dev);
  if (dev !== '' && ifindex === 0) noDevice(dev);
  const { messages } = tc.dumpOrDie(() => tc.client.dump(QDISC, RTM_GETTCLASS, { ifindex, parent }, {} as QdiscAttrs));
  for (const m of messages) {
    const { handle } = m.header;
    if (qdisc !== 0 && Math.floor(handle / 0x10000) !== qdisc / 0x10000) continue;
    if (classid !== 0 && handle !== classid) continue;
    printClass(tc, m, qdisc !== 0, ifindex === 0);
  }
  return 0;
}

/** One class. `short`: without the qdisc's number, which was asked for; `named`: with its device. */
export function printClass(tc: Tc, m: TcMessage, short = false, named = true): void {
  const { out } = tc;
  const { header: t, attrs } = m;
  const kind = attrs.kind ?? '';
  const id = (n: number): string => formatClassid(short ? n % 0x10000 : n);
  out.openObject();
  if (m.type === RTM_DELTCLASS) out.flag('deleted', 'deleted ');
  out.any('class', kind, `class ${kind} `);
  const handle = t.handle === 0 ? '' : id(t.handle);
  out.any('handle', handle, `${handle} `);
  if (named) {
    const name = tc.links.name(t.ifindex);
    out.tint('ifname', 'dev', name, name, 'dev ');
    out.text(' ');
  }
  if (t.parent === TC_H_ROOT) out.flag('root', 'root ');
  else out.any('parent', id(t.parent), `parent ${id(t.parent)} `);
  if (t.info !== 0) {
    const leaf = `${Math.floor(t.info / 0x10000).toString(16)}:`;
    out.any('leaf', leaf, `leaf ${leaf} `);
  }
  out.newline();
  if (tc.opts.stats > 0 && (attrs.stats !== undefined || attrs.stats2 !== undefined)) {
    const own = printStats(tc, attrs, ' ');
    out.newline();
    const words = kindOf(kind);
    if (own !== null && words.printStats !== undefined) {
      words.printStats(tc, own);
      out.newline();
    }
  }
  out.closeObject();
}
