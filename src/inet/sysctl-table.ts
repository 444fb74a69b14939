// The knobs under /proc/sys/net that IPv4 and the core have, as lines: path, where the number lives, its bounds. Per-device
// knobs are sysctl-dev.ts. Linux: net/ipv4/sysctl_net_ipv4.c, net/core/sysctl_net_core.c.

import type { Settings } from './settings.ts';
import type { InetNs } from './state.ts';
import { congestionControls } from './tcp-cong.ts';

/** One file: how it reads and what a write does; 0 or -errno. `initOnly`: other namespaces do not have it. */
export interface Knob {
  /** Text, or -errno of a file that cannot be read. */
  read(ins: InetNs): string | number;
  write(ins: InetNs, text: string): number;
  readonly initOnly?: boolean;
}

const EPERM = 1;
const ENOENT = 2;
const EINVAL = 22;
const INT_MAX = 2147483647;
const U8 = [0, 255] as const;
const BOOL = [0, 1] as const;
const ANY = [-2147483648, INT_MAX] as const;
const POSITIVE = [0, INT_MAX] as const;

/** An integer as proc_dointvec() accepts it, or NaN. */
export function parseInteger(text: string, min: number, max: number): number {
  const t = text.trim();
  if (!/^-?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(t)) return Number.NaN;
  const negative = t.startsWith('-');
  const digits = negative ? t.slice(1) : t;
  const octal = digits.length > 1 && digits[0] === '0' && !/[xX]/.test(digits);
  const v = (octal ? Number.parseInt(digits, 8) : Number(digits)) * (negative ? -1 : 1);
  return v < min || v > max ? Number.NaN : v;
}

type NumberField = keyof Settings;
type Line = readonly [path: string, field: NumberField, range: readonly [number, number]];

