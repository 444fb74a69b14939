// Quantities as people write them in machine files: rates, times and losses with their units. null: not understood.

/** Bits per second: `10Gbit`, `2.5 Gbit`, `100Mbit`, `unlimited` (0). Units of a thousand, as tc counts. */
export function parseRate(text: string): number | null {
  if (text.toLowerCase() === 'unlimited') return 0;
  return scaled(text, { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9, tbit: 1e12 });
}

/** Nanoseconds: `5us`, `1ms`, `300s`, `0.5us`. */
export function parseTime(text: string): number | null {
  return scaled(text, { ns: 1, us: 1e3, ms: 1e6, s: 1e9 });
}

/** Bytes: `100M`, `1.5G`, `4096`, `64KiB`, `unlimited` (Infinity). Units of 1024, as dd and head count. */
export function parseBytes(text: string): number | null {
  if (text.toLowerCase() === 'unlimited') return Number.POSITIVE_INFINITY;
  const bytes = text.replace(/^([\d.]+)$/, '$1b').replace(/([kmgt])(?:i?b)?$/i, '$1');
  return scaled(bytes, { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 });
}

/** A loss as (num, den): `1/1000`, `0.1%`, `0`. */
export function parseRatio(text: string): [num: number, den: number] | null {
  if (/^0+$/.test(text)) return [0, 1];
  const ratio = /^(\d+)\s*\/\s*(\d+)$/.exec(text);
  if (ratio !== null) return checked(Number(ratio[1]), Number(ratio[2]));
  const percent = /^(\d+)(?:\.(\d{1,6}))?\s*%$/.exec(text);
  if (percent === null) return null;
  const decimals = percent[2] ?? '';
  return checked(Number(percent[1] + decimals), 100 * 10 ** decimals.length);
}

/** Numbers that a random stream can decide about exactly. */
function checked(num: number, den: number): [number, number] | null {
  return den > 0 && den <= 0x100000000 && num <= den ? [num, den] : null;
}

function scaled(text: string, units: Record<string, number>): number | null {
  const m = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text);
  if (m === null) return null;
  const unit = units[m[2].toLowerCase()];
  if (unit === undefined) return null;
  const value = Math.round(Number(m[1]) * unit);
  return Number.isSafeInteger(value) ? value : null;
}
