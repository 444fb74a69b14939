// Times in the messages of rtnetlink: hundredths of seconds, whole ones. Linux: USER_HZ, jiffies_to_clock_t().

export const NS_PER_TICK = 10_000_000;

export function ticksOf(ns: number): number {
  return Math.floor(ns / NS_PER_TICK);
}
