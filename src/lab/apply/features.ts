// The feature l2-fwd-offload of a lower device, over ethtool netlink. Linux: NETIF_F_HW_L2FW_DOFFLOAD.

import { NlError } from '../../netlink/error.ts';
import { ETHTOOL } from '../../netlink/genl.ts';
import {
  type Bitset,
  ETHTOOL_FLAG_OMIT_REPLY,
  ETHTOOL_GENL_VERSION,
  ETHTOOL_MSG_FEATURES_GET,
  ETHTOOL_MSG_FEATURES_SET,
} from '../../uapi/ethtool.ts';
import type { Access } from './access.ts';

export const L2_FWD_OFFLOAD = 'l2-fwd-offload';

export interface FeatureState {
  readonly active: boolean;
  /** Whether it can be changed. */
  readonly offered: boolean;
}

/** null: no such device, or one without features. */
export function readOffload(access: Access, ifname: string): FeatureState | null {
  const { client, ethtool } = access.ethtool;
  try {
    const header = { cmd: ETHTOOL_MSG_FEATURES_GET, version: ETHTOOL_GENL_VERSION };
    const { attrs } = client.get(ETHTOOL.features, ethtool, header, { header: { devName: ifname } });
    const offered = has(attrs.hw) && !has(attrs.nochange);
    return { active: has(attrs.active), offered };
  } catch (error) {
    if (error instanceof NlError) return null;
    throw error;
  }
}

/** Throws NlError, EOPNOTSUPP when the device stays as it was. */
export function setOffload(access: Access, ifname: string, on: boolean): void {
  const { client, ethtool } = access.ethtool;
  const header = { cmd: ETHTOOL_MSG_FEATURES_SET, version: ETHTOOL_GENL_VERSION };
  const bit = on ? { name: L2_FWD_OFFLOAD, value: true } : { name: L2_FWD_OFFLOAD };
  const attrs = { header: { devName: ifname, flags: ETHTOOL_FLAG_OMIT_REPLY }, wanted: { bits: [bit] } };
  client.request(ETHTOOL.features, ethtool, 0, header, attrs);
  if (readOffload(access, ifname)?.active !== on) {
    throw new NlError('EOPNOTSUPP', `${L2_FWD_OFFLOAD} stays ${on ? 'off' : 'on'}`);
  }
}

function has(set: Bitset | undefined): boolean {
  return set?.bits?.some((bit) => bit.name === L2_FWD_OFFLOAD && (set.nomask === true || bit.value === true)) ?? false;
}
