// What tc knows of each kind of qdisc: how its options are typed and how they are printed. One line in KINDS each; a kind
// that is not there has no options that could be typed. iproute2: tc/q_*.c, tc/tc.c (get_qdisc_kind).

import { encode } from '../../../netlink/attrs.ts';
import type { QdiscOptions } from '../../../uapi/qdisc.ts';
import { TCA_FQ_CODEL } from '../../../uapi/qdisc.ts';
import { type Args, parseNumber } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { parseTbf, printTbf } from './tbf.ts';
import type { Tc } from './tc.ts';
import { formatSize, formatTime, parseSize, parseTime } from './units.ts';

export interface KindWords {
  /** TCA_OPTIONS of the words after the kind; null: none to send. Ends with 1 when they are wrong. */
  parse(kind: string, args: Args): Uint8Array | null;
  print(tc: Tc, kind: string, options: QdiscOptions): void;
  /** TCA_STATS_APP. */
  printStats?(tc: Tc, bytes: Uint8Array): void;
}

/** What went wrong while options were read: the tool ends with 1, a batch goes on. */
export function wrong(text: string): never {
  throw new ToolError(text, 1, false);
}

const FIFO_USAGE = 'Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n';
const PRIO_USAGE = 'Usage: ... prio bands NUMBER priomap P1 P2...[multiqueue]\n';
const FQ_CODEL_USAGE = `Usage: ... fq_codel	[ limit PACKETS ] [ flows NUMBER ]
[ memory_limit BYTES ]
[ target TIME ] [ interval TIME ]
[ quantum BYTES ] [ [no]ecn ]
[ ce_threshold TIME ]
[ ce_threshold_selector VALUE/MASK ]
[ drop_batch SIZE ]
`;

const fifo: KindWords = {
  parse(kind, args) {
    let limit: number | null = null;
    for (; args.more; args.skip()) {
      if (args.word === 'limit') {
        limit = parseSize(args.need());
        if (limit === null) wrong(`${kind}: Illegal value for "limit": "${args.word}"\n`);
      } else if (args.word === 'help') wrong(FIFO_USAGE);
      else wrong(`${kind}: unknown parameter "${args.word}"\n${FIFO_USAGE}`);
    }
    return limit === null ? null : Uint8Array.of(limit, limit >>> 8, limit >>> 16, limit >>> 24);
  },
  print(tc, kind, o) {
    const limit = o.limit ?? 0;
    tc.out.any('limit', limit, kind === 'bfifo' ? `limit ${formatSize(limit)}` : `limit ${limit}p`);
  },
};

const prio: KindWords = {
  parse(_kind, args) {
    const map = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    let bands = 3;
    let typed = -1;
    for (; args.more; args.skip()) {
      const word = args.word;
      if (typed < 0 && word === 'bands') {
        const n = parseNumber(args.need());
        if (n === null) wrong('Illegal "bands"\n');
        bands = n;
      } else if (word === 'priomap') {
        if (typed >= 0) wrong('Error: duplicate priomap\n');
        typed = 0;
      } else if (word === 'multiqueue') wrong('tc: lowerdev has no "multiqueue" for prio\n');
      else if (word === 'help') wrong(PRIO_USAGE);
      else {
        if (typed < 0) wrong(`What is "${word}"?\n${PRIO_USAGE}`);
        const band = parseNumber(word);
        if (band === null) wrong('Illegal "priomap" element\n');
        if (band > bands) wrong('"priomap" element is out of bands\n');
        if (typed > 15) wrong('"priomap" index > TC_PRIO_MAX=15\n');
        map[typed++] = band;
      }
    }
    return Uint8Array.of(bands, bands >> 8, 0, 0, ...map);
  },
  print(tc, _kind, o) {
    tc.out.any('bands', o.bands ?? 0, `bands ${o.bands ?? 0} `);
    tc.out.openArray('priomap', 'priomap');
    for (const band of o.priomap ?? []) {
      tc.out.value(null, band);
      tc.out.text(` ${band}`);
    }
    tc.out.closeArray();
    tc.out.value('multiqueue', false);
  },
};

