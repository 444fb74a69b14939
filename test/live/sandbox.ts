// A sandbox on this machine's kernel: network, mount and process namespaces of its own, a helper in it, and `Os` as the
// commands see it. Synchronous, since the commands' transports are: requests and answers go through two fifos.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NsRef, Os } from '../../src/lab/os.ts';
import type { NlTransport } from '../../src/netlink/transport.ts';

/** Why no sandbox can be had here; null when it can. */
export function whyNot(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    execFileSync('unshare', ['--net', '--mount', 'true'], { stdio: 'ignore' });
    execFileSync('python3', ['-c', 'import ctypes'], { stdio: 'ignore' });
    const version = execFileSync('ip', ['-V'], { encoding: 'utf8' });
    return version.includes('iproute2-6.1.') ? null : `needs iproute2 6.1 to compare with, found ${version.trim()}`;
  } catch {
    return 'needs unshare, python3 and ip';
  }
}

export interface Ran {
  rc: number;
  out: string;
  err: string;
}

class LiveNs implements NsRef {
  readonly inode: number;
  readonly id: number;
  constructor(id: number, inode: number) {
    this.id = id;
    this.inode = inode;
  }
}

export class Sandbox {
  readonly os: Os;
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #requests: number;
  readonly #answers: number;
  #rest = '';

  constructor() {
    this.#dir = mkdtempSync(join(tmpdir(), 'lowerdev-live-'));
    const [to, from] = [join(this.#dir, 'requests'), join(this.#dir, 'answers')];
    execFileSync('mkfifo', [to, from]);
    const helper = join(process.cwd(), 'test/live/helper.py');
    const script =
      'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && python3 "$0" "$1" "$2" || echo \'{"died":true}\' > "$2"';
    const args = [
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--mount-proc',
      '--kill-child',
      'sh',
      '-c',
      script,
      helper,
      to,
      from,
    ];
    this.#child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    // Both ways at once, so that opening waits for nobody.
    this.#requests = openSync(to, 'r+');
    this.#answers = openSync(from, 'r+');
    this.os = liveOs(this, (this.#line() as { inode: number }).inode);
  }

  /** A shell command line of the real machine, inside. */
  sh(cmd: string): Ran {
    return this.ask({ op: 'sh', cmd }) as unknown as Ran;
  }

  ask(request: Record<string, unknown>): Record<string, unknown> {
    writeSync(this.#requests, `${JSON.stringify(request)}\n`);
    return this.#line();
  }

  close(): void {
    this.#child.kill('SIGKILL');
    closeSync(this.#requests);
    closeSync(this.#answers);
    rmSync(this.#dir, { recursive: true });
  }

  #line(): Record<string, unknown> {
    const chunk = Buffer.alloc(65536);
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        const answer = JSON.parse(line);
        if (answer.died === true) throw new Error('the helper inside the sandbox died; its last words are above');
        return answer;
      }
      this.#rest += chunk.toString('latin1', 0, readSync(this.#answers, chunk));
    }
  }
}

function liveOs(box: Sandbox, inode: number): Os {
  const initNs = new LiveNs(0, inode);
  const known = new Map<number, LiveNs>([[0, initNs]]);
  const refOf = (id: number, ino: number): LiveNs => {
    const ref = known.get(id) ?? new LiveNs(id, ino);
    known.set(id, ref);
    return ref;
  };
  const idOf = (ns: NsRef): number => (ns as LiveNs).id;
  const no = (what: string): never => {
    throw new Error(`a sandbox has no ${what}`);
  };
  return {
    initNs,
    execNs: 0,
    nowNs: () => no('virtual time'),
    wallNs: () => no('virtual time'),
    nsCreate: () => {
      const { ns, inode: ino } = box.ask({ op: 'ns_create' }) as { ns: number; inode: number };
      return refOf(ns, ino);
    },
    nsBind: (name, ns) => box.ask({ op: 'ns_bind', name, ns: idOf(ns) }).rc as number,
    nsUnbind: (name) => box.ask({ op: 'ns_unbind', name }).rc as number,
    // The commands list newest first, as a tmpfs does.
    nsNames: () => (box.ask({ op: 'ns_names' }).names as string[]).reverse(),
    nsByName: (name) => {
      const { ns, inode: ino } = box.ask({ op: 'ns_named', name }) as { ns: number | null; inode: number };
      return ns === null ? null : refOf(ns, ino);
    },
    nsOpen: (ns) => box.ask({ op: 'ns_open', ns: idOf(ns) }).fd as number,
    nsClose: (fd) => void box.ask({ op: 'ns_close', fd }),
    nsHold: () => {},
    nsRelease: () => {},
    netlink: (ns, protocol) => new LiveTransport(box, idOf(ns), protocol),
    socket: () => no('sockets'),
    readFile: (ns, path) => {
      const r = box.ask({ op: 'read', ns: idOf(ns), path }) as { text?: string; rc?: number };
      return r.text ?? (r.rc as number);
    },
    writeFile: (ns, path, text) => box.ask({ op: 'write', ns: idOf(ns), path, text }).rc as number,
    listDir: () => no('directories'),
    drvInfo: () => no('ioctls'),
    drvStats: () => no('ioctls'),
    deviceGroup: () => no('ioctls'),
  };
}

/** A real netlink socket, held by the helper. */
class LiveTransport implements NlTransport {
  readonly portId: number;
  onReadable: (() => void) | null = null;
  readonly #box: Sandbox;
  readonly #id: number;
  #waiting: Uint8Array[] = [];

  constructor(box: Sandbox, ns: number, protocol: number) {
    this.#box = box;
    const { id, port } = box.ask({ op: 'open', ns, protocol }) as { id: number; port: number };
    this.#id = id;
    this.portId = port;
  }

  send(datagram: Uint8Array): void {
    this.#take(this.#box.ask({ op: 'send', id: this.#id, data: Buffer.from(datagram).toString('base64') }));
  }

  recv(): Uint8Array | null {
    if (this.#waiting.length === 0) this.#take(this.#box.ask({ op: 'recv', id: this.#id }));
    return this.#waiting.shift() ?? null;
  }

  join(group: number): void {
    this.#box.ask({ op: 'join', id: this.#id, group });
  }

  close(): void {
    this.#box.ask({ op: 'close', id: this.#id });
  }

  #take(answer: Record<string, unknown>): void {
    for (const text of answer.data as string[]) this.#waiting.push(new Uint8Array(Buffer.from(text, 'base64')));
  }
}
