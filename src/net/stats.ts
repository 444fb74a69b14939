// A device's counters as user space sees them: the driver's, plus what the core dropped on its behalf.
// Linux: net/core/dev.c, dev_get_stats().

import { DevStats, type NetDevice } from './netdev.ts';

const FIELDS = Object.keys(new DevStats()) as Array<keyof DevStats>;

/** Reads all counters of `dev`. */
export function readStats(dev: NetDevice): DevStats {
  const s = new DevStats();
  if (dev.getStats !== null) dev.getStats(dev, s);
  else for (const f of FIELDS) s[f] = dev.stats[f];
  s.rxDropped += dev.coreRxDropped;
  s.txDropped += dev.coreTxDropped;
  s.rxNohandler += dev.coreRxNohandler;
  s.rxOtherhostDropped += dev.coreRxOtherhost;
  return s;
}
