// Runs the oracle's scripts in the model, as the guest runs them, and gives what the serial line would have carried.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';
import { Fixture } from './fixture.ts';
import { otool } from './otool.ts';

const folder = join(import.meta.dirname, 'oracle/tests');

/** The serial output of one test (`a` to `e`); `edit`: what to change in its script before. */
export async function runInModel(test: string, edit: (script: string) => string = (s) => s): Promise<string> {
  const model = createModel({ seed: 1, ipv6: true });
  const fixture = new Fixture(model);
  let output = '';
  const write = (_stream: 'out' | 'err', text: string): void => {
    output += text;
  };
  const session = new Session({
    name: `${test}.sh`,
    kernel: { os: fixture.os, loop: model.loop },
    terminal: { isTty: false, columns: 80, write },
    extraCommands: [...fixture.commands, otool(model)],
    maxEvents: 500e6,
    maxCommands: 1e6,
  });
  const text = edit(readFileSync(join(folder, `${test}.sh`), 'utf8'));
  // As the guest's kernel is built: CONFIG_DEFAULT_NET_SCH.
  await session.run('echo fq_codel > /proc/sys/net/core/default_qdisc');
  await session.run(text.replace('. /t/lib.sh', () => readFileSync(join(folder, 'lib.sh'), 'utf8')));
  if (session.failure !== null) output += `FAILURE ${session.failure}\n`;
  return output;
}
