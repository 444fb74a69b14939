// sysctl: reads and writes /proc/sys. Linux tool: procps-ng 4.0, sysctl.c.

import { wordTable } from '../../../base/word-table.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Command, Proc } from '../../process.ts';

const USAGE = `
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
`;

interface Options {
  all: boolean;
  names: boolean;
  values: boolean;
  binary: boolean;
  ignore: boolean;
  quiet: boolean;
  write: boolean;
  load: string | null;
  pattern: RegExp | null;
  dryRun: boolean;
}

export const sysctl: Command = {
  name: 'sysctl',
  summary: 'read and set kernel parameters (procps)',
  async run(proc) {
    const o: Options = {
      all: false,
      names: false,
      values: false,
      binary: false,
      ignore: false,
      quiet: false,
      write: false,
      load: null,
      pattern: null,
      dryRun: false,
    };
    const words: string[] = [];
    for (let i = 0; i < proc.argv.length; i++) {
      const arg = proc.argv[i];
      if (!arg.startsWith('-') || arg === '-') words.push(arg);
      else if (arg === '--version' || arg === '-V') {
        proc.out('sysctl from procps-ng 4.0.2\n');
        return 0;
      } else if (arg === '--help' || arg === '-h' || arg === '-d') {
        proc.out(USAGE);
        return 0;
      } else if (arg.startsWith('--load'))
        o.load = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : '/etc/sysctl.conf';
      else if (/^-[aAXNnbeqwox]*[pf]$/.test(arg)) {
        flags(o, arg.slice(0, -1));
        const file = proc.argv[i + 1];
        o.load = file === '-' || (file !== undefined && !file.startsWith('-')) ? proc.argv[++i] : '/etc/sysctl.conf';
      } else if (arg === '-r' || arg === '--pattern') o.pattern = patternOf(proc.argv[++i] ?? '');
      else if (!flags(o, arg)) {
        proc.err(
          `sysctl: ${arg.startsWith('--') ? `unrecognized option '${arg}'` : `invalid option -- '${arg[1]}'`}\n`,
        );
        proc.out(USAGE);
        return 0;
      }
    }
    if (o.all) return showAll(proc, o, '/proc/sys', '');
    if (o.load !== null) return load(proc, o, o.load);
    if (words.length === 0) {
      proc.err(USAGE);
      return 1;
    }
    let code = 0;
    for (const word of words) {
      code = Math.max(code, one(proc, o, word));
      if (o.write && !word.includes('=')) break;
    }
    return code;
  },
};

/** What is no regular expression matches nothing, and nobody complains. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    return /(?!)/;
  }
}

const LONG = wordTable<keyof Options>({
  '--all': 'all',
  '--names': 'names',
  '--values': 'values',
  '--binary': 'binary',
  '--ignore': 'ignore',
  '--quiet': 'quiet',
  '--write': 'write',
  '--dry-run': 'dryRun',
});
const SHORT = wordTable<keyof Options | ''>({
  a: 'all',
  A: 'all',
  X: 'all',
  N: 'names',
  n: 'values',
  b: 'binary',
  e: 'ignore',
  q: 'quiet',
  w: 'write',
  o: '',
  x: '',
});

function flags(o: Options, arg: string): boolean {
  const set = (key: keyof Options | ''): void => {
    if (key !== '') (o as unknown as Record<string, boolean>)[key] = true;
  };
  if (arg.startsWith('--')) {
    if (!(arg in LONG)) return false;
    set(LONG[arg]);
    return true;
  }
  for (const c of arg.slice(1)) {
    if (!(c in SHORT)) return false;
    set(SHORT[c]);
  }
  return true;
}

/** Dots and slashes are each other's escape: the first separator says which one is meant. */
function pathOf(key: string): string {
  const slash = key.indexOf('/');
  const dot = key.indexOf('.');
  if (slash >= 0 && (dot < 0 || slash < dot)) return key;
  return key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

const keyOf = (path: string): string => path.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));

