// lowerdev offload: runs a script in the model, quietly, and tells which macvlans its NICs carry in the end, and why not.

import { offloadReport } from '../../lab/offload-report.ts';
import { offloadText } from '../../shell/commands/lowerdev/offload-text.ts';
import { Session } from '../../shell/session.ts';
import { NodeHost, onInterrupt, Quiet } from '../host.ts';
import { openModel, reason } from '../open-model.ts';
import { readInput } from '../read-input.ts';
import { Usage, variables, wholeNumber } from '../usage.ts';

export interface OffloadOptions {
  machine?: string;
  seed: string;
  set?: string[];
  json?: boolean;
}

/** The script's exit code where it failed; its messages go to standard error. */
export async function offload(script: string, args: string[], options: OffloadOptions): Promise<number> {
  const seed = wholeNumber('--seed', options.seed);
  const text = read(script);
  const model = await openModel({ machine: options.machine, script, seed });
  const quiet = new Quiet();
  const session = new Session({
    kernel: model,
    terminal: quiet,
    host: new NodeHost(false, false),
    seed,
    name: script === '-' ? 'bash' : script,
    args,
    variables: variables(options.set ?? []),
  });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  const done = onInterrupt(session);
  let exitCode: number;
  try {
    exitCode = await session.run(text);
  } finally {
    done();
  }
  process.stderr.write(quiet.stderr);
  if (session.failure !== null) process.stderr.write(`lowerdev: ${session.failure}\n`);
  const report = offloadReport(model.kernel);
  process.stdout.write(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : offloadText(report));
  return exitCode;
}

function read(script: string): string {
  try {
    return readInput(script);
  } catch (error) {
    throw new Usage(`${script}: ${reason(error)}`);
  }
}
