// What taking a snapshot asks of a kernel beyond applying a lab: which namespaces processes hold, and the few facts of
// /proc and /sys that have no netlink form. The model has none of the optional ones but drvInfo().

import type { LabKernel } from '../apply/access.ts';
import type { NsRef, Os } from '../os.ts';
import type { SnapEnvironment, SnapHolder } from './snapshot.ts';

/** A namespace that processes or files hold. */
export interface FoundNamespace {
  readonly inode: number;
  /** Opens it: /proc/PID/ns/net, or the file that it is bound to. */
  readonly path: string;
  /** Files outside of /run/netns. */
  readonly paths: readonly string[];
  readonly holders: readonly SnapHolder[];
  readonly processes: number;
}

export interface SnapshotKernel extends LabKernel, Pick<Os, 'wallNs'>, Partial<Pick<Os, 'drvInfo'>> {
  /** Other than the host's; and what could not be looked at. */
  foundNamespaces?(): { readonly namespaces: readonly FoundNamespace[]; readonly unseen: readonly string[] };
  environment?(): SnapEnvironment;
  /** Of a device on a bus; '' when there is none. */
  driverOf?(bus: string, device: string): string;
  /** Many files of one namespace at a time. */
  readFiles?(ns: NsRef, paths: readonly string[]): (string | number)[];
}
