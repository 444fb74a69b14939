// curl: one HTTP request to a host of the lab. http:// alone; names come from /etc/hosts. What it lacks it refuses by name.
// Linux tool: curl 7.88.

import { wordTable } from '../../../base/word-table.ts';
import type { StreamSocket } from '../../../lab/os.ts';
import type { Command, Proc } from '../../process.ts';
import {
  connectStream,
  EAGAIN,
  ETIMEDOUT,
  endpointOf,
  familyOf,
  hostText,
  openStream,
  withPort,
  writeAll,
} from '../sockets.ts';

interface Options {
  urls: string[];
  silent: boolean;
  showError: boolean;
  output: string | null;
  remoteName: boolean;
  verbose: boolean;
  head: boolean;
  include: boolean;
  fail: boolean;
  follow: boolean;
  maxTimeS: number;
  connectTimeoutS: number;
  method: string | null;
  data: string | null;
  headers: string[];
  writeOut: string;
  source: string | null;
}

class CurlExit extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

const LONG = wordTable<string>({
  silent: 's',
  'show-error': 'S',
  output: 'o',
  'remote-name': 'O',
  verbose: 'v',
  head: 'I',
  include: 'i',
  fail: 'f',
  location: 'L',
  'max-time': 'm',
  'connect-timeout': 'connect-timeout',
  request: 'X',
  data: 'd',
  header: 'H',
  'write-out': 'w',
  interface: 'interface',
  ipv4: '4',
  version: 'V',
});
const VALUES = new Set(['o', 'm', 'connect-timeout', 'X', 'd', 'H', 'w', 'interface']);

export const curl: Command = {
  name: 'curl',
  summary: 'fetch http:// from a host of the lab',
  async run(proc) {
    let o: Options;
    try {
      o = parse(proc.argv);
    } catch (e) {
      if (!(e instanceof CurlExit)) throw e;
      if (e.code === 0) proc.out(e.message);
      else
        proc.err(
          `${e.message === '' ? '' : `curl: ${e.message}\n`}curl: try 'curl --help' or 'curl --manual' for more information\n`,
        );
      return e.code;
    }
    let code = 0;
    for (const url of o.urls) {
      try {
        await new Transfer(proc, o).fetch(url);
      } catch (e) {
        if (!(e instanceof CurlExit)) throw e;
        if (!o.silent || o.showError) proc.err(`curl: (${e.code}) ${e.message}\n`);
        code = e.code;
      }
    }
    return code;
  },
};

function parse(argv: readonly string[]): Options {
  const o: Options = {
    urls: [],
    silent: false,
    showError: false,
    output: null,
    remoteName: false,
    verbose: false,
    head: false,
    include: false,
    fail: false,
    follow: false,
    maxTimeS: 0,
    connectTimeoutS: 300,
    method: null,
    data: null,
    headers: [],
    writeOut: '',
    source: null,
  };
  const rest = [...argv];
  while (rest.length > 0) {
    const arg = rest.shift() as string;
    if (!arg.startsWith('-') || arg === '-') {
      o.urls.push(arg);
      continue;
    }
    if (arg.startsWith('--')) {
      const letter = LONG[arg.slice(2)];
      if (letter === undefined) throw new CurlExit(2, `option ${arg}: is unknown`);
      option(o, letter, VALUES.has(letter) ? take(rest, arg) : '');
      continue;
    }
    for (let i = 1; i < arg.length; i++) {
      const c = arg[i];
      if (!VALUES.has(c)) option(o, c, '');
      else {
        option(o, c, i + 1 < arg.length ? arg.slice(i + 1) : take(rest, `-${c}`));
        break;
      }
    }
  }
  if (o.urls.length === 0) throw new CurlExit(2, '');
  return o;
}

function take(rest: string[], name: string): string {
  const value = rest.shift();
  if (value === undefined) throw new CurlExit(2, `option ${name}: requires parameter`);
  return value;
}

