// Options of tbf: a rate, a burst, and how much may wait, as bytes or as time. iproute2: tc/q_tbf.c.

import { encode } from '../../../netlink/attrs.ts';
import { type QdiscOptions, TCA_TBF } from '../../../uapi/qdisc.ts';
import { type Args, matches, parseNumber } from '../iproute/args.ts';
import { wrong } from './kinds.ts';
import type { Tc } from './tc.ts';
import {
  bytesIn,
  formatRate,
  formatSize,
  formatTime,
  parseRate,
  parseSize,
  parseTime,
  ticksOf,
  ticksToUs,
} from './units.ts';

const USAGE = `Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]
	[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]
`;
const LINKLAYERS: ReadonlyMap<string, number> = new Map([
  ['ethernet', 1],
  ['atm', 2],
  ['adsl', 2],
]);

interface Asked {
  limit: number;
  latency: number;
  buffer: number;
  mtu: number;
  mpu: number;
  rate: number;
  peak: number;
  overhead: number;
  linklayer: number;
}

export function parseTbf(args: Args): Uint8Array {
  const o: Asked = { limit: 0, latency: 0, buffer: 0, mtu: 0, mpu: 0, rate: 0, peak: 0, overhead: 0, linklayer: 1 };
  for (; args.more; args.skip()) parseWord(args, o);
  const missing: string[] = [];
  if (o.rate === 0) missing.push('tbf: the "rate" parameter is mandatory.\n');
  if (o.buffer === 0) missing.push('tbf: the "burst" parameter is mandatory.\n');
  if (o.peak !== 0 && o.mtu === 0) {
    missing.push('tbf: when "peakrate" is specified, "mtu" must also be specified.\n');
  }
  if (o.limit === 0 && o.latency === 0) missing.push('tbf: either "limit" or "latency" is required.\n');
  if (missing.length > 0) wrong(missing.join('') + USAGE);
  return request(o);
}

function parseWord(args: Args, o: Asked): void {
  const word = args.word;
  const take = (key: keyof Asked, read: (text: string) => number | null, names: string): void => {
    const value = args.need();
    if (o[key] !== 0 && key !== 'linklayer') wrong(`tbf: duplicate "${names}" specification\n`);
    const n = read(value);
    if (n === null) wrong(`tbf: illegal value for "${word}": "${value}"\n`);
    o[key] = n;
  };
  const both = (a: string, b: string): never => wrong(`tbf: specifying both "${a}" and "${b}" is not allowed\n`);
  if (matches(word, 'limit')) {
    if (o.latency !== 0) both('latency', 'limit');
    take('limit', parseSize, 'limit');
  } else if (matches(word, 'latency')) {
    if (o.limit !== 0) both('limit', '/latency');
    take('latency', parseTime, 'latency');
  } else if (matches(word, 'burst') || word === 'buffer' || word === 'maxburst') {
    take('buffer', sizeAndCell, 'buffer/burst/maxburst');
  } else if (word === 'mtu' || word === 'minburst') take('mtu', sizeAndCell, 'mtu/minburst');
  else if (word === 'mpu') take('mpu', parseSize, 'mpu');
  else if (word === 'rate') take('rate', parseRate, 'rate');
  else if (matches(word, 'peakrate')) take('peak', parseRate, 'peakrate');
  else if (matches(word, 'overhead')) take('overhead', (text) => parseNumber(text, 0xffff), 'overhead');
  else if (matches(word, 'linklayer')) take('linklayer', (text) => LINKLAYERS.get(text) ?? null, 'linklayer');
  else if (word === 'help') wrong(USAGE);
  else wrong(`tbf: unknown parameter "${word}"\n${USAGE}`);
}

/** A size with an optional cell, a power of two that today's kernels have no use for. get_size_and_cell(). */
function sizeAndCell(text: string): number | null {
  const [size, cell] = text.split('/');
  if (cell !== undefined) {
    const n = parseNumber(cell);
    if (n === null || n === 0 || (n & (n - 1)) !== 0) return null;
  }
  return parseSize(size);
}

