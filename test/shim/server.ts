// Speaks for a model kernel to programs that run under shim.c: their netlink sockets become the model's, and it answers
// what else they ask a kernel. The protocol is described there.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../../src/lab/model.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { NlError } from '../../src/netlink/error.ts';
import { type NlSocket, openNetlink } from '../../src/rtnl/socket.ts';

/** Why programs cannot be run under the shim here; null when they can. */
export function whyNoShim(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  const has = (program: string, ...argv: string[]): string | null => {
    try {
      return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return null;
    }
  };
  if (has('cc', '--version') === null) return 'needs a C compiler, cc';
  const version = has('ip', '-V');
  if (version === null || !version.includes('iproute2-6.1.')) return `needs iproute2 6.1, found ${version ?? 'none'}`;
  if (has('ethtool', '--version')?.includes('version 6.1') !== true) return 'needs ethtool 6.1';
  return null;
}

const ENOENT = 2;
const EEXIST = 17;
const ENODEV = 19;
const ENXIO = 6;

export class ShimServer {
  readonly model: Model;
  /** What a program's environment must have. */
  readonly env: Record<string, string>;
  private readonly dir: string;
  private readonly names: string;
  private readonly server: Server;
  private readonly open = new Set<Socket>();
  private readonly spaces: NetNs[] = [];
  /** Called when a program joins a group: a monitor is listening. */
  onListening: (() => void) | null = null;
  /** What `PID FD` of a program stands for. */
  private readonly fds = new Map<string, NetNs>();

