// The client: asks the server for a test, opens the streams, decides when it is over. Linux tool: iperf 3.12,
// iperf_client_api.c.

import type { SockAddr, Socket, StreamSocket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Proc } from '../../process.ts';
import {
  anyAddress,
  connectStream,
  endpointOf,
  familyOf,
  openDatagram,
  openStream,
  withPort,
  writeAll,
} from '../sockets.ts';
import * as ctl from './control.ts';
import { printJson } from './format.ts';
import { JsonReport } from './json.ts';
import { IperfExit, type IperfOptions } from './options.ts';
import { Reporter } from './report.ts';
import { IperfStream } from './stream.ts';
import { IperfTest } from './test.ts';
import { timestamp } from './timestamp.ts';

/** Descriptors that a real client's streams get: others are open between them. */
const FDS = [5, 7, 9, 12];
const fdOf = (i: number): number => FDS[i] ?? 12 + 2 * (i - 3);
/** Streams are counted 1, 3, 4, 5 ... */
export const idOf = (i: number): number => (i === 0 ? 1 : i + 2);

const UDP_CONNECT = Uint8Array.of(0x39, 0x38, 0x37, 0x36);

export async function runClient(proc: Proc, o: IperfOptions, out: (text: string) => void): Promise<number> {
  const json = o.json ? new JsonReport(o) : null;
  const client = new Client(proc, o, out, json);
  try {
    await client.run();
    if (json !== null) out(`${printJson(json.finish(client.test, null))}\n`);
    return 0;
  } catch (e) {
    if (e instanceof ctl.Interrupted) {
      client.interrupted();
      proc.err('iperf3: interrupt - the client has terminated\n');
      return 1;
    }
    if (!(e instanceof IperfExit) || json === null) throw e;
    const words = e.text.replace(/^iperf3: /, '').trimEnd();
    out(`${printJson(json.finish(null, words))}\n`);
    return e.code;
  } finally {
    client.close();
  }
}

class Client {
  test: IperfTest | null = null;
  private readonly proc: Proc;
  private readonly o: IperfOptions;
  private readonly out: (text: string) => void;
  private readonly json: JsonReport | null;
  private readonly reporter: Reporter;
  private readonly sockets: Socket[] = [];
  private control: ctl.Control | null = null;
  private cookie = '';
  private length = 0;
  private mss = 0;
  private peer = anyAddress(4);

  constructor(proc: Proc, o: IperfOptions, out: (text: string) => void, json: JsonReport | null) {
    this.proc = proc;
    this.o = o;
    this.out = out;
    this.json = json;
    this.reporter = new Reporter(o, false, json === null ? out : () => {});
  }

  close(): void {
    for (const s of this.sockets) s.close();
  }

  /** Prints what there is, and tells the server. */
  interrupted(): void {
    this.control?.sendState(ctl.CLIENT_TERMINATE);
    if (this.test === null || this.test.startNs === 0 || this.json !== null) return;
    this.test.finish();
    this.reporter.end(this.test);
  }

  async run(): Promise<void> {
    const { o, proc, json } = this;
    const found = await endpointOf(proc, o.host, o.family);
    if (typeof found === 'string') {
      throw new IperfExit(`iperf3: error - unable to connect to server: ${found}\n`);
    }
    this.peer = found;
    json?.add('version', 'iperf 3.12');
    json?.add('system_info', await systemInfo(proc));
    const socket = await this.open(o.connectTimeoutMs >= 0 ? o.connectTimeoutMs * 1e6 : -1, true);
    this.control = new ctl.Control(proc, socket);
    this.cookie = ctl.makeCookie(proc);
    await this.control.write(ctl.cookieBytes(this.cookie));
    this.mss = socket.info().sndMss;
    this.length = o.length > 0 ? o.length : o.udp ? this.mss : 131072;
    this.announce();
    await this.converse(this.control);
  }

  private announce(): void {
    const { o, json } = this;
    const { time, secs } = timestamp(this.proc.os.wallNs());
    json?.add('timestamp', { time, timesecs: secs });
    json?.add('connecting_to', { host: o.host, port: o.port });
    json?.add('cookie', this.cookie);
    if (!o.udp) json?.add('tcp_mss_default', this.mss);
    if (json !== null) return;
    this.out(`Connecting to host ${o.host}, port ${o.port}\n`);
    if (o.reverse) this.out(`Reverse mode, remote host ${o.host} is sending\n`);
  }

