// A command of the lab at work: the process that it is, and everything that process.ts promises it.

import { Stream } from '../base/random.ts';
import type { NsRef, Os } from '../lab/os.ts';
import { type Descriptors, writeTo } from './descriptors.ts';
import { fromArray, toArray, toBytes, toText } from './engine/bytes.ts';
import { bundledCommands } from './engine/justbash.ts';
import { deathLine, deathOf } from './jobs.ts';
import type { Child, Command, ExecOptions, Proc, ProcInfo, Readable, Signal } from './process.ts';
import type { Shell } from './shell.ts';
import { newShell, scriptFor } from './spawn.ts';
import { type Process, Thread } from './task.ts';
import { absolute } from './tree.ts';

/** Runs a command of the catalogue below `shell`; its exit code. */
export async function runCommandProcess(shell: Shell, command: Command, name: string, args: string[]): Promise<number> {
  const { computer } = shell;
  const inPlace = shell.isAlone();
  const process = inPlace ? shell.process : computer.newProcess(shell.process, shell.thread, name, shell.process.ns);
  if (inPlace) process.name = name;
  shell.noteNs(computer.nsName(process.ns));
  const running = new Running(shell, process, name, args);
  const { execNs } = computer.os;
  if (execNs > 0) await process.thread.sleep(execNs);
  try {
    if (inPlace) return await command.run(running);
    const code = await process.thread.inside(process, () => command.run(running));
    const words = deathOf(process);
    if (words !== null) shell.err(`${shell.where()}${deathLine(process.pid, words, [name, ...args].join(' '))}`);
    shell.jobs.report();
    return code;
  } finally {
    process.handled = new Set();
    if (!inPlace) computer.endProcess(process);
  }
}

class Running implements Proc {
  readonly pid: number;
  readonly name: string;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly os: Os;
  readonly realtime: boolean;
  readonly columns: number;
  readonly random: Stream;
  private readonly shell: Shell;
  private readonly process: Process;
  private readonly fds: Descriptors;

  constructor(shell: Shell, process: Process, name: string, args: readonly string[], fds = shell.fds) {
    const { computer } = shell;
    this.shell = shell;
    this.process = process;
    this.pid = process.pid;
    this.name = name;
    this.argv = args;
    this.env = new Map(Object.entries(shell.buildExportedEnv()));
    this.cwd = shell.state.cwd;
    this.os = computer.os;
    this.realtime = computer.realtime;
    this.columns = computer.terminal.columns;
    this.random = new Stream(computer.seed, `process:${process.pid}`);
    this.fds = fds;
  }

  get ns(): NsRef {
    return this.process.ns;
  }

  get isTty(): boolean {
    return this.fds.get(1)?.sink?.terminal === true && this.shell.computer.terminal.isTty;
  }

  get stdin(): string {
    return toText(this.takeStdin());
  }

  get stdinBytes(): Uint8Array {
    return toArray(this.takeStdin());
  }

  out(text: string): void {
    writeTo(this.fds, 1, toBytes(text));
  }

  err(text: string): void {
    writeTo(this.fds, 2, toBytes(text));
  }

  outBytes(data: Uint8Array): void {
    const { terminal } = this.shell.computer;
    const bytes = fromArray(data);
    if (this.fds.get(1)?.sink?.terminal === true && terminal.writeBytes !== undefined)
      terminal.writeBytes('out', bytes);
    else writeTo(this.fds, 1, bytes);
  }

  async readText(path: string): Promise<string | number> {
    const bytes = this.readNow(path);
    return typeof bytes === 'number' ? bytes : toText(bytes);
  }

  async readBytes(path: string): Promise<Uint8Array | number> {
    const bytes = this.readNow(path);
    return typeof bytes === 'number' ? bytes : toArray(bytes);
  }

  async writeFile(path: string, data: string | Uint8Array): Promise<number> {
    return this.writeNow(path, data, false);
  }

  async appendFile(path: string, data: string | Uint8Array): Promise<number> {
    return this.writeNow(path, data, true);
  }

  async exists(path: string): Promise<boolean> {
    return typeof this.shell.files.stat(absolute(this.cwd, path)) !== 'number';
  }

  async sleep(ns: number): Promise<boolean> {
    if (this.process.pending.length > 0) return false;
    const untilNs = this.os.nowNs() + ns;
    await this.process.thread.sleep(ns);
    return this.process.pending.length === 0 || this.os.nowNs() >= untilNs;
  }

  async waitReadable<R extends Readable>(objs: readonly R[], timeoutNs: number): Promise<R | null> {
    if (this.process.pending.length > 0) return null;
    const { loop } = this.process.thread.scheduler;
    const ready = new Set<R>();
    await this.process.thread.block((wake) => {
      for (const obj of objs) {
        obj.onReadable = () => {
          this.shell.computer.received();
          ready.add(obj);
          wake();
        };
      }
      const timer = timeoutNs >= 0 ? loop.after(Math.round(timeoutNs), call, wake, 0) : -1;
      return () => {
        for (const obj of objs) obj.onReadable = null;
        if (timer >= 0) loop.cancel(timer);
      };
    });
    return objs.find((obj) => ready.has(obj)) ?? null;
  }

  handleSignals(signals: readonly Signal[]): void {
    this.process.handled = new Set(signals);
  }

