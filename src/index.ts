// The library's front door: what a TypeScript program may import from 'lowerdev'. Runs in Node and in a browser.
// Everything here is stable; rooms behind it are not.

import { checkKernel } from './lab/checkers.ts';
import type { Machine } from './lab/machine.ts';
import { parseMachine } from './lab/machine-yaml.ts';
import { createModel, type Model } from './lab/model.ts';
import { Session } from './shell/session.ts';

export { version } from './base/version.ts';
export { type Machine, MachineError } from './lab/machine.ts';
export type { Model, ModelOptions } from './lab/model.ts';
export type { NsRef, Os, Socket } from './lab/os.ts';
export { NlClient } from './netlink/client.ts';
export { NlError } from './netlink/error.ts';
export { ADDR, LINK, NEIGH, NSID, ROUTE } from './netlink/payload.ts';
export type { NlTransport } from './netlink/transport.ts';
export { checkKernel, createModel, parseMachine };

/** A shell on a model kernel, kept between inputs: its variables, functions and jobs. */
export interface LabSession {
  /** Runs a whole script; the exit code. */
  run(text: string): Promise<number>;
  /** Runs one input of an interactive user. `exited` says that it asked to end. */
  runLine(text: string): Promise<{ exitCode: number; exited: boolean }>;
  /** Ctrl-C. */
  interrupt(): void;
  /** Why a run was ended before the script did, or null. */
  readonly failure: string | null;
}

export interface SessionOptions {
  seed?: number;
  variables?: Record<string, string>;
  onOutput?: (stream: 'out' | 'err', text: string) => void;
  /** Width of the terminal that commands believe in; 80 when left out. */
  columns?: number;
}

/** Opens a shell on a model. */
export function openSession(model: Model, options: SessionOptions = {}): LabSession {
  const write = options.onOutput ?? ((): void => {});
  const session = new Session({
    kernel: model,
    terminal: { write, isTty: false, columns: options.columns ?? 80 },
    seed: options.seed ?? model.kernel.seed,
    variables: new Map(Object.entries(options.variables ?? {})),
  });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  return session;
}

export interface RunOptions {
  /** Everything random is derived from it; 1 when left out. */
  seed?: number;
  /** What hardware there is: a machine file's text, or one that was parsed. */
  machine?: string | Machine;
  /** Shell variables that are there before the script begins. */
  variables?: Record<string, string>;
  /** Hears the output as it is produced. */
  onOutput?: (stream: 'out' | 'err', text: string) => void;
}

export interface RunResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Virtual nanoseconds that the script took. */
  endNs: number;
  /** Why the run was ended before the script did (a storm, an endless loop), or null. */
  failure: string | null;
}

/** Runs a shell script in a fresh model kernel. Throws MachineError for a machine file that is not right. */
export async function runScript(script: string, options: RunOptions = {}): Promise<RunResult> {
  const seed = options.seed ?? 1;
  const machine = typeof options.machine === 'string' ? parseMachine(options.machine, 'machine.yaml') : options.machine;
  const model = createModel({ seed, machine });
  let stdout = '';
  let stderr = '';
  const write = (stream: 'out' | 'err', text: string): void => {
    if (stream === 'out') stdout += text;
    else stderr += text;
    options.onOutput?.(stream, text);
  };
  const session = openSession(model, { seed, variables: options.variables, onOutput: write });
  const exitCode = await session.run(script);
  return { exitCode, stdout, stderr, endNs: model.loop.now, failure: session.failure };
}