  private async bindTo(socket: Socket, port: number): Promise<void> {
    const { bind } = this.o;
    if (bind === null && port === 0) return;
    const from = bind === null ? anyAddress(familyOf(this.peer)) : await endpointOf(this.proc, bind, this.o.family);
    socket.setOption('SO_REUSEADDR', 1);
    const rc = typeof from !== 'string' ? socket.bind(withPort(from, port)) : -22;
    if (rc < 0) throw new IperfExit(`iperf3: error - unable to connect to server: ${strerror(-rc)}\n`);
  }

  private async open(timeoutNs: number, control: boolean): Promise<StreamSocket> {
    const { o, proc } = this;
    const socket = openStream(proc, familyOf(this.peer));
    if (typeof socket === 'number') throw new IperfExit(`iperf3: error - socket: ${strerror(-socket)}\n`);
    this.sockets.push(socket);
    await this.bindTo(socket, control ? 0 : o.clientPort);
    if (!control) streamOptions(socket, o);
    else if (o.mss > 0) socket.setOption('TCP_MAXSEG', o.mss);
    const err = await connectStream(proc, socket, withPort(this.peer, o.port), timeoutNs);
    if (err === -1) throw new ctl.Interrupted();
    if (err !== 0) {
      const what = control ? 'unable to connect to server' : 'unable to connect stream';
      throw new IperfExit(`iperf3: error - ${what}: ${strerror(err)}\n`);
    }
    return socket;
  }

  private async converse(control: ctl.Control): Promise<void> {
    let state = await control.state();
    for (;;) {
      switch (state) {
        case ctl.PARAM_EXCHANGE:
          await control.sendJson(this.params());
          break;
        case ctl.CREATE_STREAMS:
          await this.createStreams();
          break;
        case ctl.TEST_START:
          break;
        case ctl.TEST_RUNNING: {
          const said = await this.running(control);
          if (said !== null) {
            state = said;
            continue;
          }
          break;
        }
        case ctl.EXCHANGE_RESULTS:
          await control.sendJson((this.test as IperfTest).results());
          (this.test as IperfTest).takeResults(await control.readJson('results'));
          break;
        case ctl.DISPLAY_RESULTS:
          if (this.json === null) this.reporter.end(this.test as IperfTest);
          control.sendState(ctl.IPERF_DONE);
          return;
        default:
          this.fail(state);
      }
      state = await control.state();
    }
  }

  private fail(state: number): never {
    if (state === ctl.SERVER_TERMINATE) throw new IperfExit('iperf3: error - the server has terminated\n');
    if (state === ctl.ACCESS_DENIED) {
      throw new IperfExit('iperf3: error - the server is busy running a test. try again later\n');
    }
    if (state === ctl.GONE) {
      throw new IperfExit('iperf3: error - control socket has closed unexpectedly\n');
    }
    throw new IperfExit(
      'iperf3: error - received an unknown control message (ensure other side is iperf3 and not iperf)\n',
    );
  }

  private params(): Record<string, number | boolean | string> {
    const { o } = this;
    return {
      [o.udp ? 'udp' : 'tcp']: true,
      omit: 0,
      time: o.timeS,
      num: o.bytes,
      blockcount: o.blocks,
      ...(o.mss > 0 ? { MSS: o.mss } : {}),
      ...(o.noDelay ? { nodelay: true } : {}),
      parallel: o.parallel,
      ...(o.reverse ? { reverse: true } : {}),
      ...(o.bidir ? { bidirectional: true } : {}),
      ...(o.window > 0 ? { window: o.window } : {}),
      len: this.length,
      ...(o.rate > 0 ? { bandwidth: o.rate } : {}),
      pacing_timer: 1000,
      ...(o.burst > 0 ? { burst: o.burst } : {}),
      ...(o.tos > 0 ? { TOS: o.tos } : {}),
      ...(o.congestion !== null ? { congestion: o.congestion } : {}),
      client_version: '3.12',
    };
  }

