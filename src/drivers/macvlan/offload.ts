// L2 forwarding offload from macvlan's side: at open, ask the lowerdev's driver to steer for this macvlan. Any refusal is
// swallowed, and software does the work. Linux: drivers/net/macvlan.c, macvlan_open(), macvlan_stop(); the driver's side
// is ndo_dfwd_add_station().

import { F_L2FW_DOFFLOAD } from '../../net/features.ts';
import type { Macvlan } from './port.ts';

const NONE = BigInt(0);

/** True when the NIC took it: then its MAC is not put on the lowerdev's list. */
export function addStation(vlan: Macvlan): boolean {
  const lower = vlan.lower;
  if ((lower.features & F_L2FW_DOFFLOAD) === NONE || lower.dfwdAddStation === null) return false;
  const handle = lower.dfwdAddStation(lower, vlan.dev);
  vlan.accelPriv = typeof handle === 'number' && handle < 0 ? null : (handle ?? null);
  return vlan.accelPriv !== null;
}

export function delStation(vlan: Macvlan): void {
  if (vlan.accelPriv === null) return;
  if (vlan.lower.dfwdDelStation !== null) vlan.lower.dfwdDelStation(vlan.lower, vlan.accelPriv);
  vlan.accelPriv = null;
}