/** biome-ignore format: one look */
const LINES: readonly Line[] = [
  ['net/ipv4/ip_default_ttl', 'ipDefaultTtl', [1, 255]],
  ['net/ipv4/ip_no_pmtu_disc', 'ipNoPmtuDisc', U8],
  ['net/ipv4/ip_nonlocal_bind', 'ipNonlocalBind', U8],
  ['net/ipv4/ip_forward_use_pmtu', 'ipForwardUsePmtu', U8],
  ['net/ipv4/ip_forward_update_priority', 'ipForwardUpdatePriority', BOOL],
  ['net/ipv4/icmp_echo_ignore_all', 'icmpEchoIgnoreAll', BOOL],
  ['net/ipv4/icmp_echo_ignore_broadcasts', 'icmpEchoIgnoreBroadcasts', BOOL],
  ['net/ipv4/icmp_ignore_bogus_error_responses', 'icmpIgnoreBogus', BOOL],
  ['net/ipv4/icmp_errors_use_inbound_ifaddr', 'icmpErrorsUseInbound', BOOL],
  ['net/ipv4/icmp_ratelimit', 'icmpRatelimit', POSITIVE],
  ['net/ipv4/icmp_ratemask', 'icmpRatemask', ANY],
  ['net/ipv4/icmp_msgs_per_sec', 'icmpMsgsPerSec', POSITIVE],
  ['net/ipv4/icmp_msgs_burst', 'icmpMsgsBurst', POSITIVE],
  ['net/ipv4/igmp_max_memberships', 'igmpMaxMemberships', ANY],
  ['net/ipv4/igmp_qrv', 'igmpQrv', [1, INT_MAX]],
  ['net/ipv4/igmp_link_local_mcast_reports', 'igmpLinkLocalReports', U8],
  ['net/ipv4/ipfrag_high_thresh', 'fragHighThresh', POSITIVE],
  ['net/ipv4/ipfrag_time', 'fragTimeS', POSITIVE],
  ['net/ipv4/ipfrag_max_dist', 'fragMaxDist', POSITIVE],
  ['net/ipv4/route/min_pmtu', 'minPmtu', [68, INT_MAX]],
  ['net/ipv4/route/mtu_expires', 'mtuExpiresS', POSITIVE],
  ['net/ipv4/fwmark_reflect', 'fwmarkReflect', U8],
  ['net/core/rmem_default', 'rmemDefault', [2304, INT_MAX]],
  ['net/core/wmem_default', 'wmemDefault', [4608, INT_MAX]],
  ['net/core/rmem_max', 'rmemMax', [2304, INT_MAX]],
  ['net/core/wmem_max', 'wmemMax', [4608, INT_MAX]],
  ['net/core/somaxconn', 'somaxconn', POSITIVE],
  ['net/ipv4/tcp_timestamps', 'tcpTimestamps', [0, 2]],
  ['net/ipv4/tcp_sack', 'tcpSack', BOOL],
  ['net/ipv4/tcp_dsack', 'tcpDsack', BOOL],
  ['net/ipv4/tcp_window_scaling', 'tcpWindowScaling', BOOL],
  ['net/ipv4/tcp_syn_retries', 'tcpSynRetries', [1, 127]],
  ['net/ipv4/tcp_synack_retries', 'tcpSynackRetries', U8],
  ['net/ipv4/tcp_syn_linear_timeouts', 'tcpSynLinearTimeouts', [0, 127]],
  ['net/ipv4/tcp_retries2', 'tcpRetries2', U8],
  ['net/ipv4/tcp_orphan_retries', 'tcpOrphanRetries', U8],
  ['net/ipv4/tcp_fin_timeout', 'tcpFinTimeout', POSITIVE],
  ['net/ipv4/tcp_keepalive_time', 'tcpKeepaliveTime', POSITIVE],
  ['net/ipv4/tcp_keepalive_intvl', 'tcpKeepaliveIntvl', POSITIVE],
  ['net/ipv4/tcp_keepalive_probes', 'tcpKeepaliveProbes', U8],
  ['net/ipv4/tcp_reordering', 'tcpReordering', ANY],
  ['net/ipv4/tcp_early_retrans', 'tcpEarlyRetrans', [0, 4]],
  ['net/ipv4/tcp_slow_start_after_idle', 'tcpSlowStartAfterIdle', BOOL],
  ['net/ipv4/tcp_moderate_rcvbuf', 'tcpModerateRcvbuf', BOOL],
  ['net/ipv4/tcp_abort_on_overflow', 'tcpAbortOnOverflow', BOOL],
  ['net/ipv4/tcp_min_snd_mss', 'tcpMinSndMss', [48, 65535]],
  ['net/ipv4/tcp_min_tso_segs', 'tcpMinTsoSegs', [1, 255]],
  ['net/ipv4/tcp_tso_rtt_log', 'tcpTsoRttLog', U8],
  ['net/ipv4/tcp_min_rtt_wlen', 'tcpMinRttWlen', [0, 86400]],
  ['net/ipv4/tcp_rto_min_us', 'tcpRtoMinUs', [1, INT_MAX]],
  ['net/ipv4/tcp_invalid_ratelimit', 'tcpInvalidRatelimitMs', POSITIVE],
  ['net/ipv4/tcp_limit_output_bytes', 'tcpLimitOutputBytes', POSITIVE],
];

function numberKnob([, field, [min, max]]: Line): Knob {
  return {
    read: (ins) => String(ins.set[field]),
    write: (ins, text) => {
      const v = parseInteger(text, min, max);
      if (Number.isNaN(v)) return -EINVAL;
      ins.set[field] = v;
      ins.genid++;
      return 0;
    },
  };
}

/** Two numbers in one file. */
function pairKnob(low: NumberField, high: NumberField, min: number, max: number, ordered: boolean): Knob {
  return {
    read: (ins) => `${ins.set[low]}\t${ins.set[high]}`,
    write: (ins, text) => {
      const [a, b] = text
        .trim()
        .split(/\s+/)
        .map((t) => parseInteger(t, min, max));
      if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b) || (ordered && a > b))
        return -EINVAL;
      ins.set[low] = a;
      ins.set[high] = b;
      return 0;
    },
  };
}

/** net.core.netdev_max_backlog has an effect in the core itself. */
const backlogKnob: Knob = {
  initOnly: true,
  read: (ins) => String(ins.kernel.softirq.maxBacklog),
  write: (ins, text) => {
    const v = parseInteger(text, 0, INT_MAX);
    if (Number.isNaN(v)) return -EINVAL;
    ins.kernel.softirq.maxBacklog = v;
    return 0;
  },
};

function gcKnob(field: 'gcThresh1' | 'gcThresh2' | 'gcThresh3'): Knob {
  return {
    initOnly: true,
    read: (ins) => String(ins.stack.neigh[field]),
    write: (ins, text) => {
      const v = parseInteger(text, ...ANY);
      if (Number.isNaN(v)) return -EINVAL;
      ins.stack.neigh[field] = v;
      return 0;
    },
  };
}

