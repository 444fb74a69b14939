// Flags of addresses: their words, in the order in which they are printed. iproute2: ip/ipaddress.c, ifa_flag_data.

import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_SECONDARY,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
} from '../../../uapi/addr.ts';

export interface AddrFlag {
  readonly name: string;
  readonly bit: number;
  /** Only the kernel sets it. */
  readonly readOnly: boolean;
  /** Means nothing for IPv4. */
  readonly v6Only: boolean;
}

const flag = (name: string, bit: number, readOnly: boolean, v6Only: boolean): AddrFlag => ({
  name,
  bit,
  readOnly,
  v6Only,
});

export const ADDR_FLAGS: readonly AddrFlag[] = [
  flag('secondary', IFA_F_SECONDARY, true, false),
  flag('temporary', IFA_F_SECONDARY, true, false),
  flag('nodad', IFA_F_NODAD, false, true),
  flag('optimistic', IFA_F_OPTIMISTIC, false, true),
  flag('dadfailed', IFA_F_DADFAILED, true, true),
  flag('home', IFA_F_HOMEADDRESS, false, true),
  flag('deprecated', IFA_F_DEPRECATED, true, true),
  flag('tentative', IFA_F_TENTATIVE, true, true),
  flag('permanent', IFA_F_PERMANENT, true, true),
  flag('mngtmpaddr', IFA_F_MANAGETEMPADDR, false, true),
  flag('noprefixroute', IFA_F_NOPREFIXROUTE, false, false),
  flag('autojoin', IFA_F_MCAUTOJOIN, false, false),
  flag('stable-privacy', IFA_F_STABLE_PRIVACY, true, true),
];

export function addrFlag(name: string): AddrFlag | null {
  return ADDR_FLAGS.find((f) => f.name === name) ?? null;
}