function one(proc: Proc, o: Options, word: string): number {
  const eq = word.indexOf('=');
  if (eq < 0 && o.write) {
    const there = typeof proc.os.readFile(proc.ns, `/proc/sys/${pathOf(word)}`) === 'string';
    if (there) proc.err('sysctl: command line(0): invalid syntax, continuing...\n');
    return 1;
  }
  if (eq >= 0) return write(proc, o, word.slice(0, eq).trim(), word.slice(eq + 1).trim());
  return read(proc, o, pathOf(word));
}

function read(proc: Proc, o: Options, path: string): number {
  const entries = proc.os.listDir(proc.ns, `/proc/sys/${path}`);
  if (typeof entries !== 'number') {
    for (const e of entries) read(proc, o, `${path}/${e}`);
    return 0;
  }
  if (o.pattern !== null && !o.pattern.test(keyOf(path))) return 0;
  const value = proc.os.readFile(proc.ns, `/proc/sys/${path}`);
  if (typeof value === 'number') {
    if (value === -5) {
      proc.err(`sysctl: reading key "${keyOf(path)}"\n`);
      return 1;
    }
    if (value === -13) proc.err(`sysctl: permission denied on key '${keyOf(path)}'\n`);
    else if (!o.ignore) proc.err(`sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`);
    return o.ignore ? 0 : 1;
  }
  show(proc, o, keyOf(path), value.replace(/\n$/, ''));
  return 0;
}

function show(proc: Proc, o: Options, key: string, value: string): void {
  if (o.names) proc.out(`${key}\n`);
  else if (o.values) proc.out(o.binary ? value : `${value}\n`);
  else if (o.binary) proc.out(value);
  else proc.out(`${key} = ${value}\n`);
}

function write(proc: Proc, o: Options, key: string, value: string): number {
  const ignore = o.ignore || key.startsWith('-');
  const path = pathOf(key.replace(/^-/, ''));
  if (path === '') {
    proc.err('sysctl: Path is not under /proc/sys/: /proc/sys/\n');
    return 1;
  }
  if (typeof proc.os.readFile(proc.ns, `/proc/sys/${path}`) === 'number') {
    const there = proc.os.readFile(proc.ns, `/proc/sys/${path}`) === -13;
    if (!there) {
      // The dash in front of a key forgives a write that fails, not a key that is not there.
      if (!o.ignore) proc.err(`sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`);
      return o.ignore ? 0 : 1;
    }
  }
  const rc = o.dryRun ? 0 : proc.os.writeFile(proc.ns, `/proc/sys/${path}`, `${value}\n`);
  if (rc < 0) {
    if (rc === -1 || rc === -13)
      proc.err(`sysctl: permission denied on key "${keyOf(path)}"${ignore ? ', ignoring' : ''}\n`);
    else proc.err(`sysctl: setting key "${keyOf(path)}"${ignore ? ', ignoring' : ''}: ${strerror(-rc)}\n`);
    return ignore ? 0 : 1;
  }
  if (!o.quiet) show(proc, o, keyOf(path), value);
  return 0;
}

function showAll(proc: Proc, o: Options, root: string, path: string): number {
  const entries = proc.os.listDir(proc.ns, path === '' ? root : `${root}/${path}`);
  if (typeof entries === 'number') return read(proc, { ...o, ignore: true }, path);
  for (const e of [...entries].sort((a, b) => (a < b ? -1 : 1)))
    showAll(proc, o, root, path === '' ? e : `${path}/${e}`);
  return 0;
}

/** -p FILE: lines `key = value`; `#` and `;` begin comments. */
async function load(proc: Proc, o: Options, file: string): Promise<number> {
  const text = file === '-' ? proc.stdin : await proc.readText(file);
  if (typeof text === 'number') {
    proc.err(`sysctl: cannot open "${file}": No such file or directory\n`);
    return 1;
  }
  let code = 0;
  const settings: Array<[key: string, value: string]> = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const eq = line.indexOf('=');
    if (eq < 0) {
      proc.err(`sysctl: ${file}(${i + 1}): invalid syntax, continuing...\n`);
      continue;
    }
    settings.push([line.slice(0, eq).trim(), line.slice(eq + 1).trim()]);
  }
  for (const [key, value] of settings) code = Math.max(code, write(proc, o, key, value));
  return code;
}
