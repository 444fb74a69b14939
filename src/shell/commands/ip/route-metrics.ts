// RTA_METRICS: how they are printed, and the words that set them. iproute2: ip/iproute.c, print_rta_metrics().

import type { RouteAttrs } from '../../../uapi/route.ts';
import { type Args, matches, parseNumber } from '../iproute/args.ts';
import { invarg } from '../iproute/errors.ts';
import type { Ip } from './context.ts';

type Metrics = NonNullable<RouteAttrs['metrics']>;
type Key = Exclude<keyof Metrics, 'unknown' | 'lock'>;

/** Number of each metric, its attribute and its word. Times are in ms, times the scale. */
const METRICS: ReadonlyArray<readonly [number: number, key: Key, word: string, scale?: number]> = [
  [2, 'mtu', 'mtu'],
  [3, 'window', 'window'],
  [4, 'rtt', 'rtt', 8],
  [5, 'rttvar', 'rttvar', 4],
  [6, 'ssthresh', 'ssthresh'],
  [7, 'cwnd', 'cwnd'],
  [8, 'advmss', 'advmss'],
  [9, 'reordering', 'reordering'],
  [10, 'hoplimit', 'hoplimit'],
  [11, 'initcwnd', 'initcwnd'],
  [12, 'features', 'features'],
  [13, 'rtoMin', 'rto_min', 1],
  [14, 'initrwnd', 'initrwnd'],
  [15, 'quickack', 'quickack'],
  [16, 'ccAlgo', 'congctl'],
  [17, 'fastopenNoCookie', 'fastopen_no_cookie'],
];

export function printMetrics(ip: Ip, m: Metrics): void {
  const { out } = ip;
  const lock = m.lock ?? 0;
  out.openArray('metrics');
  out.openObject();
  for (const [number, key, word, scale] of METRICS) {
    const value = m[key];
    if (value === undefined || (key === 'hoplimit' && value === 0xffffffff)) continue;
    out.text(`${word} `);
    if ((lock & (1 << number)) !== 0) out.flag(`${word}_lock`, 'lock ');
    if (typeof value === 'string') out.any(word, value, `${value} `);
    else if (key === 'features') {
      if ((value & 1) !== 0) out.text('ecn ');
      if ((value & ~1) !== 0) out.text(`0x${value.toString(16)} `);
      out.value(word, (value & 1) !== 0 ? 'ecn' : value);
    } else if (scale !== undefined) {
      const ms = Math.floor(value / scale);
      out.value(word, ms);
      out.text(ms >= 1000 ? `${ms / 1000}s ` : `${ms}ms `);
    } else out.any(word, value, `${value} `);
  }
  out.closeObject();
  out.closeArray();
}

/** Words that may be abbreviated; the others may not. */
const ABBREVIATED = new Set([
  'reordering',
  'window',
  'cwnd',
  'initcwnd',
  'initrwnd',
  'features',
  'quickack',
  'congctl',
  'rttvar',
  'ssthresh',
  'fastopen_no_cookie',
]);

const TIME_FORM = /^([0-9]+(?:\.[0-9]+)?|0x[0-9a-f]+)(s|sec|secs|ms|msec|msecs)?$/i;

/** get_time_rtt(): milliseconds; a bare number is taken as it is (`raw`). */
function parseTime(text: string): { value: number; raw: boolean } | null {
  const m = TIME_FORM.exec(text);
  if (m === null) return null;
  const n = Number(m[1]);
  if (n >= 2 ** 64) return null;
  const unit = m[2]?.toLowerCase();
  if (unit === undefined) return { value: Math.trunc(n), raw: true };
  return { value: Math.ceil(unit.startsWith('s') ? n * 1000 : n), raw: false };
}

/** Takes a metric's word and its value; false when the word at hand is none. */
export function parseMetric(args: Args, m: Metrics): boolean {
  const found = METRICS.find(([, , word]) => (ABBREVIATED.has(word) ? matches(args.word, word) : args.word === word));
  if (found === undefined) return false;
  const [number, key, word, scale] = found;
  let text = args.need();
  const lockable = key !== 'features' && key !== 'quickack' && key !== 'fastopenNoCookie' && key !== 'rtoMin';
  if (lockable && text === 'lock') {
    m.lock = ((m.lock ?? 0) | (1 << number)) >>> 0;
    text = args.need();
  }
  if (key === 'rtoMin') m.lock = ((m.lock ?? 0) | (1 << number)) >>> 0;
  if (key === 'ccAlgo') m.ccAlgo = text;
  else if (key === 'features') m.features = text === 'ecn' ? 1 : invarg('"features" value not valid\n', text);
  else if (scale !== undefined) {
    const time = parseTime(text) ?? invarg(`"${word}" value is invalid\n`, text);
    m[key] = (time.raw ? time.value : time.value * scale) >>> 0;
  } else {
    const label = key === 'advmss' ? 'mss' : word;
    const n = parseNumber(text, key === 'hoplimit' ? 255 : 0xffffffff) ?? invarg(`"${label}" value is invalid\n`, text);
    if ((key === 'quickack' || key === 'fastopenNoCookie') && n > 1) invarg(`"${word}" value should be 0 or 1\n`, text);
    m[key] = n;
  }
  return true;
}

/** The lock comes last on the wire. */
export function metricsInOrder(m: Metrics): Metrics {
  const { lock, ...rest } = m;
  return lock === undefined ? rest : { ...rest, lock };
}
