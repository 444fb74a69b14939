// A lab file from the command line, and the kernel that it is planned for or applied to.

import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { LabKernel } from '../lab/apply/access.ts';
import { type Lab, LabError } from '../lab/file/lab.ts';
import { createModel } from '../lab/model.ts';
import { readLimits, whyNoSandbox } from '../linux/sandbox/why-not.ts';
import { reason } from './open-model.ts';
import { isStdin, readInput } from './read-input.ts';
import { Usage } from './usage.ts';

/** Bad news with an exit code of its own: 3 refused, 4 not allowed. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly exitCode: 3 | 4;
  /** What --json asks for has been printed. */
  readonly documented: boolean;

  constructor(message: string, exitCode: 3 | 4, documented = false) {
    super(message);
    this.exitCode = exitCode;
    this.documented = documented;
  }
}

export const ENGINES = ['model', 'sandbox', 'linux'] as const;
export type Engine = (typeof ENGINES)[number];

let fromStdin: string | null = null;

/** What readLab('-') read; null: nothing. */
export function stdinText(): string | null {
  return fromStdin;
}

/** Throws Usage for a file that cannot be read or is not right. */
export async function readLab(file: string): Promise<Lab> {
  let text: string;
  try {
    text = readInput(file);
    if (isStdin(file)) fromStdin = text;
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
  const { parseWholeLab } = await import('../lab/file/lab-yaml.ts');
  try {
    return parseWholeLab(text, file);
  } catch (error) {
    if (error instanceof LabError) throw new Usage(error.message);
    throw error;
  }
}

/** A lab's file, or the name of one whose file is gone. */
export async function labOrName(what: string): Promise<{ lab: Lab | null; name: string }> {
  if (what !== '-' && !existsSync(what) && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(what) && !/\.(ya?ml|json)$/.test(what)) {
    return { lab: null, name: what };
  }
  const lab = await readLab(what);
  return { lab, name: lab.name };
}

/** `text` as the user gave it; undefined: `otherwise`. */
export function engineOf(text: string | undefined, otherwise: Engine): Engine {
  if (text === undefined) return otherwise;
  const engine = ENGINES.find((e) => e === text);
  if (engine === undefined) throw new Usage(`--engine wants ${ENGINES.join(', ')}, not '${text}'`);
  return engine;
}

export interface OpenKernel {
  readonly kernel: LabKernel;
  close(): void;
}

/** Throws Usage where lab and engine do not go together, Refused where this machine's kernel cannot be had. */
export async function openKernel(engine: Engine, lab: Lab | null, seed: number): Promise<OpenKernel> {
  const host = 'stands on a host: --engine linux';
  if (engine === 'model') {
    if (lab === null || lab.machine === null) {
      throw new Usage(`the model needs a lab with a "machine"; this one ${host}`);
    }
    const model = createModel({ seed, machine: lab.machine });
    return { kernel: model.os, close: () => model.close() };
  }
  if (engine === 'linux' && lab !== null && lab.machine !== null) {
    throw new Usage('a lab with a "machine" is for --engine model or sandbox; on this machine a lab says "host: true"');
  }
  if (engine === 'sandbox' && (lab === null || lab.machine === null)) {
    throw new Usage(`a sandbox needs a lab with a "machine"; this one ${host}`);
  }
  const { LinuxOs } = await import('../linux/linux-os.ts');
  const { NoLinux } = await import('../linux/sys.ts');
  try {
    const os = await LinuxOs.open();
    if (engine !== 'sandbox' || lab?.machine == null) return { kernel: os, close: () => {} };
    const { settle } = await import('./sandbox.ts');
    return { kernel: await settle(os, lab.machine, seed), close: () => {} };
  } catch (error) {
    if (error instanceof NoLinux) throw new Refused(error.message, 4);
    throw error;
  }
}

/**
 * One after the other: waits for whoever is changing `what`, this machine or a lab's sandbox. Throws Refused after `waitMs`. The lock
 * is an abstract socket: it is one per network namespace, needs no file, and ends with its process, however that ends.
 */
export async function lockMachine(waitMs: number, what = 'apply'): Promise<() => void> {
  if (process.platform !== 'linux') {
    if (what === 'apply') return () => {}; // nobody can change anything
    throw new Refused(whyNoSandbox('', readLimits()), 4);
  }
  const until = performance.now() + waitMs;
  const sayAt = performance.now() + 1000;
  for (let said = false; ; ) {
    const server = await tryListen(`\0lowerdev/${what}`);
    if (server !== null) return () => server.close();
    if (performance.now() > until) {
      const { who, cure } = await holderWords(`\0lowerdev/${what}`);
      throw new Refused(
        `nothing was changed: ${who} has held the lock @lowerdev/${what} for ${waitMs / 1000} s${cure}`,
        3,
      );
    }
    if (!said && process.stderr.isTTY && performance.now() > sayAt) {
      said = true;
      const { who } = await holderWords(`\0lowerdev/${what}`);
      process.stderr.write(`lowerdev: waiting for ${who}, which is at work here\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lock is a name that anybody in this network namespace can take: the reader has to see whether it is one of ours. */
async function holderWords(name: string): Promise<{ who: string; cure: string }> {
  const { lockHolder } = await import('../linux/lock-holder.ts');
  const holder = await lockHolder(name);
  if (holder === null) return { who: 'another lowerdev', cure: '; ss -xlp shows whose it is' };
  const { pid, uid, command } = holder;
  if (pid === 0)
    return {
      who: `a process of user ${uid} that is not seen from here`,
      cure: '; ss -xlp, outside of this container, shows it',
    };
  const who = `process ${pid} of user ${uid}${command === '' ? '' : ` (${command})`}`;
  return { who, cure: `; if it hangs, or is no lowerdev: kill ${pid}` };
}

function tryListen(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    // Whoever calls only looks whose it is.
    const server = createServer((caller) => caller.on('error', () => {}).destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(name, () => resolve(server.unref()));
  });
}
