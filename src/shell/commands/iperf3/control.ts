// The control connection: states are single bytes, parameters and results JSON behind their length.
// Linux tool: iperf 3.12, iperf_api.h, JSON_read(), JSON_write(), iperf_set_send_state().

import type { StreamSocket } from '../../../lab/os.ts';
import type { Proc } from '../../process.ts';
import { readExactly, writeAll } from '../sockets.ts';
import { type Json, printJson } from './format.ts';
import { IperfExit } from './options.ts';

export const TEST_START = 1;
export const TEST_RUNNING = 2;
export const TEST_END = 4;
export const PARAM_EXCHANGE = 9;
export const CREATE_STREAMS = 10;
export const SERVER_TERMINATE = 11;
export const CLIENT_TERMINATE = 12;
export const EXCHANGE_RESULTS = 13;
export const DISPLAY_RESULTS = 14;
export const IPERF_DONE = 16;
export const ACCESS_DENIED = -1;
export const SERVER_ERROR = -2;
/** Closed by the other side; not of the protocol. */
export const GONE = 0;
export const COOKIE_SIZE = 37;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function makeCookie(proc: Proc): string {
  return Array.from({ length: COOKIE_SIZE - 1 }, () => ALPHABET[proc.random.below(32)]).join('');
}

export function cookieBytes(cookie: string): Uint8Array {
  const out = new Uint8Array(COOKIE_SIZE);
  for (let i = 0; i < cookie.length; i++) out[i] = cookie.charCodeAt(i);
  return out;
}

export class Control {
  readonly socket: StreamSocket;
  private readonly proc: Proc;

  constructor(proc: Proc, socket: StreamSocket) {
    this.proc = proc;
    this.socket = socket;
    socket.setOption('TCP_NODELAY', 1);
  }

  sendState(state: number): void {
    this.socket.send(Uint8Array.of(state & 255));
  }

  /** The next state if it is there; null: not yet. */
  poll(): number | null {
    const got = this.socket.read(1);
    if (typeof got === 'number') return got === -11 ? null : GONE;
    return got.length === 0 ? GONE : (got[0] << 24) >> 24;
  }

  async state(): Promise<number> {
    const got = await this.bytes(1);
    return got.length === 0 ? GONE : (got[0] << 24) >> 24;
  }

  /** Ends the test when a signal comes. */
  async bytes(n: number): Promise<Uint8Array> {
    const got = await readExactly(this.proc, this.socket, n);
    if (typeof got !== 'number') return got;
    if (got === -1) throw new Interrupted();
    return new Uint8Array(0);
  }

  async write(data: Uint8Array): Promise<void> {
    if ((await writeAll(this.proc, this.socket, data)) === -1) throw new Interrupted();
  }

  async sendJson(value: Json): Promise<void> {
    const text = printJson(value, true).replaceAll('"retransmits":-1', '"retransmits":18446744073709551615');
    const out = new Uint8Array(4 + text.length);
    new DataView(out.buffer).setUint32(0, text.length);
    for (let i = 0; i < text.length; i++) out[4 + i] = text.charCodeAt(i) & 255;
    await this.write(out.subarray(0, 4));
    await this.write(out.subarray(4));
  }

  async readJson(what: string): Promise<Record<string, unknown>> {
    const head = await this.bytes(4);
    const length = head.length < 4 ? 0 : new DataView(head.buffer, head.byteOffset).getUint32(0);
    const body = length > 0 && length < 1 << 24 ? await this.bytes(length) : new Uint8Array(0);
    try {
      return JSON.parse(String.fromCharCode(...body)) as Record<string, unknown>;
    } catch {
      throw new IperfExit(`iperf3: error - unable to receive ${what}: \n`);
    }
  }
}

/** SIGINT or SIGTERM. */
export class Interrupted extends Error {}
