// Processes and threads of control. A process has a pid, a name, a namespace and signals; a thread is one line of
// execution: a job, with the stack of processes that it is inside of (the shell, a subshell, a command).
// A signal that ends a process does so where its thread waits, as an exception that unwinds to that process.

import type { NsRef } from '../lab/os.ts';
import type { Signal } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** Numbers as on x86-64 and arm64. */
export const signalNumbers: ReadonlyMap<Signal, number> = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGKILL', 9],
  ['SIGUSR1', 10],
  ['SIGUSR2', 12],
  ['SIGPIPE', 13],
  ['SIGALRM', 14],
  ['SIGTERM', 15],
  ['SIGCONT', 18],
  ['SIGSTOP', 19],
]);

export function signalNumber(signal: Signal): number {
  return signalNumbers.get(signal) ?? 0;
}

/** Unwinds to the process that a signal ended. */
export class Killed extends Error {
  override readonly name = 'Killed';
  readonly process: Process;
  readonly signal: Signal;

  constructor(process: Process, signal: Signal) {
    super(`${process.name} was ended by ${signal}`);
    this.process = process;
    this.signal = signal;
  }
}

export class Process {
  readonly pid: number;
  readonly parent: Process | null;
  readonly thread: Thread;
  name: string;
  ns: NsRef;
  /** Signals that it deals with itself, and those that do nothing to it. */
  handled: ReadonlySet<Signal> = new Set();
  ignored: ReadonlySet<Signal>;
  readonly pending: Signal[] = [];
  /** The signal that ended it. */
  dead: Signal | null = null;
  /** It became the command that it started (execvp), or hands signals on (sudo): what is sent to it goes there. */
  relays = false;

  constructor(pid: number, parent: Process | null, thread: Thread, name: string, ns: NsRef) {
    this.pid = pid;
    this.parent = parent;
    this.thread = thread;
    this.name = name;
    this.ns = ns;
    this.ignored = parent === null ? new Set() : parent.ignored;
  }

  /** Linux: send_signal(), complete_signal(). */
  deliver(signal: Signal): void {
    if (signal === 'SIGCONT' || signal === 'SIGSTOP' || this.dead !== null) return;
    const { top } = this.thread;
    if (this.relays && top !== null && top !== this) {
      top.deliver(signal);
      return;
    }
    if (signal !== 'SIGKILL') {
      if (this.handled.has(signal)) {
        if (!this.pending.includes(signal)) this.pending.push(signal);
        // A process below it, in the foreground, finishes first; only its own wait is interrupted.
        if (this.thread.top === this) this.thread.interrupt();
        return;
      }
      if (this.ignored.has(signal)) return;
    }
    this.dead = signal;
    this.thread.interrupt();
  }
}

export class Thread {
  readonly scheduler: Scheduler;
  private readonly stack: Process[] = [];
  private wake: (() => void) | null = null;

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
  }

  /** A signal for the first process, to be delivered when the command that deals with it itself has ended. */
  later: Signal | null = null;

  get root(): Process | null {
    return this.stack[0] ?? null;
  }

  get top(): Process | null {
    return this.stack.at(-1) ?? null;
  }

  /** Ends the present wait, if there is one. */
  interrupt(): void {
    this.wake?.();
  }

  /** Throws when a signal ended a process that this thread is inside of. */
  check(): void {
    for (let i = 0; i < this.stack.length; i++) {
      const { dead } = this.stack[i];
      if (dead !== null) throw new Killed(this.stack[i], dead);
    }
  }

  /** Runs `body` as `process`; its exit code, 128 + n when a signal ended it. */
  async inside(process: Process, body: () => Promise<number>): Promise<number> {
    this.stack.push(process);
    try {
      this.check();
      return await body();
    } catch (error) {
      if (error instanceof Killed && error.process === process) return 128 + signalNumber(error.signal);
      throw error;
    } finally {
      this.stack.pop();
    }
  }

  /** Blocks until woken or interrupted; throws when the interruption ended a process. */
  async block(arm: (wake: () => void) => (() => void) | undefined): Promise<void> {
    this.check();
    await this.scheduler.block((wake) => {
      this.wake = wake;
      return arm(wake);
    });
    this.wake = null;
    this.check();
  }

  /** Lets virtual time pass; ends early when interrupted. */
  async sleep(ns: number): Promise<void> {
    const { loop } = this.scheduler;
    await this.block((wake) => {
      const id = loop.after(Math.max(0, Math.round(ns)), call, wake, 0);
      return () => {
        loop.cancel(id);
      };
    });
  }
}

function call(wake: () => void): void {
  wake();
}
