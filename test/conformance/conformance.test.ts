// The runner's own rules: what becomes of a script, of its output, and of the comparison.

import { describe, expect, test } from 'vitest';
import { compare, type Expectation, flatten } from './compare.ts';
import { instrument, segment } from './instrument.ts';
import { parseProbe } from './parse.ts';
import { judge, tightened, withTable } from './report.ts';

test('a probe gets an echo before and after it, and nothing else is changed', () => {
  const { script, probes } = instrument('x=1\n  ping -c 1 $x  #? ping note\n# a #? ok\n', false);
  expect(script).toBe(`x=1\n  echo '@@B 2'\n  ping -c 1 $x\n  echo "@@E 2 $?"\n# a #? ok\n`);
  expect(probes.get(2)).toEqual({ line: 2, kind: 'ping', cmd: 'ping -c 1 $x' });
  expect(() => instrument('x #? nonsense', false)).toThrow('nonsense');
});

test('output is cut at the markers, also where a line had no end, and a script that died is seen', () => {
  const { segments, stray } = segment('hm\n@@B 2\na\nb@@E 2 1\n@@B 3\nc\n');
  expect(stray).toBe('hm\n');
  expect(segments).toEqual([
    { line: 2, rc: 1, body: 'a\nb' },
    { line: 3, rc: null, body: 'c\n' },
  ]);
});

const ping = `PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.03 ms
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.04 ms (DUP!)
64 bytes from 10.0.0.1: icmp_seq=2 ttl=64 time=0.03 ms
From 10.0.0.2 icmp_seq=3 Destination Host Unreachable

--- 10.0.0.1 ping statistics ---
3 packets transmitted, 2 received, +1 duplicates, +1 errors, 33.3333% packet loss, time 402ms
rtt min/avg/max/mdev = 0.03/0.03/0.04/0.01 ms
`;

describe('parsing', () => {
  test('ping', () => {
    expect(parseProbe('ping', ping, null, 0)).toMatchObject({
      rc: 0,
      transmitted: 3,
      received: 2,
      duplicates: 1,
      errors: 1,
      loss: '33.3333%',
      repliers: ['10.0.0.1'],
      replies_before_last: { '1 10.0.0.1': 2, '2 10.0.0.1': 1 },
      error_lines: ['10.0.0.2 seq=3 Destination Host Unreachable'],
      other_lines: [],
    });
  });

  test('neighbours: resolved states are one, failed ones are apart', () => {
    const text =
      '[{"dst":"10.0.0.1","dev":"p0","lladdr":"02:00:00:00:00:01","state":["STALE"]},{"dst":"10.0.0.9","state":["FAILED"]},{}]';
    expect(parseProbe('neigh', text, null, 0)).toEqual({
      rc: 0,
      failed: ['10.0.0.9'],
      json: {
        '10.0.0.1 dev p0': { dst: '10.0.0.1', dev: 'p0', lladdr: '02:00:00:00:00:01', state: ['RESOLVED'] },
      },
    });
    expect(parseProbe('neigh', '', null, 0)).toEqual({ rc: 0, json: {}, failed: [] });
  });

  test('text that is not JSON stays text', () => {
    expect(parseProbe('link', 'Device "x" does not exist.\n', null, 1)).toEqual({
      rc: 1,
      text: 'Device "x" does not exist.\n',
    });
  });
});

const expectation: Expectation = {
  scenario: 's',
  group: 1,
  probes: [{ id: '2.1', cmd: 'c', kind: 'err', expect: { rc: 1, text: 'a\nb\n', stderr: 'b\n' } }],
};
const answer = (result: { rc: number; text: string }) => ({
  timedOut: false,
  stray: '',
  probes: [{ id: '2.1', cmd: 'c', result }],
});

test('flattening shows what is extra', () => {
  expect([...flatten({ json: { a: { x: 1, list: [{}, 2] } } })]).toEqual([
    ['json/a/x', 1],
    ['json/a/list[len]', 2],
    ['json/a/list/0{}', true],
    ['json/a/list/1', 2],
    ['json{keys}', ['a']],
  ]);
});

test('merged streams may interleave lines; a missing probe or stray output is a difference', () => {
  expect(compare(expectation, answer({ rc: 1, text: 'b\na\n' })).differences).toEqual([]);
  expect(compare(expectation, answer({ rc: 2, text: 'b\n' })).differences).toHaveLength(2);
  expect(compare(expectation, { timedOut: true, stray: 'x', probes: [] }).differences).toHaveLength(3);
});

test('the ratchet takes promises and never gives one back', () => {
  const good = { expectation, ...compare(expectation, answer({ rc: 1, text: 'a\nb\n' })), ms: 0 };
  const bad = { expectation, ...compare(expectation, answer({ rc: 2, text: 'a\nb\n' })), ms: 0 };
  const first = tightened([bad], { pass: [], missing: {} });
  expect(first.missing.s).toContain('`c`: rc');
  expect(judge([bad], first).missing).toEqual(['s']);
  expect(judge([good], first).better).toEqual(['s']);
  const then = tightened([good], first);
  expect(then).toEqual({ pass: ['s'], missing: {} });
  expect(tightened([bad], then)).toEqual(then);
  expect(judge([bad], then).regressed).toHaveLength(1);
});

test('the table goes between its marks or nowhere', () => {
  const readme =
    'a\n<!-- conformance: written by `npm run conformance -- --update-readme` -->\nold\n<!-- end of conformance -->\nb';
  expect(withTable(readme, 'new')).toBe(readme.replace('\nold\n', '\n\nnew\n\n'));
  expect(withTable('nothing', 'new')).toBeNull();
});
