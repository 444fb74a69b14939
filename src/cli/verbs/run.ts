// lowerdev run: a script in the model kernel, from start to end.

import { readFileSync } from 'node:fs';
import { checkKernel } from '../../lab/checkers.ts';
import type { Model } from '../../lab/model.ts';
import { Session } from '../../shell/session.ts';
import { NodeHost, onInterrupt, Quiet, stdio } from '../host.ts';
import { openModel, reason } from '../open-model.ts';
import { openPcap } from '../pcap-file.ts';
import { Usage, variables, wholeNumber } from '../usage.ts';

export interface RunOptions {
  machine?: string;
  seed: string;
  set?: string[];
  pcap?: string;
  json?: boolean;
  engine: string;
  realtime?: boolean;
  maxEvents?: string;
  maxCommands?: string;
  check?: boolean;
}

declare const LOWERDEV_VERSION: string;
/** A checker found that the model broke one of its own rules. */
const exitBroken = 3;

/** Runs it; the exit code. */
export async function run(script: string, args: string[], options: RunOptions): Promise<number> {
  if (options.engine !== 'model') throw new Usage(engineMessage(options.engine));
  const seed = wholeNumber('--seed', options.seed);
  const set = variables(options.set ?? []);
  const maxEvents = optionalNumber('--max-events', options.maxEvents);
  const maxCommands = optionalNumber('--max-commands', options.maxCommands);
  const text = readScript(script);
  if (typeof text === 'number') return text;
  const model = await openModel({ machine: options.machine, script, seed });
  const checkers = options.check === true ? checkKernel(model.kernel) : null;
  const pcap = options.pcap === undefined ? null : openPcap(model, options.pcap);
  const quiet = options.json === true ? new Quiet() : null;
  const session = new Session({
    kernel: model,
    terminal: quiet ?? stdio,
    host: new NodeHost(options.realtime === true, options.realtime === true),
    seed,
    name: script === '-' ? 'bash' : script,
    args,
    variables: set,
    realtime: options.realtime,
    record: quiet !== null,
    maxEvents,
    maxCommands,
  });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  const done = onInterrupt(session);
  let exitCode: number;
  try {
    exitCode = await session.run(text);
  } finally {
    done();
    pcap?.close();
  }
  if (session.failure !== null) process.stderr.write(`lowerdev: ${session.failure}\n`);
  if (quiet !== null) {
    const { stdout, stderr } = quiet;
    const commands = session.recorder?.commands ?? [];
    const document = { version: LOWERDEV_VERSION, seed, exitCode, endNs: model.loop.now, commands, stdout, stderr };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return checkers === null ? exitCode : checked(model, checkers.verifyEmpty, exitCode);
}

/** --check: the lab is taken down, and nothing of it may be left. */
function checked(model: Model, verify: () => string[], exitCode: number): number {
  model.close();
  const wrong = verify();
  for (const line of wrong) process.stderr.write(`lowerdev: check: ${line}\n`);
  return wrong.length > 0 ? exitBroken : exitCode;
}

/** The text, or an exit code after bash's message. */
function readScript(script: string): string | number {
  try {
    return readFileSync(script === '-' ? 0 : script, 'utf8');
  } catch (error) {
    process.stderr.write(`lowerdev: ${script}: ${reason(error)}\n`);
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? 126 : 127;
  }
}

function optionalNumber(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(option, text);
}

function engineMessage(engine: string): string {
  if (engine === 'linux' || engine === 'sandbox') return `--engine ${engine} is not in this version; --engine model is`;
  return `there is no engine '${engine}'; the one of this version is 'model'`;
}
