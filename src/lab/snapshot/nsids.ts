// Which namespace is meant by the numbers that a namespace gives to others (link-netnsid): the kernel tells the number of a
// namespace that one holds, so those that are known are asked for, until every number has a face.

import type { NlClient } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import { NSID } from '../../netlink/payload.ts';
import { RTM_GETNSID } from '../../uapi/msgtype.ts';
import type { Dumps } from './dump.ts';
import type { SnapshotKernel } from './kernel.ts';
import type { SnapPlace } from './places.ts';
import type { SnapNsid } from './snapshot.ts';

/** `fds`: a descriptor of each place, the host's first. */
export function readNsids(dumps: Dumps, fds: ReadonlyMap<SnapPlace, number>): SnapNsid[] {
  const ids = dumps.each('ids of namespaces', NSID, RTM_GETNSID, {}, {}, ({ attrs }) => attrs.nsid ?? null);
  const waiting = new Set(ids);
  const faces = new Map<number, number>();
  for (const [place, fd] of fds) {
    if (waiting.size === 0) break;
    const nsid = idOf(dumps.client, fd);
    if (nsid === null || !waiting.delete(nsid)) continue;
    faces.set(nsid, place.ns.inode);
  }
  return ids.sort((a, b) => a - b).map((nsid) => ({ nsid, namespace: faces.get(nsid) ?? null }));
}

function idOf(client: NlClient, fd: number): number | null {
  try {
    const { attrs } = client.get(NSID, RTM_GETNSID, {}, { fd });
    return attrs.nsid === undefined || attrs.nsid < 0 ? null : attrs.nsid;
  } catch (error) {
    if (error instanceof NlError) return null;
    throw error;
  }
}

export function openAll(kernel: SnapshotKernel, places: readonly SnapPlace[]): Map<SnapPlace, number> {
  return new Map(places.map((place) => [place, kernel.nsOpen(place.ns)]));
}
