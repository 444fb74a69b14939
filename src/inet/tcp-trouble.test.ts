// TCP in trouble: devices that refuse, peers that do not read, vanish or reset, paths with a smaller MTU, two who call each
// other. What Linux does in each case is in the comment; the times are its timers'.

import { describe, expect, test } from 'vitest';
import { XOFF_DRV } from '../net/flags.ts';
import { sysctlWrite } from './sysctl.ts';
import { at, B, connectPair, Drinker, leftovers, Pourer, segments, tcpLab, weather } from './tcp-testing.ts';
import { addr, cable, down, up, via } from './testing.ts';

const gone = { loss: 1000, repeat: 0, late: 0, lateNs: 0 };

/** When lines that match appear, in seconds, rounded to tenths. */
function timesOf(lines: string[], now: () => number): number[] {
  const times: number[] = [];
  const push = lines.push.bind(lines);
  lines.push = (...more: string[]) => {
    times.push(Math.round(now() / 1e8) / 10);
    return push(...more);
  };
  return times;
}

describe('nobody answers', () => {
  test('SYNs at 1, 2, 3, 4 s and then ever more rarely; ETIMEDOUT', () => {
    const lab = tcpLab();
    addrKnown(lab);
    const seen = segments(lab.v0);
    const times = timesOf(seen, () => lab.kernel.loop.now);
    const send = lab.v1.startXmit;
    lab.v1.startXmit = (skb, dev) => {
      if (skb.protocol !== 0x0800) return send(skb, dev); // ARP goes on
      skb.slabs.free(skb, 18);
      return 0;
    };
    const s = lab.socket(lab.a);
    s.connect(at(B, 5000));
    lab.wait(300);
    expect(times.map((t) => Math.round(t))).toEqual([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    expect(s.takeError()).toBe(110);
  });

  test('data: 200 ms, doubled each time; given up after tcp_retries2', () => {
    const lab = tcpLab();
    sysctlWrite(lab.a, 'net/ipv4/tcp_retries2', '5');
    sysctlWrite(lab.a, 'net/ipv4/tcp_early_retrans', '0');
    const { client } = connectPair(lab);
    weather(lab.v1, gone);
    weather(lab.v0, gone);
    const from = lab.kernel.loop.now;
    client.send(new Uint8Array(100));
    lab.wait(60);
    const s = client.info();
    expect([client.takeError(), s.state]).toEqual([110, 7]);
    expect(lab.kernel.loop.now - from).toBeGreaterThan(12e9);
  });

  test('keepalive: idle, then a probe each interval, then ETIMEDOUT', () => {
    const lab = tcpLab();
    const { client } = connectPair(lab);
    for (const [name, v] of [
      ['TCP_KEEPIDLE', 10],
      ['TCP_KEEPINTVL', 5],
      ['TCP_KEEPCNT', 3],
      ['SO_KEEPALIVE', 1],
    ] as const) {
      expect(client.setOption(name, v)).toBe(0);
    }
    lab.wait(30);
    expect(client.info().state).toBe(1);
    weather(lab.v1, gone);
    lab.wait(35);
    expect([client.takeError(), client.info().state]).toEqual([110, 7]);
  });
});

/** The neighbour is known, so that frames leave at once. */
function addrKnown(lab: ReturnType<typeof tcpLab>): void {
  const probe = lab.socket(lab.a);
  probe.connect(at(B, 1));
  lab.wait(0.1);
  probe.close();
}

describe('the device refuses (a stopped queue: -ENETDOWN)', () => {
  test('the segment counts as not sent; asked again after 200, 400, 800 ms; all arrives in the end', () => {
    const lab = tcpLab();
    const { client, server } = connectPair(lab);
    const drink = new Drinker(server);
    const [txq] = lab.v0.txq;
    txq.state |= XOFF_DRV;
    const before = lab.v0.coreTxDropped;
    client.send(new Uint8Array(10).fill(0));
    expect([client.info().unacked, lab.v0.coreTxDropped - before]).toEqual([0, 1]);
    const drops: number[] = [];
    for (let i = 0; i < 30; i++) {
      lab.wait(0.1);
      drops.push(lab.v0.coreTxDropped - before);
    }
    expect(drops.filter((n, i) => n !== drops[i - 1])).toEqual([1, 2, 3, 4]);
    expect([1, 5, 13].map((i) => drops[i] < drops[i + 1])).toEqual([true, true, true]);
    txq.state &= ~XOFF_DRV;
    lab.wait(5);
    expect(drink.got).toBe(10);
  });
});

describe('the reader', () => {
  test('does not read: the window closes, probes ask, and it goes on where it was', () => {
    const lab = tcpLab();
    sysctlWrite(lab.b, 'net/ipv4/tcp_rmem', '4096 40000 40000');
    const { client, server } = connectPair(lab);
    const pour = new Pourer(client, 400_000, 50_000, 'shutdown');
    lab.wait(20);
    expect(pour.finished).toBe(false);
    const held = server.readable;
    expect([client.info().sndWnd, held > 10_000 && held < 70_000]).toEqual([0, true]);
    expect(client.info().backoff).toBeGreaterThan(2);
    const drink = new Drinker(server);
    lab.wait(300);
    expect([drink.got, drink.eof, drink.wrong]).toEqual([400_000, true, -1]);
  });

  test('closes with bytes unread: the peer is reset', () => {
    const lab = tcpLab();
    const { client, server } = connectPair(lab);
    client.send(new Uint8Array(10));
    lab.wait(0.01);
    const seen = segments(lab.v0);
    server.close();
    lab.wait(0.01);
    expect(seen.map((l) => l.split(' ')[1])).toEqual(['R.']);
    expect([client.send(new Uint8Array(1)), client.send(new Uint8Array(1))]).toEqual([-104, -32]);
    expect(client.read(10)).toEqual(new Uint8Array(0));
  });
});

test('two who call each other at the same time are connected', () => {
  const lab = tcpLab();
  addrKnown(lab);
  const [s, t] = [lab.socket(lab.a), lab.socket(lab.b)];
  s.bind(at(0, 7000));
  t.bind(at(0, 7001));
  s.connect(at(0x0a000002, 7001));
  t.connect(at(0x0a000001, 7000));
  lab.wait(1);
  expect([s.info().state, t.info().state]).toEqual([1, 1]);
  s.send(new Uint8Array([1, 2, 3]));
  lab.wait(0.1);
  expect(t.read(10)).toEqual(new Uint8Array([1, 2, 3]));
  s.close();
  t.close();
  lab.wait(130);
  expect(leftovers(lab)).toEqual([]);
});

test('both close at the same time', () => {
  const lab = tcpLab();
  const { client, server, listener } = connectPair(lab);
  client.close();
  server.close();
  listener.close();
  lab.wait(1);
  expect(
    leftovers(lab)
      .filter((l) => l.includes('state'))
      .sort((a, b) => (a < b ? -1 : 1)),
  ).toEqual(['a: a connection in state 6', 'b: a connection in state 6']);
  lab.wait(61);
  expect(leftovers(lab)).toEqual([]);
});

test('a path with a smaller MTU: the router says so, and segments are cut anew', () => {
  const lab = tcpLab();
  const c = lab.kernel.createNs('c');
  const [v2, v3] = cable(lab.b, 'v2', c, 'v3', 50_000);
  for (const dev of [v2, v3]) {
    lab.kernel.dev.setMtu(dev, 1200);
    up(dev);
  }
  addr(v2, '10.0.1.1/24');
  addr(v3, '10.0.1.2/24');
  via(lab.a, '10.0.1.0/24', '10.0.0.2');
  via(c, '10.0.0.0/24', '10.0.1.1');
  sysctlWrite(lab.b, 'net/ipv4/ip_forward', '1');
  const listener = lab.socket(c);
  listener.bind(at(0, 5000));
  listener.listen(1);
  const client = lab.socket(lab.a);
  client.connect(at(0x0a000102, 5000));
  lab.wait(1);
  const server = listener.accept() as typeof client;
  expect(client.info().sndMss).toBe(1148); // the far end's MSS: 1200 - 40 - 12
  client.close();
  lab.wait(1);
  // The far end has the usual MTU, the middle has not.
  lab.kernel.dev.setMtu(v3, 1500);
  const again = lab.socket(lab.a);
  again.connect(at(0x0a000102, 5000));
  lab.wait(1);
  const far = listener.accept() as typeof client;
  expect(again.info().sndMss).toBe(1448);
  const drink = new Drinker(far);
  new Pourer(again, 100_000, 30_000, 'shutdown');
  lab.wait(5);
  expect([drink.got, drink.eof, drink.wrong, again.info().sndMss]).toEqual([100_000, true, -1, 1148]);
  void server;
});

test('the device goes down and comes back: the transfer waits and ends well', () => {
  const lab = tcpLab();
  const { client, server } = connectPair(lab);
  const drink = new Drinker(server);
  new Pourer(client, 3_000_000, 60_000, 'shutdown');
  lab.wait(0.002);
  down(lab.v1);
  lab.wait(3);
  up(lab.v1);
  lab.wait(60);
  expect([drink.got, drink.eof, drink.wrong]).toEqual([3_000_000, true, -1]);
});
