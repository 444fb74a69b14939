// What each NIC family makes of L2 forwarding offload, as data. Sources are the drivers of Linux 6.1 (drivers/net/ethernet/
// intel/) unless a line says otherwise; ASSUMED marks what no source that we can name says. docs/offload.md lists those.

/** How a port's queues are divided among stations. */
export type Partition =
  /** Always the same: `stations` of `queues` each, behind the port's own. */
  | { readonly kind: 'fixed'; readonly stations: number; readonly queues: number }
  /** Pools of `total` queues: 16 of 4, then 32 of 2, then 64 of 1; pool 0 is the port's. Each step restarts the port. */
  | { readonly kind: 'pools'; readonly total: number }
  /** Taken out of the port's own queues once, by how many of them there are: the first rule whose `above` fits. */
  | { readonly kind: 'vectors'; readonly rules: readonly VectorRule[] }
  /** A station is a receive filter only: it has no queues of its own. */
  | { readonly kind: 'shared'; readonly stations: number };

/** With more than `above` queues: (all - keep) / queues stations of `queues` each. */
export interface VectorRule {
  readonly above: number;
  readonly keep: number;
  readonly queues: number;
}

export interface OffloadProfile {
  readonly partition: Partition;
  /** Refuses (EMEDIUMTYPE) what is not private, vepa or bridge. */
  readonly testsModes: boolean;
  /** l2-fwd-offload off while stations exist: told to macvlan; dropped, and nobody told; or nothing happens. */
  readonly whenOff: 'release' | 'drop' | 'ignore';
  /** Frames of a station come in on the upperdev, past the lowerdev's taps and rx handler. */
  readonly rxOnUpper: boolean;
  /** A station's tx rings stop the upperdev's txq. `ringOnUpperBefore418`: only with macvlan before 4.18. */
  readonly ringOnUpper: boolean;
  readonly ringOnUpperBefore418: boolean;
  /** The hardware copies broadcast and multicast into every station. */
  readonly replicates: boolean;
  /** With VEPA, frames that a switch sends back do not reach the pool that has their source address. */
  readonly sourcePruning: boolean;
  /** The first station restarts the port: the link flaps. */
  readonly restarts: boolean;
  /** Stations' addresses share the port's table of unicast filters; none left: released and refused. */
  readonly sharesFilters: boolean;
  /** `bridge link set ... hwmode` works only while there are pools. */
  readonly hwmodeNeedsPools: boolean;
}

/**
 * No real device: the offload as the fixture of test/offload/oracle has it, which is what the recorded kernel answers are
 * about. 16 stations of 2 queues.
 */
export const genericOffload: OffloadProfile = {
  partition: { kind: 'fixed', stations: 16, queues: 2 },
  testsModes: true,
  whenOff: 'release',
  rxOnUpper: true,
  ringOnUpper: false,
  ringOnUpperBefore418: false,
  replicates: false,
  sourcePruning: false,
  restarts: false,
  sharesFilters: false,
  hwmodeNeedsPools: false,
};

export const ixgbeOffload: OffloadProfile = {
  // ixgbe.h: IXGBE_MAX_MACVLANS 63, beside pool 0 (ixgbe_main.c, ixgbe_fwd_add()); ixgbe_lib.c, ixgbe_set_vmdq_queues(): 64
  // pools of one queue, 32 of two, 16 of four.
  partition: { kind: 'pools', total: 64 },
  testsModes: true, // ixgbe_fwd_add(): macvlan_supports_dest_filter()
  whenOff: 'release', // ixgbe_set_features(), ixgbe_reassign_macvlan_pool(): macvlan_release_l2fw_offload()
  rxOnUpper: true, // ixgbe_fwd_ring_up(): rx_ring->netdev = vdev
  ringOnUpper: false,
  ringOnUpperBefore418: true, // Linux 3.13 to 4.17: tx_ring->netdev = vdev
  replicates: false, // ixgbe_fwd_ring_up(): the pool's VMOLR accepts untagged unicast only
  sourcePruning: true, // ixgbe_configure_bridge_mode(): hw->mac.ops.set_source_address_pruning()
  restarts: true, // ixgbe_fwd_add() -> ixgbe_setup_tc()
  sharesFilters: true, // ixgbe_add_mac_filter(): mac_table[hw.mac.num_rar_entries], 128 on 82599
  hwmodeNeedsPools: true, // ixgbe_ndo_bridge_setlink(): IXGBE_FLAG_SRIOV_ENABLED
};

