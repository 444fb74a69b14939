// Runs a script on the fake kernel and hands back what a terminal would have shown, in order.

import type { Command } from '../process.ts';
import { Session, type SessionOptions } from '../session.ts';
import { fakeKernel } from './fake-os.ts';

export interface Ran {
  /** Both streams as they came. */
  output: string;
  stdout: string;
  stderr: string;
  exitCode: number;
  /** Virtual time that passed. */
  ns: number;
  session: Session;
}

export interface RunOptions extends Partial<SessionOptions> {
  /** Called before the script begins. */
  onSession?: (session: Session) => void;
}

export async function runText(text: string, options: RunOptions = {}, extraCommands: Command[] = []): Promise<Ran> {
  const kernel = options.kernel ?? fakeKernel();
  const written = { out: '', err: '' };
  let output = '';
  const terminal = {
    isTty: false,
    columns: 80,
    write(stream: 'out' | 'err', part: string): void {
      written[stream] += part;
      output += part;
    },
  };
  const session = new Session({ name: 'lab.sh', extraCommands, ...options, kernel, terminal });
  options.onSession?.(session);
  const exitCode = await session.run(text);
  return { output, stdout: written.out, stderr: written.err, exitCode, ns: kernel.loop.now, session };
}
