// The machine that a script runs on: one kernel, one clock, one set of files, one process table, one terminal. All
// shells and commands of a run share it. Budget of a run: `maxCommands`, so that `while :; do :; done` ends.

import { Stream } from '../base/random.ts';
import type { NsRef, Os } from '../lab/os.ts';
import type { Sink } from './descriptors.ts';
import { toText } from './engine/bytes.ts';
import { bundledCommands, type EngineCommand } from './engine/justbash.ts';
import type { Command, ProcInfo } from './process.ts';
import type { Recorder } from './record.ts';
import { NoProgress, type Scheduler } from './scheduler.ts';
import { Process, type Thread } from './task.ts';
import type { Tree } from './tree.ts';

export const defaultMaxCommands = 250_000;
/** Processes at once, a fork bomb's limit. */
const mostProcesses = 8192;
/** `while :; do ip link add type veth; done` ends here: each command of a run beyond it would cost more than the one before. */
const mostDevices = 16_384;
/** Events that a command may cause, and keep within the stock (scheduler.ts). */
const eventsPerCommand = 100_000;
/** The same for one message to a process: a broadcast to thousands of macvlans, with room to spare. */
const eventsPerMessage = 20_000;
/** Messages that count, until another command begins: a ping without -c ends too. */
const mostMessages = 100_000;

const statementsPerTurn = 64;
/** A builtin takes about 5 us where fork and exec take 1 ms. */
const statementsPerExec = 200;

/** Where the script's output goes, and what kind of place that is. */
export interface Terminal {
  write(stream: 'out' | 'err', text: string): void;
  /** Bytes that are no text (`tcpdump -w -`). */
  writeBytes?(stream: 'out' | 'err', bytes: string): void;
  readonly isTty: boolean;
  readonly columns: number;
}

export interface ComputerOptions {
  os: Os;
  scheduler: Scheduler;
  tree: Tree;
  terminal: Terminal;
  commands: ReadonlyMap<string, Command>;
  seed: number;
  realtime: boolean;
  maxCommands?: number;
  /** How many devices the kernel has. */
  devices?: () => number;
  recorder?: Recorder | null;
  interactive?: boolean;
}

export class Computer {
  readonly os: Os;
  readonly scheduler: Scheduler;
  readonly tree: Tree;
  readonly terminal: Terminal;
  readonly commands: ReadonlyMap<string, Command>;
  /** All commands as the interpreter looks them up. */
  readonly engineCommands: Map<string, EngineCommand>;
  readonly realtime: boolean;
  /** Somebody types what the first shell runs. */
  readonly interactive: boolean;
  readonly seed: number;
  readonly recorder: Recorder | null;
  readonly random: Stream;
  readonly processes = new Map<number, Process>();
  readonly stdout: Sink;
  readonly stderr: Sink;
  private readonly maxCommands: number;
  private readonly devices: () => number;
  private commandCount = 0;
  private messages = 0;
  private nextPid = 1000;

  constructor(options: ComputerOptions) {
    this.os = options.os;
    this.scheduler = options.scheduler;
    this.tree = options.tree;
    this.terminal = options.terminal;
    this.commands = options.commands;
    this.engineCommands = new Map(bundledCommands);
    for (const name of options.commands.keys()) this.engineCommands.set(name, notHere(name));
    this.realtime = options.realtime;
    this.interactive = options.interactive === true;
    this.seed = options.seed;
    this.recorder = options.recorder ?? null;
    this.random = new Stream(options.seed, 'shell:RANDOM');
    this.maxCommands = options.maxCommands ?? defaultMaxCommands;
    this.devices = options.devices ?? (() => 0);
    this.stdout = terminalSink(options.terminal, 'out');
    this.stderr = terminalSink(options.terminal, 'err');
  }

  newProcess(parent: Process | null, thread: Thread, name: string, ns: NsRef): Process {
    if (this.processes.size >= mostProcesses) {
      throw new NoProgress(`${mostProcesses} processes of the script run at once: a fork bomb`);
    }
    const process = new Process(this.nextPid++, parent, thread, name, ns);
    this.processes.set(process.pid, process);
    this.os.nsHold(ns);
    return process;
  }

  endProcess(process: Process): void {
    if (this.processes.delete(process.pid)) this.os.nsRelease(process.ns);
  }

  /** `ip link set eth0 netns 1`: init is there, and never leaves the first namespace. */
  nsOfPid(pid: number): NsRef | null {
    return pid === 1 ? this.os.initNs : (this.processes.get(pid)?.ns ?? null);
  }

  processList(): ProcInfo[] {
    return [...this.processes.values()].map(({ pid, name, ns }) => ({ pid, name, ns }));
  }

  /** Counts one statement of `thread` against the budget; now and then the host has its turn, and time passes. */
  tick(thread: Thread): Promise<void> | null {
    this.messages = 0;
    this.scheduler.progress(eventsPerCommand);
    if (++this.commandCount > this.maxCommands) {
      throw new NoProgress(
        `the script ran ${this.maxCommands} commands and did not end (--max-commands raises the limit)`,
      );
    }
    if (this.commandCount % statementsPerTurn !== 0) return null;
    if (this.devices() > mostDevices) throw new NoProgress(`the script made ${mostDevices} devices and did not end`);
    return this.takeTurn(thread);
  }

  /** A loop of builtins that waits for something sees it come: what runs beside it, and the kernel, get on. */
  private async takeTurn(thread: Thread): Promise<void> {
    await this.scheduler.host.breathe();
    const ns = Math.round((this.os.execNs / statementsPerExec) * statementsPerTurn);
    if (ns > 0) await thread.sleep(ns);
  }

  /** A process received what it waited for. */
  received(): void {
    if (++this.messages <= mostMessages) this.scheduler.progress(eventsPerMessage);
  }

  /** The name under /run/netns, '' for the first namespace or one without a name. */
  nsName(ns: NsRef): string {
    if (ns === this.os.initNs) return '';
    return this.os.nsNames().find((name) => this.os.nsByName(name) === ns) ?? '';
  }
}

/** Makes `type ip` and `command -v ip` answer; Shell.dispatch() runs the real one. */
function notHere(name: string): EngineCommand {
  return { name, execute: async () => ({ stdout: '', stderr: `${name}: cannot run from here\n`, exitCode: 126 }) };
}

function terminalSink(terminal: Terminal, stream: 'out' | 'err'): Sink {
  return {
    terminal: true,
    write(bytes: string): number {
      terminal.write(stream, toText(bytes));
      return 0;
    },
  };
}
