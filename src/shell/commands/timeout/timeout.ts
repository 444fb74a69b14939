// timeout: runs a command and sends it a signal when its time is up. GNU coreutils 9.1.

import { wordTable } from '../../../base/word-table.ts';
import type { Command, Proc, Signal } from '../../process.ts';
import { durationNs } from '../sleep/sleep.ts';

const numbers = wordTable<Signal>({
  '1': 'SIGHUP',
  '2': 'SIGINT',
  '3': 'SIGQUIT',
  '9': 'SIGKILL',
  '10': 'SIGUSR1',
  '12': 'SIGUSR2',
  '15': 'SIGTERM',
});

interface Options {
  signal: Signal;
  killAfterNs: number;
  preserve: boolean;
  ns: number;
  argv: readonly string[];
}

export const timeout: Command = {
  name: 'timeout',
  summary: 'run a command with a time limit',
  async run(proc) {
    const options = parse(proc);
    if (options === null) return 125;
    const { argv, signal } = options;
    if (proc.which(argv[0]) === null) {
      proc.err(`timeout: failed to run command ‘${argv[0]}’: No such file or directory\n`);
      return 127;
    }
    // Ctrl-C and kill go through to the command.
    proc.handleSignals(['SIGINT', 'SIGTERM', 'SIGHUP']);
    const child = proc.spawn(argv, { stdin: proc.stdin });
    const clock = proc.os;
    let limitNs = options.ns === 0 ? -1 : clock.nowNs() + options.ns;
    let timedOut = false;
    let killed = false;
    for (;;) {
      const code = await child.waitUntil(limitNs);
      if (code !== null) {
        const end = exitCode(code, timedOut, killed, options);
        // As GNU's does, so that its parent sees the signal too.
        if (end === 137 && timedOut) proc.signal(proc.pid, 'SIGKILL');
        if (end === 137 && timedOut) await proc.sleep(0);
        return end;
      }
      const passed = proc.takeSignal();
      if (passed !== null) {
        child.kill(passed);
        continue;
      }
      if (timedOut) {
        child.kill('SIGKILL');
        killed = true;
        limitNs = -1;
        continue;
      }
      timedOut = true;
      child.kill(signal);
      limitNs = options.killAfterNs > 0 ? clock.nowNs() + options.killAfterNs : -1;
    }
  },
};

function exitCode(code: number, timedOut: boolean, killed: boolean, options: Options): number {
  if (killed || (timedOut && options.signal === 'SIGKILL')) return 137;
  return timedOut && !options.preserve ? 124 : code;
}

function parse(proc: Proc): Options | null {
  const options: Options = { signal: 'SIGTERM', killAfterNs: 0, preserve: false, ns: 0, argv: [] };
  let at = 0;
  for (; at < proc.argv.length && proc.argv[at].startsWith('-'); at++) {
    const arg = proc.argv[at];
    if (arg === '--') {
      at++;
      break;
    }
    const value = (short: string, long: string): string | null => {
      if (arg === short || arg === long) return proc.argv[++at] ?? '';
      if (arg.startsWith(`${long}=`)) return arg.slice(long.length + 1);
      return arg.startsWith(short) && arg.length > 2 && !arg.startsWith('--') ? arg.slice(2) : null;
    };
    const signal = value('-s', '--signal');
    if (signal !== null) {
      const name = numbers[signal] ?? (signal.startsWith('SIG') ? signal : `SIG${signal.toUpperCase()}`);
      if (!Object.values(numbers).includes(name as Signal)) return fail(proc, `${signal}: invalid signal`);
      options.signal = name as Signal;
      continue;
    }
    const kill = value('-k', '--kill-after');
    if (kill !== null) {
      const ns = durationNs(kill);
      if (ns === null) return fail(proc, `invalid time interval ‘${kill}’`);
      options.killAfterNs = ns;
    } else if (arg === '--preserve-status') options.preserve = true;
    else if (arg !== '--foreground' && arg !== '-v' && arg !== '--verbose')
      return fail(proc, `invalid option -- '${arg.slice(1)}'`);
  }
  const [time, ...argv] = proc.argv.slice(at);
  if (time === undefined || argv.length === 0) return fail(proc, 'missing operand');
  const ns = durationNs(time);
  if (ns === null) return fail(proc, `invalid time interval ‘${time}’`);
  return { ...options, ns, argv };
}

function fail(proc: Proc, message: string): null {
  proc.err(`timeout: ${message}\nTry 'timeout --help' for more information.\n`);
  return null;
}
