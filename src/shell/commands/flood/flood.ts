// flood: UDP at a rate or flat out, with a histogram of what the kernel said. Ours alone; on Linux people write it in C.

import type { SockAddr, Socket } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Command, Proc } from '../../process.ts';
import { linkNamed } from '../links.ts';
import { address, addressOf, EAGAIN, Writable } from '../sockets.ts';
import { type FloodOptions, parseFlood, USAGE } from './options.ts';
import { intervalLine, Report, summary } from './report.ts';

export const flood: Command = {
  name: 'flood',
  summary: 'send UDP datagrams at a rate or flat out, and count refusals',
  async run(proc) {
    const options = parseFlood(proc.argv);
    if (options === null) {
      proc.out(USAGE);
      return 0;
    }
    if (typeof options === 'string') return refuse(proc, options, 2);
    const ip = await addressOf(proc, options.to);
    if (typeof ip === 'string') return refuse(proc, `${options.to}: ${ip}`, 2);
    const sockets = open(proc, options);
    if (typeof sockets === 'string') return refuse(proc, sockets, 1);
    try {
      return await send(proc, options, sockets, address(ip, options.port));
    } finally {
      for (const s of sockets) s.close();
    }
  },
};

/** Sockets, or what is wrong. Not connected: a port unreachable is no refusal of a send. */
function open(proc: Proc, o: FloodOptions): Socket[] | string {
  const ifindex = o.device === null ? 0 : indexOf(proc, o.device);
  if (ifindex === null) return `${o.device}: there is no such device`;
  const sockets: Socket[] = [];
  for (let i = 0; i < o.flows; i++) {
    const s = proc.os.socket(proc.ns, 'udp4', 0);
    if (typeof s === 'number') return `socket: ${strerror(-s)}`;
    sockets.push(s);
    if (ifindex !== 0) s.setOption('SO_BINDTODEVICE', ifindex);
    s.setOption('SO_BROADCAST', 1);
    if (o.recvErr) s.setOption('IP_RECVERR', 1);
  }
  return sockets;
}

function indexOf(proc: Proc, name: string): number | null {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    return linkNamed(client, name)?.header.index ?? null;
  } finally {
    client.close();
  }
}

async function send(proc: Proc, o: FloodOptions, sockets: readonly Socket[], to: SockAddr): Promise<number> {
  proc.handleSignals(['SIGINT', 'SIGTERM']);
  const payload = new Uint8Array(o.size);
  const { os } = proc;
  const startNs = os.nowNs();
  const endNs = startNs + o.timeNs;
  const total = new Report(startNs);
  let part = new Report(startNs);
  let dueNs = startNs;
  const show = (nowNs: number): void => {
    if (!o.json) proc.out(intervalLine(part, startNs, nowNs, o.size));
    part = new Report(nowNs);
  };
  for (let n = 0; n < o.count; ) {
    const s = sockets[n % sockets.length];
    const rc = s.sendTo(payload, to);
    if (rc === -EAGAIN && !o.nonblock) {
      // A blocking send sleeps until the frames before it are on the line.
      if (!(await writable(proc, s, endNs))) break;
    } else {
      n++;
      total.note(rc);
      part.note(rc);
      dueNs = Math.max(dueNs + o.gapNs, os.nowNs() + o.costNs);
      if (dueNs > os.nowNs() && !(await proc.sleep(dueNs - os.nowNs()))) break;
    }
    const nowNs = os.nowNs();
    while (nowNs - part.sinceNs >= o.intervalNs && n < o.count) show(part.sinceNs + o.intervalNs);
    if (nowNs >= endNs) break;
  }
  const nowNs = os.nowNs();
  // One that slept in sendto() when the time was up has not said it yet.
  if (part.attempts > 0 && nowNs - part.sinceNs >= o.intervalNs) show(part.sinceNs + o.intervalNs);
  if (!o.json && part.attempts > 0 && total.attempts > part.attempts) show(nowNs);
  proc.out(summary(total, nowNs, o));
  return total.sent === 0 ? 1 : 0;
}

/** False: the time is up, or a signal came. */
async function writable(proc: Proc, s: Socket, endNs: number): Promise<boolean> {
  const left = endNs - proc.os.nowNs();
  if (left <= 0) return false;
  const woken = await proc.waitReadable([new Writable(s)], Number.isFinite(left) ? left : -1);
  return woken !== null;
}

function refuse(proc: Proc, message: string, code: number): number {
  proc.err(`flood: ${message}\n${code === 2 ? "Try 'flood --help'.\n" : ''}`);
  return code;
}
