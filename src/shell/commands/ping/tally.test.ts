// ping's arithmetic, with what the real tool printed for the same times (iputils 20221126).

import { describe, expect, test } from 'vitest';
import { Tally } from './tally.ts';

/** A run of replies with these times in µs. */
function run(times: readonly number[], change: (t: Tally) => void = () => undefined): string {
  const t = new Tally();
  times.forEach((us, i) => {
    t.sent();
    t.acknowledge(i + 1);
    t.roundTrip(us);
    t.reply(i + 1);
  });
  change(t);
  return t.summary('h', 1_234_567_890, true, false);
}

describe('the summary', () => {
  test.each<[number[], string]>([
    [[149, 18], '0.018/0.083/0.149/0.065'],
    [[18, 87], '0.018/0.052/0.087/0.034'],
    [[29], '0.029/0.029/0.029/0.000'],
    [[6, 6, 37], '0.006/0.016/0.037/0.014'],
  ])('%j', (times, text) => {
    expect(run(times)).toContain(`rtt min/avg/max/mdev = ${text} ms\n`);
  });

  test('a root by the tool’s way is one too much just below a square', () => {
    expect(run([0, 6])).toContain('/0.003 ms'); // 9 exactly
    expect(run([0, 0, 5])).toContain('/0.002 ms'); // (25 - 8) / 3 = 5
    expect(run([0, 4, 4, 6])).toContain('/0.002 ms'); // (68 - 49) / 4 = 4
    expect(run([0, 3, 4])).toContain('/0.002 ms'); // (25 - 16) / 3 = 3, whose root it says is 2
  });

  test('losses, doubles, errors, pipe', () => {
    const text = run([10, 10, 10], (t) => {
      t.reply(2);
      t.sent();
      t.errors = 1;
      t.checksums = 1;
    });
    expect(text).toContain(
      '4 packets transmitted, 3 received, +1 duplicates, +1 corrupted, +1 errors, 25% packet loss, time 1235ms\n',
    );
    const t = new Tally();
    for (let i = 0; i < 7; i++) t.sent();
    expect(t.summary('h', 0, true, false)).toBe(
      '\n--- h ping statistics ---\n7 packets transmitted, 0 received, 100% packet loss, time 0ms\n\n',
    );
    for (const seq of [1, 2]) {
      t.acknowledge(seq);
      t.reply(seq);
      t.roundTrip(5);
    }
    expect(t.summary('h', 0, true, false)).toContain('71.4286% packet loss');
    expect(t.summary('h', 0, true, true)).toMatch(/mdev = [\d./]+ ms, pipe 7, ipg\/ewma 0\.000\/0\.005 ms\n$/);
  });
});

test.each<[number, string]>([
  [0, '0.000'],
  [999, '0.999'],
  [1000, '1.00'],
  [1004, '1.00'],
  [1005, '1.01'],
  [9994, '9.99'],
  [9995, '10.0'],
  [99_949, '99.9'],
  [99_950, '100'],
  [1_000_499, '1000'],
  [1_000_500, '1001'],
])('time= of %i µs', (us, text) => {
  expect(Tally.time(us)).toBe(text);
});

test('a number comes round after 65536 packets: no double', () => {
  const t = new Tally();
  t.sent();
  expect(t.reply(1)).toBe(false);
  for (let i = 0; i < 65_536; i++) t.sent();
  expect([t.heard(1), t.reply(65_537), t.reply(65_537)]).toEqual([false, false, true]);
});
