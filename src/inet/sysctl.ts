// /proc/sys/net of a namespace by path (`net/ipv4/ip_forward`, without a leading slash): list, read, write.
// Unknown paths are -ENOENT. Values end with a newline, as the files do.

import type { NetNs } from '../net/netns.ts';
import { type InetNs, inetNs } from './state.ts';
import { type Inet6Ns, inet6Ns } from './state6.ts';
import { CONF_FILES, confFolders, confKnob, forwardKnob, NEIGH_NAMES, neighKnob } from './sysctl-dev.ts';
import { FIRST_KEPT, type Knob, kept, knobs, parseInteger } from './sysctl-table.ts';
import { find6, folder6, offer6 } from './sysctl6.ts';

const ENOENT = 2;
const EISDIR = 21;
const EINVAL = 22;
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;
const IPV6 = 'net/ipv6/';
const GC_NAMES = ['gc_thresh1', 'gc_thresh2', 'gc_thresh3'];
const DEFAULT_QDISC = 'net/core/default_qdisc';

function find(ins: InetNs, path: string): Knob | null {
  if (path === 'net/ipv4/ip_forward') return forwardKnob;
  const fixed = knobs.get(path);
  if (fixed !== undefined) return visible(ins, fixed);
  if (path === DEFAULT_QDISC) return visible(ins, { ...qdiscKnob(ins.ns), initOnly: true });
  if (kept.has(path)) return visible(ins, { ...keptKnob(ins.ns, path), initOnly: FIRST_KEPT.has(path) });
  const i6 = inet6Ns(ins.ns);
  if (path.startsWith(IPV6)) return i6 === null ? withoutIpv6(ins.ns, path) : find6(i6, path.slice(IPV6.length));
  const [net, family, folder, who, name, more] = path.split('/');
  if (net !== 'net' || name === undefined || more !== undefined) return null;
  if (family === 'ipv4' && folder === 'conf') return confKnob(ins, who, name);
  if (family === 'ipv4' && folder === 'neigh') return visible(ins, neighKnob(ins, who, name));
  return null;
}

/** Some files are only in the first namespace. */
function visible(ins: InetNs, knob: Knob | null): Knob | null {
  if (knob === null || knob.initOnly !== true) return knob;
  return ins.kernel.namespaces[0] === ins.ns ? knob : null;
}

/** Only a kind that there is; sched/ reads it when a device comes up. Linux: set_default_qdisc(). */
function qdiscKnob(ns: NetNs): Knob {
  const knob = keptKnob(ns, DEFAULT_QDISC);
  const write: Knob['write'] = (ins, text) => (ns.kernel.qdiscKinds.has(text.trim()) ? knob.write(ins, text) : -ENOENT);
  return { ...knob, write };
}

function keptKnob(ns: NetNs, path: string): Knob {
  return {
    read: () => ns.sysctl.get(path) ?? (kept.get(path) as string),
    write: (_ins, text) => {
      if (/^\d+$/.test(kept.get(path) ?? '') && Number.isNaN(parseInteger(text, INT_MIN, INT_MAX))) return -EINVAL;
      ns.sysctl.set(path, text.trim());
      return 0;
    },
  };
}

/** A kernel that does not speak IPv6 lets scripts switch it off. */
function withoutIpv6(ns: NetNs, path: string): Knob | null {
  if (!path.startsWith('net/ipv6/conf/')) return null;
  return { ...keptKnob(ns, path), read: () => ns.sysctl.get(path) ?? '0' };
}

/** Text with its newline, or -errno. */
export function sysctlRead(ns: NetNs, path: string): string | number {
  const ins = inetNs(ns);
  const knob = find(ins, path);
  if (knob !== null) {
    const text = knob.read(ins);
    return typeof text === 'number' ? text : `${text}\n`;
  }
  return sysctlList(ns, path).length > 0 ? -EISDIR : -ENOENT;
}

/** 0 or -errno. */
export function sysctlWrite(ns: NetNs, path: string, text: string): number {
  const ins = inetNs(ns);
  const knob = find(ins, path);
  if (knob !== null) return knob.write(ins, text);
  return sysctlList(ns, path).length > 0 ? -EISDIR : -ENOENT;
}

/** Folders with an entry per device, or per setting of one; null: it is none of these. */
function deviceFolder(ins: InetNs, path: string): readonly string[] | null {
  const [net, family, folder, who, more] = path.split('/');
  if (net !== 'net' || more !== undefined) return null;
  if (family === 'ipv6') return inet6Ns(ins.ns) === null ? null : folder6(inet6Ns(ins.ns) as Inet6Ns, folder, who);
  if (family !== 'ipv4' || (folder !== 'conf' && folder !== 'neigh')) return null;
  const first = ins.kernel.namespaces[0] === ins.ns;
  const names = confFolders(ins).filter((n) => folder === 'conf' || (n !== 'all' && (n !== 'default' || first)));
  if (who === undefined) return names;
  if (!names.includes(who)) return [];
  const extra = who === 'default' && folder === 'neigh' ? GC_NAMES : [];
  return folder === 'conf' ? CONF_FILES : [...NEIGH_NAMES, ...extra];
}

/** Names in a folder, sorted; none for what is no folder. */
export function sysctlList(ns: NetNs, path: string): string[] {
  const ins = inetNs(ns);
  const own = deviceFolder(ins, path);
  const out = new Set<string>(own ?? []);
  if (own === null) {
    const prefix = path === '' ? '' : `${path}/`;
    const offer = (full: string): void => {
      if (full.startsWith(prefix)) out.add(full.slice(prefix.length).split('/')[0]);
    };
    for (const full of ['net/ipv4/ip_forward', 'net/ipv4/conf/all', 'net/ipv4/neigh/lo']) offer(full);
    for (const [full, knob] of knobs) if (visible(ins, knob) !== null) offer(full);
    for (const full of kept.keys()) if (find(ins, full) !== null) offer(full);
    const i6 = inet6Ns(ns);
    if (i6 !== null) offer6(i6, (name) => offer(IPV6 + name));
  }
  return [...out].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Is there a file (true), a folder (false), or nothing? */
export function sysctlIsFile(ns: NetNs, path: string): boolean | null {
  if (find(inetNs(ns), path) !== null) return true;
  // Whoever reads a file comes by these, which are everywhere.
  if (path === '' || path === 'net' || path === 'net/ipv4') return false;
  if (path === 'net/ipv6' && inet6Ns(ns) !== null) return false;
  const own = deviceFolder(inetNs(ns), path);
  return (own ?? sysctlList(ns, path)).length > 0 ? false : null;
}
