// net.ipv6.*: which files there are and what they mean. Settings of devices are sysctl6-conf.ts.
// Linux: net/ipv6/sysctl_net_ipv6.c, ipv6_route_table_template, ipv6_icmp_table_template, neigh_sysctl_template.

import type { Settings6 } from './settings6.ts';
import type { Inet6Ns } from './state6.ts';
import { NEIGH_NAMES, parmsKnob } from './sysctl-dev.ts';
import { type Knob, parseInteger } from './sysctl-table.ts';
import { CONF6_FILES, conf6Knob, devices6 } from './sysctl6-conf.ts';

const EACCES = 13;
const EINVAL = 22;
const INT_MAX = 2147483647;
const U8 = [0, 255] as const;
const BOOL = [0, 1] as const;
const ANY = [-2147483648, INT_MAX] as const;

type NumberField = { [K in keyof Settings6]: Settings6[K] extends number ? K : never }[keyof Settings6];
type Line = readonly [path: string, field: NumberField, range: readonly [number, number]];

/** biome-ignore format: one look */
const LINES: readonly Line[] = [
  ['anycast_src_echo_reply', 'anycastSrcEchoReply', U8],
  ['auto_flowlabels', 'autoFlowlabels', [0, 3]],
  ['bindv6only', 'bindv6only', U8],
  ['flowlabel_consistency', 'flowlabelConsistency', U8],
  ['flowlabel_reflect', 'flowlabelReflect', [0, 7]],
  ['flowlabel_state_ranges', 'flowlabelStateRanges', U8],
  ['fwmark_reflect', 'fwmarkReflect', U8],
  ['icmp/echo_ignore_all', 'icmpEchoIgnoreAll', U8],
  ['icmp/echo_ignore_anycast', 'icmpEchoIgnoreAnycast', U8],
  ['icmp/echo_ignore_multicast', 'icmpEchoIgnoreMulticast', U8],
  ['icmp/error_anycast_as_unicast', 'icmpErrorAnycastAsUnicast', BOOL],
  ['icmp/ratelimit', 'icmpRatelimitMs', ANY],
  ['idgen_delay', 'idgenDelayS', ANY],
  ['idgen_retries', 'idgenRetries', ANY],
  ['ip6frag_high_thresh', 'fragHighThresh', [0, INT_MAX]],
  ['ip6frag_low_thresh', 'fragLowThresh', [0, INT_MAX]],
  ['ip6frag_time', 'fragTimeS', ANY],
  ['ip_nonlocal_bind', 'ipNonlocalBind', U8],
  ['max_dst_opts_length', 'maxDstLength', ANY],
  ['max_dst_opts_number', 'maxDstNumber', ANY],
  ['max_hbh_length', 'maxHbhLength', ANY],
  ['max_hbh_opts_number', 'maxHbhNumber', ANY],
  ['route/min_adv_mss', 'minAdvmss', ANY],
  ['route/mtu_expires', 'mtuExpiresS', ANY],
  ['route/skip_notify_on_dev_down', 'skipNotifyOnDevDown', BOOL],
];

/** Of parts that the model does not have or does not vary; they keep what is written. */
const KEPT: ReadonlyMap<string, string> = new Map([
  ['fib_multipath_hash_fields', '7'],
  ['fib_multipath_hash_policy', '0'],
  ['fib_notify_on_flag_change', '0'],
  ['ioam6_id', '16777215'],
  ['ioam6_id_wide', '72057594037927935'],
  ['route/gc_elasticity', '9'],
  ['route/gc_interval', '30'],
  ['route/gc_min_interval', '0'],
  ['route/gc_min_interval_ms', '500'],
  ['route/gc_thresh', '1024'],
  ['route/gc_timeout', '60'],
  ['route/max_size', '2147483647'],
  ['seg6_flowlabel', '0'],
  ['xfrm6_gc_thresh', '32768'],
]);

/** The first namespace has these, too. */
const FIRST_LINES: readonly Line[] = [
  ['mld_max_msf', 'mldMaxMsf', ANY],
  ['mld_qrv', 'mldQrv', [1, INT_MAX]],
];
const FIRST_KEPT: ReadonlyMap<string, string> = new Map([
  ['calipso_cache_bucket_size', '10'],
  ['calipso_cache_enable', '1'],
  ['ip6frag_secret_interval', '0'],
]);

function isFirst(i6: Inet6Ns): boolean {
  return i6.kernel.namespaces[0] === i6.ns;
}

function numberKnob(i6: Inet6Ns, [, field, [min, max]]: Line): Knob {
  const set = i6.set as unknown as Record<string, number>;
  return {
    read: () => String(set[field]),
    write: (_ins, text) => {
      const v = parseInteger(text, min, max);
      if (Number.isNaN(v)) return -EINVAL;
      set[field] = v;
      i6.genid++;
      return 0;
    },
  };
}

function keptKnob(i6: Inet6Ns, path: string, initial: string): Knob {
  const key = `net/ipv6/${path}`;
  return {
    read: () => i6.ns.sysctl.get(key) ?? initial,
    write: (_ins, text) => {
      if (!/^-?\d+$/.test(text.trim())) return -EINVAL;
      i6.ns.sysctl.set(key, text.trim());
      return 0;
    },
  };
}

