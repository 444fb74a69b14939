// The namespaces of a machine that can be entered: the host's, those with names, those that processes or files hold. Each
// once, whatever it is called; one that cannot be entered is said, never a failure.

import type { NsRef } from '../os.ts';
import type { FoundNamespace, SnapshotKernel } from './kernel.ts';
import type { SnapHolder } from './snapshot.ts';

export interface SnapPlace {
  readonly ns: NsRef;
  readonly host: boolean;
  readonly names: string[];
  readonly paths: readonly string[];
  readonly holders: readonly SnapHolder[];
  readonly processes: number;
}

/** The host's first. Who takes them gives them back: releasePlaces(). */
export function findPlaces(kernel: SnapshotKernel, unseen: string[]): SnapPlace[] {
  const places = new Map<number, SnapPlace>();
  const found = kernel.foundNamespaces?.() ?? { namespaces: [], unseen: [] };
  unseen.push(...found.unseen);
  const byInode = new Map(found.namespaces.map((f) => [f.inode, f]));
  kernel.nsHold(kernel.initNs);
  places.set(kernel.initNs.inode, placeOf(kernel.initNs, true, undefined));
  for (const name of [...kernel.nsNames()].sort((a, b) => (a < b ? -1 : 1))) {
    const ns = entered(unseen, `namespace ${name}`, () => kernel.nsByName(name));
    if (ns === null) continue;
    const known = places.get(ns.inode);
    if (known !== undefined) {
      known.names.push(name);
      if (ns !== known.ns) kernel.nsRelease(ns);
      continue;
    }
    kernel.nsHold(ns);
    const place = placeOf(ns, false, byInode.get(ns.inode));
    place.names.push(name);
    places.set(ns.inode, place);
  }
  for (const one of found.namespaces) {
    if (places.has(one.inode)) continue;
    const ns = entered(unseen, `namespace ${one.path}`, () => kernel.nsByPath?.(one.path) ?? null);
    if (ns === null) continue;
    if (ns.inode !== one.inode) {
      if (ns !== places.get(ns.inode)?.ns) kernel.nsRelease(ns);
      unseen.push(`namespace ${one.path} was not looked at: its process has left it`);
      continue;
    }
    kernel.nsHold(ns);
    places.set(ns.inode, placeOf(ns, false, one));
  }
  return [...places.values()];
}

export function releasePlaces(kernel: SnapshotKernel, places: readonly SnapPlace[]): void {
  for (const { ns } of places) kernel.nsRelease(ns);
}

function placeOf(ns: NsRef, host: boolean, found: FoundNamespace | undefined): SnapPlace {
  const { paths = [], holders = [], processes = 0 } = found ?? {};
  return { ns, host, names: [], paths, holders, processes };
}

/** What lies in /run/netns may be a file that nothing is bound to any more; a process may end. */
function entered(unseen: string[], what: string, body: () => NsRef | null): NsRef | null {
  try {
    return body();
  } catch (error) {
    unseen.push(`${what} was not looked at: ${(error as Error).message}`);
    return null;
  }
}
