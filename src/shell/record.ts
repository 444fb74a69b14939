// `--json`: what each command of the script did. One record for each command that a shell of the script starts;
// commands inside others (`ip netns exec x ping`) count to the outer one, whose `netns` says where the work was done.

import { Capture, Tee } from './descriptors.ts';
import { toText } from './engine/bytes.ts';
import type { Outcome } from './engine/justbash.ts';
import type { Shell } from './shell.ts';
import { Killed, signalNumber } from './task.ts';
import { hiddenPrefix } from './trace.ts';

export interface CommandRecord {
  /** Line of the script. */
  line: number;
  argv: string[];
  netns: string;
  startNs: number;
  endNs: number;
  exitCode: number;
  stdout: string;
  stderr: string;
}

export class Recorder {
  readonly commands: CommandRecord[] = [];
}

/** Runs one command of `shell`, and notes it unless nobody listens or it is part of another. */
export async function recorded(shell: Shell, argv: string[], body: () => Promise<Outcome>): Promise<Outcome> {
  const { recorder, os } = shell.computer;
  if (recorder === null || shell.record !== null || shell.state.functions.has(argv[0])) return body();
  if (argv[0].startsWith(hiddenPrefix)) return body();
  const record: CommandRecord = {
    line: shell.state.currentLine,
    argv,
    netns: shell.computer.nsName(shell.process.ns),
    startNs: os.nowNs(),
    endNs: 0,
    exitCode: 0,
    stdout: '',
    stderr: '',
  };
  recorder.commands.push(record);
  const fds = shell.fds;
  const tees = new Map(fds);
  const copies = [new Capture(), new Capture()];
  for (let fd = 1; fd <= 2; fd++) {
    const sink = fds.get(fd)?.sink;
    if (sink) tees.set(fd, { sink: new Tee(sink, copies[fd - 1]), source: null });
  }
  shell.fds = tees;
  shell.record = record;
  try {
    const outcome = await body();
    record.exitCode = outcome.exitCode;
    return outcome;
  } catch (error) {
    if (error instanceof Killed) record.exitCode = 128 + signalNumber(error.signal);
    else record.exitCode = (error as { exitCode?: number }).exitCode ?? 0;
    throw error;
  } finally {
    shell.record = null;
    if (shell.fds === tees) shell.fds = fds;
    record.endNs = os.nowNs();
    record.stdout = toText(copies[0].bytes);
    record.stderr = toText(copies[1].bytes);
  }
}
