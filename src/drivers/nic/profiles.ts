// What a family of NICs can do, as data: one profile each. A machine file names one; what it does not say comes from here.
// What it makes of L2 forwarding offload is in offload-profiles.ts.

import * as f from '../../net/features.ts';
import {
  fm10kOffload,
  genericOffload,
  i40eOffload,
  iceOffload,
  ixgbeOffload,
  type OffloadProfile,
} from './offload-profiles.ts';
import { fm10kStats, genericStats, i40eStats, iceStats, ixgbeStats } from './stat-names.ts';
import type { StatLine } from './stats.ts';

export interface NicProfile {
  readonly name: string;
  /** ethtool -i. `version` '': the kernel's release, as drivers in the tree say. */
  readonly driver: string;
  readonly version: string;
  readonly fwVersion: string;
  /** First half of its MAC addresses: the maker's OUI. */
  readonly oui: number;
  readonly speedBps: number;
  /** What ethtool shows of its link: PORT_TP 0, PORT_FIBRE 3, PORT_DA 5, and modes by ethtool's names. null: the driver tells nothing. */
  readonly link: { readonly autoneg: boolean; readonly port: number; readonly modes: readonly string[] } | null;
  /** Pairs of tx and rx queues: what the driver makes on a server of 16 CPUs. */
  readonly queues: number;
  readonly txRing: number;
  readonly rxRing: number;
  /** Largest ring. */
  readonly ringMax: number;
  /** The txq stops when fewer descriptors are free, and wakes at twice that. */
  readonly descNeeded: number;
  /** Unicast addresses beside its own before it takes every frame. */
  readonly unicastFilters: number;
  readonly maxMtu: number;
  readonly tsoMaxSize: number;
  /** Features that are on, that can be switched, that VLAN devices on top inherit, and that work inside tunnels. */
  readonly features: bigint;
  readonly hwFeatures: bigint;
  readonly vlanFeatures: bigint;
  readonly hwEncFeatures: bigint;
  readonly stats: readonly StatLine[];
  /** Its transmit function, as a call trace names it. */
  readonly xmitName: string;
  /** null: it has no L2 forwarding offload. */
  readonly offload: OffloadProfile | null;
}

const VLAN = f.F_VLAN_CTAG_TX | f.F_VLAN_CTAG_RX;
const TSO = f.F_TSO | f.F_TSO6;
const UDP_TUNNEL = 1n << 26n; // NETIF_F_GSO_UDP_TUNNEL

// ixgbe_main.c, ixgbe_probe(), for an 82599: no ipsec offload.
const ixgbeBase =
  f.F_SG |
  TSO |
  f.F_RXHASH |
  f.F_RXCSUM |
  f.F_HW_CSUM |
  f.F_GSO_PARTIAL |
  f.F_GSO_ENCAP_ALL |
  f.F_SCTP_CRC |
  f.F_GSO_UDP_L4;

// i40e_main.c, i40e_config_netdev().
const i40eBase =
  f.F_SG |
  f.F_HW_CSUM |
  f.F_HIGHDMA |
  TSO |
  f.F_TSO_ECN |
  f.F_GSO_ENCAP_ALL |
  f.F_GSO_PARTIAL |
  f.F_GSO_UDP_L4 |
  f.F_SCTP_CRC |
  f.F_RXHASH |
  f.F_RXCSUM;

// ice_main.c, ice_set_netdev_features(): checksums by protocol, TSO for tunnels.
const iceChecksums = f.F_RXCSUM | f.F_IP_CSUM | f.F_IPV6_CSUM | f.F_SCTP_CRC;
const iceBase =
  f.F_SG |
  f.F_HIGHDMA |
  f.F_NTUPLE |
  f.F_RXHASH |
  iceChecksums |
  TSO |
  f.F_TSO_ECN |
  f.F_GSO_ENCAP_ALL |
  f.F_GSO_PARTIAL |
  f.F_GSO_UDP_L4;

