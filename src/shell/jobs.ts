// Background jobs of one shell: `cmd &`, `jobs`, `wait`, `kill %1`. A job is a fork of the shell on a thread of its own.

import type { Outcome, StatementNode } from './engine/justbash.ts';
import { serialize } from './engine/justbash.ts';
import type { Signal } from './process.ts';
import type { Shell } from './shell.ts';
import { type Process, Thread } from './task.ts';
import { scriptOf } from './words.ts';

export interface Job {
  readonly id: number;
  readonly process: Process;
  readonly text: string;
  readonly line: number;
  /** Exit code, or null while it runs. */
  code: number | null;
  /** `jobs` or `wait` has told of its end. */
  told: boolean;
}

export class Jobs {
  readonly list: Job[] = [];
  /** The parent's jobs, as a subshell may list them (`jobs | wc -l`, `kill $(jobs -p)`). */
  private shown: readonly Job[] = [];
  private readonly shell: Shell;
  private readonly waiters = new Set<() => void>();

  constructor(shell: Shell) {
    this.shell = shell;
  }

  /** `statement &`. It begins when its parent blocks for the first time, as a fork usually does. */
  start(node: StatementNode): Outcome {
    const { shell } = this;
    const { computer } = shell;
    const thread = new Thread(computer.scheduler);
    const child = shell.fork(thread);
    child.state.groupStdin = undefined;
    child.fds.delete(0);
    child.inPlace =
      node.pipelines.length === 1 &&
      node.pipelines[0].commands.length === 1 &&
      node.pipelines[0].commands[0].type === 'SimpleCommand';
    if (!shell.interactive) child.process.ignored = new Set<Signal>([...child.process.ignored, 'SIGINT', 'SIGQUIT']);
    const job: Job = {
      id: this.list.reduce((most, j) => Math.max(most, j.id), 0) + 1,
      process: child.process,
      text: (node.sourceText ?? serialize(scriptOf([node]))).replace(/\s*&\s*$/, '').trim(),
      line: shell.state.currentLine,
      code: null,
      told: false,
    };
    this.list.push(job);
    shell.state.lastBackgroundPid = child.process.pid;
    if (shell.interactive) shell.err(`[${job.id}] ${job.process.pid}\n`);
    computer.scheduler.spawn(async () => {
      job.code = await child.run(scriptOf([inForeground(node)]));
      for (const wake of [...this.waiters]) wake();
    });
    return { stdout: '', stderr: '', exitCode: 0 };
  }

  inherit(from: Jobs): void {
    this.shown = [...from.list];
  }

  /** `jobs -p`. */
  pids(): number[] {
    return (this.list.length > 0 ? this.list : this.shown).map((job) => job.process.pid);
  }

  /** `%1`, `%+`, `%name`, or a pid. */
  find(spec: string): Job | null {
    if (!spec.startsWith('%')) return this.list.findLast((job) => job.process.pid === Number(spec)) ?? null;
    const name = spec.slice(1);
    if (/^\d+$/.test(name)) return this.list.find((job) => job.id === Number(name)) ?? null;
    if (name === '' || name === '+' || name === '%') return this.list.at(-1) ?? null;
    if (name === '-') return this.list.at(-2) ?? null;
    return this.list.findLast((job) => job.text.startsWith(name)) ?? null;
  }

  /** Waits until `ready` holds; false when a signal with a trap came first. */
  async until(ready: () => boolean): Promise<boolean> {
    const { process, thread } = this.shell;
    while (!ready()) {
      if (process.pending.length > 0) return false;
      await thread.block((wake) => {
        this.waiters.add(wake);
        return () => this.waiters.delete(wake);
      });
    }
    return true;
  }

  /** A job is forgotten once its exit code was asked for. */
  forget(job: Job): void {
    job.told = true;
    const at = this.list.indexOf(job);
    if (at >= 0) this.list.splice(at, 1);
  }

  /** Tells of jobs that a signal ended, as bash does in a script (SIGINT, SIGTERM and SIGPIPE go without saying). */
  report(): void {
    const { shell } = this;
    for (const job of this.list) {
      if (job.code === null || job.told) continue;
      job.told = true;
      const words = deathOf(job.process);
      if (words !== null) {
        shell.err(`${shell.name}: line ${job.line}: ${deathLine(job.process.pid, words, job.text)}`);
      }
    }
  }

  /** `jobs`. */
  lines(withPid: boolean): string[] {
    const list = this.list.length > 0 ? this.list : this.shown;
    const lines = list.map((job, i) => {
      const mark = i === list.length - 1 ? '+' : i === list.length - 2 ? '-' : ' ';
      const state = job.code === null ? 'Running' : job.code === 0 ? 'Done' : `Exit ${job.code}`;
      const pid = withPid ? `${job.process.pid} ` : '';
      return `[${job.id}]${mark}  ${pid}${state.padEnd(22)} ${job.text}${job.code === null ? ' &' : ''}`;
    });
    for (const job of [...this.list]) if (job.code !== null) this.forget(job);
    return lines;
  }
}

/** What bash calls the end of a process by a signal; null when it says nothing. */
export function deathOf(process: Process): string | null {
  return process.dead === null ? null : (deathWords.get(process.dead) ?? null);
}

const deathWords: ReadonlyMap<Signal, string> = new Map([
  ['SIGKILL', 'Killed'],
  ['SIGHUP', 'Hangup'],
  ['SIGQUIT', 'Quit'],
  ['SIGALRM', 'Alarm clock'],
  ['SIGUSR1', 'User defined signal 1'],
  ['SIGUSR2', 'User defined signal 2'],
]);

/** `( ... ) &` is one process, not a subshell inside one. */
function inForeground(node: StatementNode): StatementNode {
  const [pipeline] = node.pipelines;
  const [command] = pipeline.commands;
  if (node.pipelines.length > 1 || pipeline.commands.length > 1 || command.type !== 'Subshell') {
    return { ...node, background: false };
  }
  const group = { ...command, type: 'Group' as const };
  return { ...node, background: false, pipelines: [{ ...pipeline, commands: [group] }] };
}

export function deathLine(pid: number, words: string, text: string): string {
  return `${String(pid).padStart(5)} ${words.padEnd(22)} ${text}\n`;
}
