// The counters of ethtool -S, named and ordered as each driver has them. Data only; ixgbe without FCoE.
// Linux: ixgbe_gstrings_stats, i40e_gstrings_net_stats and its like, ice_gstrings_vsi_stats, fm10k_gstrings_net_stats.

import type { StatLine, StatSource } from './stats.ts';

/** Counters that never count here. */
const zeros = (...names: string[]): StatLine[] => names.map((name) => [name, '0'] as const);
const numbered = (n: number, ...names: string[]): StatLine[] =>
  Array.from({ length: n }, (_, i) => names.map((name) => [name.replace('%', String(i)), '0'] as const)).flat();

const KINDS = ['unicast', 'multicast', 'broadcast'] as const;
const SIZES: ReadonlyArray<readonly [string, StatSource, StatSource]> = [
  ['64', 'rx:size64', 'tx:size64'],
  ['127', 'rx:size127', 'tx:size127'],
  ['255', 'rx:size255', 'tx:size255'],
  ['511', 'rx:size511', 'tx:size511'],
  ['1023', 'rx:size1023', 'tx:size1023'],
  ['1522', 'rx:size1522', 'tx:size1522'],
  ['big', 'rx:sizeBig', 'tx:sizeBig'],
];
const kinds = (prefix = '', suffix = ''): StatLine[] =>
  KINDS.flatMap((k): StatLine[] => [
    [`${prefix}rx_${k}${suffix}`, `rx:${k}`],
    [`${prefix}tx_${k}${suffix}`, `tx:${k}`],
  ]);

export const genericStats: readonly StatLine[] = [
  ['rx_packets', 'rxPackets'],
  ['tx_packets', 'txPackets'],
  ['rx_bytes', 'rxBytes'],
  ['tx_bytes', 'txBytes'],
  ['rx_errors', 'rxErrors'],
  ['tx_errors', 'txErrors'],
  ['rx_missed_errors', 'rxMissed'],
  ['rx_length_errors', 'rxLength'],
  ['rx_filtered', 'filtered'],
  ['tx_dropped_link_down', 'noLink'],
  ['tx_busy', 'txBusy'],
  ['tx_restart_queue', 'txRestart'],
  ['link_changes', 'linkChanges'],
  ...kinds(),
  {
    perQueue: [
      ['tx_queue_%_packets', 'tx', 'packets'],
      ['tx_queue_%_bytes', 'tx', 'bytes'],
      ['rx_queue_%_packets', 'rx', 'packets'],
      ['rx_queue_%_bytes', 'rx', 'bytes'],
    ],
  },
];

export const ixgbeStats: readonly StatLine[] = [
  ['rx_packets', 'rxPackets'],
  ['tx_packets', 'txPackets'],
  ['rx_bytes', 'rxBytes'],
  ['tx_bytes', 'txBytes'],
  ['rx_pkts_nic', 'rxNicFrames'],
  ['tx_pkts_nic', 'txNicFrames'],
  ['rx_bytes_nic', 'rxNicBytes'],
  ['tx_bytes_nic', 'txNicBytes'],
  ['lsc_int', 'linkChanges'],
  ['tx_busy', 'txBusy'],
  ...zeros('non_eop_descs'),
  ['rx_errors', 'rxErrors'],
  ['tx_errors', 'txErrors'],
  ['rx_dropped', 'rxDropped'],
  ['tx_dropped', 'txDropped'],
  ['multicast', 'multicast'],
  ['broadcast', 'rx:broadcast'],
  ...zeros('rx_no_buffer_count', 'collisions', 'rx_over_errors', 'rx_crc_errors', 'rx_frame_errors'),
  ...zeros('hw_rsc_aggregated', 'hw_rsc_flushed', 'fdir_match', 'fdir_miss', 'fdir_overflow', 'rx_fifo_errors'),
  ['rx_missed_errors', 'rxMissed'],
  ...zeros('tx_aborted_errors', 'tx_carrier_errors', 'tx_fifo_errors', 'tx_heartbeat_errors', 'tx_timeout_count'),
  ['tx_restart_queue', 'txRestart'],
  ['rx_length_errors', 'rxLength'],
  ...zeros('rx_long_length_errors', 'rx_short_length_errors', 'tx_flow_control_xon', 'rx_flow_control_xon'),
  ...zeros('tx_flow_control_xoff', 'rx_flow_control_xoff', 'rx_csum_offload_errors', 'alloc_rx_page'),
  ...zeros('alloc_rx_page_failed', 'alloc_rx_buff_failed', 'rx_no_dma_resources', 'os2bmc_rx_by_bmc'),
  ...zeros('os2bmc_tx_by_bmc', 'os2bmc_tx_by_host', 'os2bmc_rx_by_host', 'tx_hwtstamp_timeouts'),
  ...zeros('tx_hwtstamp_skipped', 'rx_hwtstamp_cleared', 'tx_ipsec', 'rx_ipsec'),
  {
    perQueue: [
      ['tx_queue_%_packets', 'tx', 'packets'],
      ['tx_queue_%_bytes', 'tx', 'bytes'],
    ],
  },
  {
    perQueue: [
      ['rx_queue_%_packets', 'rx', 'packets'],
      ['rx_queue_%_bytes', 'rx', 'bytes'],
    ],
  },
  ...numbered(8, 'tx_pb_%_pxon', 'tx_pb_%_pxoff'),
  ...numbered(8, 'rx_pb_%_pxon', 'rx_pb_%_pxoff'),
];

