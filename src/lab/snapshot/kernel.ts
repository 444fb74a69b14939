// What taking a snapshot asks of a kernel beyond applying a lab: which namespaces processes hold, and the few facts of
// /proc and /sys that have no netlink form. The model has none of the optional ones.

import type { LabKernel } from '../apply/access.ts';
import type { Os } from '../os.ts';
import type { SnapEnvironment, SnapHolder } from './snapshot.ts';

/** A namespace that was found without a name of /run/netns. */
export interface FoundNamespace {
  readonly inode: number;
  /** Opens it: /proc/PID/ns/net, or the file that it is bound to. */
  readonly path: string;
  readonly paths: readonly string[];
  readonly holders: readonly SnapHolder[];
  readonly processes: number;
}

export interface SnapshotKernel extends LabKernel, Pick<Os, 'listDir' | 'wallNs'> {
  /** Of all processes that can be seen, and of all files that namespaces are bound to; and what could not be seen. */
  foundNamespaces?(): { readonly namespaces: readonly FoundNamespace[]; readonly unseen: readonly string[] };
  environment?(): SnapEnvironment;
  /** Of a device on a bus; '' when there is none. */
  driverOf?(bus: string, device: string): string;
}
