// The order in which macvlan walks its hash tables: seen from outside as the order of floods and of the addresses in a
// dump. Look-ups do not use it. Linux: drivers/net/macvlan.c, macvlan_eth_hash(), on a little-endian machine.

const GOLDEN_RATIO_64 = BigInt('0x61C8864680B583EB');

/** Which of the 256 buckets a MAC falls into. */
export function bucketOf(mac: number): number {
  let le = BigInt(0);
  for (let i = 0, rest = mac; i < 6; i++) {
    le = (le << BigInt(8)) | BigInt(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return Number(BigInt.asUintN(64, (le << BigInt(16)) * GOLDEN_RATIO_64) >> BigInt(56));
}
