// Commands that run another one: sudo, env, nohup, nice, stdbuf, setsid, unbuffer-like ones. They are transparent here:
// there is one user, one processor class, and output is never buffered.

import type { Command, ExecOptions, Proc } from '../../process.ts';

/** sudo: everybody is root already. Options that take a value are skipped with it; `-u` other than root is refused. */
export const sudo: Command = {
  name: 'sudo',
  summary: 'run a command as root (which you are)',
  async run(proc) {
    const env: Record<string, string> = {};
    let at = 0;
    let shell = false;
    for (; at < proc.argv.length; at++) {
      const arg = proc.argv[at];
      if (arg === '--') {
        at++;
        break;
      }
      const set = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg);
      if (set !== null) env[set[1]] = set[2];
      else if (arg === '-u' || arg === '--user' || arg.startsWith('--user=')) {
        const user = arg.startsWith('--user=') ? arg.slice(7) : (proc.argv[++at] ?? '');
        if (user !== 'root' && user !== '0' && user !== '#0') {
          proc.err(`sudo: unknown user ${user}\nsudo: error initializing audit plugin sudoers_audit\n`);
          return 1;
        }
      } else if (/^(?:-[gCDhpRrTtU]|--(?:group|prompt|chdir|close-from))$/.test(arg)) at++;
      else if (arg === '-s' || arg === '-i' || arg === '--shell' || arg === '--login') shell = true;
      else if (arg === '-v' || arg === '-k' || arg === '-K' || arg === '--validate') return 0;
      else if (arg === '-l') return 0;
      else if (
        !/^(?:-[AbEHnPS]+|--(?:preserve-env(?:=.*)?|non-interactive|set-home|stdin|background|askpass))$/.test(arg)
      ) {
        if (!arg.startsWith('-')) break;
        proc.err(`sudo: invalid option -- '${arg.replace(/^-+/, '')[0]}'\n`);
        return 1;
      }
    }
    const argv = proc.argv.slice(at);
    if (argv.length === 0) {
      if (shell) return proc.exec(proc.stdin, { env });
      proc.err(
        'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHknPS] [-u user] [VAR=value] [-i | -s] [command [arg ...]]\n',
      );
      return 1;
    }
    if (shell)
      return proc.exec(argv.map((word) => `'${word.replace(/'/g, "'\\''")}'`).join(' '), { env, stdin: proc.stdin });
    if (proc.which(argv[0]) === null) {
      proc.err(`sudo: ${argv[0]}: command not found\n`);
      return 1;
    }
    return proc.exec(argv, { env, relay: true });
  },
};

export const env: Command = {
  name: 'env',
  summary: 'run a command with other variables, or print them',
  async run(proc) {
    const options: ExecOptions = {};
    const set: Record<string, string> = {};
    const unset = new Set<string>();
    let clear = false;
    let at = 0;
    for (; at < proc.argv.length; at++) {
      const arg = proc.argv[at];
      const pair = /^([^=]+)=(.*)$/s.exec(arg);
      if (arg === '--') continue;
      if (arg === '-i' || arg === '-' || arg === '--ignore-environment') clear = true;
      else if (arg === '-u') unset.add(proc.argv[++at] ?? '');
      else if (arg.startsWith('--unset=')) unset.add(arg.slice(8));
      else if (arg === '-C') options.cwd = proc.argv[++at];
      else if (arg.startsWith('-')) {
        proc.err(`env: invalid option -- '${arg.slice(1)}'\nTry 'env --help' for more information.\n`);
        return 125;
      } else if (pair !== null) set[pair[1]] = pair[2];
      else break;
    }
    const all: Record<string, string> = clear ? {} : Object.fromEntries(proc.env);
    for (const name of unset) delete all[name];
    Object.assign(all, set);
    const argv = proc.argv.slice(at);
    if (argv.length === 0) {
      for (const name of Object.keys(all)) proc.out(`${name}=${all[name]}\n`);
      return 0;
    }
    return runOrSay(
      proc,
      'env',
      argv,
      { ...options, env: all, clearEnv: true },
      'env: ‘%’: No such file or directory\n',
    );
  },
};

/** A command that only passes on. `valued`: its options that take a value in the next word. */
function transparent(name: string, summary: string, valued: RegExp, leading = 0): Command {
  return {
    name,
    summary,
    async run(proc) {
      let at = 0;
      for (; at < proc.argv.length && proc.argv[at].startsWith('-'); at++) if (valued.test(proc.argv[at])) at++;
      const argv = proc.argv.slice(at + leading);
      if (argv.length === 0) {
        proc.err(`${name}: missing operand\n`);
        return 125;
      }
      return runOrSay(proc, name, argv, {}, `${name}: failed to run command ‘%’: No such file or directory\n`);
    },
  };
}

export const passThrough: readonly Command[] = [
  transparent('nohup', 'run a command that ignores hangups', /^$/),
  transparent('nice', 'run a command with another priority (there is none)', /^(?:-n|--adjustment)$/),
  transparent('ionice', 'run a command with another priority (there is none)', /^-[cnpt]$/),
  transparent('chrt', 'run a command with another scheduling class (there is none)', /^$/, 1),
  transparent('taskset', 'run a command on some processors (there is one)', /^$/, 1),
  transparent('stdbuf', 'run a command with other buffering (there is none)', /^-[ioe]$/),
  transparent('setsid', 'run a command in a new session', /^$/),
];

async function runOrSay(
  proc: Proc,
  name: string,
  argv: readonly string[],
  options: ExecOptions,
  missing: string,
): Promise<number> {
  if (proc.which(argv[0]) === null) {
    proc.err(missing.replace('%', argv[0]));
    return name === 'setsid' ? 1 : 127;
  }
  return proc.exec(argv, options);
}
