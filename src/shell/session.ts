// One run of a script, or one interactive session: a machine made of a kernel and the shell on it. The front door of
// this room. The kernel comes in from outside (lab/); where output goes and how the clock is paced, from cli/.

import type { Os } from '../lab/os.ts';
import type { Loop } from '../sim/loop.ts';
import { dhclientConfig, dhclientScript, udhcpcScript } from './commands/dhcp/scripts.ts';
import { commands } from './commands/index.ts';
import { Computer, type Terminal } from './computer.ts';
import type { Descriptors } from './descriptors.ts';
import { bundledCommands, newState } from './engine/justbash.ts';
import type { Command, Signal } from './process.ts';
import { Recorder } from './record.ts';
import { type Host, NoProgress, Scheduler } from './scheduler.ts';
import { Shell } from './shell.ts';
import { defaultPath, parseOrComplain, setArguments } from './spawn.ts';
import { Killed, signalNumber, Thread } from './task.ts';
import { Tree } from './tree.ts';

/** What a session needs of a kernel; lab/model.ts has it. */
export interface Kernel {
  os: Os;
  loop: Loop;
  /** Devices in all namespaces. */
  deviceCount?(): number;
  /** Frames that all devices carried so far. */
  framesCarried?(): number;
  /** Devices that carried most since mark(). */
  busiest?(): string[];
  mark?(): void;
}

export interface SessionOptions {
  kernel: Kernel;
  terminal: Terminal;
  host?: Host;
  seed?: number;
  /** What messages call the script. */
  name?: string;
  args?: readonly string[];
  /** Shell variables that are there before the script begins. */
  variables?: ReadonlyMap<string, string>;
  /** Files of the script's machine, by absolute path. */
  files?: ReadonlyMap<string, string>;
  interactive?: boolean;
  realtime?: boolean;
  record?: boolean;
  maxEvents?: number;
  maxCommands?: number;
  /** Beside the catalogue; for tests. */
  extraCommands?: readonly Command[];
}

export const exitNoProgress = 4;

export class Session {
  readonly computer: Computer;
  readonly shell: Shell;
  readonly recorder: Recorder | null;
  /** Why the run could not go on, in words. */
  failure: string | null = null;
  private readonly scheduler: Scheduler;
  /** Our thread counts as running from the first input on: at the prompt, time stands still. */
  private entered = false;

  constructor(options: SessionOptions) {
    const { kernel } = options;
    this.scheduler = new Scheduler({
      loop: kernel.loop,
      host: options.host,
      maxEvents: options.maxEvents,
      busiest: () => kernel.busiest?.() ?? [],
      mark: () => kernel.mark?.(),
      frames: () => kernel.framesCarried?.() ?? 0,
    });
    this.recorder = options.record === true ? new Recorder() : null;
    const all = new Map([...commands, ...(options.extraCommands ?? [])].map((command) => [command.name, command]));
    this.computer = new Computer({
      os: kernel.os,
      scheduler: this.scheduler,
      tree: firstFiles(kernel.os, [...all.keys(), ...bundledCommands.keys()], options.files),
      terminal: options.terminal,
      commands: all,
      seed: options.seed ?? 0,
      realtime: options.realtime === true,
      maxCommands: options.maxCommands,
      devices: () => kernel.deviceCount?.() ?? 0,
      recorder: this.recorder,
      interactive: options.interactive,
    });
    this.shell = this.firstShell(options);
  }

  /** Runs text in the session's shell: a whole script, or one input of the interactive shell. */
  async run(text: string): Promise<number> {
    const script = parseOrComplain(this.shell, text, 1);
    if (script === null) return 2;
    return this.asThread(() => this.shell.run(script));
  }

  /** Runs one input and keeps the shell. `exited` says that it asked to end. */
  async runLine(text: string, firstLine = 1): Promise<{ exitCode: number; exited: boolean }> {
    const script = parseOrComplain(this.shell, text, firstLine);
    if (script === null) return { exitCode: 2, exited: false };
    let exited = true;
    const { process, thread } = this.shell;
    const exitCode = await this.asThread(() =>
      thread.inside(process, async () => {
        const code = await this.shell.interact(script);
        exited = code.exited;
        return code.exitCode;
      }),
    );
    process.dead = null;
    return { exitCode, exited };
  }

  /** No more input: the EXIT trap runs. Its exit code, when it asks for one. */
  async end(): Promise<number | null> {
    if (!this.shell.traps.actions.has('EXIT')) return null;
    return (await this.runLine('exit')).exitCode;
  }

  /** Ctrl-C: the command in the foreground gets it, and then the script. */
  interrupt(signal: Signal = 'SIGINT'): void {
    const { process, thread, interactive } = this.shell;
    const { top } = thread;
    if (top !== null && top !== process) top.deliver(signal);
    if (interactive) this.shell.interrupted = true;
    else if (top !== null && top !== process && top.handled.has(signal)) thread.later = signal;
    else process.deliver(signal);
  }

