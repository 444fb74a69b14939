// The server: one test after the other, until it is told to stop. Linux tool: iperf 3.12, iperf_server_api.c.

import type { SockAddr, Socket, StreamSocket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Proc } from '../../process.ts';
import {
  anyAddress,
  EAGAIN,
  endpointOf,
  familyOf,
  hostText,
  openDatagram,
  openStream,
  readExactly,
  withPort,
} from '../sockets.ts';
import { idOf, streamOptions } from './client.ts';
import * as ctl from './control.ts';
import { printJson } from './format.ts';
import { JsonReport } from './json.ts';
import { IperfExit, type IperfOptions } from './options.ts';
import { Reporter } from './report.ts';
import { IperfStream } from './stream.ts';
import { IperfTest } from './test.ts';

const LINE = `${'-'.repeat(59)}\n`;
const TCP_FDS = [5, 8, 11, 13];
const UDP_FDS = [5, 6, 9, 12];
const fdOf = (udp: boolean, i: number): number => {
  const list = udp ? UDP_FDS : TCP_FDS;
  return list[i] ?? list[3] + 2 * (i - 3);
};
const UDP_REPLY = Uint8Array.of(0x36, 0x37, 0x38, 0x39);

export async function runServer(proc: Proc, o: IperfOptions, out: (text: string) => void): Promise<number> {
  // Both families on one socket, where there is IPv6.
  const dual = o.family !== 4 && proc.os.listDir(proc.ns, '/proc/sys/net/ipv6') !== -2;
  const host = o.bind === null ? anyAddress(dual ? 6 : 4) : await endpointOf(proc, o.bind, o.family);
  if (typeof host === 'string')
    throw new IperfExit(`iperf3: error - unable to start listener for connections: ${host}\n`);
  let where = host;
  let listener = openStream(proc, familyOf(where));
  if (typeof listener === 'number' && o.bind === null && o.family === 0) {
    where = anyAddress(4);
    listener = openStream(proc, 4);
  }
  if (typeof listener === 'number') throw new IperfExit(`iperf3: error - socket: ${strerror(-listener)}\n`);
  try {
    listener.setOption('SO_REUSEADDR', 1);
    const bound = listener.bind(withPort(where, o.port));
    const rc = bound < 0 ? bound : listener.listen(2147483647);
    if (rc < 0) {
      throw new IperfExit(
        `iperf3: error - unable to start listener for connections: ${strerror(-rc)}\niperf3: exiting\n`,
      );
    }
    for (let number = 1; ; number++) {
      if (!o.json) out(`${LINE}Server listening on ${o.port} (test #${number})\n${LINE}`);
      const one = new Serving(proc, o, out, listener, where);
      try {
        await one.run();
      } catch (e) {
        if (!(e instanceof IperfExit)) {
          if (e instanceof ctl.Interrupted) one.control?.sendState(ctl.SERVER_TERMINATE);
          throw e;
        }
        proc.err(e.text);
        if (o.oneOff) return e.code;
      } finally {
        one.close();
      }
      if (o.oneOff) return 0;
    }
  } catch (e) {
    if (!(e instanceof ctl.Interrupted)) throw e;
    proc.err('iperf3: interrupt - the server has terminated\n');
    return 1;
  } finally {
    listener.close();
  }
}

class Serving {
  control: ctl.Control | null = null;
  private readonly proc: Proc;
  private readonly server: IperfOptions;
  private readonly out: (text: string) => void;
  private readonly listener: StreamSocket;
  private readonly host: SockAddr;
  private readonly sockets: Socket[] = [];
  private cookie = '';

  constructor(proc: Proc, o: IperfOptions, out: (text: string) => void, listener: StreamSocket, host: SockAddr) {
    this.proc = proc;
    this.server = o;
    this.out = out;
    this.listener = listener;
    this.host = host;
  }

  close(): void {
    for (const s of this.sockets) s.close();
  }

  private async accept(): Promise<StreamSocket> {
    for (;;) {
      const got = this.listener.accept();
      if (typeof got !== 'number') {
        this.sockets.push(got);
        return got;
      }
      if (got !== -EAGAIN) throw new IperfExit(`iperf3: error - unable to accept connection: ${strerror(-got)}\n`);
      if ((await this.proc.waitReadable([this.listener], -1)) === null) throw new ctl.Interrupted();
    }
  }

