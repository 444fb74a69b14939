// The queueing priority that a TOS stands for. Linux: ip_tos2prio[], rt_tos2priority().

const PRIO = [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

export function tosPriority(tos: number): number {
  return PRIO[(tos & 0x1e) >>> 1];
}
