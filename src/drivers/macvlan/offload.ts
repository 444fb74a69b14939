// L2 forwarding offload from macvlan's side: at open, and only then, ask the lowerdev's driver to steer for this macvlan.
// Any refusal is swallowed, and software does the work. Linux: drivers/net/macvlan.c, macvlan_open(), macvlan_stop(); the
// driver's side is ndo_dfwd_add_station(). What came of it is kept for whoever asks why (vlan.outcome), as Linux does not.

import { F_L2FW_DOFFLOAD } from '../../net/features.ts';
import type { OffloadOutcome } from '../../net/offload.ts';
import type { Macvlan } from './port.ts';

/** True when the NIC took it: then its MAC is not put on the lowerdev's list. */
export function addStation(vlan: Macvlan): boolean {
  const lower = vlan.lower;
  if ((lower.hwFeatures & F_L2FW_DOFFLOAD) === 0n && (lower.features & F_L2FW_DOFFLOAD) === 0n) {
    return note(vlan, 'unsupported');
  }
  if ((lower.features & F_L2FW_DOFFLOAD) === 0n) return note(vlan, 'feature-off');
  if (lower.dfwdAddStation === null) return note(vlan, 'unsupported');
  const handle = lower.dfwdAddStation(lower, vlan.dev);
  // A driver that released the macvlan and then failed made its address known already: it is put there a second time.
  if (typeof handle === 'number' && handle < 0) return note(vlan, 'refused', -handle);
  if (handle === null || handle === undefined) return note(vlan, 'refused');
  vlan.accelPriv = handle;
  return note(vlan, 'station');
}

/** The handle goes back, even one that the driver has forgotten. */
export function delStation(vlan: Macvlan): void {
  vlan.outcome = null;
  if (vlan.accelPriv === null) return;
  if (vlan.lower.dfwdDelStation !== null) vlan.lower.dfwdDelStation(vlan.lower, vlan.accelPriv);
  vlan.accelPriv = null;
}

/** Keeps how it went; true for a station. */
export function note(vlan: Macvlan, how: OffloadOutcome['how'], errno = 0): boolean {
  vlan.outcome = { atNs: vlan.port.kernel.loop.now, how, errno };
  return how === 'station';
}
