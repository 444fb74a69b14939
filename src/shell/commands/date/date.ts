// date: the virtual wall clock, UTC. GNU coreutils 9.1: formats, -d @SECONDS, -u, -I, -R; setting it is refused.

import { wordTable } from '../../../base/word-table.ts';
import type { Command } from '../../process.ts';
import { monthNames, WallTime, weekdayNames } from '../../walltime.ts';

const longMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const longDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const isoFormats = wordTable<string>({
  '': '%Y-%m-%d',
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
});

export const date: Command = {
  name: 'date',
  summary: 'the virtual wall clock',
  async run(proc) {
    const { os } = proc;
    let t = new WallTime(os.wallNs());
    let nano = os.nowNs() % 1e9;
    let format = '%a %b %e %H:%M:%S UTC %Y';
    for (let i = 0; i < proc.argv.length; i++) {
      const arg = proc.argv[i];
      const iso = /^(?:-I|--iso-8601=?)(.*)$/.exec(arg);
      if (arg === '-u' || arg === '--utc') continue;
      if (arg === '-R') format = '%a, %d %b %Y %H:%M:%S %z';
      else if (iso !== null && isoFormats[iso[1]] !== undefined) format = isoFormats[iso[1]];
      else if (arg === '-d' || arg.startsWith('--date=')) {
        const text = arg === '-d' ? (proc.argv[++i] ?? '') : arg.slice(7);
        const at = /^@(\d+)(?:\.(\d+))?$/.exec(text);
        if (at === null && text !== 'now') {
          proc.err(`date: invalid date '${text}' (the model reads @SECONDS and now)\n`);
          return 1;
        }
        if (at !== null) t = new WallTime(Number(at[1]) * 1e9);
        if (at !== null) nano = Number((at[2] ?? '0').padEnd(9, '0').slice(0, 9));
      } else if (arg.startsWith('+')) format = arg.slice(1);
      else {
        proc.err(
          arg.startsWith('-')
            ? `date: invalid option -- '${arg.slice(1)}'\nTry 'date --help' for more information.\n`
            : 'date: cannot set date: Operation not permitted\n',
        );
        return 1;
      }
    }
    proc.out(`${formatTime(format, t, nano)}\n`);
    return 0;
  },
};

/** strftime(), C locale. */
export function formatTime(format: string, t: WallTime, nano: number): string {
  return format.replace(/%([-_0^#]*)(\d*)(:*[a-zA-Z%+])/g, (all, flag: string, width: string, letter: string) => {
    const plain = field(letter, t, nano, width);
    if (plain === null) return all;
    if (flag.includes('-')) return plain.replace(/^[0 ]+(?=.)/, '');
    if (flag.includes('_')) return plain.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
    return flag.includes('^') ? plain.toUpperCase() : plain;
  });
}

function field(letter: string, t: WallTime, nano: number, width: string): string | null {
  const two = (n: number): string => String(n).padStart(2, '0');
  const hour12 = t.hour % 12 === 0 ? 12 : t.hour % 12;
  switch (letter) {
    case '%':
      return '%';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'Y':
      return String(t.year);
    case 'C':
      return two(Math.floor(t.year / 100));
    case 'y':
      return two(t.year % 100);
    case 'm':
      return two(t.month);
    case 'd':
      return two(t.day);
    case 'e':
      return String(t.day).padStart(2);
    case 'H':
      return two(t.hour);
    case 'k':
      return String(t.hour).padStart(2);
    case 'I':
      return two(hour12);
    case 'l':
      return String(hour12).padStart(2);
    case 'M':
      return two(t.minute);
    case 'S':
      return two(t.second);
    case 'N':
      return String(Math.floor(nano))
        .padStart(9, '0')
        .slice(0, width === '' ? 9 : Number(width));
    case 's':
      return String(Math.floor(t.ns / 1e9));
    case 'a':
      return weekdayNames[t.weekday];
    case 'A':
      return longDays[t.weekday];
    case 'b':
    case 'h':
      return monthNames[t.month - 1];
    case 'B':
      return longMonths[t.month - 1];
    case 'j':
      return String(t.yearDay).padStart(3, '0');
    case 'u':
      return String(t.weekday === 0 ? 7 : t.weekday);
    case 'w':
      return String(t.weekday);
    case 'p':
      return t.hour < 12 ? 'AM' : 'PM';
    case 'P':
      return t.hour < 12 ? 'am' : 'pm';
    case 'Z':
      return 'UTC';
    case 'z':
      return '+0000';
    case ':z':
      return '+00:00';
    case 'F':
      return `${t.year}-${two(t.month)}-${two(t.day)}`;
    case 'T':
      return `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
    case 'R':
      return `${two(t.hour)}:${two(t.minute)}`;
    case 'D':
      return `${two(t.month)}/${two(t.day)}/${two(t.year % 100)}`;
    case 'c':
      return formatTime('%a %b %e %H:%M:%S %Y', t, nano);
    case 'x':
      return formatTime('%D', t, nano);
    case 'X':
      return formatTime('%T', t, nano);
    case 'r':
      return formatTime('%I:%M:%S %p', t, nano);
    default:
      return null;
  }
}