/** Routes that were learned are forgotten. */
const flushKnob = (i6: Inet6Ns): Knob => ({
  read: () => -EACCES,
  write: () => {
    i6.genid++;
    for (const t of i6.tables.values()) for (const r of t.routes) r.exceptions = null;
    return 0;
  },
});

/** Types as ranges: `0-1,3-127`. Linux: proc_do_large_bitmap(). */
function ratemaskKnob(i6: Inet6Ns): Knob {
  const mask = i6.set.icmpRatemask;
  return {
    read: () => {
      const out: string[] = [];
      for (let i = 0; i < mask.length; i++) {
        if (mask[i] === 0) continue;
        const from = i;
        while (i + 1 < mask.length && mask[i + 1] !== 0) i++;
        out.push(from === i ? String(from) : `${from}-${i}`);
      }
      return out.join(',');
    },
    write: (_ins, text) => {
      const next = new Uint8Array(mask.length);
      for (const part of text.trim().split(',')) {
        if (part === '') continue;
        const m = /^(\d+)(?:-(\d+))?$/.exec(part);
        const from = m === null ? -1 : Number(m[1]);
        const to = m === null ? -1 : Number(m[2] ?? m[1]);
        if (from < 0 || to < from || to >= mask.length) return -EINVAL;
        next.fill(1, from, to + 1);
      }
      mask.set(next);
      return 0;
    },
  };
}

/** net/ipv6/neigh/WHO/NAME. */
function neighKnob(i6: Inet6Ns, who: string, name: string): Knob | null {
  if (who === 'default') return isFirst(i6) ? defaultNeighKnob(i6, name) : null;
  const d = devices6(i6).find((x) => x.dev.name === who);
  return d === undefined ? null : parmsKnob(d.parms, name, d, []);
}

const GC: ReadonlyMap<string, 'gcThresh1' | 'gcThresh2' | 'gcThresh3'> = new Map([
  ['gc_thresh1', 'gcThresh1'],
  ['gc_thresh2', 'gcThresh2'],
  ['gc_thresh3', 'gcThresh3'],
]);

function defaultNeighKnob(i6: Inet6Ns, name: string): Knob | null {
  const field = GC.get(name);
  if (name === 'gc_interval') return keptKnob(i6, 'neigh/default/gc_interval', '30');
  if (field === undefined)
    return parmsKnob(
      i6.neighDefault,
      name,
      null,
      devices6(i6).map((d) => d.parms),
    );
  const table = i6.stack.neigh;
  return {
    read: () => String(table[field]),
    write: (_ins, text) => {
      const v = parseInteger(text, ...ANY);
      if (Number.isNaN(v)) return -EINVAL;
      table[field] = v;
      return 0;
    },
  };
}

/** The file at net/ipv6/PATH, or null. */
export function find6(i6: Inet6Ns, path: string): Knob | null {
  const line = LINES.find((l) => l[0] === path) ?? (isFirst(i6) ? FIRST_LINES.find((l) => l[0] === path) : undefined);
  if (line !== undefined) return numberKnob(i6, line);
  const initial = KEPT.get(path) ?? (isFirst(i6) ? FIRST_KEPT.get(path) : undefined);
  if (initial !== undefined) return keptKnob(i6, path, initial);
  if (path === 'route/flush') return flushKnob(i6);
  if (path === 'icmp/ratemask') return ratemaskKnob(i6);
  const [folder, who, name, more] = path.split('/');
  if (name === undefined || more !== undefined) return null;
  if (folder === 'conf') return conf6Knob(i6, who, name);
  return folder === 'neigh' ? neighKnob(i6, who, name) : null;
}

/** Names in a folder that has an entry per device, or per setting of one; null: it is none of these. */
export function folder6(i6: Inet6Ns, folder: string | undefined, who: string | undefined): readonly string[] | null {
  if (folder !== 'conf' && folder !== 'neigh') return null;
  const first = isFirst(i6);
  const devices = devices6(i6).map((d) => d.dev.name);
  const names = folder === 'conf' ? ['all', 'default', ...devices] : first ? ['default', ...devices] : devices;
  if (who === undefined) return names;
  if (!names.includes(who)) return [];
  const extra = who === 'default' && folder === 'neigh' ? ['gc_interval', ...GC.keys()] : [];
  return folder === 'conf' ? CONF6_FILES : [...NEIGH_NAMES, ...extra];
}

/** Names every other file, by its path under net/ipv6, and the two folders of devices. */
export function offer6(i6: Inet6Ns, offer: (path: string) => void): void {
  const first = isFirst(i6);
  for (const [path] of first ? [...LINES, ...FIRST_LINES] : LINES) offer(path);
  for (const path of KEPT.keys()) offer(path);
  if (first) for (const path of FIRST_KEPT.keys()) offer(path);
  for (const path of ['route/flush', 'icmp/ratemask', 'conf/all', 'neigh/lo']) offer(path);
}
