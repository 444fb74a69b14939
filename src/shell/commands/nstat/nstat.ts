// nstat: the kernel's counters, and what became of them since it was asked last. Its memory is a file per user, as the
// tool's is. Linux tool: iproute2 6.1, misc/nstat.c.

import { wordTable } from '../../../base/word-table.ts';
import type { Command, Proc } from '../../process.ts';

const usage = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help           this message
   -a, --ignore         ignore history
   -d, --scan=SECS      sample every statistics every SECS
   -j, --json           format output in JSON
   -n, --nooutput       do history only
   -p, --pretty         pretty print
   -r, --reset          reset history
   -s, --noupdate       don't update history
   -t, --interval=SECS  report average over the last SECS
   -V, --version        output version information
   -z, --zeros          show entries with zero activity
`;
const HISTORY = '/tmp/.nstat.u0';

interface Options {
  ignore: boolean;
  json: boolean;
  silent: boolean;
  reset: boolean;
  keep: boolean;
  zeros: boolean;
  patterns: string[];
}

const LONG = wordTable<string>({
  help: 'h',
  ignore: 'a',
  json: 'j',
  nooutput: 'n',
  pretty: 'p',
  reset: 'r',
  noupdate: 's',
  version: 'V',
  zeros: 'z',
});

export const nstat: Command = {
  name: 'nstat',
  summary: 'network statistics of the kernel (iproute2)',
  async run(proc) {
    const o: Options = {
      ignore: false,
      json: false,
      silent: false,
      reset: false,
      keep: false,
      zeros: false,
      patterns: [],
    };
    for (const arg of proc.argv) {
      if (!arg.startsWith('-')) {
        o.patterns.push(arg);
        continue;
      }
      const letters = arg.startsWith('--') ? (LONG[arg.slice(2)] ?? '?') : arg.slice(1);
      for (const c of letters) {
        const code = option(proc, o, c, arg);
        if (code !== null) return code;
      }
    }
    return await run(proc, o);
  },
};

/** Null: go on; else the exit code. */
function option(proc: Proc, o: Options, c: string, arg: string): number | null {
  if (c === 'a') o.ignore = true;
  else if (c === 'j') o.json = true;
  else if (c === 'n') o.silent = true;
  else if (c === 'r') o.reset = true;
  else if (c === 's') o.keep = true;
  else if (c === 'z') o.zeros = true;
  else if (c === 'V') {
    proc.out('nstat utility, iproute2-6.1.0\n');
    return 0;
  } else if (c === 'h') {
    proc.err(usage);
    return 255;
  } else if (c !== 'p') {
    const what = arg.startsWith('--') ? `unrecognized option '${arg}'` : `invalid option -- '${c}'`;
    proc.err(`nstat: ${what}\n${usage}`);
    return 255;
  }
  return null;
}

type Counters = Map<string, number>;

/** Two lines a block: names, then values. */
function blocks(text: string, into: Counters): void {
  const lines = text.split('\n');
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const names = lines[i].split(' ');
    const values = lines[i + 1].split(' ');
    const prefix = names[0].replace(':', '');
    for (let j = 1; j < names.length; j++) if (names[j] !== '') into.set(prefix + names[j], Number(values[j]));
  }
}

/** Settings among the counters. Linux tool: useless_number(). */
const USELESS = new Set([
  'IpForwarding',
  'IpDefaultTTL',
  'TcpRtoAlgorithm',
  'TcpRtoMin',
  'TcpRtoMax',
  'TcpMaxConn',
  'TcpCurrEstab',
]);

function read(proc: Proc): Counters {
  const all: Counters = new Map();
  const file = (path: string): string => {
    const text = proc.os.readFile(proc.ns, path);
    return typeof text === 'number' ? '' : text;
  };
  blocks(file('/proc/net/snmp'), all);
  for (const row of file('/proc/net/snmp6').split('\n')) {
    const [name, value] = row.trim().split(/\s+/);
    if (value !== undefined) all.set(name, Number(value));
  }
  blocks(file('/proc/net/netstat'), all);
  for (const name of USELESS) all.delete(name);
  return all;
}

async function history(proc: Proc): Promise<Counters> {
  const text = await proc.readText(HISTORY);
  const out: Counters = new Map();
  if (typeof text === 'number') return out;
  for (const row of text.split('\n').slice(1)) {
    const [name, value] = row.split(/\s+/);
    if (value !== undefined) out.set(name, Number(value));
  }
  return out;
}

/** fnmatch(3), in any case: *, ? and [a-z], [!a-z]; a bracket that nothing closes stands for itself. */
function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((p) => pattern(p)?.test(name));
}

/** Null: a range that runs backwards, which nothing is in. */
function pattern(text: string): RegExp | null {
  const source = text.replace(/\[(!?)([^\]]+)\]|[.+^${}()|[\]\\*?]/g, (part, not: string, set: string | undefined) => {
    if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replace(/[\\^[]/g, '\\$&')}]`;
    return part === '*' ? '.*' : part === '?' ? '.' : `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`, 'i');
  } catch {
    return null;
  }
}

async function run(proc: Proc, o: Options): Promise<number> {
  const now = read(proc);
  const before = o.reset || o.ignore ? new Map<string, number>() : await history(proc);
  const rows: Array<[string, number, string]> = [];
  for (const [name, value] of now) {
    // Less than it was: another namespace's, or it began anew.
    const less = value < (before.get(name) ?? 0);
    const delta = less ? 0 : value - (before.get(name) ?? 0);
    if ((delta !== 0 || o.zeros) && matches(name, o.patterns)) rows.push([name, delta, less ? ' (overflow)' : '']);
  }
  if (!o.silent) {
    if (o.json) proc.out(`{"kernel":{${rows.map(([k, v]) => `${JSON.stringify(k)}:${v}`).join(',')}}}\n`);
    else {
      proc.out('#kernel\n');
      for (const [name, v, note] of rows) proc.out(`${name.padEnd(32)}${String(v).padEnd(16)}   0.0${note}\n`);
    }
  }
  if (o.keep) return 0;
  let text = '#lowerdev\n';
  for (const [name, value] of now) text += `${name.padEnd(32)}${String(value).padEnd(16)}   0.0\n`;
  await proc.writeFile(HISTORY, text);
  return 0;
}