function option(o: Options, c: string, value: string): void {
  if (c === 's') o.silent = true;
  else if (c === 'S') o.showError = true;
  else if (c === 'o') o.output = value;
  else if (c === 'O') o.remoteName = true;
  else if (c === 'v') o.verbose = true;
  else if (c === 'I') o.head = true;
  else if (c === 'i') o.include = true;
  else if (c === 'f') o.fail = true;
  else if (c === 'L') o.follow = true;
  else if (c === 'm') o.maxTimeS = Number(value);
  else if (c === 'connect-timeout') o.connectTimeoutS = Number(value);
  else if (c === 'X') o.method = value;
  else if (c === 'd') o.data = o.data === null ? value : `${o.data}&${value}`;
  else if (c === 'H') o.headers.push(value);
  else if (c === 'w') o.writeOut = value;
  else if (c === 'interface') o.source = value;
  else if (c === 'V') throw new CurlExit(0, 'curl 7.88.1 (the lab) lowerdev\nProtocols: http\n');
  else if (c !== '4' && c !== 'k' && c !== 'N') throw new CurlExit(2, `option -${c}: is unknown`);
}

interface Url {
  host: string;
  port: number;
  path: string;
}

function parseUrl(text: string): Url {
  const m = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\[[^\]]*\]|[^/:?#]*)(?::([0-9]+))?([/?][^#]*)?/i.exec(text);
  const scheme = (m?.[1] ?? 'http').toLowerCase();
  if (scheme !== 'http') throw new CurlExit(1, `Protocol "${scheme}" not supported or disabled in libcurl`);
  if (m === null || m[2] === '') throw new CurlExit(3, 'URL using bad/illegal format or missing URL');
  if (Number(m[3] ?? 0) > 0xffff) throw new CurlExit(3, 'URL using bad/illegal format or missing URL');
  const path = m[4] ?? '/';
  return { host: m[2], port: Number(m[3] ?? 80), path: path.startsWith('?') ? `/${path}` : path };
}

const latin = (bytes: Uint8Array): string => {
  let out = '';
  for (const b of bytes) out += String.fromCharCode(b);
  return out;
};
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (ch) => ch.charCodeAt(0) & 255);

class Transfer {
  private readonly proc: Proc;
  private readonly o: Options;
  private readonly beganNs: number;
  private code = 0;
  private size = 0;
  private local = '';

  constructor(proc: Proc, o: Options) {
    this.proc = proc;
    this.o = o;
    this.beganNs = proc.os.nowNs();
  }

  private note(text: string): void {
    if (this.o.verbose) this.proc.err(text);
  }

  private leftNs(): number {
    if (this.o.maxTimeS <= 0) return -1;
    return Math.max(0, this.beganNs + this.o.maxTimeS * 1e9 - this.proc.os.nowNs());
  }

  private tooLate(): never {
    const ms = Math.floor((this.proc.os.nowNs() - this.beganNs) / 1e6);
    throw new CurlExit(28, `Operation timed out after ${ms} milliseconds with ${this.size} bytes received`);
  }

  async fetch(text: string): Promise<void> {
    let url = parseUrl(text);
    try {
      for (let hops = 0; ; hops++) {
        const location = await this.once(url);
        if (location === null || !this.o.follow) break;
        if (hops >= 50) throw new CurlExit(47, 'Maximum (50) redirects followed');
        url = location.startsWith('/') ? { ...url, path: location } : parseUrl(location);
      }
    } finally {
      this.writeOut();
    }
  }