  private async createStreams(): Promise<void> {
    const { o, proc, json } = this;
    const test = new IperfTest(proc, o, (results) => {
      if (json !== null) json.interval(results);
      else this.reporter.intervals(results);
    });
    this.test = test;
    const n = o.bidir ? o.parallel * 2 : o.parallel;
    for (let i = 0; i < n; i++) {
      const sender = o.bidir ? i < o.parallel : !o.reverse;
      const socket = o.udp ? await this.openUdp() : await this.open(-1, false);
      if (!o.udp) await writeCookie(proc, socket as StreamSocket, this.cookie);
      const s = new IperfStream(idOf(i), fdOf(i), socket, sender, o.udp, this.length);
      test.streams.push(s);
      const peer: SockAddr | null = o.udp ? withPort(this.peer, o.port) : null;
      if (json !== null) json.stream(s, peer);
      else this.reporter.connected(s, peer);
    }
    json?.add('target_bitrate', o.rate);
    json?.add('sock_bufsize', o.window);
    json?.add('sndbuf_actual', o.window > 0 ? o.window * 2 : o.udp ? 212992 : 16384);
    json?.add('rcvbuf_actual', o.window > 0 ? o.window * 2 : o.udp ? 212992 : 131072);
    json?.testStart(this.length);
  }

  /** Says hello and waits for the answer, so that the server knows the port. Linux tool: iperf_udp_connect(). */
  private async openUdp(): Promise<Socket> {
    const { o, proc } = this;
    const socket = openDatagram(proc, familyOf(this.peer));
    if (typeof socket === 'number') throw new IperfExit(`iperf3: error - socket: ${strerror(-socket)}\n`);
    this.sockets.push(socket);
    await this.bindTo(socket, o.clientPort);
    if (o.window > 0) {
      socket.setOption('SO_SNDBUF', o.window);
      socket.setOption('SO_RCVBUF', o.window);
    }
    if (o.tos > 0) socket.setOption('IP_TOS', o.tos);
    const rc = socket.connect(withPort(this.peer, o.port));
    if (rc < 0) throw new IperfExit(`iperf3: error - unable to connect stream: ${strerror(-rc)}\n`);
    socket.sendTo(UDP_CONNECT, null);
    const untilNs = proc.os.nowNs() + 30e9;
    while (socket.recv() === null) {
      const left = untilNs - proc.os.nowNs();
      if (left <= 0 || socket.takeError() !== 0) {
        throw new IperfExit('iperf3: error - unable to read from stream socket: Resource temporarily unavailable\n');
      }
      if ((await proc.waitReadable([socket], left)) === null && proc.os.nowNs() < untilNs) throw new ctl.Interrupted();
    }
    return socket;
  }

  private async running(control: ctl.Control): Promise<number | null> {
    const test = this.test as IperfTest;
    const { o } = this;
    test.begin();
    const endNs = o.timeS > 0 ? test.startNs + o.timeS * 1e9 : Number.POSITIVE_INFINITY;
    const moved = (pick: (s: IperfStream) => number): number => test.streams.reduce((n, s) => n + pick(s), 0);
    const done = (): boolean => {
      if (test.streams.some((s) => s.broken !== 0)) return true;
      if (o.bytes > 0) return moved((s) => s.bytes) >= o.bytes;
      if (o.blocks > 0) return moved((s) => (o.udp ? s.packets : s.blocks)) >= o.blocks;
      return this.proc.os.nowNs() >= endNs;
    };
    const said = await test.pump(control, done, endNs);
    if (said !== null) return said;
    const broken = test.streams.find((s) => s.broken !== 0);
    if (broken !== undefined) {
      throw new IperfExit(`iperf3: error - unable to write to stream socket: ${strerror(broken.broken)}\n`);
    }
    test.finish();
    control.sendState(ctl.TEST_END);
    return null;
  }
}

export function streamOptions(socket: StreamSocket, o: IperfOptions): void {
  if (o.window > 0) {
    socket.setOption('SO_SNDBUF', o.window);
    socket.setOption('SO_RCVBUF', o.window);
  }
  if (o.noDelay) socket.setOption('TCP_NODELAY', 1);
  if (o.mss > 0) socket.setOption('TCP_MAXSEG', o.mss);
  if (o.tos > 0) socket.setOption('IP_TOS', o.tos);
  if (o.congestion !== null && socket.setCongestion(o.congestion) < 0) {
    throw new IperfExit(
      'iperf3: error - unable to set TCP_CONGESTION: Supplied congestion control algorithm not supported on this host\n',
    );
  }
}

async function writeCookie(proc: Proc, socket: StreamSocket, cookie: string): Promise<void> {
  if ((await writeAll(proc, socket, ctl.cookieBytes(cookie))) === -1) throw new ctl.Interrupted();
}

async function systemInfo(proc: Proc): Promise<string> {
  const version = proc.os.readFile(proc.ns, '/proc/version');
  const release = typeof version === 'string' ? (version.split(' ')[2] ?? '') : '';
  return `Linux lab ${release}`;
}
