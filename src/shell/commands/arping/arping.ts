// arping: ARP requests from a packet socket; duplicate detection (-D) and announcements (-U, -A).
// Linux tool: iputils 20221126, arping.c.

import type { Received, Socket } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { LINK, ROUTE } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { formatIp4, formatMac } from '../../../uapi/format.ts';
import { IFF_LOOPBACK, IFF_NOARP, IFF_UP, type LinkAttrs } from '../../../uapi/link.ts';
import { RTM_GETLINK, RTM_GETROUTE } from '../../../uapi/msgtype.ts';
import type { RouteAttrs } from '../../../uapi/route.ts';
import {
  ARPOP_REPLY,
  ARPOP_REQUEST,
  arpIsEthIp4,
  arpOp,
  arpSha,
  arpSpa,
  arpTha,
  arpTpa,
  encodeArp,
} from '../../../wire/arp.ts';
import type { Command, Proc } from '../../process.ts';
import { getopt } from '../getopt.ts';
import { inetAton, lookup } from '../hosts.ts';

const USAGE = `
Usage:
  arping [options] <destination>

Options:
  -f            quit on first reply
  -q            be quiet
  -b            keep on broadcasting, do not unicast
  -D            duplicate address detection mode
  -U            unsolicited ARP mode, update your neighbours
  -A            ARP answer mode, update your neighbours
  -V            print version and exit
  -c <count>    how many packets to send
  -w <timeout>  how long to wait for a reply
  -i <interval> set interval between packets (default: 1 second)
  -I <device>   which ethernet device to use
  -s <source>   source ip address
  <destination> dns name or ip address

For more details see arping(8).
`;
const BROADCAST = 0xffffffffffff;
const ETH_P_ARP = 0x0806;
const PACKET_OTHERHOST = 3;
const PACKET_OUTGOING = 4;

class Exit extends Error {
  readonly text: string;
  readonly code: number;

  constructor(text: string, code: number) {
    super(text);
    this.text = text;
    this.code = code;
  }
}

const die = (text: string, code = 2): never => {
  throw new Exit(`arping: ${text}\n`, code);
};

interface Options {
  quitOnReply: boolean;
  quiet: boolean;
  broadcastOnly: boolean;
  dad: boolean;
  unsolicited: boolean;
  advert: boolean;
  count: number;
  timeoutS: number;
  intervalS: number;
  device: string | null;
  source: string | null;
  target: string;
  version: boolean;
}

