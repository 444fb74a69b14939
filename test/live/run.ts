// Runs one of our commands against a sandbox's kernel and collects what it says. No scheduler: nothing sleeps here, a
// wait for notifications ends the command as a signal would.

import type { NsRef } from '../../src/lab/os.ts';
import type { Command, Proc } from '../../src/shell/process.ts';
import type { Ran, Sandbox } from './sandbox.ts';

/** Thrown inside a wait: the test has seen enough. */
class Interrupted extends Error {}

export interface Extra {
  /** Files by name. */
  files?: Readonly<Record<string, string>>;
  stdin?: string;
  /** Runs while the command waits for the first time; at the second wait it ends. */
  whileWaiting?: () => void;
}

export async function runOurs(
  box: Sandbox,
  command: Command,
  argv: readonly string[],
  extra: Extra = {},
): Promise<Ran> {
  const ran: Ran = { rc: 0, out: '', err: '' };
  let waits = 0;
  const proc = {
    pid: 1,
    name: command.name,
    argv,
    env: new Map(),
    cwd: '/',
    os: box.os,
    ns: box.os.initNs,
    stdin: extra.stdin ?? '',
    out: (text: string) => void (ran.out += text),
    err: (text: string) => void (ran.err += text),
    isTty: false,
    columns: 80,
    realtime: false,
    readText: async (path: string) => extra.files?.[path] ?? (box.os.readFile(box.os.initNs, path) as string | number),
    exec: async (what: readonly string[] | string, options?: { ns?: NsRef }) => {
      const cmd = typeof what === 'string' ? what : what.map((w) => `'${w}'`).join(' ');
      const r = box.ask({ op: 'sh', cmd, ns: (options?.ns as { id?: number } | undefined)?.id ?? 0 }) as unknown as Ran;
      ran.out += r.out;
      ran.err += r.err;
      return r.rc;
    },
    waitReadable: async () => {
      if (waits++ > 0 || extra.whileWaiting === undefined) throw new Interrupted();
      extra.whileWaiting();
      return null;
    },
    which: (name: string) => (box.sh(`command -v ${name}`).rc === 0 ? name : null),
    processes: () => [],
  };
  try {
    ran.rc = await command.run(proc as unknown as Proc);
  } catch (e) {
    if (!(e instanceof Interrupted)) throw e;
    ran.rc = 130;
  }
  return ran;
}

/** Words of a command line, with single and double quotes. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]);
}
