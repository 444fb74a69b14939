// /proc/net/tcp and /proc/net/sockstat, to the column. Linux: net/ipv4/tcp_ipv4.c, get_tcp4_sock(), get_openreq4(),
// get_timewait4_sock(); net/ipv4/proc.c, sockstat_seq_show().

import type { NetNs } from '../net/netns.ts';
import { type InetNs, inetNs } from './state.ts';
import * as c from './tcp-const.ts';
import type { TcpEnd, TcpSock } from './tcp-sock.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const WIDTH = 149;

const hex = (v: number, digits: number): string => (v >>> 0).toString(16).toUpperCase().padStart(digits, '0');

/** As the bytes lie in memory of a little-endian machine. */
function addrHex(addr: number): string {
  return hex(((addr & 0xff) << 24) | ((addr & 0xff00) << 8) | ((addr >>> 8) & 0xff00) | (addr >>> 24), 8);
}

const ends = (e: TcpEnd, remote: number): string =>
  `${addrHex(e.la)}:${hex(e.lport, 4)} ${addrHex(remote)}:${hex(e.dport, 4)}`;

const jiffies = (ns: number): number => Math.max(0, Math.round(ns / 1e7));

export function tcpTable(ns: NetNs): string {
  const ins = inetNs(ns);
  const rows: string[] = [];
  for (const list of ins.tcp.listeners.values()) for (const s of list) if (s.af.family === 2) rows.push(socketRow(s));
  for (const e of ins.tcp.connections()) {
    if (e.af.family !== 2) continue;
    rows.push(e.tw !== null ? waitRow(ins, e) : socketRow(e as TcpSock));
  }
  const lines = rows.map((row, i) => `${String(i).padStart(4)}: ${row}`.padEnd(WIDTH));
  return [HEAD.padEnd(WIDTH), ...lines].map((line) => `${line}\n`).join('');
}

/** A timer's kind as the file has it: 1 retransmission, 2 keepalive, 4 zero window. */
export function timerOf(s: TcpSock): [kind: number, leftNs: number] {
  const now = s.ins.now;
  if (s.pending === c.TIME_PROBE0) return [4, s.rtimer.dueNs - now];
  if (s.pending !== c.TIME_NONE) return [1, s.rtimer.dueNs - now];
  if (s.ktimer.armed) return [2, s.ktimer.dueNs - now];
  return [0, 0];
}

function socketRow(s: TcpSock): string {
  const [kind, left] = timerOf(s);
  const listen = s.state === c.TCP_LISTEN;
  const rx = listen ? s.acceptQueue.length : Math.max(0, (s.rcvNxt - s.copiedSeq) | 0);
  const tx = listen ? 0 : Math.max(0, (s.writeSeq - s.sndUna) | 0);
  const head = `${ends(s, s.ra)} ${hex(s.state, 2)} ${hex(tx, 8)}:${hex(rx, 8)} ${hex(kind, 2)}:${hex(jiffies(left), 8)} ${hex(s.retransmits, 8)}`;
  const uid = String(0).padStart(5);
  const more = `${uid} ${String(s.probesOut).padStart(8)} ${s.inode}`;
  if (s.state === c.TCP_SYN_RECV) return `${head} ${uid} ${String(0).padStart(8)} 0 0 ${pointer(s.inode)}`;
  const tail = listen
    ? `1 ${pointer(s.inode)} 100 0 0 ${s.cwnd} 0`
    : `${kind === 0 ? 1 : 2} ${pointer(s.inode)} ${Math.floor(s.rtoNs / 1e7)} ${Math.floor(s.atoNs / 1e7)} ${(s.quick << 1) | (s.pingpong >= c.PINGPONG ? 1 : 0)} ${s.cwnd} ${s.ssthresh === c.INFINITE_SSTHRESH ? -1 : s.ssthresh}`;
  return `${head} ${more} ${tail}`;
}

function waitRow(ins: InetNs, e: TcpEnd): string {
  const left = e.tw === null ? 0 : e.tw.endsNs - ins.now;
  const state = e.tw === null ? e.state : e.tw.substate;
  return `${ends(e, e.ra)} ${hex(state, 2)} 00000000:00000000 03:${hex(jiffies(left), 8)} 00000000     0        0 0 3 ${pointer(e.lport)}`;
}

/** The kernel hashes its pointers before it shows them; here it is a number that stays the same. */
const pointer = (n: number): string => hex(Math.imul(n, 0x9e3779b1), 16).toLowerCase();

export function sockstatText(ns: NetNs): string {
  const ins = inetNs(ns);
  const t = ins.tcp;
  let inUse = 0;
  for (const list of t.listeners.values()) for (const s of list) if (s.af.family === 2) inUse++;
  for (const e of t.connections()) if (e.tw === null && e.af.family === 2) inUse++;
  let udp = 0;
  for (const list of ins.udpPorts.values()) udp += list.length;
  let raw = 0;
  for (const list of ins.raw.values()) raw += list.length;
  const used = t.sockets + udp + raw + ins.packets.length;
  return (
    `sockets: used ${used}\n` +
    `TCP: inuse ${inUse} orphan ${t.orphans} tw ${t.timeWaits} alloc ${t.sockets + t.orphans} mem 0\n` +
    `UDP: inuse ${udp} mem 0\n` +
    `UDPLITE: inuse 0\nRAW: inuse ${raw}\nFRAG: inuse ${ins.reasm.queues.size} memory ${ins.reasm.bytes}\n`
  );
}
