// Constructors for quantities, so that a number never travels without its unit. Time is integer nanoseconds,
// rates are bits per second, sizes are bytes.

export const us = (n: number): number => Math.round(n * 1e3);
export const ms = (n: number): number => Math.round(n * 1e6);
export const sec = (n: number): number => Math.round(n * 1e9);
export const mbit = (n: number): number => n * 1e6;
export const gbit = (n: number): number => n * 1e9;

/** Nanoseconds that `bytes` take on a line of `bps` bits per second, rounded up. */
export function txTimeNs(bytes: number, bps: number): number {
  return bps === 0 ? 0 : Math.ceil((bytes * 8e9) / bps);
}
