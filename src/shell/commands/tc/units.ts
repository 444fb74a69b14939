// Rates, sizes, times and handles as tc takes and prints them. iproute2: tc/tc_util.c, tc/tc_core.c, lib/utils.c.

/** Ticks of the kernel's clock in a microsecond: /proc/net/psched says 1000 and 64. */
const TICKS_PER_US = 15.625;
const SECOND_US = 1e6;

export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;

/** strtod() and what follows it; null when it begins with no number. */
function number(text: string): { value: number; suffix: string } | null {
  const m = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/i.exec(text);
  return m === null ? null : { value: Number(m[0]), suffix: text.slice(m[0].length) };
}

const RATES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['bit', 1],
  ...scaled('bit', 1),
  ['bps', 8],
  ...scaled('bps', 8),
]);

function scaled(unit: string, bits: number): Array<[string, number]> {
  return ['k', 'm', 'g', 't'].flatMap(
    (letter, i): Array<[string, number]> => [
      [letter + unit, bits * 1000 ** (i + 1)],
      [`${letter}i${unit}`, bits * 1024 ** (i + 1)],
    ],
  );
}

/** Bytes per second; null: no rate. get_rate64(). */
export function parseRate(text: string): number | null {
  const n = number(text);
  const scale = n === null ? undefined : RATES.get(n.suffix.toLowerCase());
  if (n === null || scale === undefined || n.value < 0) return null;
  const rate = Math.floor((n.value * scale) / 8);
  return rate > Number.MAX_SAFE_INTEGER ? null : rate; // the kernel's u64 ends later: 72 Pbit/s have to do
}

const SIZES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1024],
  ['kb', 1024],
  ['kbit', 128],
  ['m', 1024 ** 2],
  ['mb', 1024 ** 2],
  ['mbit', 1024 ** 2 / 8],
  ['g', 1024 ** 3],
  ['gb', 1024 ** 3],
  ['gbit', 1024 ** 3 / 8],
]);

/** Bytes. get_size(). */
export function parseSize(text: string): number | null {
  const n = number(text);
  const scale = n === null ? undefined : SIZES.get(n.suffix.toLowerCase());
  if (n === null || scale === undefined) return null;
  const size = Math.floor(n.value * scale);
  return size < 0 || size > 0xffffffff ? null : size;
}

const TIMES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ...['us', 'usec', 'usecs'].map((s): [string, number] => [s, 1]),
  ...['ms', 'msec', 'msecs'].map((s): [string, number] => [s, 1000]),
  ...['s', 'sec', 'secs'].map((s): [string, number] => [s, SECOND_US]),
]);

/** Microseconds. get_time(). */
export function parseTime(text: string): number | null {
  const n = number(text);
  const scale = n === null ? undefined : TIMES.get(n.suffix.toLowerCase());
  if (n === null || scale === undefined) return null;
  const us = Math.floor(n.value * scale);
  return us < 0 || us > 0xffffffff ? null : us;
}

const hex = (text: string): number | null => (/^(0x)?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : null);

/** `1:` or `1` as a handle. get_qdisc_handle(). */
export function parseHandle(text: string): number | null {
  if (text === 'none') return 0;
  const m = /^((?:0x)?[0-9a-f]+)(:.*)?$/i.exec(text);
  const major = m === null ? null : hex(m[1]);
  return major === null || major > 0xffff ? null : major * 0x10000;
}

/** `1:10`, `1:`, `:10`, `root` or `none`. get_tc_classid(). */
export function parseClassid(text: string): number | null {
  if (text === 'root') return TC_H_ROOT;
  if (text === 'none') return 0;
  const colon = text.indexOf(':');
  if (colon < 0) {
    const id = hex(text); // what is too long for strtoul() is its most, and of that a u32 is kept
    return id === null ? null : id > 0xffffffffffff ? TC_H_ROOT : id % 0x1_0000_0000;
  }
  const major = colon === 0 ? 0 : hex(text.slice(0, colon));
  const minor = colon + 1 === text.length ? 0 : hex(text.slice(colon + 1));
  if (major === null || minor === null || major > 0xffff || minor > 0xffff) return null;
  return major * 0x10000 + minor;
}

/** print_tc_classid(). */
export function formatClassid(id: number): string {
  if (id === TC_H_ROOT) return 'root';
  if (id === 0) return 'none';
  const major = Math.floor(id / 0x10000);
  const minor = id % 0x10000;
  return `${major === 0 ? '' : major.toString(16)}:${minor === 0 && major !== 0 ? '' : minor.toString(16)}`;
}

/** print_rate(): bytes per second as bits. */
export function formatRate(bytes: number, iec: boolean): string {
  const kilo = iec ? 1024 : 1000;
  const units = ['', 'K', 'M', 'G', 'T'];
  let rate = bytes * 8;
  let i = 0;
  for (; i < units.length - 1; i++) {
    if (rate < kilo || (rate % kilo !== 0 && rate < 1000 * kilo)) break;
    rate = Math.floor(rate / kilo);
  }
  return `${rate}${units[i]}${iec && i > 0 ? 'i' : ''}bit`;
}

/** print_size(). */
export function formatSize(size: number): string {
  const near = (unit: number, off: number): boolean =>
    size >= unit && Math.abs(unit * Math.round(size / unit) - size) < off;
  if (near(1024 * 1024, 1024)) return `${general(Math.round(size / (1024 * 1024)), 6)}Mb`;
  if (near(1024, 16)) return `${general(Math.round(size / 1024), 6)}Kb`;
  return `${size}b`;
}

/** print_time(), of microseconds. */
export function formatTime(us: number): string {
  if (us >= SECOND_US) return `${general(us / SECOND_US, 3)}s`;
  if (us >= 1000) return `${general(us / 1000, 3)}ms`;
  return `${Math.floor(us)}us`;
}

/** printf("%.Ng"). */
function general(n: number, digits: number): string {
  if (n === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(Number(n.toExponential(digits - 1)))));
  if (exponent >= -4 && exponent < digits) return String(Number(n.toPrecision(digits)));
  const [mantissa, e] = n.toExponential(digits - 1).split('e');
  const sign = e.startsWith('-') ? '-' : '+';
  return `${Number(mantissa)}e${sign}${e.slice(1).padStart(2, '0')}`;
}

/** Ticks that so many bytes take at a rate. tc_calc_xmittime(). */
export function ticksOf(rate: number, size: number): number {
  return Math.floor(Math.floor(SECOND_US * (size / rate)) * TICKS_PER_US);
}

/** tc_core_tick2time(): microseconds. */
export function ticksToUs(ticks: number): number {
  return Math.floor(ticks / TICKS_PER_US);
}

/** Bytes that go in so many ticks. tc_calc_xmitsize(). */
export function bytesIn(rate: number, ticks: number): number {
  return Math.floor((rate * ticksToUs(ticks)) / SECOND_US);
}
