// Knobs that every device has: net/ipv4/conf/DEV and net/ipv4/neigh/DEV. `all` and `default` are devices' names in these
// folders. IPv6's are sysctl6.ts.
// Linux: devinet_conf_proc() and inet_forward_change() in net/ipv4/devinet.c, neigh_sysctl_template.

import type { NetDevice } from '../net/netdev.ts';
import { ACCEPT_REDIRECTS, CONF_COUNT, CONF_NAMES, type DevConf, FORWARDING, MC_FORWARDING } from './conf.ts';
import { drawReachable, type NeighHome, type NeighParms } from './neigh-home.ts';
import { type InDevice, type InetNs, inDev } from './state.ts';
import { type Knob, parseInteger } from './sysctl-table.ts';

const EINVAL = 22;
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;
const NETCONF_ALL = -1;
const NETCONF_DEFAULT = -2;

function devices(ins: InetNs): InDevice[] {
  const out: InDevice[] = [];
  for (const dev of ins.ns.registered()) {
    const d = inDev(dev);
    if (d !== null) out.push(d);
  }
  return out;
}

/** The folder's names: all, default and every device. */
export function confFolders(ins: InetNs): string[] {
  return ['all', 'default', ...devices(ins).map((d) => d.dev.name)];
}

function deviceNamed(ins: InetNs, name: string): InDevice | null {
  const dev: NetDevice | null = ins.ns.byName.get(name) ?? null;
  return dev === null || dev.name !== name ? null : inDev(dev);
}

/** net/ipv4/conf/WHO/NAME, or null. */
export function confKnob(ins: InetNs, who: string, name: string): Knob | null {
  const i = CONF_NAMES.indexOf(name);
  if (i < 1) return null;
  const d = deviceNamed(ins, who);
  const conf = who === 'all' ? ins.confAll : who === 'default' ? ins.confDefault : d?.conf;
  if (conf === undefined) return null;
  return {
    read: () => String(conf.v[i]),
    write: (_ins, text) => {
      const v = parseInteger(text, INT_MIN, INT_MAX);
      if (Number.isNaN(v) || i === MC_FORWARDING) return -EINVAL;
      setConf(ins, conf, d, i, v);
      return 0;
    },
  };
}

function setConf(ins: InetNs, conf: DevConf, d: InDevice | null, i: number, v: number): void {
  const was = conf.v[i];
  conf.v[i] = v;
  conf.set[i] = 1;
  ins.genid++;
  if (was === v) return;
  const index = d !== null ? d.dev.ifindex : conf === ins.confAll ? NETCONF_ALL : NETCONF_DEFAULT;
  if (i === FORWARDING && conf === ins.confAll) return forwardAll(ins, v);
  ins.stack.hooks.netconfChanged(ins.ns, index, i);
  if (conf !== ins.confDefault || i === FORWARDING) return;
  for (const other of devices(ins)) if (other.conf.set[i] === 0) other.conf.v[i] = v;
}

/** Switching forwarding for all switches it for each, and redirects the other way. Linux: inet_forward_change(). */
function forwardAll(ins: InetNs, v: number): void {
  ins.set.ipForward = v;
  ins.confAll.v[FORWARDING] = v;
  ins.confAll.v[ACCEPT_REDIRECTS] = v === 0 ? 1 : 0;
  ins.confDefault.v[FORWARDING] = v;
  const told = ins.stack.hooks.netconfChanged;
  told(ins.ns, NETCONF_ALL, FORWARDING);
  told(ins.ns, NETCONF_DEFAULT, FORWARDING);
  for (const d of devices(ins)) {
    d.conf.v[FORWARDING] = v;
    told(ins.ns, d.dev.ifindex, FORWARDING);
  }
}

/** net/ipv4/ip_forward is conf/all/forwarding by another name. */
export const forwardKnob: Knob = {
  read: (ins) => String(ins.set.ipForward),
  write: (ins, text) => {
    const v = parseInteger(text, INT_MIN, INT_MAX);
    if (Number.isNaN(v)) return -EINVAL;
    setConf(ins, ins.confAll, null, FORWARDING, v);
    return 0;
  },
};