  /** One request; where it is redirected to, or null. */
  private async once(url: Url): Promise<string | null> {
    const socket = await this.connect(url);
    try {
      await this.request(socket, url);
      const { head, rest } = await this.head(socket);
      const lines = head.split('\r\n');
      this.code = Number(/^HTTP\/[0-9.]+ ([0-9]{3})/.exec(lines[0])?.[1] ?? 0);
      for (const line of [...lines, '']) this.note(`< ${line}\r\n`);
      const field = (name: string): string | null =>
        lines
          .find((l) => l.toLowerCase().startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim() ?? null;
      if (this.o.fail && this.code >= 400) {
        throw new CurlExit(22, `The requested URL returned error: ${this.code}`);
      }
      const shown = this.o.head || this.o.include ? `${head}\r\n\r\n` : '';
      const body = this.o.head
        ? new Uint8Array(0)
        : await this.body(socket, rest, field('content-length'), field('transfer-encoding'));
      const location = this.code >= 300 && this.code < 400 ? field('location') : null;
      if (location !== null && this.o.follow) return location;
      const all = new Uint8Array(shown.length + body.length);
      all.set(bytesOf(shown));
      all.set(body, shown.length);
      await this.deliver(all, url);
      this.note(`* Connection #0 to host ${url.host} left intact\n`);
      return location;
    } finally {
      socket.close();
    }
  }

  private async connect(url: Url): Promise<StreamSocket> {
    const { proc, o } = this;
    const ip = await endpointOf(proc, url.host.replace(/^\[(.*)\]$/, '$1'));
    if (typeof ip === 'string') throw new CurlExit(6, `Could not resolve host: ${url.host}`);
    const socket = openStream(proc, familyOf(ip));
    if (typeof socket === 'number') throw new CurlExit(7, 'Failed to open a socket');
    socket.setOption('TCP_NODELAY', 1);
    if (o.source !== null) {
      const from = await endpointOf(proc, o.source);
      const rc = typeof from !== 'string' ? socket.bind(from) : -99;
      if (rc < 0) {
        socket.close();
        throw new CurlExit(45, `bind failed with errno ${-rc}: Cannot assign requested address`);
      }
    }
    this.note(`*   Trying ${hostText(ip)}:${url.port}...\n`);
    const limit = this.leftNs();
    const most = o.connectTimeoutS * 1e9;
    const err = await connectStream(proc, socket, withPort(ip, url.port), limit >= 0 && limit < most ? limit : most);
    if (err === 0) {
      this.local = hostText(socket.getName());
      this.note(`* Connected to ${url.host} (${hostText(ip)}) port ${url.port} (#0)\n`);
      return socket;
    }
    socket.close();
    const ms = Math.floor((proc.os.nowNs() - this.beganNs) / 1e6);
    if (err === ETIMEDOUT && limit >= 0 && limit <= most) {
      throw new CurlExit(28, `Connection timed out after ${ms} milliseconds`);
    }
    throw new CurlExit(
      err === ETIMEDOUT ? 28 : 7,
      `Failed to connect to ${url.host} port ${url.port} after ${ms} ms: Couldn't connect to server`,
    );
  }

  private async request(socket: StreamSocket, url: Url): Promise<void> {
    const { o } = this;
    const method = o.method ?? (o.head ? 'HEAD' : o.data !== null ? 'POST' : 'GET');
    const host = url.port === 80 ? url.host : `${url.host}:${url.port}`;
    let text = `${method} ${url.path} HTTP/1.1\r\n`;
    const set = (name: string, value: string): void => {
      if (!o.headers.some((h) => h.toLowerCase().startsWith(`${name.toLowerCase()}:`))) text += `${name}: ${value}\r\n`;
    };
    set('Host', host);
    set('User-Agent', 'curl/7.88.1');
    set('Accept', '*/*');
    for (const h of o.headers) text += `${h}\r\n`;
    if (o.data !== null) {
      set('Content-Length', String(o.data.length));
      set('Content-Type', 'application/x-www-form-urlencoded');
    }
    for (const line of `${text}`.split('\r\n')) this.note(line === '' ? '' : `> ${line}\r\n`);
    this.note('> \r\n');
    const err = await writeAll(this.proc, socket, bytesOf(`${text}\r\n${o.data ?? ''}`));
    if (err !== 0) throw new CurlExit(55, 'Send failure: Broken pipe');
  }

  /** The next bytes, or null at the end of the stream. */
  private async more(socket: StreamSocket): Promise<Uint8Array | null> {
    for (;;) {
      const got = socket.read(65536);
      if (typeof got !== 'number') return got.length === 0 ? null : got;
      if (got !== -EAGAIN) throw new CurlExit(56, 'Recv failure: Connection reset by peer');
      const left = this.leftNs();
      if (left === 0) this.tooLate();
      await this.proc.waitReadable([socket], left);
    }
  }

  private async head(socket: StreamSocket): Promise<{ head: string; rest: Uint8Array }> {
    let text = '';
    for (;;) {
      const got = await this.more(socket);
      if (got === null) {
        if (text === '') throw new CurlExit(52, 'Empty reply from server');
        throw new CurlExit(1, 'Received HTTP/0.9 when not allowed');
      }
      text += latin(got);
      if (text.length >= 5 && !text.startsWith('HTTP/')) throw new CurlExit(1, 'Received HTTP/0.9 when not allowed');
      const crlf = text.indexOf('\r\n\r\n');
      const lf = text.indexOf('\n\n');
      const end = crlf >= 0 ? crlf : lf;
      if (end < 0) continue;
      const head = text.slice(0, end).replace(/\r?\n/g, '\r\n');
      return { head, rest: bytesOf(text.slice(end + (crlf >= 0 ? 4 : 2))) };
    }
  }

  private async body(
    socket: StreamSocket,
    first: Uint8Array,
    length: string | null,
    coding: string | null,
  ): Promise<Uint8Array> {
    const parts = [first];
    this.size = first.length;
    const wanted = length === null ? -1 : Number(length);
    while (wanted < 0 || this.size < wanted) {
      const got = await this.more(socket);
      if (got === null) break;
      parts.push(got);
      this.size += got.length;
    }
    if (wanted >= 0 && this.size < wanted) {
      throw new CurlExit(18, `transfer closed with ${wanted - this.size} bytes remaining to read`);
    }
    const out = new Uint8Array(this.size);
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    if (coding !== 'chunked') return out;
    const plain = unchunk(out);
    this.size = plain.length;
    return plain;
  }

  private async deliver(data: Uint8Array, url: Url): Promise<void> {
    const { o, proc } = this;
    const file = o.remoteName ? (url.path.split('/').pop() ?? '') : o.output;
    if (file === null || file === '-') {
      proc.outBytes(data);
      return;
    }
    const rc = await proc.writeFile(file, data);
    if (rc < 0) throw new CurlExit(23, 'Failure writing output to destination');
  }

  /** -w: variables in %{...}, and \n \t. */
  private writeOut(): void {
    const seconds = (this.proc.os.nowNs() - this.beganNs) / 1e9;
    const values = wordTable<string>({
      http_code: String(this.code).padStart(3, '0'),
      response_code: String(this.code).padStart(3, '0'),
      size_download: String(this.size),
      time_total: seconds.toFixed(6),
      speed_download: String(seconds > 0 ? Math.floor(this.size / seconds) : 0),
      local_ip: this.local,
    });
    const text = this.o.writeOut
      .replace(/%\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
      .replace(/\\n/g, '\n')
      .replace(/\\t/g, '\t')
      .replace(/%%/g, '%');
    if (text !== '') this.proc.out(text);
  }
}

function unchunk(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    let end = at;
    while (end < data.length && data[end] !== 10) end++;
    const size = Number.parseInt(latin(data.subarray(at, end)), 16);
    if (!(size > 0)) break;
    parts.push(data.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 2;
  }
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let to = 0;
  for (const part of parts) {
    out.set(part, to);
    to += part.length;
  }
  return out;
}