export const i40eStats: readonly StatLine[] = [
  ['rx_packets', 'rxPackets'],
  ['tx_packets', 'txPackets'],
  ['rx_bytes', 'rxBytes'],
  ['tx_bytes', 'txBytes'],
  ['rx_errors', 'rxErrors'],
  ['tx_errors', 'txErrors'],
  ['rx_dropped', 'rxDropped'],
  ['rx_missed_errors', 'rxMissed'],
  ['tx_dropped', 'txDropped'],
  ...zeros('collisions'),
  ['rx_length_errors', 'rxLength'],
  ...zeros('rx_crc_errors'),
  ...kinds(),
  ...zeros('rx_unknown_protocol', 'tx_linearize', 'tx_force_wb'),
  ['tx_busy', 'txBusy'],
  ...zeros('tx_stopped', 'rx_alloc_fail', 'rx_pg_alloc_fail', 'rx_cache_reuse', 'rx_cache_alloc', 'rx_cache_waive'),
  ...zeros('rx_cache_busy'),
  ['tx_restart', 'txRestart'],
  {
    perQueue: [
      ['tx-%.packets', 'tx', 'packets'],
      ['tx-%.bytes', 'tx', 'bytes'],
      ['rx-%.packets', 'rx', 'packets'],
      ['rx-%.bytes', 'rx', 'bytes'],
    ],
  },
  ...zeros('veb.rx_bytes', 'veb.tx_bytes', 'veb.rx_unicast', 'veb.tx_unicast', 'veb.rx_multicast', 'veb.tx_multicast'),
  ...zeros('veb.rx_broadcast', 'veb.tx_broadcast', 'veb.rx_discards', 'veb.tx_discards', 'veb.tx_errors'),
  ...zeros('veb.rx_unknown_protocol'),
  ...numbered(8, 'veb.tc_%_tx_packets', 'veb.tc_%_tx_bytes', 'veb.tc_%_rx_packets', 'veb.tc_%_rx_bytes'),
  ['port.rx_bytes', 'rxNicBytes'],
  ['port.tx_bytes', 'txNicBytes'],
  ...kinds('port.'),
  ...zeros('port.tx_errors'),
  ['port.rx_dropped', 'rxMissed'],
  ['port.tx_dropped_link_down', 'noLink'],
  ...zeros('port.rx_crc_errors', 'port.illegal_bytes', 'port.mac_local_faults', 'port.mac_remote_faults'),
  ...zeros('port.tx_timeout', 'port.rx_csum_bad'),
  ['port.rx_length_errors', 'rxLength'],
  ...zeros('port.link_xon_rx', 'port.link_xoff_rx', 'port.link_xon_tx', 'port.link_xoff_tx'),
  ...SIZES.map(([n, rx]): StatLine => [`port.rx_size_${n}`, rx]),
  ...SIZES.map(([n, , tx]): StatLine => [`port.tx_size_${n}`, tx]),
  ...zeros('port.rx_undersize', 'port.rx_fragments', 'port.rx_oversize', 'port.rx_jabber'),
  ...zeros('port.VF_admin_queue_requests', 'port.arq_overflows', 'port.tx_hwtstamp_timeouts'),
  ...zeros('port.rx_hwtstamp_cleared', 'port.tx_hwtstamp_skipped', 'port.fdir_flush_cnt', 'port.fdir_atr_match'),
  ...zeros('port.fdir_atr_tunnel_match', 'port.fdir_atr_status', 'port.fdir_sb_match', 'port.fdir_sb_status'),
  ...zeros('port.tx_lpi_status', 'port.rx_lpi_status', 'port.tx_lpi_count', 'port.rx_lpi_count'),
  ...numbered(
    8,
    'port.tx_priority_%_xon',
    'port.tx_priority_%_xoff',
    'port.rx_priority_%_xon',
    'port.rx_priority_%_xoff',
    'port.rx_priority_%_xon_2_xoff',
  ),
];

