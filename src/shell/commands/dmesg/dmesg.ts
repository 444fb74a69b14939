// `dmesg`: the kernel's log, now or as it grows. util-linux 2.38: sys-utils/dmesg.c.

import { wordTable } from '../../../base/word-table.ts';
import type { KernelLog } from '../../../lab/os.ts';
import type { LogLine } from '../../../net/log.ts';
import type { Command, Proc } from '../../process.ts';
import { monthNames, WallTime, weekdayNames } from '../../walltime.ts';
import { getopt } from '../getopt.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
/** Long options by their letter. */
const LONG = wordTable<string>({
  clear: 'C',
  'read-clear': 'c',
  follow: 'w',
  'follow-new': 'W',
  ctime: 'T',
  notime: 't',
  human: 'H',
  reltime: 'e',
  'show-delta': 'd',
  decode: 'x',
  raw: 'r',
  kernel: 'k',
  nopager: 'P',
  level: 'l',
  json: 'J',
  color: 'L',
  syslog: 'S',
});
const SWITCHES = 'CcwWTtHedxrkPJSL';

interface View {
  time: 'stamp' | 'ctime' | 'none' | 'human' | 'delta';
  decode: boolean;
  raw: boolean;
  levels: ReadonlySet<number> | null;
  /** The line before: times are told from it. */
  lastNs: number;
  lastMinute: number;
}

export const dmesg: Command = {
  name: 'dmesg',
  summary: "print the kernel's log",
  async run(proc) {
    const options = parse(proc);
    if (typeof options === 'number') return options;
    const has = (letter: string): boolean => options.some(([o]) => o === letter);
    if (proc.os.klog === undefined || proc.os.klogClear === undefined) {
      proc.err('dmesg: lowerdev reads the log of its own kernel only\n');
      return 1;
    }
    if (has('C')) {
      proc.os.klogClear();
      return 0;
    }
    const view = viewOf(proc, options);
    if (view === null) return 1;
    const log = proc.os.klog(has('W'));
    try {
      if (has('J')) printJson(proc, log, view);
      else await print(proc, log, view, has('w') || has('W'));
    } finally {
      log.close();
    }
    if (has('c')) proc.os.klogClear();
    return 0;
  },
};

/** Options by letter; a number: the command ends with it. */
function parse(proc: Proc): Array<[string, string]> | number {
  const words: string[] = [];
  for (const word of proc.argv) {
    if (!word.startsWith('--') || word === '--') {
      words.push(word);
      continue;
    }
    const [name, value] = word.slice(2).split('=');
    if (name === 'version') {
      proc.out('dmesg from util-linux 2.38.1\n');
      return 0;
    }
    const letter = LONG[name];
    if (letter === undefined) {
      proc.err(`dmesg: lowerdev has no option "--${name}"\n`);
      return 1;
    }
    words.push(`-${letter}${letter === 'l' && value !== undefined ? value : ''}`);
  }
  const { options, words: rest, error } = getopt(words, SWITCHES, 'l');
  if (error !== null) {
    const what = error.kind === 'value' ? 'option requires an argument' : 'invalid option';
    proc.err(`dmesg: ${what} -- '${error.option}'\nTry 'dmesg --help' for more information.\n`);
    return 1;
  }
  if (rest.length > 0) {
    proc.err(`dmesg: bad usage\nTry 'dmesg --help' for more information.\n`);
    return 1;
  }
  return options;
}

function viewOf(proc: Proc, options: Array<[string, string]>): View | null {
  const view: View = { time: 'stamp', decode: false, raw: false, levels: null, lastNs: 0, lastMinute: -1 };
  for (const [letter, value] of options) {
    if (letter === 'T') view.time = 'ctime';
    else if (letter === 't') view.time = 'none';
    else if (letter === 'H' || letter === 'e') view.time = 'human';
    else if (letter === 'd') view.time = 'delta';
    else if (letter === 'x') view.decode = true;
    else if (letter === 'r') view.raw = true;
    else if (letter === 'l') {
      const levels = value.split(',').map((name) => LEVELS.indexOf(name));
      if (levels.includes(-1)) {
        proc.err(`dmesg: unknown level '${value.split(',')[levels.indexOf(-1)]}'\n`);
        return null;
      }
      view.levels = new Set(levels);
    }
  }
  return view;
}

async function print(proc: Proc, log: KernelLog, view: View, follow: boolean): Promise<void> {
  for (;;) {
    for (let line = log.next(); line !== null; line = log.next()) {
      if (view.levels === null || view.levels.has(line.level)) proc.out(`${lineOf(proc, line, view)}\n`);
    }
    if (!follow) return;
    await proc.waitReadable([log], -1);
  }
}

/** Seconds with microseconds, as the kernel stamps them. */
const seconds = (ns: number): string => (Math.floor(ns / 1000) / 1e6).toFixed(6);

function lineOf(proc: Proc, line: LogLine, view: View): string {
  const { timeNs, level, text } = line;
  if (view.raw) return `<${level}>[${seconds(timeNs).padStart(12)}] ${text}`;
  const who = view.decode ? `kern  :${LEVELS[level].padEnd(6)}: ` : '';
  return who + timeOf(proc, timeNs, view) + text;
}

function timeOf(proc: Proc, ns: number, view: View): string {
  const delta = ns - view.lastNs;
  const first = view.lastMinute < 0;
  view.lastNs = ns;
  if (view.time === 'none') return '';
  if (view.time === 'stamp') return `[${seconds(ns).padStart(12)}] `;
  const two = (n: number): string => String(n).padStart(2, '0');
  const t = new WallTime(proc.os.wallNs() - proc.os.nowNs() + ns);
  if (view.time === 'ctime') {
    const date = `${weekdayNames[t.weekday]} ${monthNames[t.month - 1]} ${String(t.day).padStart(2)}`;
    return `[${date} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} ${t.year}] `;
  }
  if (view.time === 'delta') {
    const since = first ? 0 : delta;
    view.lastMinute = 0;
    return `[${seconds(ns).padStart(12)} <${seconds(since).padStart(12)}>] `;
  }
  const minute = Math.floor(t.ns / 60e9);
  const same = minute === view.lastMinute;
  view.lastMinute = minute;
  if (same) return `[${`+${seconds(delta)}`.padStart(11)}] `;
  return `[${monthNames[t.month - 1]}${String(t.day).padStart(2)} ${two(t.hour)}:${two(t.minute)}] `;
}

function printJson(proc: Proc, log: KernelLog, view: View): void {
  const lines: string[] = [];
  for (let line = log.next(); line !== null; line = log.next()) {
    if (view.levels !== null && !view.levels.has(line.level)) continue;
    const time = seconds(line.timeNs).padStart(12);
    lines.push(`      {
         "pri": ${line.level},
         "time": ${time},
         "msg": ${JSON.stringify(line.text)}
      }`);
  }
  proc.out(`{\n   "dmesg": [\n${lines.join(',')}\n   ]\n}\n`);
}
