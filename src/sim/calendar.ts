// A calendar queue: events by (time, order of coming), in buckets of time that repeat like the days of a year. Each bucket is a
// list sorted by time; what is equal stays in the order it came. Putting in and taking out cost the same for ten events as for
// a hundred thousand, as long as a day holds about one event: when they cost more, the days are made longer or shorter, by
// how closely events followed each other of late. (R. Brown, Calendar Queues, CACM 31:10, 1988.)
// An event is a small number (slot). Times cross no call: a double that does is allocated.

const FIRST_DAYS = 64;
/** How often the cost is looked at, in events taken, and how many steps on the average are too many. */
const REVIEW = 1024;
const DEAR = 3;

export class Calendar {
  /** The time that put() puts its slot at. */
  askedNs = 0;
  /** Of the slot that first() found. */
  firstNs = 0;
  size = 0;
  /** By slot: its time, and the next slot in its bucket or -1. */
  private time = new Float64Array(1024);
  private next = new Int32Array(1024);
  private head = new Int32Array(FIRST_DAYS).fill(-1);
  private tail = new Int32Array(FIRST_DAYS).fill(-1);
  private spare = new Int32Array(FIRST_DAYS);
  private days = FIRST_DAYS;
  /** A power of two, and its inverse. */
  private widthNs = 1024;
  private perNs = 1 / 1024;
  /** Today, counted from time 0. Nothing lies before it. */
  private today = 0;
  /** The bucket of first(); -1: unknown. */
  private found = -1;
  private taken = 0;
  private steps = 0;
  private measuring = false;
  private measuredNs = 0;
  private rebuilding = false;

  /** Puts a slot in at askedNs. */
  put(slot: number): void {
    if (slot >= this.time.length) this.growSlots(slot);
    this.time[slot] = this.askedNs;
    this.size++;
    if (this.size > this.days * 2) this.rebuild(this.days * 4, this.widthNs);
    this.insert(slot);
  }

  private insert(slot: number): void {
    const time = this.time;
    const next = this.next;
    const t = time[slot];
    const day = Math.floor(t * this.perNs);
    const b = day & (this.days - 1);
    if (day < this.today) this.today = day; // first() had looked ahead
    if (this.found >= 0 && t < this.firstNs) {
      this.found = b;
      this.firstNs = t;
    }
    const last = this.tail[b];
    next[slot] = -1;
    if (last < 0) {
      this.head[b] = slot;
      this.tail[b] = slot;
    } else if (time[last] <= t) {
      next[last] = slot;
      this.tail[b] = slot;
    } else this.insertWithin(b, slot);
  }

  /** Somewhere before the last one. */
  private insertWithin(b: number, slot: number): void {
    const time = this.time;
    const next = this.next;
    const t = time[slot];
    let before = -1;
    let at = this.head[b];
    let steps = 0;
    while (time[at] <= t) {
      before = at;
      at = next[at];
      steps++;
    }
    this.steps += steps;
    next[slot] = at;
    if (before < 0) this.head[b] = slot;
    else next[before] = slot;
    if (this.steps > DEAR * (REVIEW + this.size) && this.widthNs > 1 && !this.rebuilding) this.narrow();
  }

  /** Events come in faster than any are taken, and too many to a day. */
  private narrow(): void {
    this.steps = 0;
    this.rebuild(this.days, Math.max(1, this.widthNs / 8));
  }

  /** The first slot, or -1; firstNs is its time. It stays in. */
  first(): number {
    if (this.found >= 0) return this.head[this.found];
    if (this.size === 0) return -1;
    const mask = this.days - 1;
    const time = this.time;
    let day = this.today;
    for (let n = this.days; n > 0; n--) {
      const slot = this.head[day & mask];
      if (slot >= 0 && time[slot] < (day + 1) * this.widthNs) {
        this.steps += this.days - n;
        return this.find(day, slot);
      }
      day++;
    }
    this.steps += this.days;
    return this.search();
  }

  private find(day: number, slot: number): number {
    this.today = day;
    this.found = day & (this.days - 1);
    this.firstNs = this.time[slot];
    return slot;
  }

  /** Nothing within a year: the earliest of all heads. */
  private search(): number {
    let best = -1;
    for (let b = 0; b < this.days; b++) {
      const slot = this.head[b];
      if (slot >= 0 && (best < 0 || this.time[slot] < this.time[best])) best = slot;
    }
    this.today = Math.floor(this.time[best] * this.perNs);
    return this.find(this.today, best);
  }

  /** Takes out what first() found. */
  takeFirst(): void {
    const b = this.found;
    const slot = this.head[b];
    const then = this.next[slot];
    this.head[b] = then;
    this.size--;
    this.found = -1;
    if (then < 0) this.tail[b] = -1;
    else {
      const t = this.time[then];
      if (t < (this.today + 1) * this.widthNs) {
        this.found = b; // the next of the same day
        this.firstNs = t;
      }
    }
    if (++this.taken >= REVIEW) this.review();
  }

  /** Did a day hold about one event? If not, the next row of events shows how long it should be. */
  private review(): void {
    const dear = this.steps > REVIEW * DEAR;
    this.taken = 0;
    this.steps = 0;
    if (this.measuring) {
      this.measuring = false;
      this.retune();
    } else if (dear || (this.days > FIRST_DAYS && this.size * 16 < this.days)) {
      this.measuring = true;
      this.measuredNs = this.firstNs;
    }
  }

  private retune(): void {
    const gap = (this.firstNs - this.measuredNs) / REVIEW;
    let width = 1;
    while (width < gap && width < 2 ** 40) width *= 2;
    let days = FIRST_DAYS;
    while (days < this.size) days *= 2;
    if (width !== this.widthNs || days !== this.days) this.rebuild(days, width);
  }

  /** All events into new buckets, in their order. */
  private rebuild(days: number, widthNs: number): void {
    const chains = this.head;
    this.rebuilding = true;
    // Those of the last time, when they fit: days that change back and forth allocate nothing.
    this.head = this.spare.length === days ? this.spare.fill(-1) : new Int32Array(days).fill(-1);
    this.spare = chains;
    this.tail = this.tail.length === days ? this.tail.fill(-1) : new Int32Array(days).fill(-1);
    this.days = days;
    this.widthNs = widthNs;
    this.perNs = 1 / widthNs;
    this.found = -1;
    this.today = Math.floor(this.firstNs * this.perNs);
    const next = this.next;
    // Equal times are in one chain, so their order is kept.
    for (let b = 0; b < chains.length; b++) {
      for (let slot = chains[b]; slot >= 0; ) {
        const then = next[slot];
        this.insert(slot);
        slot = then;
      }
    }
    this.rebuilding = false;
  }

  private growSlots(slot: number): void {
    let n = this.time.length;
    while (n <= slot) n *= 2;
    const time = new Float64Array(n);
    time.set(this.time);
    this.time = time;
    const next = new Int32Array(n);
    next.set(this.next);
    this.next = next;
  }
}