  constructor(model: Model) {
    this.model = model;
    // A tmpfs lists the newest file first, as /run does.
    this.dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lowerdev-shim-'));
    this.names = join(this.dir, 'netns');
    mkdirSync(this.names);
    const library = join(this.dir, 'shim.so');
    const source = join(process.cwd(), 'test/shim/shim.c');
    execFileSync('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], { stdio: 'inherit' });
    this.numberOf(model.os.initNs);
    this.server = createServer((socket) => this.serve(socket));
    const path = join(this.dir, 'socket');
    this.env = { LD_PRELOAD: library, LOWERDEV_SHIM: path, LOWERDEV_SHIM_NETNS: this.names, LOWERDEV_SHIM_NS: '0' };
  }

  listen(): Promise<void> {
    return new Promise((done) => this.server.listen(this.env['LOWERDEV_SHIM'], done));
  }

  close(): void {
    for (const socket of this.open) socket.destroy();
    this.server.close();
    rmSync(this.dir, { recursive: true });
  }

  /** Names that the model has are files in the folder that stands for /run/netns, the newest last. */
  syncNames(): void {
    const have = new Set(readdirSync(this.names));
    for (const name of this.model.os.nsNames()) if (!have.delete(name)) writeFileSync(join(this.names, name), '');
    for (const gone of have) rmSync(join(this.names, gone));
  }

  private numberOf(ns: NetNs): number {
    const at = this.spaces.indexOf(ns);
    return at >= 0 ? at : this.spaces.push(ns) - 1;
  }

  private serve(socket: Socket): void {
    let buffer = Buffer.alloc(0);
    let netlink: NlSocket | null = null;
    this.open.add(socket);
    socket.on('data', (chunk) => {
      buffer = Buffer.concat([buffer, chunk]);
      while (buffer.length >= 5 && buffer.length >= 4 + buffer.readUInt32LE(0)) {
        const end = 4 + buffer.readUInt32LE(0);
        const type = String.fromCharCode(buffer[4]);
        const payload = Uint8Array.from(buffer.subarray(5, end));
        buffer = buffer.subarray(end);
        if (type === 'Q') socket.write(frame('R', this.answer(Buffer.from(payload).toString())));
        else if (type === 'H') netlink = this.openSocket(socket, Buffer.from(payload).toString());
        else if (netlink !== null) {
          upcall(netlink, type, payload);
          if (type === 'J' || type === 'B') this.onListening?.();
        }
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.open.delete(socket);
      netlink?.close();
    });
  }

  private openSocket(socket: Socket, text: string): NlSocket | null {
    const [protocol, space, pid] = text.split(' ').map(Number);
    if (protocol !== 0 && protocol !== 4 && protocol !== 16) {
      socket.write(frame('R', result(-93)));
      return null;
    }
    const { kernel, os } = this.model;
    const netlink = openNetlink(kernel, this.spaces[space], protocol, {
      nsByFd: (fd) => this.fds.get(`${pid} ${fd}`) ?? null,
      nsByPid: (other) => (other === 1 || other === pid ? os.initNs : null),
    });
    netlink.extAck = false;
    netlink.capAck = false;
    netlink.strictCheck = false;
    netlink.onReadable = () => {
      for (;;) {
        try {
          const datagram = netlink.recv();
          if (datagram === null) return;
          socket.write(frame('D', datagram));
        } catch (error) {
          if (!(error instanceof NlError)) throw error;
          socket.write(frame('E', words(error.errno)));
        }
      }
    };
    socket.write(frame('P', words(netlink.portId)));
    return netlink;
  }

  private answer(question: string): Uint8Array {
    const [what, ...args] = question.split(' ');
    const { os } = this.model;
    const space = (): NetNs => this.spaces[Number(args[0])];
    const rest = (from: number): string => args.slice(from).join(' ');
    switch (what) {
      case 'index':
        return result(space().dev(rest(1))?.ifindex ?? -ENODEV);
      case 'name': {
        const dev = space().devByIndex(Number(args[1]));
        return dev === null ? result(-ENXIO) : result(0, dev.name);
      }
      case 'read': {
        const text = os.readFile(space(), rest(1));
        return typeof text === 'number' ? result(text) : result(0, text);
      }
      case 'ns-open': {
        const ns = os.nsByName(rest(2));
        if (ns === null) return result(-ENOENT);
        this.fds.set(`${args[0]} ${args[1]}`, ns);
        return result(this.numberOf(ns));
      }
      case 'ns-open-number': {
        const ns = this.spaces[Number(args[2])];
        this.fds.set(`${args[0]} ${args[1]}`, ns);
        return result(this.numberOf(ns));
      }
      case 'ns-close':
        return result(this.fds.delete(`${args[0]} ${args[1]}`) ? 0 : -ENOENT);
      case 'ns-new':
        return result(this.numberOf(os.nsCreate()));
      case 'ns-bind':
        return result(os.nsBind(rest(1), space()) < 0 ? -EEXIST : 0);
      case 'ns-unbind':
        return result(os.nsUnbind(rest(0)));
      case 'ns-inode':
        return result(space().inode | 0);
      case 'ns-inode-name':
        return result((os.nsByName(rest(0))?.inode ?? 0) | 0);
      case 'drvinfo': {
        const info = os.drvInfo(space(), rest(1));
        if (typeof info === 'number') return result(info);
        const stats = os.drvStats(space(), rest(1));
        const count = typeof stats === 'number' ? 0 : stats.length;
        return result(0, [info.driver, info.version, info.fwVersion, info.busInfo, count].join('\n'));
      }
      case 'drvstats': {
        const stats = os.drvStats(space(), rest(1));
        if (typeof stats === 'number') return result(stats);
        return result(stats.length, stats.map(([name, value]) => `${value} ${name}\n`).join(''));
      }
      default:
        throw new Error(`the shim asks for ${question}`);
    }
  }
}

function upcall(netlink: NlSocket, type: string, payload: Uint8Array): void {
  const view = new DataView(payload.buffer);
  switch (type) {
    case 'D':
      netlink.send(payload);
      return;
    case 'O':
      try {
        netlink.setOption(view.getUint32(0, true), view.getUint32(4, true) !== 0);
      } catch (error) {
        if (!(error instanceof NlError)) throw error; // an option that the model does not have: none that matters here
      }
      return;
    case 'J':
      netlink.join(view.getUint32(0, true));
      return;
    case 'B':
      for (let group = 0; group < 32; group++) if ((view.getUint32(0, true) >>> group) & 1) netlink.join(group + 1);
      return;
    default:
      throw new Error(`the shim sends a ${type}`);
  }
}

function frame(type: string, payload: Uint8Array): Uint8Array {
  const out = Buffer.alloc(5 + payload.length);
  out.writeUInt32LE(payload.length + 1, 0);
  out.write(type, 4, 'latin1');
  out.set(payload, 5);
  return out;
}

function words(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value >>> 0, 0);
  return out;
}

function result(value: number, text = ''): Uint8Array {
  return Buffer.concat([words(value), Buffer.from(text)]);
}
