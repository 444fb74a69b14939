// What a command sees of the machine: a process with its arguments, streams, files, namespace and time. Every command
// (commands/NAME/) is written against this file and os.ts alone, so that it runs in Node, in a browser, and on any
// kernel behind `Os`. Not here: how processes are scheduled (scheduler.ts), how the script is run (runner.ts).

import type { Stream } from '../base/random.ts';
import type { NsRef, Os } from '../lab/os.ts';

/** The signals that a script can send. */
export type Signal =
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGPIPE'
  | 'SIGALRM'
  | 'SIGTERM'
  | 'SIGCONT'
  | 'SIGSTOP';

/** What a process can wait on: a `Socket` or an `NlTransport`. */
export interface Readable {
  onReadable: (() => void) | null;
}

/** How a child is started. What is left out is inherited. */
export interface ExecOptions {
  ns?: NsRef;
  /** Added to the exported environment of the child. */
  env?: Readonly<Record<string, string>>;
  /** The child sees `env` alone. */
  clearEnv?: boolean;
  cwd?: string;
  /** This command becomes the child (execvp) or hands signals on to it (sudo). */
  relay?: boolean;
  stdin?: string;
  /** Where the child writes; left out: where this command does. */
  out?: (text: string) => void;
  err?: (text: string) => void;
}

/** A child that runs beside its parent. */
export interface Child {
  readonly pid: number;
  /** Its exit code; 128 + n when a signal ended it. */
  wait(): Promise<number>;
  /** The same, but null when the clock reaches `timeNs` (negative: never) or a handled signal comes first. */
  waitUntil(timeNs: number): Promise<number | null>;
  kill(signal: Signal): void;
}

/** One line of the process table. */
export interface ProcInfo {
  pid: number;
  name: string;
  ns: NsRef;
}

/** A running command. Every `await` on it is a point where other processes run and, when all wait, time passes. */
export interface Proc {
  readonly pid: number;
  /** argv[0] as typed, and the arguments after it. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Exported variables only. */
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly os: Os;
  readonly ns: NsRef;

  /** All of standard input (a pipe, a file or a here-document); '' when it is the terminal or /dev/null. */
  readonly stdin: string;
  readonly stdinBytes: Uint8Array;
  /** Writes text. Appears at once when the stream is the terminal, in order with the other stream. */
  out(text: string): void;
  err(text: string): void;
  /** Bytes on standard output (`-w -`). Never mixed with out(). */
  outBytes(data: Uint8Array): void;
  /** Standard output is a terminal (colours, `\r`), and its width. */
  readonly isTty: boolean;
  readonly columns: number;
  /** Virtual time follows the wall clock (`--realtime`, or the interactive shell). */
  readonly realtime: boolean;

  /** Files of the script's machine (never the user's); relative paths start at cwd. Failures are negative errno. */
  readText(path: string): Promise<string | number>;
  readBytes(path: string): Promise<Uint8Array | number>;
  /** Create or replace. 0 or -errno. */
  writeFile(path: string, data: string | Uint8Array): Promise<number>;
  appendFile(path: string, data: string | Uint8Array): Promise<number>;
  exists(path: string): Promise<boolean>;

  /** Lets virtual time pass. Returns early, false, when a handled signal arrives. */
  sleep(ns: number): Promise<boolean>;
  /**
   * Waits until one of `objs` signals: returns it; null after `timeoutNs` (negative: never) or when a handled signal
   * arrived (see takeSignal). It hears only what happens during the wait, so: recv() until null, then wait, with no
   * other await between. Of several that signal at one instant, the first in `objs` wins.
   */
  waitReadable<R extends Readable>(objs: readonly R[], timeoutNs: number): Promise<R | null>;

  /**
   * Signals that the command deals with itself. All others end it inside its next wait (128 + n), by an exception
   * that must not be swallowed: use `finally` to close sockets. ping handles SIGINT and SIGQUIT, tcpdump SIGINT and SIGTERM.
   */
  handleSignals(signals: readonly Signal[]): void;
  /** The oldest handled signal that has arrived, taken; null when there is none. */
  takeSignal(): Signal | null;

  /** Runs argv (words, no shell) or a script (text, as `sh -c`) and waits for it. Its output goes where ours does. */
  exec(what: readonly string[] | string, options?: ExecOptions): Promise<number>;
  /** The same, without waiting. */
  spawn(what: readonly string[] | string, options?: ExecOptions): Child;
  /** fork() and daemon(3): `body` goes on beside the script as a process of its own, with nowhere to write to. Its pid. */
  detach(body: (proc: Proc) => Promise<number>): number;
  /** Where a command would be found, as `which` prints it; null when exec() would not find it. */
  which(name: string): string | null;
  /** kill(pid, signal); false when there is no such process. */
  signal(pid: number, signal: Signal): boolean;
  /** The process table, by pid (`ip netns pids`). */
  processes(): ProcInfo[];

  /** Chance, from the run's seed and this process: never Math.random. */
  readonly random: Stream;
}

/** One command of the catalogue. */
export interface Command {
  readonly name: string;
  /** One line for `help` and completion. */
  readonly summary: string;
  /** Runs to the end and returns the exit code. */
  run(proc: Proc): Promise<number>;
}