  private async asThread(body: () => Promise<number>): Promise<number> {
    if (!this.entered) this.scheduler.enter();
    this.entered = true;
    try {
      return await Promise.race([body(), this.scheduler.failed]);
    } catch (error) {
      if (error instanceof NoProgress) {
        this.failure = error.message;
        return exitNoProgress;
      }
      if (error instanceof Killed) return 128 + signalNumber(error.signal);
      throw error;
    }
  }

  private firstShell(options: SessionOptions): Shell {
    const { computer } = this;
    const name = options.name ?? 'bash';
    const thread = new Thread(this.scheduler);
    const process = computer.newProcess(null, thread, 'bash', computer.os.initNs);
    const state = newState();
    const set = (variable: string, value: string, exported: boolean): void => {
      state.env.set(variable, value);
      if (exported) state.exportedVars?.add(variable);
    };
    for (const [variable, value] of standardVariables) set(variable, value, true);
    set('PWD', '/root', true);
    state.env.delete('OLDPWD');
    state.cwd = '/root';
    state.virtualPid = process.pid;
    state.virtualPpid = 1;
    state.virtualUid = 0;
    state.virtualGid = 0;
    for (const [variable, value] of options.variables ?? []) set(variable, value, true);
    setArguments(state, name, options.args ?? []);
    const fds: Descriptors = new Map([
      [1, { sink: computer.stdout, source: null }],
      [2, { sink: computer.stderr, source: null }],
    ]);
    const shell = new Shell(computer, process, state, fds, name);
    shell.interactive = options.interactive === true;
    return shell;
  }
}

const standardVariables: ReadonlyArray<[string, string]> = [
  ['HOME', '/root'],
  ['USER', 'root'],
  ['LOGNAME', 'root'],
  ['SHELL', '/bin/bash'],
  ['LANG', 'C.UTF-8'],
  ['TERM', 'xterm-256color'],
  ['HOSTNAME', 'lowerdev'],
  ['PATH', defaultPath],
];

/** What a fresh Linux machine has, as far as lab scripts look at it. */
function firstFiles(os: Os, programs: readonly string[], files?: ReadonlyMap<string, string>): Tree {
  const tree = new Tree(() => os.wallNs());
  const dirs = [
    '/bin',
    '/usr/bin',
    '/usr/sbin',
    '/etc',
    '/home',
    '/root',
    '/run',
    '/run/netns',
    '/tmp',
    '/etc/udhcpc',
    '/etc/dhcp',
    '/var/lib/dhcp',
    '/var/lib/misc',
    '/var/log',
    '/var/tmp',
    '/dev/fd',
    '/dev/shm',
    '/opt',
    '/mnt',
  ];
  for (const dir of dirs) tree.mkdir(dir, true);
  tree.symlink('/usr/bin', '/sbin');
  tree.symlink('/run', '/var/run');
  const put = (path: string, text: string, mode = 0o644): void => {
    const file = tree.open(path, true);
    if (typeof file === 'number') return;
    tree.append(file, text);
    file.mode = mode;
  };
  for (const program of [...programs, 'sh', 'bash']) {
    put(`/usr/bin/${program}`, '\x7fELF', 0o755);
    put(`/bin/${program}`, '\x7fELF', 0o755);
  }
  for (const [path, text] of etcFiles) put(path, text);
  for (const [path, text] of hookFiles) put(path, text, 0o755);
  for (const [path, text] of files ?? []) put(path, text);
  return tree;
}

/** Scripts that programs run. */
const hookFiles: ReadonlyArray<[string, string]> = [
  ['/etc/udhcpc/default.script', udhcpcScript],
  ['/sbin/dhclient-script', dhclientScript],
];

const etcFiles: ReadonlyArray<[string, string]> = [
  ['/etc/hostname', 'lowerdev\n'],
  ['/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\tlowerdev\n::1\tlocalhost ip6-localhost ip6-loopback\n'],
  ['/etc/resolv.conf', ''],
  ['/etc/dhcp/dhclient.conf', dhclientConfig],
  ['/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n'],
  ['/etc/group', 'root:x:0:\nnogroup:x:65534:\n'],
  ['/etc/os-release', 'PRETTY_NAME="lowerdev model"\nNAME="lowerdev"\nID=lowerdev\n'],
  ['/etc/protocols', 'ip\t0\tIP\nicmp\t1\tICMP\nigmp\t2\tIGMP\ntcp\t6\tTCP\nudp\t17\tUDP\nipv6-icmp\t58\tIPv6-ICMP\n'],
];