export const arping: Command = {
  name: 'arping',
  summary: 'send ARP requests to a neighbour (iputils)',
  async run(proc) {
    try {
      const o = parse(proc.argv);
      if (o.version) {
        proc.out(
          'arping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n',
        );
        return 0;
      }
      return await arpingMain(proc, o);
    } catch (e) {
      if (!(e instanceof Exit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

function integer(text: string, min: number, max: number): number {
  if (!/^[-+]?[0-9]+$/.test(text)) die(`invalid argument: '${text}'`, 1);
  const n = Number(text);
  if (n < min || n > max) die(`invalid argument: '${text}': out of range: ${min} <= value <= ${max}`, 1);
  return n;
}

function parse(argv: readonly string[]): Options {
  const o: Options = {
    quitOnReply: false,
    quiet: false,
    broadcastOnly: false,
    dad: false,
    unsolicited: false,
    advert: false,
    count: 0,
    timeoutS: 0,
    intervalS: 1,
    device: null,
    source: null,
    target: '',
    version: false,
  };
  const got = getopt(argv, 'hbDUAqfV?', 'cwiIs');
  if (got.error !== null) {
    const what = got.error.kind === 'invalid' ? 'invalid option' : 'option requires an argument';
    throw new Exit(`arping: ${what} -- '${got.error.option}'\n${USAGE}`, 2);
  }
  for (const [option, value] of got.options) {
    if (option === 'b') o.broadcastOnly = true;
    else if (option === 'D') {
      o.dad = true;
      o.quitOnReply = true;
    } else if (option === 'U') o.unsolicited = true;
    else if (option === 'A') {
      o.advert = true;
      o.unsolicited = true;
    } else if (option === 'q') o.quiet = true;
    else if (option === 'f') o.quitOnReply = true;
    else if (option === 'V') o.version = true;
    else if (option === 'c') o.count = integer(value, 1, 2147483647);
    else if (option === 'w') o.timeoutS = integer(value, 0, 2147483647);
    else if (option === 'i') o.intervalS = integer(value, 0, 2147483647);
    else if (option === 'I') o.device = value === '' ? null : value;
    else if (option === 's') o.source = value;
    else throw new Exit(USAGE, 2);
  }
  if (!o.version && got.words.length !== 1) throw new Exit(USAGE, 2);
  o.target = got.words[0] ?? '';
  return o;
}

async function host(proc: Proc, name: string): Promise<number> {
  return inetAton(name) ?? (await lookup(proc, name)) ?? die(`${name}: Temporary failure in name resolution`);
}

interface Device {
  name: string;
  index: number;
  mac: number;
}

/** The device to send by: the named one, or the one that a route to the target leads out of. */
function findDevice(proc: Proc, o: Options, target: number): Device {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    let header = {};
    let attrs: LinkAttrs = {};
    if (o.device !== null) attrs = { ifname: o.device } as LinkAttrs;
    else {
      try {
        const route = client.get(ROUTE, RTM_GETROUTE, { family: 2, dstLen: 32 }, { dst: target } as RouteAttrs);
        header = { index: route.attrs.oif ?? 0 };
      } catch (e) {
        if (e instanceof NlError) die('NETLINK_ROUTE unexpected iov element', 1);
        throw e;
      }
    }
    const link = client.get(LINK, RTM_GETLINK, header, attrs);
    const name = link.attrs.ifname ?? '';
    if ((link.header.flags & IFF_UP) === 0) throw new Exit(o.quiet ? '' : `Interface "${name}" is down\n`, 2);
    if ((link.header.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
      throw new Exit(o.quiet ? '' : `Interface "${name}" is not ARPable\n`, o.dad ? 0 : 2);
    }
    return { name, index: link.header.index, mac: link.attrs.address ?? 0 };
  } catch (e) {
    if (e instanceof NlError) return die(`Device ${o.device} not available.`);
    throw e;
  } finally {
    client.close();
  }
}

/** The address that requests are sent from. */
async function findSource(proc: Proc, o: Options, dev: Device, target: number): Promise<number> {
  if (o.dad && o.source === null) return 0;
  const given = o.source !== null ? await host(proc, o.source) : o.unsolicited ? target : 0;
  const probe = proc.os.socket(proc.ns, 'udp4', 0);
  if (typeof probe === 'number') return die(`socket: ${strerror(-probe)}`);
  try {
    probe.setOption('SO_BINDTODEVICE', dev.index);
    const at = (addr4: number, port: number) => ({ addr4, port, ifindex: 0, protocol: 0, mac: 0 });
    if (given !== 0) {
      const rc = probe.bind(at(given, 0));
      if (rc < 0) die(`bind: ${strerror(-rc)}`);
      return given;
    }
    const rc = probe.connect(at(target, 1025));
    if (rc < 0) die(`connect: ${strerror(-rc)}`);
    return probe.getName().addr4;
  } finally {
    probe.close();
  }
}

async function arpingMain(proc: Proc, o: Options): Promise<number> {
  const target = await host(proc, o.target);
  const dev = findDevice(proc, o, target);
  const source = await findSource(proc, o, dev, target);
  const socket = proc.os.socket(proc.ns, 'packet-dgram', ETH_P_ARP);
  if (typeof socket === 'number') return die(`socket: ${strerror(-socket)}`);
  try {
    const rc = socket.bind({ addr4: 0, port: 0, ifindex: dev.index, protocol: ETH_P_ARP, mac: 0 });
    if (rc < 0) die(`bind: ${strerror(-rc)}`);
    if (!o.quiet) proc.out(`ARPING ${formatIp4(target)} from ${formatIp4(source)} ${dev.name}\n`);
    if (source === 0 && o.source === null && !o.dad) die('no source address in not-DAD mode');
    const run = new Run(proc, o, socket, dev, source, target);
    return await run.loop();
  } finally {
    socket.close();
  }
}

class Run {
  private readonly proc: Proc;
  private readonly o: Options;
  private readonly socket: Socket;
  private readonly dev: Device;
  private readonly source: number;
  private readonly target: number;
  private peer = BROADCAST;
  private lastNs = 0;
  private sent = 0;
  private broadcasts = 0;
  private received = 0;
  private broadcastReceived = 0;
  private requestsReceived = 0;

  constructor(proc: Proc, o: Options, socket: Socket, dev: Device, source: number, target: number) {
    this.proc = proc;
    this.o = o;
    this.socket = socket;
    this.dev = dev;
    this.source = source;
    this.target = target;
  }

  async loop(): Promise<number> {
    const { proc, o } = this;
    proc.handleSignals(['SIGINT']);
    const start = proc.os.nowNs();
    const endNs = o.timeoutS > 0 ? start + o.timeoutS * 1e9 : -1;
    let ticks = 0;
    let nextNs = start;
    for (let done = false; !done; ) {
      const now = proc.os.nowNs();
      if (now >= nextNs) {
        ticks++;
        if (o.count > 0 && ticks > o.count) break;
        this.send();
        nextNs += Math.max(1, o.intervalS) * 1e9;
      }
      // The tool's two timers: the one for sending was set first, and of two that are due it wins.
      if (endNs >= 0 && now >= endNs) break;
      const untilNs = endNs >= 0 ? Math.min(nextNs, endNs) : nextNs;
      await proc.waitReadable([this.socket], Math.max(0, untilNs - proc.os.nowNs()));
      if (proc.takeSignal() !== null) break;
      for (let m = this.socket.recv(); m !== null && !done; m = this.socket.recv()) done = this.take(m);
    }
    return this.finish();
  }

  private send(): void {
    const { o, proc } = this;
    const broadcast = this.peer === BROADCAST;
    const frame = encodeArp({
      op: o.advert ? ARPOP_REPLY : ARPOP_REQUEST,
      sha: formatMac(this.dev.mac),
      spa: formatIp4(this.source),
      tha: formatMac(o.advert ? this.dev.mac : this.peer),
      tpa: formatIp4(this.target),
    });
    this.lastNs = proc.os.nowNs();
    const rc = this.socket.sendTo(frame, {
      addr4: 0,
      port: 0,
      ifindex: this.dev.index,
      protocol: ETH_P_ARP,
      mac: this.peer,
    });
    if (rc < 0) return;
    this.sent++;
    if (broadcast) this.broadcasts++;
  }

  /** True when it was the last one to wait for. Linux tool: recv_pack(). */
  private take(m: Received): boolean {
    const { o, proc, dev } = this;
    const b = m.data;
    if (m.pktType === PACKET_OTHERHOST || m.pktType === PACKET_OUTGOING) return false;
    if (b.length < 28 || !arpIsEthIp4(b, 0, b.length)) return false;
    const op = arpOp(b, 0);
    if (op !== ARPOP_REQUEST && op !== ARPOP_REPLY) return false;
    const from = arpSpa(b, 0);
    const to = arpTpa(b, 0);
    if (from !== this.target) return false;
    if (o.dad) {
      if (arpSha(b, 0) === dev.mac || (this.source !== 0 && to !== this.source)) return false;
    } else if (to !== this.source || arpTha(b, 0) !== dev.mac) return false;
    if (!o.quiet) {
      const micros = Math.floor((m.tstampNs - this.lastNs) / 1000);
      const cast = m.pktType === 0 ? 'Unicast' : 'Broadcast';
      let line = `${cast} ${op === ARPOP_REPLY ? 'reply' : 'request'} from ${formatIp4(from)} [${formatMac(arpSha(b, 0)).toUpperCase()}] `;
      if (to !== this.source) line += `for ${formatIp4(to)} `;
      if (arpTha(b, 0) !== dev.mac)
        line += `${to !== this.source ? '' : 'for '}[${formatMac(arpTha(b, 0)).toUpperCase()}]`;
      proc.out(`${line} ${Math.floor(micros / 1000)}.${String(micros % 1000).padStart(3, '0')}ms\n`);
    }
    this.received++;
    if (m.pktType !== 0) this.broadcastReceived++;
    if (op === ARPOP_REQUEST) this.requestsReceived++;
    if (o.quitOnReply || (o.timeoutS > 0 && this.received === o.count)) return true;
    if (!o.broadcastOnly) this.peer = arpSha(b, 0);
    return false;
  }

  private finish(): number {
    const { o, proc } = this;
    if (!o.quiet) {
      proc.out(`Sent ${this.sent} probes (${this.broadcasts} broadcast(s))\nReceived ${this.received} response(s)`);
      const details: string[] = [];
      if (this.requestsReceived > 0) details.push(`${this.requestsReceived} request(s)`);
      if (this.broadcastReceived > 0) details.push(`${this.broadcastReceived} broadcast(s)`);
      proc.out(details.length > 0 ? ` (${details.join(', ')})\n` : '\n');
    }
    if (o.dad) return this.received > 0 ? 1 : 0;
    if (o.unsolicited) return 0;
    if (o.timeoutS > 0 && o.count <= 0) return this.received > 0 ? 0 : 1;
    return this.received === this.sent ? 0 : 1;
  }
}
