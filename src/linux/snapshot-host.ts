// What a snapshot asks of Linux beyond netlink: the namespaces that processes and files hold, what machine this is, which
// driver a device has. From /proc and /sys; what may not be read is said.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { FoundNamespace } from '../lab/snapshot/kernel.ts';
import { MAX_HOLDERS, type SnapEnvironment, type SnapHolder } from '../lab/snapshot/snapshot.ts';
import { NETNS_DIR } from './netns.ts';

interface Found {
  path: string;
  paths: string[];
  holders: SnapHolder[];
  processes: number;
}

/** `own`: inode of the namespace that is not looked for. */
export function foundNamespaces(own: number): { namespaces: FoundNamespace[]; unseen: string[] } {
  const found = new Map<number, Found>();
  const at = (inode: number, path: string): Found => {
    const known = found.get(inode);
    if (known !== undefined) return known;
    const made = { path, paths: [], holders: [], processes: 0 };
    found.set(inode, made);
    return made;
  };
  let refused = 0;
  for (const pid of processes()) {
    const inode = inodeOf(`/proc/${pid}/ns/net`);
    if (inode === null) refused++;
    if (inode === null || inode === 0 || inode === own) continue;
    const one = at(inode, `/proc/${pid}/ns/net`);
    one.processes++;
    if (one.holders.length < MAX_HOLDERS) one.holders.push(holderOf(pid));
  }
  for (const { inode, path } of boundFiles()) if (inode !== own) at(inode, path).paths.push(path);
  const unseen =
    refused === 0
      ? []
      : [
          `${refused} ${refused === 1 ? 'process' : 'processes'} could not be looked at (not allowed): which namespaces they are in is not known`,
        ];
  return { namespaces: [...found].map(([inode, f]) => ({ inode, ...f })), unseen };
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** null: not for us to see; 0: it has gone, or is a kernel thread that has none. */
function inodeOf(path: string): number | null {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(path))?.[1] ?? 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? null : 0;
  }
}

/** Files that a namespace is bound to, outside of /run/netns: what other tools keep theirs by. */
function boundFiles(): { inode: number; path: string }[] {
  const out: { inode: number; path: string }[] = [];
  for (const line of text('/proc/self/mountinfo').split('\n')) {
    const fields = line.split(' ');
    const inode = /^net:\[(\d+)\]$/.exec(fields[3] ?? '')?.[1];
    const path = (fields[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (inode === undefined || path.startsWith(`${NETNS_DIR}/`)) continue;
    if (!out.some((o) => o.path === path)) out.push({ inode: Number(inode), path });
  }
  return out;
}

function holderOf(pid: number): SnapHolder {
  return { pid, comm: text(`/proc/${pid}/comm`).trim(), container: containerOf(text(`/proc/${pid}/cgroup`)) };
}

/** What the names of container managers' cgroups look like; the first group is a name or an id. */
const CONTAINERS: ReadonlyArray<readonly [RegExp, string]> = [
  [/kubepods.*?([0-9a-f]{64})/, 'kubernetes'],
  [/docker[-/]([0-9a-f]{64})/, 'docker'],
  [/libpod-([0-9a-f]{64})/, 'podman'],
  [/cri-containerd-([0-9a-f]{64})/, 'containerd'],
  [/crio-([0-9a-f]{64})/, 'cri-o'],
  [/lxc\.payload\.([^/\n]+)/, 'lxc'],
  [/\/lxc\/([^/\n]+)/, 'lxc'],
  [/machine-([^/\n]+)\.scope/, 'machine'],
];

/** `docker 3f2a91b04c7d`, `lxc web`; null: none that we know. */
export function containerOf(cgroup: string): string | null {
  for (const [pattern, manager] of CONTAINERS) {
    const name = pattern.exec(cgroup)?.[1];
    if (name !== undefined) return `${manager} ${/^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name}`;
  }
  return null;
}

export function environment(): SnapEnvironment {
  const dmi = (name: string) => text(`/sys/class/dmi/id/${name}`).trim() || null;
  return {
    vendor: dmi('sys_vendor'),
    product: dmi('product_name'),
    bios: dmi('bios_vendor'),
    hypervisor: text('/sys/hypervisor/type').trim() || null,
  };
}

export function driverOf(bus: string, device: string): string {
  try {
    return basename(readlinkSync(`/sys/bus/${bus}/devices/${device}/driver`));
  } catch {
    return '';
  }
}

/** '' when it cannot be read. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