  async run(): Promise<void> {
    const { proc } = this;
    const socket = await this.accept();
    const control = new ctl.Control(proc, socket);
    this.control = control;
    this.cookie = text(await control.bytes(ctl.COOKIE_SIZE));
    if (this.cookie.length < ctl.COOKIE_SIZE) {
      throw new IperfExit('iperf3: error - unable to receive cookie at server: \n');
    }
    control.sendState(ctl.PARAM_EXCHANGE);
    const o = settings(this.server, await control.readJson('parameters'));
    const json = o.json ? new JsonReport(o) : null;
    const peer = socket.peerName() as SockAddr;
    json?.add('version', 'iperf 3.12');
    json?.add('accepted_connection', { host: hostText(peer), port: peer.port });
    json?.add('cookie', this.cookie.slice(0, -1));
    json?.testStart(o.length);
    if (json === null) this.out(`Accepted connection from ${hostText(peer)}, port ${peer.port}\n`);
    const reporter = new Reporter(o, true, json === null ? this.out : () => {});
    const test = new IperfTest(proc, o, (r) => (json === null ? reporter.intervals(r) : json.interval(r)));
    await this.createStreams(control, o, test, reporter, json);
    control.sendState(ctl.TEST_START);
    control.sendState(ctl.TEST_RUNNING);
    test.begin();
    const state = await test.pump(control, () => false, Number.POSITIVE_INFINITY);
    test.finish();
    if (state === ctl.CLIENT_TERMINATE) {
      if (json === null) reporter.end(test);
      throw new IperfExit('iperf3: error - the client has terminated\n');
    }
    if (state !== ctl.TEST_END) {
      throw new IperfExit('iperf3: the client has unexpectedly closed the connection\n');
    }
    control.sendState(ctl.EXCHANGE_RESULTS);
    test.takeResults(await control.readJson('results'));
    await control.sendJson(test.results());
    control.sendState(ctl.DISPLAY_RESULTS);
    if (json === null) reporter.end(test);
    else this.out(`${printJson(json.finish(test, null))}\n`);
    await control.state();
  }

  private async createStreams(
    control: ctl.Control,
    o: IperfOptions,
    test: IperfTest,
    reporter: Reporter,
    json: JsonReport | null,
  ): Promise<void> {
    const n = o.bidir ? o.parallel * 2 : o.parallel;
    let udp = o.udp ? this.udpListener() : null;
    streamOptions(this.listener, { ...o, congestion: null });
    control.sendState(ctl.CREATE_STREAMS);
    for (let i = 0; i < n; ) {
      const sender = o.bidir ? i >= o.parallel : o.reverse;
      let socket: Socket;
      let peer: SockAddr | null = null;
      if (udp !== null) {
        socket = udp;
        peer = await this.udpPeer(udp);
        socket.connect(peer);
        if (i + 1 < n) udp = this.udpListener();
        socket.sendTo(UDP_REPLY, null);
      } else {
        const stream = await this.accept();
        const got = await readExactly(this.proc, stream, ctl.COOKIE_SIZE);
        if (got === -1) throw new ctl.Interrupted();
        const cookie = typeof got === 'number' ? '' : text(got);
        if (cookie !== this.cookie) {
          // Another client: it must wait.
          new ctl.Control(this.proc, stream).sendState(ctl.ACCESS_DENIED);
          stream.close();
          continue;
        }
        streamOptions(stream, o);
        socket = stream;
      }
      const s = new IperfStream(idOf(i), fdOf(o.udp, i), socket, sender, o.udp, o.length);
      test.streams.push(s);
      if (json !== null) json.stream(s, peer);
      else reporter.connected(s, peer);
      i++;
    }
  }

  private udpListener(): Socket {
    const { proc } = this;
    const socket = openDatagram(proc, familyOf(this.host));
    if (typeof socket === 'number') throw new IperfExit(`iperf3: error - socket: ${strerror(-socket)}\n`);
    this.sockets.push(socket);
    socket.setOption('SO_REUSEADDR', 1);
    const rc = socket.bind(withPort(this.host, this.server.port));
    if (rc < 0) throw new IperfExit(`iperf3: error - unable to start stream listener: ${strerror(-rc)}\n`);
    return socket;
  }

  private async udpPeer(socket: Socket): Promise<SockAddr> {
    for (;;) {
      const m = socket.recv();
      if (m !== null) return m.from;
      if ((await this.proc.waitReadable([socket], -1)) === null) throw new ctl.Interrupted();
    }
  }
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** What the client asks for. Linux tool: get_parameters(). */
function settings(own: IperfOptions, p: Record<string, unknown>): IperfOptions {
  const n = (key: string, otherwise: number): number => (typeof p[key] === 'number' ? (p[key] as number) : otherwise);
  const udp = p.udp === true;
  return {
    ...own,
    udp,
    timeS: n('time', 0),
    bytes: n('num', 0),
    blocks: n('blockcount', 0),
    parallel: Math.min(128, Math.max(1, n('parallel', 1))),
    reverse: p.reverse === true,
    bidir: p.bidirectional === true,
    length: Math.min(1 << 20, Math.max(16, n('len', udp ? 1460 : 131072))),
    rate: n('bandwidth', 0),
    burst: n('burst', 0),
    window: n('window', 0),
    mss: n('MSS', 0),
    noDelay: p.nodelay === true,
    tos: n('TOS', 0),
    congestion: typeof p.congestion === 'string' ? p.congestion : null,
  };
}
