// lowerdev shell: the model kernel at a prompt. Functions, variables and the directory stay from one input to the next.

import { createInterface, type Interface } from 'node:readline';
import type { Terminal } from '../../shell/computer.ts';
import { Session } from '../../shell/session.ts';
import { isIncomplete } from '../../shell/syntax.ts';
import { complete } from '../complete.ts';
import { loadHistory, saveHistory } from '../history.ts';
import { NodeHost, stdio } from '../host.ts';
import { openModel } from '../open-model.ts';
import { variables, wholeNumber } from '../usage.ts';

export interface ShellOptions {
  machine?: string;
  seed: string;
  set?: string[];
  realtime?: boolean;
  maxEvents?: string;
}

export async function shell(options: ShellOptions): Promise<number> {
  const seed = wholeNumber('--seed', options.seed);
  const set = variables(options.set ?? []);
  const maxEvents = options.maxEvents === undefined ? undefined : wholeNumber('--max-events', options.maxEvents);
  const interactive = process.stdin.isTTY === true;
  const model = await openModel({ machine: options.machine, seed });
  const host = new NodeHost(options.realtime === true, interactive);
  const session = new Session({
    kernel: model,
    terminal: interactive ? counted(host, model.loop) : stdio,
    host,
    seed,
    variables: set,
    interactive,
    realtime: options.realtime,
    maxEvents,
  });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  return interactive ? atPrompt(session, () => host.begin(model.loop.now)) : fromPipe(session);
}

/** The terminal, whose host hears that something was printed. */
function counted(host: NodeHost, clock: { readonly now: number }): Terminal {
  return {
    isTty: stdio.isTty,
    columns: stdio.columns,
    write(stream, text) {
      host.wrote(clock.now);
      stdio.write(stream, text);
    },
    writeBytes: stdio.writeBytes,
  };
}

/** Somebody types. `begin` is called when an input is complete. */
async function atPrompt(session: Session, begin: () => void): Promise<number> {
  const rl = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: loadHistory(),
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(session, line),
  });
  process.stdout.write('lowerdev: the model kernel. Nothing here touches this machine. Ctrl-D leaves.\n');
  let text = '';
  let busy = false;
  let exitCode = 0;
  rl.on('SIGINT', () => {
    if (busy) {
      session.interrupt();
      return;
    }
    text = '';
    process.stdout.write('^C');
    rl.write(null, { ctrl: true, name: 'e' });
    rl.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
    ask(rl, session, '');
  });
  ask(rl, session, '');
  for await (const line of rl) {
    text += text === '' ? line : `\n${line}`;
    if (isIncomplete(text)) {
      ask(rl, session, text);
      continue;
    }
    const input = text;
    text = '';
    busy = true;
    begin();
    const ended = input.trim() === '' ? null : await session.runLine(input);
    busy = false;
    if (ended !== null) exitCode = ended.exitCode;
    if (session.failure !== null) process.stderr.write(`lowerdev: ${session.failure}\n`);
    if (ended?.exited === true || session.failure !== null) break;
    ask(rl, session, '');
  }
  saveHistory((rl as unknown as { history?: string[] }).history ?? []);
  rl.close();
  return exitCode;
}

function ask(rl: Interface, session: Session, before: string): void {
  const { cwd } = session.shell.state;
  const where = cwd === '/root' ? '~' : cwd;
  rl.setPrompt(before === '' ? `lowerdev:${where}# ` : '> ');
  rl.prompt();
}

/** Lines come from a file or a pipe: no prompt, no history; each input runs as soon as it is complete. */
async function fromPipe(session: Session): Promise<number> {
  const rl = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  let text = '';
  let firstLine = 1;
  let line = 0;
  let exitCode = 0;
  for await (const next of rl) {
    line++;
    text += text === '' ? next : `\n${next}`;
    if (isIncomplete(text)) continue;
    const ended = text.trim() === '' ? null : await session.runLine(text, firstLine);
    text = '';
    firstLine = line + 1;
    if (ended !== null) exitCode = ended.exitCode;
    if (session.failure !== null) process.stderr.write(`lowerdev: ${session.failure}\n`);
    if (ended?.exited === true || session.failure !== null) return exitCode;
  }
  if (text.trim() !== '') exitCode = (await session.runLine(text, firstLine)).exitCode;
  return (await session.end()) ?? exitCode;
}
