// What ping counts, and how it prints it. Times are microseconds, as the tool has them.
// Linux tool: iputils ping/ping_common.c, gather_statistics(), finish(), status().

export class Tally {
  transmitted = 0;
  received = 0;
  repeats = 0;
  checksums = 0;
  errors = 0;
  /** Smoothed round trip, eight times. */
  rtt = 0;
  private sum = 0;
  private sum2 = 0;
  private min = Number.MAX_SAFE_INTEGER;
  max = 0;
  private pipe = 0;
  private acked = 0;
  private readonly seen = new Set<number>();

  /** Sequence numbers that were heard of: how many are on their way. */
  get inFlight(): number {
    const diff = (this.transmitted - this.acked) & 0xffff;
    return diff <= 0x7fff ? diff : this.transmitted - this.received - this.errors;
  }

  acknowledge(seq: number): void {
    const diff = (this.transmitted - seq) & 0xffff;
    if (diff > 0x7fff) return;
    if (diff + 1 > this.pipe) this.pipe = diff + 1;
    const ahead = (seq - this.acked) & 0xffff;
    if ((ahead > 0 && ahead <= 0x7fff) || ((this.transmitted - this.acked) & 0xffff) > 0x7fff) this.acked = seq;
  }

  /** A number of a new transmission may have been seen 65536 packets ago. */
  sent(): void {
    this.transmitted++;
    this.seen.delete(this.transmitted & 0xffff);
  }

  heard(seq: number): boolean {
    return this.seen.has(seq & 0xffff);
  }

  roundTrip(us: number): void {
    this.sum += us;
    this.sum2 += us * us;
    if (us < this.min) this.min = us;
    if (us > this.max) this.max = us;
    if (this.rtt === 0) this.rtt = us * 8;
    else this.rtt += us - Math.trunc(this.rtt / 8);
  }

  /** True when that number had been answered before. */
  reply(seq: number): boolean {
    if (this.seen.has(seq & 0xffff)) {
      this.repeats++;
      return true;
    }
    this.received++;
    this.seen.add(seq & 0xffff);
    return false;
  }

  /** `time=` with as many decimals as the tool gives. */
  static time(us: number): string {
    const ms = Math.floor(us / 1000);
    if (us >= 100_000 - 50) return `${Math.floor((us + 500) / 1000)}`;
    if (us >= 10_000 - 5) return `${Math.floor((us + 50) / 1000)}.${Math.floor(((us + 50) % 1000) / 100)}`;
    if (us >= 1000) return `${Math.floor((us + 5) / 1000)}.${two(Math.floor(((us + 5) % 1000) / 10))}`;
    return `${ms}.${three(us % 1000)}`;
  }

  /** The summary after the dashes; `spanNs` from the start to the last transmission. */
  summary(host: string, spanNs: number, timing: boolean, ipg: boolean): string {
    let out = `\n--- ${host} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received`;
    if (this.repeats > 0) out += `, +${this.repeats} duplicates`;
    if (this.checksums > 0) out += `, +${this.checksums} corrupted`;
    if (this.errors > 0) out += `, +${this.errors} errors`;
    if (this.transmitted > 0) {
      const loss = Math.fround(((this.transmitted - this.received) * 100) / this.transmitted);
      out += `, ${general(loss)}% packet loss, time ${Math.floor((spanNs + 500_000) / 1e6)}ms`;
    }
    out += '\n';
    let comma = '';
    if (this.received > 0 && timing) {
      const n = this.received + this.repeats;
      const mean = Math.floor(this.sum / n);
      const deviation = root(variance(this.sum, this.sum2, n));
      out += `rtt min/avg/max/mdev = ${ms(this.min)}/${ms(mean)}/${ms(this.max)}/${ms(deviation)} ms`;
      comma = ', ';
    }
    if (this.pipe > 1) {
      out += `${comma}pipe ${this.pipe}`;
      comma = ', ';
    }
    if (ipg && this.received > 0 && this.transmitted > 1) {
      const gap = Math.floor(spanNs / 1000 / (this.transmitted - 1));
      out += `${comma}ipg/ewma ${ms(gap)}/${ms(Math.floor(this.rtt / 8))} ms`;
    }
    return `${out}\n`;
  }

  /** SIGQUIT's line. */
  status(timing: boolean): string {
    const loss = this.transmitted > 0 ? Math.trunc(((this.transmitted - this.received) * 100) / this.transmitted) : 0;
    let out = `\r${this.received}/${this.transmitted} packets, ${loss}% loss`;
    if (this.received > 0 && timing) {
      const mean = Math.floor(this.sum / (this.received + this.repeats));
      out += `, min/avg/ewma/max = ${ms(this.min)}/${ms(mean)}/${ms(Math.floor(this.rtt / 8))}/${ms(this.max)} ms`;
    }
    return `${out}\n`;
  }
}

/** In whole microseconds, and in the tool's order of divisions, which decides the last digit. */
function variance(sum: number, sum2: number, n: number): number {
  if (sum >= 2147483647) return Math.floor(sum2 / n) - Math.floor(sum / n) ** 2;
  const square = Number((BigInt(sum) * BigInt(sum)) / BigInt(n));
  return Math.floor((sum2 - square) / n);
}

/** Newton in integers; for some numbers one more than the root, as the tool has it. Linux tool: llsqrt(). */
function root(a: number): number {
  let before = Number.POSITIVE_INFINITY;
  let x = Math.max(0, a);
  while (x > 0 && x < before) {
    before = x;
    x = Math.floor((x + Math.floor(a / x)) / 2);
  }
  return x;
}

const two = (n: number): string => String(n).padStart(2, '0');
const three = (n: number): string => String(n).padStart(3, '0');
const ms = (us: number): string => `${Math.floor(us / 1000)}.${three(us % 1000)}`;

/** printf's %g of a float: six significant digits, no trailing zeros. */
function general(x: number): string {
  return String(Number(x.toPrecision(6)));
}
