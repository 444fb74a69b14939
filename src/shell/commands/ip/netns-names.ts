// Ids of namespaces and the names that /run/netns has for them. iproute2: ip/ipnetns.c, netns_map_init().

import { NlError } from '../../../netlink/error.ts';
import { NSID } from '../../../netlink/payload.ts';
import { RTM_GETNSID, RTM_NEWNSID } from '../../../uapi/msgtype.ts';
import type { Ip } from './context.ts';

/** The name of the namespace that has this id here, or null. */
export function netnsNameOfId(ip: Ip, id: number): string | null {
  for (const name of ip.proc.os.nsNames()) if (nsidOfName(ip, name) === id) return name;
  return null;
}

/** Names by id, as they are now. */
export function netnsNames(ip: Ip): Map<number, string> {
  const found = new Map<number, string>();
  for (const name of ip.proc.os.nsNames()) {
    const id = nsidOfName(ip, name);
    if (id >= 0) found.set(id, name);
  }
  return found;
}

/** The id of a named namespace as seen from here; -1: none. */
export function nsidOfName(ip: Ip, name: string): number {
  const fd = ip.openNs(name);
  if (fd === null) return -1;
  try {
    return nsidOfFd(ip, fd);
  } finally {
    ip.proc.os.nsClose(fd);
  }
}

/** Gives a named namespace an id here, any when `id` is -1. False when no namespace has that name. */
export function setNsid(ip: Ip, name: string, id: number): boolean {
  const fd = ip.openNs(name);
  if (fd === null) return false;
  try {
    ip.talk(() => ip.client.request(NSID, RTM_NEWNSID, 0, { family: 0 }, { fd, nsid: id }));
    return true;
  } finally {
    ip.proc.os.nsClose(fd);
  }
}

export function nsidOfFd(ip: Ip, fd: number): number {
  try {
    return ip.client.get(NSID, RTM_GETNSID, { family: 0 }, { fd }).attrs.nsid ?? -1;
  } catch (e) {
    if (e instanceof NlError) return -1;
    throw e;
  }
}
