// wait, kill and jobs. Messages and exit codes as bash has them.

import type { Signal } from '../process.ts';
import type { Shell } from '../shell.ts';
import { signalNumber, signalNumbers } from '../task.ts';

export async function wait(shell: Shell, args: string[]): Promise<number> {
  const { jobs } = shell;
  if (args[0] === '-n') return waitAny(shell);
  const specs = args.filter((arg) => arg !== '-f' && arg !== '--');
  if (specs.length === 0) {
    if (!(await jobs.until(() => jobs.list.every((job) => job.code !== null)))) return interrupted(shell);
    jobs.report();
    jobs.list.length = 0;
    return 0;
  }
  let code = 0;
  for (const spec of specs) {
    const job = jobs.find(spec);
    if (job === null) {
      const words = spec.startsWith('%')
        ? `${spec}: no such job`
        : /^\d+$/.test(spec)
          ? `pid ${spec} is not a child of this shell`
          : `\`${spec}': not a pid or valid job spec`;
      shell.complain(`wait: ${words}`);
      code = /^[%\d]/.test(spec) ? 127 : 1;
      continue;
    }
    if (!(await jobs.until(() => job.code !== null))) return interrupted(shell);
    code = job.code ?? 0;
    jobs.report();
    jobs.forget(job);
  }
  return code;
}

async function waitAny(shell: Shell): Promise<number> {
  const { jobs } = shell;
  if (jobs.list.length === 0) return 127;
  if (!(await jobs.until(() => jobs.list.some((job) => job.code !== null)))) return interrupted(shell);
  const job = jobs.list.find((j) => j.code !== null);
  if (job === undefined) return 127;
  jobs.report();
  jobs.forget(job);
  return job.code ?? 0;
}

function interrupted(shell: Shell): number {
  return 128 + signalNumber(shell.process.pending[0] ?? 'SIGINT');
}

export async function jobs(shell: Shell, args: string[]): Promise<number> {
  if (args[0] === '-p')
    shell.out(
      shell.jobs
        .pids()
        .map((pid) => `${pid}\n`)
        .join(''),
    );
  else
    shell.out(
      shell.jobs
        .lines(args[0] === '-l')
        .map((line) => `${line}\n`)
        .join(''),
    );
  return 0;
}

/** TERM, SIGTERM or 15. */
export function signalOf(text: string): Signal | 0 | null {
  if (/^\d+$/.test(text)) {
    if (Number(text) === 0) return 0;
    for (const [name, number] of signalNumbers) if (number === Number(text)) return name;
    return null;
  }
  const name = (text.toUpperCase().startsWith('SIG') ? text.toUpperCase() : `SIG${text.toUpperCase()}`) as Signal;
  return signalNumbers.has(name) ? name : null;
}

const usage = 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]';

export async function kill(shell: Shell, args: string[]): Promise<number> {
  let signal: Signal | 0 | null = 'SIGTERM';
  let rest = args;
  const first = args[0] ?? '';
  if (first === '-l' || first === '-L') return list(shell, args.slice(1));
  if (first === '-s' || first === '-n') {
    signal = signalOf(args[1] ?? '');
    rest = args.slice(2);
  } else if (first !== '--' && /^-./.test(first)) {
    signal = signalOf(first.slice(1));
    rest = args.slice(1);
  }
  if (signal === null) {
    shell.complain(
      `kill: ${first.startsWith('-s') || first === '-n' ? args[1] : first.slice(1)}: invalid signal specification`,
    );
    return 1;
  }
  if (rest[0] === '--') rest = rest.slice(1);
  if (rest.length === 0) {
    shell.err(`${usage}\n`);
    return 2;
  }
  let code = 0;
  for (const spec of rest) if (!sendTo(shell, spec, signal)) code = 1;
  // The receiver runs before we go on, as far as it can.
  await shell.thread.sleep(0);
  return code;
}

function sendTo(shell: Shell, spec: string, signal: Signal | 0): boolean {
  if (!/^(?:%.*|-?\d+)$/.test(spec)) {
    shell.complain(`kill: ${spec}: arguments must be process or job IDs`);
    return false;
  }
  const job = shell.jobs.find(spec);
  if (spec.startsWith('%') && job === null) {
    shell.complain(`kill: ${spec}: no such job`);
    return false;
  }
  const pid = job !== null ? job.process.pid : Math.abs(Number(spec));
  const process = shell.computer.processes.get(pid);
  if (process === undefined) {
    shell.complain(`kill: (${spec.startsWith('%') ? pid : spec}) - No such process`);
    return false;
  }
  if (signal !== 0) process.deliver(signal);
  return true;
}

function list(shell: Shell, args: string[]): number {
  if (args.length === 0) {
    shell.out(`${[...signalNumbers].map(([name, n]) => `${String(n).padStart(2)}) ${name}`).join('\t')}\n`);
    return 0;
  }
  for (const arg of args) {
    const number = /^\d+$/.test(arg) ? Number(arg) % 128 : null;
    const signal = signalOf(number === null ? arg : String(number));
    if (signal === null || signal === 0) {
      shell.complain(`kill: ${arg}: invalid signal specification`);
      return 1;
    }
    shell.out(`${number === null ? signalNumber(signal) : signal.slice(3)}\n`);
  }
  return 0;
}
