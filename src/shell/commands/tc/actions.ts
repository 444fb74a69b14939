// Actions behind a filter: how they are typed and printed. iproute2: tc/m_action.c, m_gact.c, m_mirred.c, m_skbedit.c.

import { decode, encode } from '../../../netlink/attrs.ts';
import { Writer } from '../../../netlink/writer.ts';
import { TCA_ACTION, TCA_GACT, TCA_MIRRED, TCA_SKBEDIT, type TCF_T } from '../../../uapi/tcfilter.ts';
import { type Args, parseNumber } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { wrong } from './kinds.ts';
import { printStats2 } from './stats.ts';
import type { Tc } from './tc.ts';
import { formatClassid, parseClassid } from './units.ts';

/** Words of a verdict, by number; the first of each is printed. */
const VERDICTS: ReadonlyArray<readonly [number, readonly string[]]> = [
  [-1, ['continue']],
  [0, ['pass', 'ok']],
  [1, ['reclassify']],
  [2, ['drop', 'shot']],
  [3, ['pipe']],
  [4, ['stolen']],
  [8, ['trap']],
];
const TYPED = new Set(['continue', 'pass', 'ok', 'reclassify', 'drop', 'shot', 'pipe', 'trap']);
const SIDES = [
  null,
  ['egress', 'redirect'],
  ['egress', 'mirror'],
  ['ingress', 'redirect'],
  ['ingress', 'mirror'],
] as const;

const GACT_USAGE = `Usage: ... gact <ACTION> [RAND] [INDEX]
Where: 	ACTION := reclassify | drop | continue | pass | pipe |
       	          goto chain <CHAIN_INDEX> | jump <JUMP_COUNT>
	RAND := random <RANDTYPE> <ACTION> <VAL>
	RANDTYPE := netrand | determ
	VAL : = value not exceeding 10000
	JUMP_COUNT := Absolute jump from start of action list
	INDEX := index value used

`;

function verdictOf(word: string | undefined): number | null {
  if (word === undefined || !TYPED.has(word)) return null;
  return VERDICTS.find(([, words]) => words.includes(word))?.[0] ?? null;
}

/** Verdict at the end of an action, or its default. */
function control(args: Args, dflt: number): number {
  const v = args.more ? verdictOf(args.word) : null;
  if (v === null) return dflt;
  args.skip();
  return v;
}

const GEN = { index: 0, capab: 0, refcnt: 0, bindcnt: 0 };

/** The words after `action`: one action after the other, as TCA_*_ACT. Stands behind them afterwards. */
export function parseActions(tc: Tc, args: Args): Uint8Array {
  const w = new Writer(256);
  for (let n = 1; args.more; n++) {
    const before = args.rest();
    const word = args.word;
    let kind = word;
    let options: Uint8Array;
    if (word === 'gact' || verdictOf(word) !== null) {
      kind = 'gact';
      if (word === 'gact') args.need();
      const action = verdictOf(args.word);
      if (action === null) wrong(`Bad action type ${args.word}\n${GACT_USAGE}`);
      args.skip();
      if (args.more && args.word === 'random') wrong('tc: lowerdev has no random gact\n');
      options = encode(TCA_GACT, { parms: { ...GEN, action } });
    } else if (word === 'mirred') options = parseMirred(tc, args, before.length);
    else if (word === 'skbedit') options = parseSkbedit(args);
    else throw new ToolError(`Bad action type ${word}\n${GACT_USAGE}`, 255, false);
    const body = encode(TCA_ACTION, { kind, options });
    w.u16(body.length + 4);
    w.u16(n);
    w.raw(body);
    w.grow((4 - (body.length & 3)) & 3);
    if (!args.more || args.word !== 'action') break;
    args.skip();
  }
  return w.take();
}

function parseMirred(tc: Tc, args: Args, left: number): Uint8Array {
  const side = args.need();
  if (side !== 'egress' && side !== 'ingress')
    wrong(`bad action parsing\nparse_action: bad value (${left}:mirred)!\nIllegal "action"\n`);
  const what = args.need();
  if (what !== 'redirect' && what !== 'mirror')
    wrong(`bad action parsing\nparse_action: bad value (${left}:mirred)!\nIllegal "action"\n`);
  if (args.need() !== 'dev') wrong(`bad action parsing\nparse_action: bad value (${left}:mirred)!\nIllegal "action"\n`);
  const dev = args.need();
  const ifindex = tc.links.index(dev);
  if (ifindex === 0) {
    wrong(
      `Cannot find device "${dev}"\nbad action parsing\nparse_action: bad value (${left}:mirred)!\nIllegal "action"\n`,
    );
  }
  args.skip();
  const action = control(args, what === 'redirect' ? 4 : 3);
  const eaction = SIDES.findIndex((s) => s !== null && s[0] === side && s[1] === what);
  return encode(TCA_MIRRED, { parms: { ...GEN, action, eaction, ifindex } });
}

