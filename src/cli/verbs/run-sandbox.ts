// lowerdev run --engine sandbox: the script with the real bash and the real tools, in namespaces of its own.

import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { SANDBOX_BIN } from '../../linux/sandbox/holder.ts';
import { answering } from '../lab-change.ts';
import { readMachine } from '../open-model.ts';
import { handedMachine, settle, throughLabsSandbox, throughOwnSandbox } from '../sandbox.ts';
import { Usage, variables, wholeNumber } from '../usage.ts';
import type { RunOptions } from './run.ts';

/** Where ip and its kin are, which a user's PATH often lacks. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** What only the model can do, and what does it in a sandbox. */
const MODEL_ONLY: ReadonlyArray<readonly [keyof RunOptions, string, string]> = [
  ['pcap', '--pcap', 'the script can run tcpdump -w'],
  ['trace', '--trace', 'only the model sees its functions'],
  ['traceFilter', '--trace-filter', 'only the model sees its functions'],
  ['traceCount', '--trace-count', 'only the model sees its functions'],
  ['timeline', '--timeline', 'only the model samples its queues'],
  ['json', '--json', 'only the model knows what each command did'],
  ['realtime', '--realtime', 'time is real there'],
  ['maxEvents', '--max-events', 'only the model counts them'],
  ['maxCommands', '--max-commands', 'only the model counts them'],
  ['check', '--check', 'the rules are those of the model'],
];

/** Runs it; its exit code. */
export function runInSandbox(script: string, args: string[], options: RunOptions): Promise<number> {
  return answering({}, async () => {
    for (const [key, option, instead] of MODEL_ONLY) {
      if (options[key] !== undefined) throw new Usage(`${option} is not for --engine sandbox: ${instead}`);
    }
    if (options.in !== undefined && options.machine !== undefined) {
      throw new Usage('--in runs it in a sandbox that has its machine: leave out --machine');
    }
    const set = variables(options.set ?? []);
    if (options.in !== undefined) {
      const through = await throughLabsSandbox(options.in);
      if (through !== null) return through;
    } else {
      const handed = handedMachine();
      const machine = handed === undefined ? await readMachine(options.machine, script) : handed;
      const through = await throughOwnSandbox(machine);
      if (through !== null) return through;
      const { LinuxOs } = await import('../../linux/linux-os.ts');
      await settle(await LinuxOs.open(), machine ?? NO_MACHINE, wholeNumber('--seed', options.seed));
      await sayNotes(machine);
    }
    return bash(script, args, set);
  });
}

/** lo alone. */
const NO_MACHINE = { nics: [], cables: [], switches: [], peers: [] };

async function sayNotes(machine: Awaited<ReturnType<typeof readMachine>>): Promise<void> {
  if (machine === null) return;
  const { sandboxNotes } = await import('../../linux/sandbox/build.ts');
  for (const note of sandboxNotes(machine)) process.stderr.write(`lowerdev: ${note}\n`);
}

function bash(script: string, args: readonly string[], set: ReadonlyMap<string, string>): Promise<number> {
  const path = (process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== '');
  const PATH = [SANDBOX_BIN, ...path, ...SBIN.filter((dir) => !path.includes(dir))].join(delimiter);
  const argv = script === '-' ? ['-s', '--', ...args] : ['--', script, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn('bash', argv, { env: { ...process.env, PATH, ...Object.fromEntries(set) }, stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals): void => {
      if (signal === 'SIGTERM') child.kill(signal); // Ctrl-C reaches it from the terminal
    };
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Usage('there is no bash here, which runs the script') : error),
    );
    child.on('close', (code, signal) =>
      resolve(code ?? 128 + (signal === 'SIGINT' ? 2 : signal === 'SIGTERM' ? 15 : 9)),
    );
  });
}