type ParmField = keyof {
  [K in keyof NeighParms as NeighParms[K] extends number ? K : never]: true;
};

const COUNT = [0, INT_MAX] as const;
/** Negative ones are taken, too. Linux: proc_dointvec_jiffies(), at 250 Hz. */
const SECONDS = [-8589934, 8589934] as const;
/** Any below zero is a tick less than none, which reads as -0. Linux: proc_dointvec_userhz_jiffies(). */
const USER_TICKS = [INT_MIN, INT_MAX] as const;

/** Name, where it lives, how many of its units make one of ours, bounds. */
const NEIGH_LINES: ReadonlyArray<readonly [string, ParmField, number, readonly [number, number]]> = [
  ['anycast_delay', 'anycastDelayNs', 1e7, USER_TICKS],
  ['app_solicit', 'appProbes', 1, COUNT],
  ['base_reachable_time', 'baseReachableNs', 1e9, SECONDS],
  ['base_reachable_time_ms', 'baseReachableNs', 1e6, COUNT],
  ['delay_first_probe_time', 'delayProbeNs', 1e9, SECONDS],
  ['gc_stale_time', 'gcStaleNs', 1e9, SECONDS],
  ['interval_probe_time_ms', 'intervalProbeNs', 1e6, [1, INT_MAX]],
  ['locktime', 'locktimeNs', 1e7, USER_TICKS],
  ['mcast_resolicit', 'mcastReprobes', 1, COUNT],
  ['mcast_solicit', 'mcastProbes', 1, COUNT],
  ['proxy_delay', 'proxyDelayNs', 1e7, USER_TICKS],
  ['proxy_qlen', 'proxyQlen', 1, COUNT],
  ['retrans_time', 'retransNs', 1e7, USER_TICKS],
  ['retrans_time_ms', 'retransNs', 1e6, COUNT],
  ['ucast_solicit', 'ucastProbes', 1, COUNT],
  ['unres_qlen_bytes', 'queueBytes', 1, COUNT],
];
/** A full-sized frame with its bookkeeping, in which unres_qlen counts. Linux: SKB_TRUESIZE(ETH_FRAME_LEN). */
const FRAME_TRUESIZE = 2090;
const UNRES_QLEN = ['unres_qlen', 'queueBytes', FRAME_TRUESIZE, [0, Math.floor(INT_MAX / FRAME_TRUESIZE)]] as const;

export const NEIGH_NAMES: readonly string[] = [...NEIGH_LINES.map((l) => l[0]), 'unres_qlen'].sort((a, b) =>
  a < b ? -1 : 1,
);

/** net/ipv4/neigh/WHO/NAME, or null. */
export function neighKnob(ins: InetNs, who: string, name: string): Knob | null {
  const d = deviceNamed(ins, who);
  if (who === 'default') {
    const knob = parmsKnob(
      ins.neighDefault,
      name,
      null,
      devices(ins).map((x) => x.parms),
    );
    return knob === null ? null : { ...knob, initOnly: true };
  }
  return d === null ? null : parmsKnob(d.parms, name, d, []);
}

/** One setting of a neighbour table: for the device `home`, or the default that `others` follow. */
export function parmsKnob(
  parms: NeighParms,
  name: string,
  home: NeighHome | null,
  others: readonly NeighParms[],
): Knob | null {
  const line = name === 'unres_qlen' ? UNRES_QLEN : NEIGH_LINES.find((l) => l[0] === name);
  if (line === undefined) return null;
  const [, field, unit, range] = line;
  const ticks = range === USER_TICKS;
  return {
    read: () => (ticks && parms[field] < 0 ? '-0' : String(Math.floor(parms[field] / unit))),
    write: (_ins, text) => {
      const v = parseInteger(text, range[0], range[1]);
      if (Number.isNaN(v)) return -EINVAL;
      const value = ticks && v < 0 ? -1 : v * unit;
      parms[field] = value;
      if (field === 'baseReachableNs' && home !== null) drawReachable(home);
      for (const other of others) other[field] = value;
      return 0;
    },
  };
}

export const CONF_FILES: readonly string[] = CONF_NAMES.slice(1, CONF_COUNT);
