// Why namespaces cannot be had here, told from what the system says about itself; and what to do about it.

import { readFileSync } from 'node:fs';

/** No sandbox on this machine, or for this user. */
export class NoSandbox extends Error {
  override readonly name = 'NoSandbox';
}

/** What is asked of the system. Numbers of sysctls; null: there is no such one. */
export interface Limits {
  readonly platform: string;
  readonly root: boolean;
  readonly maxUserNs: number | null;
  readonly maxNetNs: number | null;
  /** kernel.unprivileged_userns_clone, Debian's of old. */
  readonly unprivilegedClone: number | null;
  /** kernel.apparmor_restrict_unprivileged_userns, Ubuntu's since 23.10. */
  readonly apparmor: number | null;
}

export function readLimits(): Limits {
  return {
    platform: process.platform,
    root: process.geteuid?.() === 0,
    maxUserNs: sysctl('user/max_user_namespaces'),
    maxNetNs: sysctl('user/max_net_namespaces'),
    unprivilegedClone: sysctl('kernel/unprivileged_userns_clone'),
    apparmor: sysctl('kernel/apparmor_restrict_unprivileged_userns'),
  };
}

function sysctl(path: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/${path}`, 'utf8'));
  } catch {
    return null;
  }
}

/** One sentence with the cure. `said`: what unshare(1) said last. */
export function whyNoSandbox(said: string, limits: Limits): string {
  const words = said.trim().replace(/^.*\n/s, '');
  return `no sandbox here: ${cause(words, limits)} (--engine model needs nothing of all this)`;
}

function cause(said: string, l: Limits): string {
  if (l.platform !== 'linux') return `this is ${l.platform}, and a sandbox takes Linux`;
  if (/ENOENT/.test(said)) return 'unshare and nsenter are missing: install util-linux';
  if (l.maxNetNs === 0) return 'user.max_net_namespaces is 0: sysctl -w user.max_net_namespaces=15000, as root';
  if (l.maxUserNs === 0) return 'user.max_user_namespaces is 0: sysctl -w user.max_user_namespaces=15000, as root';
  if (!l.root && l.unprivilegedClone === 0) {
    return 'kernel.unprivileged_userns_clone is 0: sysctl -w kernel.unprivileged_userns_clone=1, as root; or run it with sudo';
  }
  if (!l.root && l.apparmor === 1) {
    return 'AppArmor keeps namespaces from users (Ubuntu since 23.10): sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, as root; or run it with sudo';
  }
  if (/No space left/.test(said)) {
    return `too many namespaces: ${said}; user.max_user_namespaces and user.max_net_namespaces are the limits`;
  }
  if (/Operation not permitted|Permission denied/.test(said)) {
    return `${said}: this process may not make namespaces. In a container, it has to be started with CAP_SYS_ADMIN and without the seccomp filter (docker run --privileged)`;
  }
  return said === '' ? 'unshare ended without a word' : said;
}