/** The least, the usual and the greatest size of a buffer. */
function tripleKnob(a: NumberField, b: NumberField, c: NumberField): Knob {
  const fields = [a, b, c];
  return {
    read: (ins) => fields.map((f) => ins.set[f]).join('\t'),
    write: (ins, text) => {
      const values = text
        .trim()
        .split(/\s+/)
        .map((t) => parseInteger(t, 1, INT_MAX));
      if (values.length > 3 || values.some((v) => Number.isNaN(v))) return -EINVAL;
      values.forEach((v, i) => {
        ins.set[fields[i]] = v;
      });
      return 0;
    },
  };
}

/** net.ipv4.tcp_congestion_control: what new connections use. */
const congestionKnob: Knob = {
  read: (ins) => ins.tcp.congestion.name,
  write: (ins, text) => {
    const cong = congestionControls.get(text.trim());
    if (cong === undefined) return -ENOENT;
    ins.tcp.congestion = cong;
    return 0;
  },
};

const availableKnob: Knob = {
  read: () => [...congestionControls.keys()].join(' '),
  write: () => -EPERM,
};

const flushKnob: Knob = {
  read: () => '',
  write: (ins) => {
    ins.genid++;
    for (const table of ins.tables.values()) for (const r of table.routes) r.exceptions = null;
    return 0;
  },
};

export const knobs: ReadonlyMap<string, Knob> = new Map<string, Knob>([
  ...LINES.map((line): [string, Knob] => [line[0], numberKnob(line)]),
  ['net/ipv4/ip_local_port_range', pairKnob('localPortMin', 'localPortMax', 1, 65535, true)],
  ['net/ipv4/ping_group_range', pairKnob('pingGroupMin', 'pingGroupMax', 0, 4294967294, false)],
  ['net/ipv4/route/flush', flushKnob],
  ['net/ipv4/neigh/default/gc_thresh1', gcKnob('gcThresh1')],
  ['net/ipv4/neigh/default/gc_thresh2', gcKnob('gcThresh2')],
  ['net/ipv4/neigh/default/gc_thresh3', gcKnob('gcThresh3')],
  ['net/core/netdev_max_backlog', backlogKnob],
  ['net/ipv4/tcp_rmem', tripleKnob('tcpRmemMin', 'tcpRmemDefault', 'tcpRmemMax')],
  ['net/ipv4/tcp_wmem', tripleKnob('tcpWmemMin', 'tcpWmemDefault', 'tcpWmemMax')],
  ['net/ipv4/tcp_congestion_control', congestionKnob],
  ['net/ipv4/tcp_available_congestion_control', availableKnob],
]);

/** Which of those below only the first namespace has. */
export const FIRST_KEPT: ReadonlySet<string> = new Set([
  'net/core/netdev_budget',
  'net/core/netdev_budget_usecs',
  'net/core/dev_weight',
  'net/core/devconf_inherit_init_net',
]);

/**
 * Knobs of parts that the model does not have or does not vary. They read as a real machine's and take any value that
 * scripts usually write, and keep it; nothing else follows. Lines: path, default.
 */
export const kept: ReadonlyMap<string, string> = new Map([
  ['net/ipv4/ip_dynaddr', '0'],
  ['net/ipv4/ip_early_demux', '1'],
  ['net/ipv4/ip_local_reserved_ports', ''],
  ['net/ipv4/ip_unprivileged_port_start', '1024'],
  ['net/ipv4/fib_multipath_hash_policy', '0'],
  ['net/ipv4/tcp_syncookies', '1'],
  ['net/ipv4/tcp_ecn', '2'],
  ['net/ipv4/tcp_tw_reuse', '2'],
  ['net/ipv4/udp_rmem_min', '4096'],
  ['net/ipv4/udp_wmem_min', '4096'],
  ['net/core/default_qdisc', 'pfifo_fast'],
  ['net/core/optmem_max', '131072'],
  ['net/core/netdev_budget', '300'],
  ['net/core/netdev_budget_usecs', '8000'],
  ['net/core/dev_weight', '64'],
  ['net/core/devconf_inherit_init_net', '0'],
]);
