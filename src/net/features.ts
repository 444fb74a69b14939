// Device features as a bigint of bits: configuration, never the path of a frame. Bit numbers as in Linux 6.18
// (include/linux/netdev_features.h, read off a live kernel); names for people are in uapi/ethtool.

const bit = (n: number): bigint => 1n << BigInt(n);

export const F_SG = bit(0);
export const F_IP_CSUM = bit(1);
export const F_HW_CSUM = bit(3);
export const F_IPV6_CSUM = bit(4);
export const F_HIGHDMA = bit(5);
export const F_FRAGLIST = bit(6);
export const F_VLAN_CTAG_TX = bit(7);
export const F_VLAN_CTAG_RX = bit(8);
export const F_VLAN_CTAG_FILTER = bit(9);
export const F_VLAN_CHALLENGED = bit(10);
export const F_GSO = bit(11);
export const F_GRO = bit(14);
export const F_LRO = bit(15);
export const F_TSO = bit(16);
export const F_GSO_ROBUST = bit(17);
export const F_TSO_ECN = bit(18);
export const F_TSO_MANGLEID = bit(19);
export const F_TSO6 = bit(20);
export const F_FSO = bit(21);
export const F_GSO_ENCAP_ALL = bit(22) | bit(23) | bit(24) | bit(25) | bit(26) | bit(27);
export const F_GSO_PARTIAL = bit(28);
export const F_GSO_SCTP = bit(30);
export const F_GSO_UDP_L4 = bit(33);
export const F_GSO_FRAGLIST = bit(34);
export const F_GSO_ACCECN = bit(35);
export const F_SCTP_CRC = bit(37);
export const F_NTUPLE = bit(38);
export const F_RXHASH = bit(39);
export const F_RXCSUM = bit(40);
export const F_NOCACHE_COPY = bit(41);
export const F_LOOPBACK = bit(42);
export const F_RXFCS = bit(43);
export const F_RXALL = bit(44);
export const F_VLAN_STAG_TX = bit(45);
export const F_VLAN_STAG_RX = bit(46);
export const F_VLAN_STAG_FILTER = bit(47);
export const F_L2FW_DOFFLOAD = bit(48);
export const F_HW_TC = bit(49);
export const F_GRO_HW = bit(55);
export const F_GRO_FRAGLIST = bit(57);
export const F_GRO_UDP_FWD = bit(59);

/** What goes with scatter-gather. Linux: NETIF_F_ALL_TSO. */
export const F_ALL_TSO = F_TSO | F_TSO_ECN | F_TSO_MANGLEID | F_TSO6;
/** Every kind of segmentation there is a bit for. Linux: NETIF_F_GSO_MASK. */
export const F_GSO_MASK = (bit(20) - bit(0)) << BigInt(16);
/** All software segmentation. Linux: NETIF_F_GSO_SOFTWARE. */
export const F_GSO_SOFTWARE = F_ALL_TSO | F_GSO_ACCECN | F_GSO_SCTP | F_GSO_UDP_L4 | F_GSO_FRAGLIST;
/** Features that the core emulates for any device, so a user may always toggle them. Linux: NETIF_F_SOFT_FEATURES. */
export const F_SOFT = F_GSO | F_GRO;
export const F_SOFT_OFF = F_GRO_FRAGLIST | F_GRO_UDP_FWD;
/** Features a user can never change. Linux: NETIF_F_NEVER_CHANGE. */
export const F_NEVER_CHANGE = F_VLAN_CHALLENGED;
/** What a device on top has when one device below has it. Linux: NETIF_F_ONE_FOR_ALL. */
export const F_ONE_FOR_ALL = F_GSO_SOFTWARE | F_GSO_ROBUST | F_SG | F_HIGHDMA | F_FRAGLIST | F_VLAN_CHALLENGED;
/** What it has only when all below have it. Linux: NETIF_F_ALL_FOR_ALL. */
export const F_ALL_FOR_ALL = F_NOCACHE_COPY | F_FSO;
const F_CSUM_MASK = F_IP_CSUM | F_HW_CSUM | F_IPV6_CSUM;
const NONE = BigInt(0);

/** Adds one more device below (`one`) to the features of a stack. Linux: netdev_increment_features(). */
export function incrementFeatures(all: bigint, one: bigint, mask: bigint): bigint {
  let m = mask | F_VLAN_CHALLENGED;
  if ((mask & F_HW_CSUM) !== NONE) m |= F_CSUM_MASK;
  let f = all | (one & (F_ONE_FOR_ALL | F_CSUM_MASK) & m);
  f &= one | ~F_ALL_FOR_ALL;
  if ((f & F_HW_CSUM) !== NONE) f &= ~(F_CSUM_MASK & ~F_HW_CSUM);
  return f;
}