  takeSignal(): Signal | null {
    return this.process.pending.shift() ?? null;
  }

  which(name: string): string | null {
    const path = name.includes('/') ? absolute(this.cwd, name) : `/usr/bin/${name}`;
    const base = path.slice(path.lastIndexOf('/') + 1);
    const standard = /^(?:\/usr)?(?:\/local)?\/s?bin\//.test(path);
    if (standard && (this.shell.computer.commands.has(base) || bundledCommands.has(base))) return path;
    for (const at of name.includes('/')
      ? [path]
      : (this.env.get('PATH') ?? '').split(':').map((dir) => `${dir}/${name}`)) {
      const stat = this.shell.files.stat(absolute(this.cwd, at));
      if (typeof stat !== 'number' && stat.kind === 'file' && (stat.mode & 0o111) !== 0) return at;
    }
    return null;
  }

  async exec(what: readonly string[] | string, options: ExecOptions = {}): Promise<number> {
    const child = this.newChild(what, options, this.process.thread);
    const script = scriptFor(child, what);
    this.process.relays = options.relay === true;
    try {
      return script === null ? 2 : await child.run(script);
    } finally {
      this.process.relays = false;
    }
  }

  spawn(what: readonly string[] | string, options: ExecOptions = {}): Child {
    const { scheduler } = this.shell.computer;
    const child = this.newChild(what, options, new Thread(scheduler));
    const script = scriptFor(child, what);
    let code: number | null = script === null ? 2 : null;
    let wake: (() => void) | null = null;
    child.inPlace = typeof what !== 'string';
    scheduler.spawn(async () => {
      if (script !== null) code = await child.run(script);
      wake?.();
    });
    const waitUntil = async (timeNs: number): Promise<number | null> => {
      if (code !== null || this.process.pending.length > 0 || (timeNs >= 0 && this.os.nowNs() >= timeNs)) return code;
      await this.process.thread.block((w) => {
        wake = w;
        const timer = timeNs >= 0 ? scheduler.loop.at(timeNs, call, w, 0) : -1;
        return () => {
          wake = null;
          if (timer >= 0) scheduler.loop.cancel(timer);
        };
      });
      return code;
    };
    return {
      pid: child.process.pid,
      kill: (signal) => child.process.deliver(signal),
      waitUntil,
      wait: async () => {
        while (code === null) {
          if (this.process.pending.length > 0) break;
          await waitUntil(-1);
        }
        return code ?? -1;
      },
    };
  }

  detach(body: (proc: Proc) => Promise<number>): number {
    const { computer } = this.shell;
    const thread = new Thread(computer.scheduler);
    const process = computer.newProcess(this.process, thread, this.name, this.process.ns);
    const nowhere = { sink: sinkTo(() => {}), source: null };
    const child = new Running(
      this.shell,
      process,
      this.name,
      this.argv,
      new Map([
        [1, nowhere],
        [2, nowhere],
      ]),
    );
    computer.scheduler.spawn(async () => {
      try {
        await thread.inside(process, () => body(child));
      } finally {
        computer.endProcess(process);
      }
    });
    return process.pid;
  }

  processes(): ProcInfo[] {
    return this.shell.computer.processList();
  }

  signal(pid: number, signal: Signal): boolean {
    const process = this.shell.computer.processes.get(pid);
    process?.deliver(signal);
    return process !== undefined;
  }

  private newChild(what: readonly string[] | string, options: ExecOptions, thread: Thread): Shell {
    const child = newShell(this.shell, {
      ns: options.ns,
      env: options.env,
      clearEnv: options.clearEnv,
      cwd: options.cwd ?? this.cwd,
      stdin: options.stdin === undefined ? undefined : toBytes(options.stdin),
      name: typeof what === 'string' ? 'sh' : this.shell.name,
      thread,
      parent: this.process,
    });
    child.state.currentLine = this.shell.state.currentLine;
    child.posixName = typeof what === 'string' || this.shell.posixName;
    child.fds = new Map(this.fds);
    const { out, err } = options;
    if (out !== undefined) child.fds.set(1, { sink: sinkTo(out), source: null });
    if (err !== undefined) child.fds.set(2, { sink: sinkTo(err), source: null });
    return child;
  }

  private takeStdin(): string {
    const bytes = this.shell.state.groupStdin ?? '';
    if (this.shell.state.groupStdin !== undefined) this.shell.state.groupStdin = '';
    return bytes;
  }

  private readNow(path: string): string | number {
    if (path === '/dev/stdin' || path === '/dev/fd/0') return this.takeStdin();
    return this.shell.files.read(absolute(this.cwd, path));
  }

  private writeNow(path: string, data: string | Uint8Array, append: boolean): number {
    const bytes = typeof data === 'string' ? toBytes(data) : fromArray(data);
    if (path === '/dev/stdout') return writeTo(this.fds, 1, bytes);
    if (path === '/dev/stderr') return writeTo(this.fds, 2, bytes);
    return this.shell.files.write(absolute(this.cwd, path), bytes, append);
  }
}

function call(wake: () => void): void {
  wake();
}

function sinkTo(write: (text: string) => void): { terminal: false; write(bytes: string): number } {
  return {
    terminal: false,
    write(bytes) {
      write(toText(bytes));
      return 0;
    },
  };
}
