// lowerdev run: a script in the model kernel, from start to end.

import { checkKernel } from '../../lab/checkers.ts';
import type { Model } from '../../lab/model.ts';
import { parseTime } from '../../lab/quantity.ts';
import { CallTrace } from '../../probe/call-trace.ts';
import { chooser, defaultCount, tracesData, tracesText } from '../../shell/commands/trace/trace.ts';
import { Session } from '../../shell/session.ts';
import { NodeHost, onInterrupt, Quiet, stdio } from '../host.ts';
import { openModel, reason } from '../open-model.ts';
import { openPcap } from '../pcap-file.ts';
import { isStdin, readInput } from '../read-input.ts';
import { openTimeline } from '../timeline/file.ts';
import { Usage, variables, wholeNumber } from '../usage.ts';

export interface RunOptions {
  machine?: string;
  seed: string;
  set?: string[];
  pcap?: string;
  pcapLimit?: string;
  json?: boolean;
  engine: string;
  in?: string;
  realtime?: boolean;
  maxEvents?: string;
  maxCommands?: string;
  check?: boolean;
  timeline?: string;
  timelineStep: string;
  trace?: boolean;
  traceFilter?: string;
  traceCount?: string;
}

declare const LOWERDEV_VERSION: string;
/** A checker found that the model broke one of its own rules. */
const exitBroken = 3;

/** Runs it; the exit code. */
export async function run(script: string, args: string[], options: RunOptions): Promise<number> {
  if (options.engine === 'sandbox') {
    const { runInSandbox } = await import('./run-sandbox.ts');
    return runInSandbox(script, args, options);
  }
  if (options.in !== undefined) throw new Usage('--in is for --engine sandbox: it names a lab that is applied there');
  const seed = wholeNumber('--seed', options.seed);
  const set = variables(options.set ?? []);
  const maxEvents = optionalNumber('--max-events', options.maxEvents);
  const maxCommands = optionalNumber('--max-commands', options.maxCommands);
  const text = readScript(script);
  const model = await openModel({ machine: options.machine, script, seed });
  const checkers = options.check === true ? checkKernel(model.kernel) : null;
  const trace = openTrace(model, options);
  const say = (message: string): void => void process.stderr.write(`lowerdev: ${message}\n`);
  const { pcap: file, pcapLimit: limit } = options;
  const pcap = file === undefined ? null : openPcap(model, file, { limit, trace, say });
  const timeline = openTimelineOf(model, options, script);
  const quiet = options.json === true ? new Quiet() : null;
  const session = new Session({
    kernel: model,
    terminal: quiet ?? stdio,
    host: new NodeHost(options.realtime === true, options.realtime === true),
    seed,
    name: isStdin(script) ? 'bash' : script,
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
    trace?.stop();
    pcap?.close();
    const warning = timeline?.close() ?? null;
    if (warning !== null) process.stderr.write(`lowerdev: ${warning}\n`);
  }
  if (session.failure !== null) process.stderr.write(`lowerdev: ${session.failure}\n`);
  if (quiet !== null) {
    const { stdout, stderr } = quiet;
    const commands = session.recorder?.commands ?? [];
    const document = { version: LOWERDEV_VERSION, seed, exitCode, endNs: model.loop.now, commands, stdout, stderr };
    const packets = trace === null ? {} : { trace: tracesData(trace.packets) };
    process.stdout.write(`${JSON.stringify({ ...document, ...packets }, null, 2)}\n`);
  } else if (trace !== null) process.stderr.write(tracesText(trace.packets));
  return checkers === null ? exitCode : checked(model, checkers.verifyEmpty, exitCode);
}

/** --timeline: samples at a fixed step of virtual time. */
function openTimelineOf(model: Model, options: RunOptions, script: string): { close(): string | null } | null {
  if (options.timeline === undefined) return null;
  const stepNs = parseTime(options.timelineStep);
  if (stepNs === null || stepNs < 1000) {
    throw new Usage(`--timeline-step ${options.timelineStep}: expected a duration of 1us or more, as 100us or 1ms`);
  }
  return openTimeline(model.kernel, options.timeline, stepNs, script === '-' ? 'standard input' : script);
}

/** --trace: the functions that packets pass, to be printed in the end. */
function openTrace(model: Model, options: RunOptions): CallTrace | null {
  const { trace, traceFilter, traceCount } = options;
  if (trace !== true && traceFilter === undefined && traceCount === undefined) return null;
  const chooses = chooser(traceFilter ?? '');
  if (typeof chooses === 'string') throw new Usage(`--trace-filter '${traceFilter}': ${chooses}`);
  const limit = traceCount === undefined ? defaultCount : wholeNumber('--trace-count', traceCount);
  return new CallTrace(model.kernel, { chooses, limit });
}

/** --check: the lab is taken down, and nothing of it may be left. */
function checked(model: Model, verify: () => string[], exitCode: number): number {
  model.close();
  model.drain();
  const wrong = verify();
  for (const line of wrong) process.stderr.write(`lowerdev: check: ${line}\n`);
  return wrong.length > 0 ? exitBroken : exitCode;
}

/** Throws Usage with bash's exit code. */
function readScript(script: string): string {
  try {
    return readInput(script);
  } catch (error) {
    const isDirectory = (error as NodeJS.ErrnoException).code === 'EISDIR';
    throw new Usage(`${script}: ${reason(error)}`, isDirectory ? 126 : 127);
  }
}

function optionalNumber(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(option, text);
}
