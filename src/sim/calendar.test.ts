import { describe, expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { Calendar } from './calendar.ts';

/** A calendar beside a sorted list: every take must agree. */
class Pair {
  now = 0;
  private readonly calendar = new Calendar();
  private readonly list: Array<{ at: number; seq: number; slot: number }> = [];
  private readonly free: number[] = [];
  private seq = 0;

  put(at: number): void {
    const slot = this.free.pop() ?? this.list.length;
    this.calendar.askedNs = at;
    this.calendar.put(slot);
    this.list.push({ at, seq: this.seq++, slot });
  }

  get size(): number {
    return this.list.length;
  }

  peek(): void {
    this.calendar.first();
  }

  take(): void {
    let best = 0;
    for (let i = 1; i < this.list.length; i++) {
      const [a, b] = [this.list[i], this.list[best]];
      if (a.at < b.at || (a.at === b.at && a.seq < b.seq)) best = i;
    }
    const [want] = this.list.splice(best, 1);
    expect(this.calendar.first()).toBe(want.slot);
    expect(this.calendar.firstNs).toBe(want.at);
    this.calendar.takeFirst();
    this.now = want.at;
    this.free.push(want.slot);
  }
}

describe('a calendar gives what a sorted list gives', () => {
  const spans: Array<[string, (chance: Stream) => number]> = [
    ['near', (c) => c.below(5000)],
    ['far', (c) => c.below(4_000_000_000)],
    ['equal', (c) => c.below(3) * 1000],
    ['mixed', (c) => (c.chance(1, 20) ? c.below(4_000_000_000) * 30 : c.chance(1, 3) ? 19_000 : c.below(2000))],
  ];
  for (const [name, span] of spans) {
    for (const pending of [1, 40, 700]) {
      test(`${name}, about ${pending} pending`, () => {
        const chance = new Stream(11, `${name}:${pending}`);
        const pair = new Pair();
        for (let i = 0; i < 5000; i++) {
          if (chance.chance(1, 5)) pair.peek();
          if (pair.size === 0 || chance.below(2 * pending) >= pair.size) pair.put(pair.now + span(chance));
          else pair.take();
        }
        while (pair.size > 0) pair.take();
      });
    }
  }

  test('the pace changes from seconds to nanoseconds and back', () => {
    const chance = new Stream(5, 'pace');
    const pair = new Pair();
    for (const pace of [1e9, 10, 1e6, 1, 1e9]) {
      for (let i = 0; i < 50; i++) pair.put(pair.now + chance.below(pace));
      for (let i = 0; i < 3000; i++) {
        pair.take();
        pair.put(pair.now + chance.below(pace));
      }
    }
  });
});

test('a hundred thousand in a random order, none taken yet, do not take quadratic time', () => {
  const chance = new Stream(3, 'many');
  const calendar = new Calendar();
  for (let i = 0; i < 100_000; i++) {
    calendar.askedNs = chance.below(50_000);
    calendar.put(i);
  }
  let last = -1;
  for (let i = 0; i < 100_000; i++) {
    calendar.first();
    expect(calendar.firstNs >= last).toBe(true);
    last = calendar.firstNs;
    calendar.takeFirst();
  }
  expect(calendar.first()).toBe(-1);
});