export const i40eOffload: OffloadProfile = {
  // i40e_main.c, i40e_fwd_add(): how many of which size, by the queue pairs of the port's VSI (up to Linux 6.6 by its MSI-X
  // vectors); i40e.h: I40E_MAX_MACVLANS 128, beyond which the last branch is taken. ASSUMED: EBUSY when all are taken (its
  // search for a free one gives a number then as well, and the driver has no answer to that).
  partition: {
    kind: 'vectors',
    rules: [
      { above: 128, keep: 1, queues: 1 },
      { above: 64, keep: 32, queues: 4 },
      { above: 32, keep: 16, queues: 2 },
      { above: 16, keep: 16, queues: 1 },
      { above: 8, keep: 8, queues: 1 },
      { above: 1, keep: 1, queues: 1 },
    ],
  },
  testsModes: false, // i40e_fwd_add() does not ask macvlan_supports_dest_filter()
  whenOff: 'drop', // i40e_set_features() -> i40e_del_all_macvlans(): nobody is told
  rxOnUpper: false, // rx_ring->netdev stays the port
  ringOnUpper: false,
  ringOnUpperBefore418: false, // offload came with 5.3
  replicates: false, // ASSUMED: a VMDq VSI without broadcast promiscuity gets none
  sourcePruning: false, // ASSUMED
  restarts: false, // i40e_quiesce_vsi(), i40e_unquiesce_vsi(): the link stays
  sharesFilters: false, // i40e_add_mac_filter() per VSI
  hwmodeNeedsPools: false, // i40e_ndo_bridge_setlink() makes its VEB when it is asked
};

export const iceOffload: OffloadProfile = {
  // Not in the kernel's tree, where ice has no l2-fwd-offload. Intel's out-of-tree driver, ice.h: ICE_MAX_MACVLANS 64 stations
  // of ICE_DFLT_TXQ_VMDQ_VSI 1 queue. ASSUMED: all the rest, and that no other bound comes first (its VMDq VSIs are 16).
  partition: { kind: 'fixed', stations: 64, queues: 1 },
  testsModes: true,
  whenOff: 'release',
  rxOnUpper: true,
  ringOnUpper: false,
  ringOnUpperBefore418: false,
  replicates: false,
  sourcePruning: false,
  restarts: false,
  sharesFilters: false,
  hwmodeNeedsPools: false,
};

export const fm10kOffload: OffloadProfile = {
  // fm10k.h: FM10K_MAX_STATIONS 63; fm10k_netdev.c, fm10k_dfwd_add_station(): EBUSY then, or when the port's glorts run out
  // (ASSUMED: they do not). A station is a glort, and has no queues of its own.
  partition: { kind: 'shared', stations: 63 },
  testsModes: true, // fm10k_dfwd_add_station(): macvlan_supports_dest_filter()
  whenOff: 'ignore', // there is no ndo_set_features
  rxOnUpper: true, // fm10k_main.c, fm10k_type_trans(): skb->dev by glort
  ringOnUpper: false,
  ringOnUpperBefore418: false,
  replicates: false, // ASSUMED: fm10k_dfwd_add_station() asks for multicast mode, whose effect on floods we could not see
  sourcePruning: false, // ASSUMED
  restarts: false,
  sharesFilters: false,
  hwmodeNeedsPools: false, // ASSUMED: the driver has no bridge operations; its switch is configured elsewhere
};

/** How a port is divided: its own queues first, the stations' behind them. */
export interface Layout {
  readonly own: number;
  readonly stations: number;
  /** Queues of one station; 0: it shares the port's own. */
  readonly queues: number;
}

/** Most txqs that any division of that port needs: what the device is made with. */
export function queuesNeeded(partition: Partition, own: number): number {
  switch (partition.kind) {
    case 'fixed':
      return own + partition.stations * partition.queues;
    case 'pools':
      return Math.max(own, partition.total);
    default:
      return own;
  }
}

/**
 * The division for one station more than `now` has room for (null: not divided yet), or -errno. `own`: the port's queues as
 * the machine has them; for i40e its vectors as well.
 */
export function divide(partition: Partition, own: number, now: Layout | null): Layout | number {
  switch (partition.kind) {
    case 'fixed':
      return now === null ? { own, stations: partition.stations, queues: partition.queues } : -EBUSY;
    case 'shared':
      return now === null ? { own, stations: partition.stations, queues: 0 } : -EBUSY;
    case 'vectors':
      return now === null ? divideVectors(partition.rules, own) : -EINVAL;
    default:
      return growPools(partition.total, own, now);
  }
}

const EBUSY = 16;
const EINVAL = 22;

function divideVectors(rules: readonly VectorRule[], vectors: number): Layout | number {
  const rule = rules.find((r) => vectors > r.above);
  if (rule === undefined) return -EINVAL;
  const stations = Math.floor((vectors - rule.keep) / rule.queues);
  return stations === 0 ? -EBUSY : { own: vectors - stations * rule.queues, stations, queues: rule.queues };
}

function growPools(total: number, own: number, now: Layout | null): Layout | number {
  const pools = now === null ? 1 : now.stations + 1;
  if (pools >= total) return -EBUSY;
  const more = pools < 16 ? 16 : pools < 32 ? 32 : total;
  const fit = Math.min(own, Math.floor(total / more));
  const queues = fit > 3 ? 4 : fit > 1 ? 2 : 1;
  return { own: queues, stations: more - 1, queues };
}