function request(o: Asked): Uint8Array {
  let { limit } = o;
  if (limit === 0) {
    const room = (rate: number, burst: number): number => (rate * o.latency) / 1e6 + burst;
    limit = room(o.rate, o.buffer);
    if (o.peak !== 0) limit = Math.min(limit, room(o.peak, o.mtu));
    limit = Math.floor(limit) >>> 0; // a u32, as the tool puts it there
  }
  const wide = (rate: number): boolean => rate > 0xffffffff;
  const peak = o.peak !== 0;
  return encode(TCA_TBF, {
    parms: {
      cellLog: 0,
      linklayer: o.linklayer,
      overhead: o.overhead,
      cellAlign: 0xffff,
      mpu: o.mpu,
      rate: Math.min(o.rate, 0xffffffff),
      peakCellLog: 0,
      peakLinklayer: peak ? o.linklayer : 0,
      peakOverhead: peak ? o.overhead : 0,
      peakCellAlign: peak ? 0xffff : 0,
      peakMpu: peak ? o.mpu : 0,
      peakRate: Math.min(o.peak, 0xffffffff),
      limit,
      buffer: ticksOf(o.rate, o.buffer) >>> 0,
      mtu: peak ? ticksOf(o.peak, o.mtu) >>> 0 : 0,
    },
    burst: o.buffer,
    ...(wide(o.rate) ? { rate64: o.rate } : {}),
    ...(peak && wide(o.peak) ? { prate64: o.peak } : {}),
    ...(peak ? { pburst: o.mtu } : {}),
  });
}

export function printTbf(tc: Tc, _kind: string, o: QdiscOptions): void {
  const p = o.parms;
  if (p === undefined) return;
  const { out, opts } = tc;
  const details = opts.details > 0;
  const rate = o.rate64 ?? p.rate;
  const peak = o.prate64 ?? p.peakRate;
  out.any('rate', rate, `rate ${formatRate(rate, opts.iec)} `);
  const burst = bytesIn(rate, p.buffer);
  if (details) {
    out.any('burst', `${formatSize(burst)}/${1 << p.cellLog}`, `burst ${formatSize(burst)}/${1 << p.cellLog} `);
    out.any('mpu', p.mpu, `mpu ${formatSize(p.mpu)} `);
  } else out.any('burst', burst, `burst ${formatSize(burst)} `);
  const hex = (n: number): string => `[${n.toString(16).padStart(8, '0')}] `;
  if (tc.raw) out.any('burst_raw', p.buffer.toString(16), hex(p.buffer));
  if (peak !== 0) {
    out.text(`peakrate ${formatRate(peak, opts.iec)} `);
    if (p.mtu !== 0 || p.peakMpu !== 0) {
      const mtu = bytesIn(peak, p.mtu);
      if (details) {
        const text = `${formatSize(mtu)}/${1 << p.peakCellLog}`;
        out.any('mtu', text, `mtu ${text} `);
        out.any('mpu', p.peakMpu, `mpu ${formatSize(p.peakMpu)} `);
      } else out.any('minburst', mtu, `minburst ${formatSize(mtu)} `);
      if (tc.raw) out.any('mtu_raw', p.mtu.toString(16), hex(p.mtu));
    }
  }
  const waits = (r: number, ticks: number): number => 1e6 * (p.limit / r) - ticksToUs(ticks);
  let latency = waits(rate, p.buffer);
  if (peak !== 0) latency = Math.max(latency, waits(peak, p.mtu));
  if (latency >= 0) out.any('lat', Math.floor(latency), `lat ${formatTime(Math.floor(latency))} `);
  if (tc.raw || latency < 0) out.any('limit', p.limit, `limit ${formatSize(p.limit)} `);
  if (p.overhead !== 0) out.any('overhead', p.overhead, `overhead ${p.overhead} `);
  if (p.linklayer > 1 || details) {
    const name = ['unspec', 'ethernet', 'atm'][p.linklayer] ?? 'unknown';
    out.any('linklayer', name, `linklayer ${name} `);
  }
}