export const iceStats: readonly StatLine[] = [
  ...kinds(),
  ['rx_bytes', 'rxBytes'],
  ['tx_bytes', 'txBytes'],
  ['rx_dropped', 'rxDropped'],
  ...zeros('rx_unknown_protocol', 'rx_alloc_fail', 'rx_pg_alloc_fail'),
  ['tx_errors', 'txErrors'],
  ...zeros('tx_linearize'),
  ['tx_busy', 'txBusy'],
  ['tx_restart', 'txRestart'],
  {
    perQueue: [
      ['tx_queue_%_packets', 'tx', 'packets'],
      ['tx_queue_%_bytes', 'tx', 'bytes'],
    ],
  },
  {
    perQueue: [
      ['rx_queue_%_packets', 'rx', 'packets'],
      ['rx_queue_%_bytes', 'rx', 'bytes'],
    ],
  },
  ['rx_bytes.nic', 'rxNicBytes'],
  ['tx_bytes.nic', 'txNicBytes'],
  ...kinds('', '.nic'),
  ...zeros('tx_errors.nic', 'tx_timeout.nic'),
  ...SIZES.flatMap(([n, rx, tx]): StatLine[] => [
    [`rx_size_${n}.nic`, rx],
    [`tx_size_${n}.nic`, tx],
  ]),
  ...zeros('link_xon_rx.nic', 'link_xon_tx.nic', 'link_xoff_rx.nic', 'link_xoff_tx.nic'),
  ['tx_dropped_link_down.nic', 'noLink'],
  ...zeros('rx_undersize.nic', 'rx_fragments.nic', 'rx_oversize.nic', 'rx_jabber.nic', 'rx_csum_bad.nic'),
  ['rx_length_errors.nic', 'rxLength'],
  ['rx_dropped.nic', 'rxMissed'],
  ...zeros('rx_crc_errors.nic', 'illegal_bytes.nic', 'mac_local_faults.nic', 'mac_remote_faults.nic'),
  ...zeros('fdir_sb_match.nic', 'fdir_sb_status.nic', 'tx_hwtstamp_skipped', 'tx_hwtstamp_timeouts'),
  ...zeros('tx_hwtstamp_flushed', 'tx_hwtstamp_discarded', 'late_cached_phc_updates'),
  ...numbered(8, 'tx_priority_%_xon.nic', 'tx_priority_%_xoff.nic'),
  ...numbered(8, 'rx_priority_%_xon.nic', 'rx_priority_%_xoff.nic'),
];

export const fm10kStats: readonly StatLine[] = [
  ['tx_packets', 'txPackets'],
  ['tx_bytes', 'txBytes'],
  ['tx_errors', 'txErrors'],
  ['rx_packets', 'rxPackets'],
  ['rx_bytes', 'rxBytes'],
  ['rx_errors', 'rxErrors'],
  ['rx_dropped', 'rxDropped'],
  ['rx_length_errors', 'rxLength'],
  ...zeros('rx_crc_errors', 'rx_fifo_errors'),
  ['tx_restart_queue', 'txRestart'],
  ['tx_busy', 'txBusy'],
  ...zeros('tx_csum_errors', 'rx_alloc_failed', 'rx_csum_errors'),
  ['tx_packets_nic', 'txNicFrames'],
  ['tx_bytes_nic', 'txNicBytes'],
  ['rx_packets_nic', 'rxNicFrames'],
  ['rx_bytes_nic', 'rxNicBytes'],
  ['rx_drops_nic', 'rxMissed'],
  ...zeros('rx_overrun_pf', 'rx_overrun_vf', 'swapi_status', 'mac_rules_used', 'mac_rules_avail'),
  ...zeros('reset_while_pending', 'tx_hang_count', 'timeout', 'ur', 'ca', 'um', 'xec', 'vlan_drop', 'loopback_drop'),
  ...zeros('nodesc_drop', 'mbx_tx_busy', 'mbx_tx_dropped', 'mbx_tx_messages', 'mbx_tx_dwords', 'mbx_tx_mbmem_pulled'),
  ...zeros('mbx_rx_messages', 'mbx_rx_dwords', 'mbx_rx_parse_err', 'mbx_rx_mbmem_pushed'),
  {
    perQueue: [
      ['tx_queue_%_packets', 'tx', 'packets'],
      ['tx_queue_%_bytes', 'tx', 'bytes'],
      ['rx_queue_%_packets', 'rx', 'packets'],
      ['rx_queue_%_bytes', 'rx', 'bytes'],
    ],
  },
];
