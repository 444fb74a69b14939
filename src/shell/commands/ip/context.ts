// What every object of `ip` (and of `bridge`, which is built the same way) is given: the options before it, where to print, and the kernel of one namespace.

import type { NsRef } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import type { NlMessage } from '../../../netlink/message.ts';
import type { NlTransport } from '../../../netlink/transport.ts';
import type { Proc } from '../../process.ts';
import { refusalText, ToolError } from '../iproute/errors.ts';
import { Links } from '../iproute/links.ts';
import { Out } from '../iproute/out.ts';

export interface IpOptions {
  /** AF_UNSPEC, AF_INET, AF_INET6, AF_BRIDGE or AF_PACKET. */
  family: number;
  json: boolean;
  pretty: boolean;
  oneline: boolean;
  brief: boolean;
  details: number;
  stats: number;
  resolve: boolean;
  numeric: boolean;
  human: boolean;
  iec: boolean;
  all: boolean;
  force: boolean;
  timestamp: boolean;
  tshort: boolean;
  color: boolean;
  /** Rounds of `ip addr flush`; 0: no end. */
  loops: number;
}

/** What holds before any option was read. `loops`: rounds of a flush. Shared by ip and bridge. */
export function defaultOptions(loops: number): IpOptions {
  return {
    family: 0,
    json: false,
    pretty: false,
    oneline: false,
    brief: false,
    details: 0,
    stats: 0,
    resolve: false,
    numeric: false,
    human: false,
    iec: false,
    all: false,
    force: false,
    timestamp: false,
    tshort: false,
    color: false,
    loops,
  };
}

export class Ip {
  readonly proc: Proc;
  readonly opts: IpOptions;
  readonly ns: NsRef;
  readonly out: Out;
  private transport: NlTransport | null = null;
  private cachedClient: NlClient | null = null;
  private cachedLinks: Links | null = null;

  constructor(proc: Proc, opts: IpOptions, ns: NsRef) {
    this.proc = proc;
    this.opts = opts;
    this.ns = ns;
    this.out = new Out((text) => proc.out(text), opts.json, opts.pretty, opts.oneline, opts.color);
  }

  /** The same, for what the tool prints as text whatever was asked for. */
  textOnly(): Ip {
    return this.opts.json ? new Ip(this.proc, { ...this.opts, json: false }, this.ns) : this;
  }

  /** The socket to this namespace's kernel, opened when first needed. */
  get client(): NlClient {
    if (this.cachedClient === null) {
      this.transport = this.proc.os.netlink(this.ns, 0);
      this.cachedClient = new NlClient(this.transport);
    }
    return this.cachedClient;
  }

  get links(): Links {
    this.cachedLinks ??= new Links(this.client);
    return this.cachedLinks;
  }

  /** Does something that the kernel may refuse: says so in rtnl_talk()'s words and ends with 2. */
  talk<T>(ask: () => T, code = 2): T {
    try {
      return ask();
    } catch (e) {
      if (e instanceof NlError) throw new ToolError(refusalText(e), code, false);
      throw e;
    }
  }

  /** The same for a dump: the tool says that it was terminated, too. */
  dumpOrDie<T>(ask: () => T, code = 1, what: 'Dump' | 'Flush' = 'Dump'): T {
    try {
      return ask();
    } catch (e) {
      if (e instanceof NlError) throw new ToolError(`${refusalText(e)}${what} terminated\n`, code);
      throw e;
    }
  }

  /** Hears what is said to groups, on a socket of its own (questions go by `client`), until a signal ends the command. */
  async listen(groups: Iterable<number>, hear: (msg: NlMessage) => void): Promise<never> {
    const listener = new NlClient(this.proc.os.netlink(this.ns, 0));
    try {
      listener.onNotification = hear;
      for (const group of groups) listener.join(group);
      for (;;) {
        try {
          listener.poll();
        } catch (e) {
          if (!(e instanceof NlError) || e.errno !== 105) throw e;
          this.proc.err('netlink receive error No buffer space available (105)\n'); // and goes on: rtnl_listen()
        }
        await this.proc.waitReadable([listener.transport], -1);
      }
    } finally {
      listener.close();
    }
  }

  /** A file descriptor for IFLA_NET_NS_FD, or null when no namespace has that name. */
  openNs(name: string): number | null {
    const ns = this.proc.os.nsByName(name);
    return ns === null ? null : this.proc.os.nsOpen(ns);
  }

  close(): void {
    this.cachedClient?.close();
    this.cachedClient = null;
    this.cachedLinks = null;
  }
}
