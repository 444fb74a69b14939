// The command line: every verb registers its options and help, and loads its work when it is called.
// Exit codes: the script's own; 2 bad usage; 4 no progress; 130 Ctrl-C. Of labs: cli/verbs/apply.ts.

import { Command, CommanderError } from 'commander';
import { version } from '../base/version.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerGc } from './commands/gc.ts';
import { registerInit } from './commands/init.ts';
import { registerLabVerbs } from './commands/lab.ts';
import { registerOffload } from './commands/offload.ts';
import { registerRun } from './commands/run.ts';
import { registerSchema } from './commands/schema.ts';
import { registerShell } from './commands/shell.ts';
import { registerSnapshot } from './commands/snapshot.ts';
import { registerStatus } from './commands/status.ts';
import { registerVerify } from './commands/verify.ts';
import { registerWhy } from './commands/why.ts';
import { badNews, errorDocument, Usage } from './usage.ts';

const program = new Command('lowerdev')
  .description('Linux macvlan and NIC L2-forwarding offload, from the plan to the packet')
  .version(version, '-V, --version', 'print the version')
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .exitOverride();

/** In the order of `lowerdev --help`. */
const verbs = [
  registerRun,
  registerOffload,
  registerShell,
  registerInit,
  registerLabVerbs,
  registerGc,
  registerVerify,
  registerStatus,
  registerWhy,
  registerDoctor,
  registerSnapshot,
  registerSchema,
  registerCompletion,
];
for (const register of verbs) register(program);

program
  .command('version')
  .summary('print the version')
  .action(() => {
    process.stdout.write(`lowerdev ${version}\n`);
  });

process.stdout.on('error', brokenPipe);
process.stderr.on('error', brokenPipe);
for (const command of program.commands) command.exitOverride().showSuggestionAfterError();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Usage) {
    badNews(error.message, error.exitCode, wantsJson() && !error.documented);
    process.exitCode = error.exitCode;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    if (error.exitCode !== 0 && wantsJson()) {
      process.stdout.write(errorDocument(error.message.replace(/^error: /, '').trim(), 2));
    }
  } else unexpected(error);
}

/** Of an error in the options themselves, if --json stands before what is wrong. */
function wantsJson(): boolean {
  const verb = program.commands.find((c) => c.name() === process.argv[2]);
  return verb?.opts().json === true;
}

/** Whoever read our output has gone (`lowerdev run x.sh | head`). */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(141);
  unexpected(error);
}

/** No exit code of a verb: 74 for output that could not be written, 70 for what is a bug of ours. */
function unexpected(error: unknown): never {
  const { code, syscall, stack } = error as NodeJS.ErrnoException;
  if (syscall === 'uv_cwd') {
    badNews('the folder that you are in has been removed: cd to one that is there', 2, wantsJson());
    process.exit(2);
  }
  const unwritten = syscall === 'write' && code !== undefined;
  const text = unwritten
    ? `the output could not be written: ${(error as Error).message}`
    : `this is a bug of lowerdev: ${stack ?? error}`;
  try {
    process.stderr.write(`lowerdev: ${text}\n`);
  } catch {
    // Nobody can be told.
  }
  process.exit(unwritten ? 74 : 70);
}