// fm10k_netdev.c, fm10k_alloc_netdev().
const fm10kBase = f.F_SG | f.F_IP_CSUM | f.F_IPV6_CSUM | TSO | f.F_TSO_ECN | f.F_RXHASH | f.F_RXCSUM | UDP_TUNNEL;

export const profiles: readonly NicProfile[] = [
  {
    // No real device: a plain multi-queue port for labs that care about none in particular.
    name: 'generic',
    driver: 'lowerdev-nic',
    version: '',
    fwVersion: '',
    oui: 0x020000,
    speedBps: 10e9,
    link: { autoneg: true, port: 0, modes: ['Autoneg', 'TP', '10000baseT/Full'] },
    queues: 4,
    txRing: 512,
    rxRing: 512,
    ringMax: 8192,
    descNeeded: 21,
    unicastFilters: 128,
    maxMtu: 9710,
    tsoMaxSize: 65536,
    features: f.F_SG | f.F_HW_CSUM | TSO | f.F_RXCSUM | f.F_RXHASH | f.F_HIGHDMA | VLAN | f.F_VLAN_CTAG_FILTER,
    hwFeatures: f.F_SG | f.F_HW_CSUM | TSO | f.F_RXCSUM | f.F_RXHASH | VLAN | f.F_L2FW_DOFFLOAD,
    vlanFeatures: f.F_SG | f.F_HW_CSUM | TSO | f.F_HIGHDMA,
    hwEncFeatures: f.F_SG | f.F_HW_CSUM | TSO,
    stats: genericStats,
    xmitName: 'nic_start_xmit',
    offload: genericOffload,
  },
  {
    name: 'ixgbe',
    driver: 'ixgbe',
    version: '',
    fwVersion: '0x800003df', // ixgbe_set_fw_version(): the EEPROM's id; a common one of X520
    oui: 0x90e2ba, // Intel
    speedBps: 10e9,
    link: { autoneg: false, port: 5, modes: ['FIBRE', '10000baseT/Full'] },
    queues: 16, // one per CPU, at most 63 (IXGBE_MAX_FDIR_INDICES)
    txRing: 512, // IXGBE_DEFAULT_TXD
    rxRing: 512, // IXGBE_DEFAULT_RXD
    ringMax: 8192, // IXGBE_MAX_TXD_82599
    descNeeded: 21, // DESC_NEEDED = MAX_SKB_FRAGS + 4
    unicastFilters: 127, // 82599: 128 receive address registers, one of them its own
    maxMtu: 9710, // IXGBE_MAX_JUMBO_FRAME_SIZE 9728 less header and FCS
    tsoMaxSize: 65536, // GSO_LEGACY_MAX_SIZE
    features: ixgbeBase | f.F_HIGHDMA | VLAN | f.F_VLAN_CTAG_FILTER,
    hwFeatures: ixgbeBase | VLAN | f.F_VLAN_CTAG_FILTER | f.F_RXALL | f.F_L2FW_DOFFLOAD | f.F_NTUPLE | f.F_HW_TC,
    vlanFeatures: ixgbeBase | f.F_TSO_MANGLEID | f.F_HIGHDMA,
    hwEncFeatures: ixgbeBase | f.F_TSO_MANGLEID,
    stats: ixgbeStats,
    xmitName: 'ixgbe_xmit_frame',
    offload: ixgbeOffload,
  },
  {
    name: 'i40e',
    driver: 'i40e',
    version: '',
    fwVersion: '9.20 0x8000d8c5 1.3353.0', // NVM version, its id and option ROM, as an XL710 prints them
    oui: 0x3cfdfe, // Intel
    speedBps: 40e9, // XL710
    link: { autoneg: true, port: 5, modes: ['Autoneg', 'FIBRE', '40000baseCR4/Full'] },
    queues: 16,
    txRing: 512, // I40E_DEFAULT_NUM_DESCRIPTORS
    rxRing: 512,
    ringMax: 4096, // I40E_MAX_NUM_DESCRIPTORS
    descNeeded: 23, // DESC_NEEDED = MAX_SKB_FRAGS + 6
    unicastFilters: 1536, // perfect match entries shared by 768 per port and up: never the bound of a lab
    maxMtu: 9702, // I40E_MAX_RXBUFFER 9728 less I40E_PACKET_HDR_PAD 26
    tsoMaxSize: 65536,
    features: i40eBase | f.F_TSO_MANGLEID | VLAN | f.F_VLAN_CTAG_FILTER | f.F_NTUPLE,
    hwFeatures: i40eBase | f.F_TSO_MANGLEID | VLAN | f.F_NTUPLE | f.F_HW_TC | f.F_LOOPBACK | f.F_L2FW_DOFFLOAD,
    vlanFeatures: i40eBase | f.F_TSO_MANGLEID,
    hwEncFeatures: i40eBase | f.F_TSO_MANGLEID,
    stats: i40eStats,
    xmitName: 'i40e_lan_xmit_frame',
    offload: i40eOffload,
  },
  {
    name: 'ice',
    driver: 'ice',
    version: '',
    fwVersion: '4.40 0x8001c967 1.3534.0', // NVM version, its id and option ROM, as an E810 prints them
    oui: 0xb49691, // Intel
    speedBps: 100e9, // E810
    link: { autoneg: true, port: 5, modes: ['Autoneg', 'FIBRE', '100000baseCR4/Full'] },
    queues: 16,
    txRing: 256, // ICE_DFLT_NUM_TX_DESC
    rxRing: 2048, // ICE_DFLT_NUM_RX_DESC
    ringMax: 8160, // ICE_MAX_NUM_DESC
    descNeeded: 23, // DESC_NEEDED = MAX_SKB_FRAGS + 1 + 4 + 1
    unicastFilters: 1536,
    maxMtu: 9702, // ICE_AQ_SET_MAC_FRAME_SIZE_MAX 9728 less ICE_ETH_PKT_HDR_PAD 26
    tsoMaxSize: 131072, // ICE_MAX_TSO_SIZE
    features: iceBase | VLAN | f.F_VLAN_CTAG_FILTER,
    // l2-fwd-offload: only in Intel's own driver (macvlan offload), not in the kernel's tree.
    hwFeatures: iceBase | VLAN | f.F_VLAN_CTAG_FILTER | f.F_HW_TC | f.F_LOOPBACK | f.F_RXFCS | f.F_L2FW_DOFFLOAD,
    vlanFeatures: iceBase & ~f.F_NTUPLE,
    hwEncFeatures: iceChecksums | f.F_SG | TSO | f.F_TSO_ECN | f.F_GSO_ENCAP_ALL,
    stats: iceStats,
    xmitName: 'ice_start_xmit',
    offload: iceOffload,
  },
  {
    name: 'fm10k',
    driver: 'fm10k',
    version: '',
    fwVersion: '', // fm10k_get_drvinfo() gives none
    oui: 0x00a0c9, // Intel
    speedBps: 100e9, // FM10840 host interface
    link: null,
    queues: 16,
    txRing: 256, // FM10K_DEFAULT_TXD
    rxRing: 256, // FM10K_DEFAULT_RXD
    ringMax: 4096, // FM10K_MAX_TXD
    descNeeded: 21, // DESC_NEEDED = MAX_SKB_FRAGS + 4
    unicastFilters: 1024,
    maxMtu: 15342, // FM10K_MAX_JUMBO_FRAME_SIZE
    tsoMaxSize: 65536,
    features: fm10kBase | f.F_HIGHDMA | VLAN | f.F_VLAN_CTAG_FILTER,
    hwFeatures: fm10kBase | f.F_L2FW_DOFFLOAD,
    vlanFeatures: fm10kBase | f.F_HIGHDMA,
    hwEncFeatures: f.F_IP_CSUM | f.F_IPV6_CSUM | TSO | f.F_TSO_ECN | UDP_TUNNEL | f.F_SG,
    stats: fm10kStats,
    xmitName: 'fm10k_xmit_frame',
    offload: fm10kOffload,
  },
];

export function findProfile(name: string): NicProfile | null {
  return profiles.find((p) => p.name === name) ?? null;
}
