// How a macvlan counts what it receives. Linux: include/linux/if_macvlan.h, macvlan_count_rx(); a refusal by the backlog
// shows twice in rx_dropped, once from here and once from the core.

import { RX_SUCCESS } from '../../net/flags.ts';
import type { Macvlan } from './port.ts';

/** `verdict`: RX_SUCCESS or RX_DROP, as netifRx() and forwardSkb() answer. */
export function countRx(vlan: Macvlan, length: number, verdict: number, multicast: boolean): void {
  const stats = vlan.dev.stats;
  if (verdict !== RX_SUCCESS) {
    stats.rxErrors++;
    stats.rxDropped++;
    return;
  }
  stats.rxPackets++;
  stats.rxBytes += length;
  if (multicast) stats.multicast++;
}
