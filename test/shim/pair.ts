// Two models that begin alike. Each line runs with our own commands in one, and with the unmodified program of this machine
// under the shim in the other: what both say and return must be the same, byte for byte.

import { spawn } from 'node:child_process';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';
import { ShimServer } from './server.ts';

interface Side {
  session: Session;
  text: { out: string; err: string };
}

function side(machine: string | undefined): Side & { model: ReturnType<typeof createModel> } {
  const text = { out: '', err: '' };
  const model = createModel({
    seed: 1,
    machine: machine === undefined ? undefined : parseMachine(machine, 'machine.yaml'),
  });
  const write = (stream: 'out' | 'err', part: string): void => {
    text[stream] += part;
  };
  const session = new Session({ kernel: model, terminal: { write, isTty: false, columns: 80 }, seed: 1 });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  return { model, session, text };
}

const PATHS = { PATH: '/usr/sbin:/sbin:/usr/bin:/bin', LC_ALL: 'C' };

export class Pair {
  readonly server: ShimServer;
  private readonly ours: Side;
  private readonly real: Side;

  private constructor(machine: string | undefined) {
    this.ours = side(machine);
    const real = side(machine);
    this.real = real;
    this.server = new ShimServer(real.model);
  }

  static async make(setup: string, machine?: string): Promise<Pair> {
    const pair = new Pair(machine);
    await pair.server.listen();
    await pair.both(setup);
    return pair;
  }

  close(): void {
    this.server.close();
  }

  /** A script of ours on both sides. */
  async both(script: string): Promise<void> {
    for (const { session, text } of [this.ours, this.real]) {
      await session.run(script);
      text.out = '';
      text.err = '';
    }
    this.server.syncNames();
  }

  /** Null when both agree, else what each said. A line that begins with ! is for both. */
  async step(line: string): Promise<string | null> {
    if (line.startsWith('!')) {
      await this.both(line.slice(1));
      return null;
    }
    const { session, text } = this.ours;
    const { exitCode } = await session.runLine(line);
    const ours = shown({ ...text, rc: exitCode });
    const real = shown(await this.program(line));
    await this.both('sleep 1');
    return ours === real ? null : `${line}\n--- the program\n${real}\n--- ours\n${ours}\n`;
  }

  /** A monitor on both sides while `script` runs. */
  async monitor(line: string, script: string): Promise<string | null> {
    const { session, text } = this.ours;
    await session.runLine(`${line} > /tmp/monitor 2>&1 & sleep 0.5`);
    await session.run(script);
    text.out = '';
    await session.runLine('sleep 0.5; kill $!; wait $! 2>/dev/null; cat /tmp/monitor');
    const ours = text.out;
    const real = await new Promise<string>((resolve, reject) => {
      let said = '';
      const [program, ...argv] = line.split(' ');
      const child = spawn(program, argv, {
        env: { ...PATHS, ...this.server.env },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.stdout.setEncoding('utf8').on('data', (part) => (said += part));
      child.on('error', reject);
      child.on('close', () => resolve(said));
      this.server.onListening = () => {
        this.server.onListening = null;
        // After the sockets of this turn: a monitor joins all its groups before it reads.
        setTimeout(async () => {
          await this.real.session.runLine('sleep 0.5');
          await this.real.session.run(script);
          await this.real.session.runLine('sleep 0.5');
          const last = setInterval(() => {
            // It has flushed what it heard when it is idle; a second is long for that.
            clearInterval(last);
            child.kill('SIGINT');
          }, 1500);
        }, 500);
      };
    });
    text.out = '';
    text.err = '';
    return ours === real ? null : `${line}\n--- the program\n${real}\n--- ours\n${ours}\n`;
  }

  /** The line, by a shell, with the shim. */
  program(line: string, limitMs = 20_000): Promise<{ out: string; err: string; rc: number }> {
    return new Promise((resolve, reject) => {
      const env = { ...PATHS, ...this.server.env };
      const child = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (part) => (said.out += part));
      child.stderr.setEncoding('utf8').on('data', (part) => (said.err += part));
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ ...said, rc: code ?? -1 });
      });
    });
  }
}

/** Running timers alone may differ: starting a program takes virtual time in a session, and none under the shim. */
function shown(said: { out: string; err: string; rc: number }): string {
  const text = `${said.out}${said.err === '' ? '' : `[stderr] ${said.err}`}[exit ${said.rc}]`;
  return text
    .replace(/((?:gc|hello|tcn|topology_change|forward_delay|hold|message_age)_timer)\s+[\d.]+/g, '$1 T')
    .replace(/("(?:gc|hello|forward_delay)_timer":\s*)[\d.]+/g, '$1T');
}
