// How iperf3 writes numbers: amounts in four places with their unit, and JSON as cJSON prints it.
// Linux tool: iperf 3.12, units.c, unit_snprintf(); cjson.c, print_number().

const BYTES = ['Byte', 'KByte', 'MByte', 'GByte', 'TByte'];
const BITS = ['bit', 'Kbit', 'Mbit', 'Gbit', 'Tbit'];

/** `format`: a letter of KMGTA for bytes, of kmgta for bits; A and a choose what fits. */
export function unit(bytes: number, format: string): string {
  const inBytes = format === format.toUpperCase();
  const base = inBytes ? 1024 : 1000;
  let n = inBytes ? bytes : bytes * 8;
  let i = 'bkmgt'.indexOf(format.toLowerCase());
  if (i < 0) {
    i = 0;
    while (n >= base && i < 4) {
      n /= base;
      i++;
    }
  } else n /= base ** i;
  const digits = n < 9.995 ? 2 : n < 99.95 ? 1 : 0;
  return `${n.toFixed(digits).padStart(4)} ${(inBytes ? BYTES : BITS)[i]}`;
}

/** printf("%.2g"). */
export function g2(v: number): string {
  return formatG(v, 2);
}

function formatG(v: number, precision: number): string {
  if (v === 0) return '0';
  const text = v.toExponential(precision - 1);
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  if (exponent < -4 || exponent >= precision) {
    const mantissa = text.slice(0, text.indexOf('e')).replace(/\.?0+$/, '');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const fixed = v.toFixed(precision - 1 - exponent);
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
}

function jsonNumber(v: number): string {
  if (Number.isInteger(v) && Math.abs(v) < 2 ** 31) return String(v);
  const short = formatG(v, 15);
  return Number(short) === v ? short : formatG(v, 17);
}

export type Json = number | string | boolean | { readonly [key: string]: Json } | readonly Json[];

/** cJSON_Print() with its tabs; `compact`: cJSON_PrintUnformatted(). */
export function printJson(v: Json, compact = false, depth = 1): string {
  if (typeof v === 'number') return jsonNumber(v);
  if (typeof v !== 'object') return JSON.stringify(v);
  if (Array.isArray(v)) {
    return `[${v.map((x) => printJson(x as Json, compact, depth + 1)).join(compact ? ',' : ', ')}]`;
  }
  const entries = Object.entries(v as { [key: string]: Json });
  if (compact) return `{${entries.map(([k, x]) => `${JSON.stringify(k)}:${printJson(x, true)}`).join(',')}}`;
  const tabs = '\t'.repeat(depth);
  const lines = entries.map(([k, x]) => `${tabs}${JSON.stringify(k)}:\t${printJson(x, false, depth + 1)}`);
  return lines.length === 0 ? '{\n}' : `{\n${lines.join(',\n')}\n${'\t'.repeat(depth - 1)}}`;
}
