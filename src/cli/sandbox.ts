// --engine sandbox: the same command once more, in namespaces of its own. A lab's sandbox is kept from `apply` to `destroy`
// (linux/sandbox/holder.ts says how); one that was only looked at or run in ends with the command.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Lab } from '../lab/file/lab.ts';
import type { Machine } from '../lab/machine.ts';
import type { LinuxOs } from '../linux/linux-os.ts';
import { Records } from '../linux/run-dir.ts';
import {
  endHolder,
  type HolderId,
  holderLives,
  insideHolder,
  isInsideSandbox,
  SANDBOX_MACHINE,
  startHolder,
} from '../linux/sandbox/holder.ts';
import { NoSandbox } from '../linux/sandbox/why-not.ts';
import { lockMachine, Refused, stdinText } from './lab-file.ts';

/** What is known of a lab's sandbox that is kept. */
export interface SandboxRecord extends HolderId {
  /** What it was built from. */
  readonly machine: Machine;
}

/** Told to the command that runs inside, and to nobody whom it starts. */
const TOLD = 'LOWERDEV_INSIDE_SANDBOX';
const told = process.env[TOLD] ?? null;
delete process.env[TOLD];
/** The machine is still to be built, and ends with the command unless that succeeds. */
const fresh = told === 'fresh';
let built = false;

const HANDED_FD = 3;
const LOCK_WAIT_MS = 60_000;

export function sandboxes(): Records<SandboxRecord> {
  return new Records('sandbox');
}

/** Whether this is the command inside a sandbox that nobody has applied anything in yet. */
export function sandboxIsFresh(): boolean {
  return fresh;
}

/** Whether this is the command inside. The variable alone is not believed: whoever set it would have his own host changed. */
function inside(): boolean {
  if (told === null) return false;
  if (isInsideSandbox()) return true;
  throw new Refused(`${TOLD} is set, and this is no sandbox: nothing was changed; unset ${TOLD}`, 4);
}

/**
 * The exit code of this command in the lab's sandbox; null where it is in there, or wants no sandbox: go on. `keep`: what it makes stays
 * when it succeeds. `look`: in the lab's sandbox where there is one, else in one for this command. Throws Refused.
 */
export async function throughSandbox(engine: string, lab: Lab, use: 'keep' | 'look'): Promise<number | null> {
  if (engine !== 'sandbox' || inside()) return null;
  const { machine, name } = lab;
  if (machine === null) return null; // openKernel() says what is wrong
  const unlock = use === 'keep' ? await lockSandbox(name) : () => {};
  try {
    const kept = liveSandbox(name);
    if (kept !== null) {
      if (JSON.stringify(kept.machine) === JSON.stringify(machine)) return await runAgain(kept, false, stdinText());
      throw new Refused(
        `the machine of ${name} is not the one that its sandbox was built from: lowerdev destroy --engine sandbox ${name}`,
        3,
      );
    }
    if (use === 'look') return await inNewSandbox((id) => runAgain(id, true, stdinText()));
    return await applyInNew(name, machine);
  } finally {
    unlock();
  }
}

/** All of it, or nothing is left: the sandbox is told to stay when the command in it has succeeded and the record is written. */
async function applyInNew(name: string, machine: Machine): Promise<number> {
  const records = sandboxes();
  writable(records);
  let code = 4;
  try {
    code = await inNewSandbox(async (id, keep) => {
      const done = await runAgain(id, true, stdinText());
      if (done === 0) {
        records.write(name, { ...id, machine });
        await keep();
      }
      return done;
    });
  } finally {
    if (code !== 0) records.remove(name);
  }
  return code;
}

/** Runs this command in a sandbox that ends with it. Null: it is in there already. `machine`: handedMachine() has it there. */
export async function throughOwnSandbox(machine: Machine | null): Promise<number | null> {
  return inside() ? null : inNewSandbox((id) => runAgain(id, true, null, JSON.stringify(machine)));
}

/** What the command outside gave to throughOwnSandbox(): its file may be one that can be read once. Undefined: this is outside. */
export function handedMachine(): Machine | null | undefined {
  if (!inside()) return undefined;
  const machine = JSON.parse(readFileSync(HANDED_FD, 'utf8')) as Machine | null;
  closeSync(HANDED_FD);
  return machine;
}

