// Byte queue limits as the rest of the kernel sees them: sysfs reads and writes them, probes watch them. The driver that
// completes frames owns the algorithm. Linux: struct dql in struct netdev_queue.

export interface ByteQueueLimits {
  /** Bytes that the hardware may have. */
  limit: number;
  minLimit: number;
  maxLimit: number;
  /** Slack must last so long before the limit falls. */
  holdNs: number;
  /** Bytes that the hardware has. */
  readonly inflight: number;
  /** Bytes that it may have more; negative: it has too many. Linux: dql_avail(). */
  readonly avail: number;
}