const fqCodel: KindWords = {
  parse(_kind, args) {
    const o: Record<string, number> = {};
    const take = (key: string, read: (text: string) => number | null): void => {
      const name = args.word;
      const value = read(args.need());
      if (value === null) wrong(`Illegal "${name}"\n`);
      o[key] = value;
    };
    for (; args.more; args.skip()) {
      switch (args.word) {
        case 'limit':
        case 'flows':
        case 'quantum':
          take(args.word, parseNumber);
          break;
        case 'drop_batch':
          take('dropBatchSize', parseNumber);
          break;
        case 'target':
        case 'interval':
          take(args.word, parseTime);
          break;
        case 'ce_threshold':
          take('ceThreshold', parseTime);
          break;
        case 'memory_limit':
          take('memoryLimit', parseSize);
          break;
        case 'ce_threshold_selector':
          selector(args, o);
          break;
        case 'ecn':
          o.ecn = 1;
          break;
        case 'noecn':
          o.ecn = 0;
          break;
        case 'help':
          wrong(FQ_CODEL_USAGE);
          break;
        default:
          wrong(`What is "${args.word}"?\n${FQ_CODEL_USAGE}`);
      }
    }
    // Zero is as good as not given, but for the switch and the thresholds.
    const sent = (key: string): object =>
      o[key] === undefined || (o[key] === 0 && !ALWAYS.has(key)) ? {} : { [key]: o[key] };
    return encode(TCA_FQ_CODEL, Object.assign({}, ...ORDER.map(sent)));
  },
  print(tc, _kind, o) {
    const { out } = tc;
    if (o.limit !== undefined) out.any('limit', o.limit, `limit ${o.limit}p `);
    if (o.flows !== undefined) out.any('flows', o.flows, `flows ${o.flows} `);
    if (o.quantum !== undefined) out.any('quantum', o.quantum, `quantum ${o.quantum} `);
    if (o.target !== undefined) out.any('target', o.target, `target ${formatTime(o.target)} `);
    if (o.ceThreshold !== undefined) {
      out.any('ce_threshold', o.ceThreshold, `ce_threshold ${formatTime(o.ceThreshold)} `);
    }
    if (o.ceThresholdSelector !== undefined && (o.ceThresholdMask ?? 0) !== 0) {
      const text = `0x${o.ceThresholdSelector.toString(16)}/0x${(o.ceThresholdMask ?? 0).toString(16)}`;
      out.any('ce_threshold_selector', text, `ce_threshold_selector ${text} `);
    }
    if (o.interval !== undefined) out.any('interval', o.interval, `interval ${formatTime(o.interval)} `);
    if (o.memoryLimit !== undefined) {
      out.any('memory_limit', o.memoryLimit, `memory_limit ${formatSize(o.memoryLimit)} `);
    }
    if (o.ecn !== undefined && o.ecn !== 0) out.flag('ecn', 'ecn ');
    if (o.dropBatchSize) out.any('drop_batch', o.dropBatchSize, `drop_batch ${o.dropBatchSize} `);
  },
  printStats(tc, bytes) {
    const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const n = (i: number): number => at.getUint32(i * 4, true);
    const { out } = tc;
    const one = (key: string, value: number, before: string): void => out.any(key, value, `${before}${key} ${value}`);
    if (n(0) === 0) {
      one('maxpacket', n(1), '  ');
      one('drop_overlimit', n(2), ' ');
      one('new_flow_count', n(4), ' ');
      one('ecn_mark', n(3), ' ');
      if (n(7) !== 0) one('ce_mark', n(7), ' ');
      if (n(8) !== 0) one('memory_used', n(8), ' ');
      if (n(9) !== 0) one('drop_overmemory', n(9), ' ');
      out.newline();
      one('new_flows_len', n(5), '  ');
      one('old_flows_len', n(6), ' ');
      return;
    }
    one('deficit', at.getInt32(4, true), '  ');
    one('count', n(3), ' ');
    one('lastcount', n(4), ' ');
    out.any('ldelay', n(2), ` ldelay ${formatTime(n(2))}`);
    if (n(5) === 0) return;
    out.flag('dropping', ' dropping');
    const next = at.getInt32(24, true);
    out.any('drop_next', next, ` drop_next ${next < 0 ? '-' : ''}${formatTime(Math.abs(next))}`);
  },
};

const ORDER = [
  ...['limit', 'flows', 'quantum', 'interval', 'target', 'ecn', 'ceThreshold'],
  ...['ceThresholdSelector', 'ceThresholdMask', 'memoryLimit', 'dropBatchSize'],
];
const ALWAYS: ReadonlySet<string> = new Set([
  'ecn',
  'ceThreshold',
  'ceThresholdSelector',
  'ceThresholdMask',
  'memoryLimit',
]);

function selector(args: Args, o: Record<string, number>): void {
  const [value, mask] = args.need().split('/');
  const v = parseNumber(value, 255);
  const m = mask === undefined ? null : parseNumber(mask, 255);
  if (v === null) wrong('Illegal "ce_threshold_selector" value\n');
  if (m === null) wrong('Illegal "ce_threshold_selector" mask\n');
  o.ceThresholdSelector = v;
  o.ceThresholdMask = m;
}

/** clsact and ingress: a word of options is wrong. */
const doors: KindWords = {
  parse(kind, args) {
    if (!args.more) return null;
    if (args.word === 'help') wrong(kind === 'clsact' ? 'Usage: ... clsact\n' : 'Usage: ... ingress\n');
    return wrong(`What is "${args.word}"?\nUsage: ... ${kind}\n`);
  },
  print(tc, kind) {
    if (kind === 'ingress') tc.out.text('---------------- ');
  },
};

const KINDS: ReadonlyMap<string, KindWords> = new Map<string, KindWords>([
  ['pfifo', fifo],
  ['bfifo', fifo],
  ['prio', prio],
  ['pfifo_fast', { parse: noOptions, print: prio.print }],
  ['fq_codel', fqCodel],
  ['tbf', { parse: (_kind, args) => parseTbf(args), print: printTbf }],
  ['clsact', doors],
  ['ingress', doors],
]);

function noOptions(kind: string, args: Args): null {
  if (args.more) throw new ToolError(`qdisc '${kind}' does not support option parsing\n`, 255, false);
  return null;
}

/** Kinds of which the tool knows nothing: named, and without options. */
const plain: KindWords = {
  parse(kind, args) {
    if (args.more) wrong(`Unknown qdisc "${kind}", hence option "${args.word}" is unparsable\n`);
    return null;
  },
  print() {},
};

export function kindOf(kind: string): KindWords {
  return KINDS.get(kind) ?? plain;
}
