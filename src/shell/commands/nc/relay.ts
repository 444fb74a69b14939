// Standard input to the socket, the socket to standard output, until both are done. Linux tool: netcat-openbsd, readwrite().

import type { Socket, StreamSocket } from '../../../lab/os.ts';
import type { Proc } from '../../process.ts';
import { EAGAIN, Writable } from '../sockets.ts';
import type { NcOptions } from './options.ts';

const BUFSIZE = 16384;

function isStream(socket: Socket): socket is StreamSocket {
  return 'discard' in socket;
}

/** What standard input holds; with -C a CR before each newline. */
function inputOf(proc: Proc, o: NcOptions): Uint8Array {
  const data = o.noStdin ? new Uint8Array(0) : proc.stdinBytes;
  if (!o.crlf) return data;
  const out: number[] = [];
  data.forEach((b, i) => {
    if (b === 10 && data[i - 1] !== 13) out.push(13);
    out.push(b);
  });
  return Uint8Array.from(out);
}

export async function relay(proc: Proc, o: NcOptions, socket: Socket): Promise<void> {
  const input = inputOf(proc, o);
  const writable = new Writable(socket);
  let sent = 0;
  let inputDone = false;
  let received = 0;
  let quitNs = -1;
  for (;;) {
    while (sent < input.length) {
      const piece = input.subarray(sent, Math.min(input.length, sent + pieceOf(input, sent, o)));
      const rc = isStream(socket) ? socket.send(piece) : socket.sendTo(piece, null);
      if (rc === -EAGAIN) break;
      if (rc < 0) return;
      sent += rc;
      if (o.intervalS > 0) await proc.sleep(o.intervalS * 1e9);
    }
    if (sent === input.length && !inputDone) {
      inputDone = true;
      if (o.shutdown && isStream(socket)) socket.shutdown(1);
      if (o.quitS >= 0) quitNs = proc.os.nowNs() + o.quitS * 1e9;
    }
    for (;;) {
      const data = take(socket);
      if (data === null) break;
      if (data === 'end') return;
      proc.outBytes(data);
      if (o.recvLimit > 0 && ++received >= o.recvLimit) return;
    }
    const now = proc.os.nowNs();
    if (quitNs >= 0 && now >= quitNs) return;
    const idle = o.timeoutS >= 0 ? o.timeoutS * 1e9 : -1;
    const quit = quitNs >= 0 ? quitNs - now : -1;
    const wait = idle >= 0 && (quit < 0 || idle < quit) ? idle : quit;
    const objs = sent < input.length ? [socket, writable] : [socket];
    const woken = await proc.waitReadable(objs, wait);
    if (woken === null && wait === idle && idle >= 0) return; // -w: nothing happened for so long
  }
}

/** With -i a line at a time. */
function pieceOf(input: Uint8Array, from: number, o: NcOptions): number {
  if (o.intervalS === 0) return BUFSIZE;
  const nl = input.indexOf(10, from);
  return nl < 0 ? BUFSIZE : Math.min(BUFSIZE, nl + 1 - from);
}

/** The next bytes; null: none yet; 'end': the peer is done, or the connection broke. */
function take(socket: Socket): Uint8Array | null | 'end' {
  if (!isStream(socket)) {
    const m = socket.recv();
    if (m !== null) return m.data;
    return socket.takeError() !== 0 ? 'end' : null;
  }
  const got = socket.read(BUFSIZE);
  if (typeof got === 'number') return got === -EAGAIN ? null : 'end';
  return got.length === 0 ? 'end' : got;
}