/** Runs this command in the sandbox of a lab that is applied. Null: it is in there already. Throws Refused. */
export async function throughLabsSandbox(name: string): Promise<number | null> {
  if (inside()) return null;
  const kept = liveSandbox(name);
  if (kept === null) throw new Refused(`no lab ${name} is applied in a sandbox: lowerdev apply --engine sandbox`, 3);
  return runAgain(kept, false, null);
}

/** The lab's; null when there is none. One whose holder is dead is forgotten. */
export function liveSandbox(name: string): SandboxRecord | null {
  const record = sandboxes().read(name);
  if (record === null || holderLives(record)) return record;
  sandboxes().remove(name);
  return null;
}

/** Whether there was one. Waits for whoever is applying in it. */
export async function endSandbox(name: string): Promise<boolean> {
  const unlock = await lockSandbox(name);
  try {
    const record = liveSandbox(name);
    if (record !== null) endHolder(record);
    sandboxes().remove(name);
    return record !== null;
  } finally {
    unlock();
  }
}

/** One lab's sandbox of one user. */
function lockSandbox(name: string): Promise<() => void> {
  return lockMachine(LOCK_WAIT_MS, `sandbox/${process.geteuid?.()}/${name}`);
}

/** In there, before anything else: the machine is built where that was not done yet. */
export async function settle(os: LinuxOs, machine: Machine, seed: number): Promise<LinuxOs> {
  if (!inside()) throw new Error('this is no sandbox');
  if (fresh && !built) {
    built = true;
    const { buildMachine } = await import('../linux/sandbox/build.ts');
    mkdirSync(SANDBOX_MACHINE, { recursive: true });
    const hidden = buildMachine(os, os.initNs, machine, seed);
    for (const [name, ns] of hidden) {
      const path = join(SANDBOX_MACHINE, name);
      closeSync(openSync(path, 'w'));
      const rc = os.namespaces.pin(ns, path);
      if (rc < 0) throw new Error(`${path}: errno ${-rc}`);
      os.nsRelease(ns);
    }
  }
  const nsOfPeer = (name: string) => os.nsByPath(join(SANDBOX_MACHINE, name));
  return Object.assign(os, { nsOfPeer });
}

async function inNewSandbox(body: (id: HolderId, keep: () => Promise<void>) => Promise<number>): Promise<number> {
  try {
    const holder = await startHolder();
    let kept = false;
    try {
      return await body(holder.id, async () => {
        kept = true;
        await holder.keep();
      });
    } finally {
      if (!kept) holder.end();
    }
  } catch (error) {
    if (error instanceof NoSandbox) throw new Refused(error.message, 4);
    throw error;
  }
}

function writable(records: Records<SandboxRecord>): void {
  try {
    records.prepare();
  } catch (error) {
    throw new Refused(`the sandbox cannot be kept, nothing was made: ${(error as Error).message}`, 4);
  }
}

/**
 * The exit code of this command in there; Ctrl-C is the child's business. `text`: what was read from standard input; `handed`: what it
 * finds at HANDED_FD.
 */
function runAgain(id: HolderId, build: boolean, text: string | null, handed: string | null = null): Promise<number> {
  const { execPath, execArgv, argv } = process;
  const [program, ...args] = insideHolder(id, [
    'sh',
    '-c',
    'cd "$0" && exec "$@"',
    process.cwd(),
    execPath,
    ...execArgv,
    ...argv.slice(1),
  ]);
  const env = { ...process.env, [TOLD]: build ? 'fresh' : 'kept' };
  return new Promise((resolve, reject) => {
    const third = handed === null ? 'ignore' : 'pipe';
    const stdio: StdioOptions = [text === null ? 'inherit' : 'pipe', 'inherit', 'inherit', third];
    const child = spawn(program, args, { env, stdio });
    child.stdin?.on('error', () => {}).end(text);
    (child.stdio[HANDED_FD] as Writable | null)?.on('error', () => {}).end(handed);
    const pass = (signal: NodeJS.Signals): void => {
      if (signal === 'SIGTERM') terminate(child);
    };
    const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, pass);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const s of signals) process.off(s, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137));
    });
  });
}

/** nsenter passes no signal on: it is told to what it has started. */
function terminate({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    for (const one of below === '' ? [pid] : below.split(' ')) process.kill(Number(one), 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
}