function parseSkbedit(args: Args): Uint8Array {
  const o: { priority?: number; queueMapping?: number; mark?: number; mask?: number } = {};
  args.skip();
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'queue_mapping') {
      const n = parseNumber(args.need(), 0xffff);
      if (n === null) wrong(`Illegal "queue_mapping"\n`);
      o.queueMapping = n;
    } else if (word === 'priority') {
      const n = parseClassid(args.need());
      if (n === null) wrong(`Illegal "priority"\n`);
      o.priority = n;
    } else if (word === 'mark') {
      const [value, mask] = args
        .need()
        .split('/')
        .map((t) => parseNumber(t));
      if (value === null || mask === null) wrong(`Illegal "mark"\n`);
      o.mark = value;
      if (mask !== undefined) o.mask = mask;
    } else break;
  }
  const action = control(args, 3);
  return encode(TCA_SKBEDIT, { parms: { ...GEN, action }, ...o });
}

/** TCA_*_ACT as it came. */
export function printActions(tc: Tc, nest: Uint8Array): void {
  const { out } = tc;
  const view = new DataView(nest.buffer, nest.byteOffset, nest.byteLength);
  out.openArray('actions');
  for (let at = 0; at + 4 <= nest.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4) break;
    const order = view.getUint16(at + 2, true) & 0x3fff;
    const a = decode(TCA_ACTION, nest.slice(at + 4, at + length));
    out.openObject();
    out.newline();
    out.any('order', order, `\taction order ${order}: `);
    printOne(tc, a.kind ?? '', a.options ?? new Uint8Array(0));
    if (tc.opts.stats > 0 && a.stats !== undefined) {
      out.newline();
      out.text('\tAction statistics:');
      out.newline();
      out.openObject('stats');
      printStats2(tc, a.stats, '\t');
      out.closeObject();
    }
    out.newline();
    out.closeObject();
    at += (length + 3) & ~3;
  }
  out.closeArray();
}

function printOne(tc: Tc, kind: string, options: Uint8Array): void {
  const { out } = tc;
  out.any('kind', kind, kind);
  if (kind === 'gact') {
    const o = decode(TCA_GACT, options);
    printVerdict(tc, o.parms?.action ?? 0, ' action ');
    out.openObject('prob');
    out.newline();
    out.any('random_type', 'none', '\t random type none');
    printVerdict(tc, 0, ' ');
    out.any('val', 0, ' val 0');
    out.closeObject();
    printEnd(tc, '\t index ', o);
  } else if (kind === 'mirred') {
    const o = decode(TCA_MIRRED, options);
    const [side, what] = SIDES[o.parms?.eaction ?? 0] ?? ['unknown', 'unknown'];
    const dev = tc.links.name(o.parms?.ifindex ?? 0);
    const big = (s: string): string => s[0].toUpperCase() + s.slice(1);
    out.text(` (${big(side)} ${big(what)} to device ${dev})`);
    out.value('mirred_action', what);
    out.value('direction', side);
    out.value('to_dev', dev);
    printVerdict(tc, o.parms?.action ?? 0, ' ');
    printEnd(tc, '\tindex ', o);
  } else if (kind === 'skbedit') {
    const o = decode(TCA_SKBEDIT, options);
    if (o.queueMapping !== undefined) out.any('queue_mapping', o.queueMapping, ` queue_mapping ${o.queueMapping}`);
    if (o.priority !== undefined) {
      out.any('priority', formatClassid(o.priority), ` priority ${formatClassid(o.priority)}`);
    }
    if (o.mark !== undefined) out.any('mark', o.mark, ` mark ${o.mark}`);
    if (o.mask !== undefined) out.any('mask', o.mask, `/0x${o.mask.toString(16)}`);
    printVerdict(tc, o.parms?.action ?? 0, ' ');
    printEnd(tc, '\t index ', o);
  }
}

function printVerdict(tc: Tc, verdict: number, before: string): void {
  const name = VERDICTS.find(([n]) => n === verdict)?.[1][0] ?? `[UNKNOWN ${verdict}]`;
  tc.out.openObject('control_action');
  tc.out.any('type', name, `${before}${name}`);
  tc.out.closeObject();
}

interface Common {
  readonly parms?: { readonly index: number; readonly refcnt: number; readonly bindcnt: number };
  readonly tm?: NonNullable<typeof TCF_T.sample>;
}

function printEnd(tc: Tc, before: string, { parms, tm }: Common): void {
  const { out } = tc;
  if (parms === undefined) return;
  out.newline();
  out.any('index', parms.index, `${before}${parms.index}`);
  out.any('ref', parms.refcnt, ` ref ${parms.refcnt}`);
  out.any('bind', parms.bindcnt, ` bind ${parms.bindcnt}`);
  if (tc.opts.stats === 0 || tm === undefined) return;
  const seconds = (n: number): number => Math.floor(n / 100);
  const one = (key: string, word: string, n: number): void => {
    if (n !== 0) out.any(key, seconds(n), ` ${word} ${seconds(n)} sec`);
  };
  one('installed', 'installed', tm.install);
  one('last_used', 'used', tm.lastuse);
  one('expires', 'expires', tm.expires);
  one('first_used', 'firstused', tm.firstuse);
}
