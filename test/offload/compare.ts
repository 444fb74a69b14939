// What of a recorded answer another kernel, another boot and the model must repeat: not hashes of flows, not how many frames a
// machine managed. One place for the tests (model against record) and for oracle/main.ts (a new record against the old).

import type { Case, Load, Matrix, Row } from './parse.ts';

export const confText = (m: Matrix): string => Object.values(m.conf).join(', ');

/** The queues of each sender, in the order in which the script asked. */
export function sources(of: Case): string[] {
  return of.steps
    .flatMap((s) => [...(s.state ?? []), ...(s.out ?? [])])
    .filter((line) => line.includes(' src '))
    .map((line) => {
      const src = /:(\w\w)(?= q)/.exec(line)?.[1] ?? '?';
      const queues = [...line.matchAll(/ (q\d+)=/g)].map((m) => m[1]);
      // 64 flows need not hit every one of 16 queues, and each kernel hashes its own way.
      return `${src === '00' ? 'port' : src} ${queues.length > 8 ? 'all' : queues.join(' ')}`;
    });
}

/**
 * XPS: which queues, what the files say, which queue a process on a CPU takes. Who is not pinned to one may be on either, and is
 * compared as that.
 */
export function xps(of: Case): string[] {
  const lines = of.steps.flatMap((s) => s.out ?? []).filter((l) => !l.startsWith('flows'));
  const pinned = lines.findIndex((l) => l.startsWith('pinned'));
  const free = (line: string): string =>
    line.replace(/^port q[01]$/, 'port by CPU').replace(/^a0 (q4 q5|q4|q5)$/, 'a0 by CPU');
  const loose = sources({ case: '', steps: of.steps.map((s) => ({ cmd: null, state: s.state })) });
  const rounds = [loose.slice(0, 3), loose.slice(3)].flatMap((round) => round.map(free).sort());
  return [...rounds, ...lines.slice(0, pinned), ...lines.slice(pinned).map((l) => l.replace(/=\d+/, ''))];
}

/** The queue that a sender used most. */
export function busiest(line: string): string {
  const cells = [...line.matchAll(/ (q\d+)=(\d+)/g)].map((m) => [m[1], Number(m[2])] as const);
  return cells.reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

/** Numbers depend on the machine. A sender blocks that spends most of its time so; a paced one's pauses count in the guest. */
export function signs(l: Load): unknown {
  const { calls, ok, elapsed, blocked_s, first_error_call, ...errnos } = l.result[0];
  // One that is no datagram of the flood may meet a stopped queue too: an answer to ARP.
  const some = Number(calls) / 100;
  const drops = (row: Row | undefined): unknown => (row === undefined ? undefined : Number(row.tx_dropped) > some);
  const blocks = l.what === '5ms pause' ? 'pauses' : Number(blocked_s) > 0.75 * Number(elapsed);
  return { errnos: Object.keys(errnos), sent: Number(ok) > 0, blocks, mv0: drops(l.mv0), port0: drops(l.port0) };
}

/** A TCP transfer: did all arrive, and how did it end? */
export function transfer(l: Load): unknown {
  const [client, server] = l.result;
  return { wrote: client.wrote, acked: client.acked_by_peer, err: client.err, bad: server.bad, end: server.end };
}

/** Bytes that the peer acknowledged; none when there was no connection. */
export const moved = (l: Load): number => Number(l.result[0].acked_by_peer ?? 0);

/** A case of test f: all of it, but how many frames a station got. */
export function combined(of: Case): string[] {
  return of.steps.flatMap((step) => [
    ...(step.cmd === null ? [] : [`$ ${step.cmd.trim()} rc=${step.rc ?? 0}`]),
    ...(step.out ?? []).map((line) => line.trimEnd()),
    ...(step.ndo ?? []).map((line) => `| ${line}`),
    ...(step.state ?? []).map((line) => `# ${line.replace(/ (rx|rx_pf|loop_rx) \d+.*$/, '')}`),
  ]);
}

/** A case without times, and without counters that hold the background of IPv6 and ARP. */
export function said(of: Case): string[] {
  const out: string[] = [];
  for (const step of of.steps) {
    if (step.cmd !== null) out.push(`$ ${step.cmd.trim()} rc=${step.rc ?? 0}`);
    for (const line of step.out ?? []) if (!/^\S+ (\S+ )*rx:bytes|^port0: +src /.test(line)) out.push(plain(line));
    for (const line of step.ndo ?? []) out.push(`| ${line}`);
    if (step.rx_mode?.includes('OVERFLOW') === true) out.push('| UC-OVERFLOW');
    for (const line of step.state ?? []) out.push(`# ${line.replace(/ rx_pf \d+.*$/, '')}`);
  }
  return out;
}

function plain(line: string): string {
  const flood = /^flood calls=(\d+) ok=(\d+)/.exec(line);
  if (flood !== null) return `flood: all ok ${flood[1] === flood[2]}`;
  const order = /^(.*: )l2order pairs=(\d+) bcast_received=(\d+) unicast_received=(\d+) \S+=(\d+)/.exec(line);
  if (order === null) return line.replace(/,? time[= ]\S+( ms)?$/, '').trim();
  const [, what, pairs, broadcasts, unicasts, overtook] = order;
  // How many overtake is chance; in a burst some do. With gaps of a millisecond hardly one does, and there need be none.
  const late = what.includes('gap') ? 'few' : Number(overtook) > 0;
  return `${what}of ${pairs}: unicast ${unicasts}, all broadcasts ${broadcasts === pairs}, overtaken ${late}`;
}
