// Asking the kernel for sockets, and a socket's details as ss writes them. Linux tool: iproute2 6.1, misc/ss.c,
// inet_show_netlink(), tcp_show_info(), tcp_stats_print(), print_skmeminfo().

import { NlError } from '../../../netlink/error.ts';
import { decodeAnswer, decodeMessage, encodeMessage, messages } from '../../../netlink/message.ts';
import { SOCK_DIAG, SOCK_DIAG_REQ } from '../../../netlink/payload.ts';
import { formatIp4, formatIp6 } from '../../../uapi/format.ts';
import { NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from '../../../uapi/netlink.ts';
import {
  type InetDiagAttrs,
  type InetDiagMsg,
  SOCK_DIAG_BY_FAMILY,
  type TcpInfoStruct,
} from '../../../uapi/sockdiag.ts';
import type { Proc } from '../../process.ts';

export interface Sock extends InetDiagMsg {
  netid: 'tcp' | 'udp' | 'raw';
  attrs: InetDiagAttrs;
}

const PROTOCOLS = { tcp: 6, udp: 17, raw: 255 } as const;
const NETLINK_SOCK_DIAG = 4;

export interface What {
  /** One bit for each INET_DIAG_* less one. */
  ext: number;
  states: number;
}

/** All sockets of a kind, of one family. Throws NlError when the kernel refuses. */
export function askFor(proc: Proc, netid: 'tcp' | 'udp' | 'raw', family: number, what: What): Sock[] {
  const transport = proc.os.netlink(proc.ns, NETLINK_SOCK_DIAG);
  const out: Sock[] = [];
  try {
    const head = { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, seq: 1 };
    const asked = {
      family,
      protocol: PROTOCOLS[netid],
      ext: what.ext,
      pad: 0,
      states: what.states,
      sport: 0,
      dport: 0,
      src: new Uint8Array(16),
      dst: new Uint8Array(16),
      ifindex: 0,
      cookieLow: 0,
      cookieHigh: 0,
    };
    transport.send(encodeMessage(SOCK_DIAG_REQ, head, asked, {}));
    for (let datagram = transport.recv(); datagram !== null; datagram = transport.recv()) {
      for (const msg of messages(datagram)) {
        if (msg.type === NLMSG_DONE || msg.type === NLMSG_ERROR) {
          const answer = decodeAnswer(msg);
          if (answer.errno !== 0) throw new NlError(answer.errno, answer.extack);
        } else if (msg.type === SOCK_DIAG_BY_FAMILY) {
          const m = decodeMessage(SOCK_DIAG, msg);
          out.push({ ...m.header, netid, attrs: m.attrs });
        }
      }
    }
  } finally {
    transport.close();
  }
  return out;
}

/** `both`: no address, and for IPv4 too. */
export function addressText(family: number, bytes: Uint8Array, both: boolean): string {
  if (family === 2) return formatIp4(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  if (bytes.every((b) => b === 0)) return both ? '*' : '[::]';
  return `[${formatIp6(bytes)}]`;
}

const TIMERS = ['off', 'on', 'keepalive', 'timewait', 'persist'];

function msText(ms: number): string {
  let secs = Math.floor(ms / 1000);
  const minutes = Math.floor(secs / 60);
  secs %= 60;
  let left = ms % 1000;
  let out = '';
  if (minutes > 0) {
    left = 0;
    out += `${minutes}min`;
    if (minutes > 9) secs = 0;
  }
  if (secs > 0) {
    if (secs > 9) left = 0;
    out += `${secs}${left > 0 ? '.' : 'sec'}`;
  }
  return left > 0 ? `${out}${String(left).padStart(3, '0')}ms` : out;
}

export function timerText(s: Sock): string {
  if (s.timer === 0) return '';
  return ` timer:(${TIMERS[s.timer] ?? 'unknown'},${msText(s.expires)},${s.retrans})`;
}

export function detailText(s: Sock): string {
  let out = s.uid === 0 ? '' : ` uid:${s.uid}`;
  out += ` ino:${s.inode} sk:${(s.cookieHigh > 0 ? s.cookieHigh.toString(16) : '') + s.cookieLow.toString(16)}`;
  const { shutdown } = s.attrs;
  if (shutdown !== undefined) out += ` ${(shutdown & 1) !== 0 ? '-' : '<'}-${(shutdown & 2) !== 0 ? '-' : '>'}`;
  return out;
}

export function memoryText(s: Sock): string {
  const m = s.attrs.skmeminfo;
  if (m === undefined) return '';
  const [rmem, rb, wmem, tb, fwd, queued, opt, backlog, drops] = m;
  return ` skmem:(r${rmem},rb${rb},t${wmem},tb${tb},f${fwd},w${queued},o${opt},bl${backlog},d${drops})`;
}

/** printf("%g"): six significant digits. */
function g(v: number): string {
  const text = Number(v.toPrecision(6));
  return Math.abs(text) >= 1e6 ? text.toExponential().replace(/e\+(\d)$/, 'e+0$1') : String(text);
}

export function infoText(s: Sock, options: boolean): string {
  const i = s.attrs.info;
  if (i === undefined) return '';
  const out: string[] = [];
  const add = (on: boolean | number, text: string): void => {
    if (on === true || (typeof on === 'number' && on !== 0)) out.push(` ${text}`);
  };
  if (options) {
    add((i.options & 1) !== 0, 'ts');
    add((i.options & 2) !== 0, 'sack');
  }
  if (s.attrs.cong !== undefined) out.push(` ${s.attrs.cong}`);
  if ((i.options & 4) !== 0) out.push(` wscale:${i.wscale & 15},${i.wscale >> 4}`);
  add(i.rto !== 0 && i.rto !== 3_000_000, `rto:${g(i.rto / 1000)}`);
  add(i.backoff, `backoff:${i.backoff}`);
  add(i.rtt, `rtt:${g(i.rtt / 1000)}/${g(i.rttvar / 1000)}`);
  add(i.ato, `ato:${g(i.ato / 1000)}`);
  add(i.sndMss, `mss:${i.sndMss}`);
  add(i.pmtu, `pmtu:${i.pmtu}`);
  add(i.rcvMss, `rcvmss:${i.rcvMss}`);
  add(i.advmss, `advmss:${i.advmss}`);
  add(i.sndCwnd, `cwnd:${i.sndCwnd}`);
  add(i.sndSsthresh < 0xffff ? i.sndSsthresh : 0, `ssthresh:${i.sndSsthresh}`);
  counters(i, add);
  rates(i, add);
  queues(s, i, add);
  return out.join('');
}

type Add = (on: boolean | number, text: string) => void;

function counters(i: TcpInfoStruct, add: Add): void {
  add(i.bytesSent, `bytes_sent:${i.bytesSent}`);
  add(i.bytesRetrans, `bytes_retrans:${i.bytesRetrans}`);
  add(i.bytesAcked, `bytes_acked:${i.bytesAcked}`);
  add(i.bytesReceived, `bytes_received:${i.bytesReceived}`);
  add(i.segsOut, `segs_out:${i.segsOut}`);
  add(i.segsIn, `segs_in:${i.segsIn}`);
  add(i.dataSegsOut, `data_segs_out:${i.dataSegsOut}`);
  add(i.dataSegsIn, `data_segs_in:${i.dataSegsIn}`);
}

function rates(i: TcpInfoStruct, add: Add): void {
  const rtt = i.rtt > 0 && i.sndMss > 0 && i.sndCwnd > 0 ? i.rtt : 0;
  add(rtt, `send ${((i.sndCwnd * i.sndMss * 8e6) / Math.max(1, rtt)).toFixed(0)}bps`);
  add(i.lastDataSent, `lastsnd:${i.lastDataSent}`);
  add(i.lastDataRecv, `lastrcv:${i.lastDataRecv}`);
  add(i.lastAckRecv, `lastack:${i.lastAckRecv}`);
  add(i.pacingRate, `pacing_rate ${(i.pacingRate * 8).toFixed(0)}bps`);
  add(i.deliveryRate, `delivery_rate ${(i.deliveryRate * 8).toFixed(0)}bps`);
  add(i.delivered, `delivered:${i.delivered}`);
  add((i.flags & 1) !== 0, 'app_limited');
}

function queues(s: Sock, i: TcpInfoStruct, add: Add): void {
  const listening = s.state === 10;
  add(listening ? 0 : i.unacked, `unacked:${i.unacked}`);
  add(i.retrans !== 0 || i.totalRetrans !== 0, `retrans:${i.retrans}/${i.totalRetrans}`);
  add(i.lost, `lost:${i.lost}`);
  add(listening ? 0 : i.sacked, `sacked:${i.sacked}`);
  add(i.dsackDups, `dsack_dups:${i.dsackDups}`);
  add(i.reordering !== 3, `reordering:${i.reordering}`);
  add(i.reordSeen, `reord_seen:${i.reordSeen}`);
  add(i.rcvRtt, `rcv_rtt:${g(i.rcvRtt / 1000)}`);
  add(i.rcvSpace, `rcv_space:${i.rcvSpace}`);
  add(i.rcvSsthresh, `rcv_ssthresh:${i.rcvSsthresh}`);
  add(i.notsentBytes, `notsent:${i.notsentBytes}`);
  add(i.minRtt !== 0 && i.minRtt !== 0xffffffff, `minrtt:${g(i.minRtt / 1000)}`);
  add(i.rcvOooPack, `rcv_ooopack:${i.rcvOooPack}`);
  add(i.sndWnd, `snd_wnd:${i.sndWnd}`);
}
