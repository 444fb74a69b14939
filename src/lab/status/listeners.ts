// Hears of changes in every namespace that can be entered. A socket would keep its namespace alive: one that nothing else
// leads to any more is let go by the next follow().

import { NlClient } from '../../netlink/client.ts';
import {
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_NSID,
} from '../../uapi/rtnlgrp.ts';
import type { SnapshotKernel } from '../snapshot/kernel.ts';
import { findPlaces, releasePlaces } from '../snapshot/places.ts';

const GROUPS = [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_NEIGH, RTNLGRP_NSID];

export class Listeners {
  readonly #kernel: SnapshotKernel;
  readonly #heard: () => void;
  readonly #byInode = new Map<number, NlClient>();

  constructor(kernel: SnapshotKernel, heard: () => void) {
    this.#kernel = kernel;
    this.#heard = heard;
  }

  /** Listens in the namespaces that there are now. */
  follow(): void {
    const places = findPlaces(this.#kernel, []);
    try {
      const there = new Set(places.map((p) => p.ns.inode));
      for (const [inode, client] of this.#byInode) {
        if (there.has(inode)) continue;
        client.close();
        this.#byInode.delete(inode);
      }
      for (const { ns } of places) {
        if (!this.#byInode.has(ns.inode)) this.#tryListen(ns);
      }
    } finally {
      releasePlaces(this.#kernel, places);
    }
  }

  close(): void {
    for (const client of this.#byInode.values()) client.close();
    this.#byInode.clear();
  }

  /** One that cannot be entered (or whose name stands for nothing any more) is told by the snapshot. */
  #tryListen(ns: SnapshotKernel['initNs']): void {
    try {
      this.#listen(ns);
    } catch {
      // The next follow() tries again.
    }
  }

  #listen(ns: SnapshotKernel['initNs']): void {
    const client = new NlClient(this.#kernel.netlink(ns, 0));
    client.onNotification = () => {};
    try {
      for (const group of GROUPS) client.join(group);
    } catch (error) {
      client.close();
      throw error;
    }
    client.transport.onReadable = () => {
      try {
        client.poll();
      } catch {
        // More came than was read (NlOverrun): that something changed is all there is to know.
      }
      this.#heard();
    };
    this.#byInode.set(ns.inode, client);
  }
}
