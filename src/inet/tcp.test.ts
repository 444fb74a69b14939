// TCP between two hosts of the model: what each call answers, which segments go, and that bytes arrive once and in order
// whatever the cable does. The sequences are those of a 6.18 kernel (test/live compares them where there is one).

import { describe, expect, test } from 'vitest';
import { at, B, connectPair, Drinker, leftovers, Pourer, segments, tcpLab, weather } from './tcp-testing.ts';

describe('a conversation', () => {
  test('three segments, a few bytes, four segments', () => {
    const lab = tcpLab();
    const seen = segments(lab.v0);
    const { client, server, listener } = connectPair(lab);
    listener.close();
    const drink = new Drinker(server);
    new Pourer(client, 6, 6, 'shutdown');
    lab.wait(0.01);
    expect([drink.got, drink.eof, drink.wrong]).toEqual([6, true, -1]);
    server.close();
    lab.wait(0.01);
    expect(seen).toEqual([
      '> S 0:0',
      '< S. 0:0 ack 1',
      '> . 1:1 ack 1',
      '> P. 1:7 ack 1',
      '> F. 7:7 ack 1',
      '< . 1:1 ack 7',
      '< F. 1:1 ack 8',
      '> . 8:8 ack 2',
    ]);
    client.close();
    lab.wait(61);
    expect(leftovers(lab)).toEqual([]);
  });

  test('a closed port refuses', () => {
    const lab = tcpLab();
    const seen = segments(lab.v0);
    const s = lab.socket(lab.a);
    expect(s.connect(at(B, 9))).toBe(-115);
    expect(s.connect(at(B, 9))).toBe(-114);
    let woken = 0;
    s.onWritable = () => woken++;
    lab.wait(0.01);
    expect([woken, s.takeError(), s.takeError()]).toEqual([1, 111, 0]);
    expect(seen).toEqual(['> S 0:0', '< R. 0:0 ack 1']);
    s.close();
    expect(leftovers(lab)).toEqual([]);
  });

  test('a megabyte each way, all of it', () => {
    const lab = tcpLab();
    const { client, server, listener } = connectPair(lab);
    const drinks = [new Drinker(server), new Drinker(client)];
    new Pourer(client, 1_000_000, 65536, 'shutdown');
    new Pourer(server, 1_000_000, 9000, 'shutdown');
    lab.wait(5);
    expect(drinks.map((d) => [d.got, d.eof, d.wrong])).toEqual([
      [1_000_000, true, -1],
      [1_000_000, true, -1],
    ]);
    client.close();
    server.close();
    listener.close();
    lab.wait(61);
    expect(leftovers(lab)).toEqual([]);
  });
});

describe('bytes arrive once and in order', () => {
  for (let seed = 1; seed <= 24; seed++) {
    const loss = [0, 5, 20, 100][seed % 4];
    const sack = seed % 3 !== 0;
    test(`seed ${seed}: loss ${loss}/1000, sack ${sack}`, () => {
      const lab = tcpLab(seed, 200_000, seed % 2 === 0);
      for (const ns of [lab.a, lab.b]) {
        const set = (ns.inet as { set: { tcpSack: number; tcpTimestamps: number } }).set;
        set.tcpSack = sack ? 1 : 0;
        set.tcpTimestamps = seed % 5 === 0 ? 0 : 1;
      }
      const w = { loss, repeat: seed % 7 === 0 ? 0 : 10, late: 30, lateNs: 3_000_000 };
      weather(lab.v0, w);
      weather(lab.v1, w);
      const { client, server, listener } = connectPair(lab);
      const drinks = [new Drinker(server), new Drinker(client)];
      const pourers = [new Pourer(client, 400_000, 20_000, 'shutdown'), new Pourer(server, 50_000, 777, 'shutdown')];
      for (let i = 0; i < 600 && !drinks.every((d) => d.eof || d.error !== 0); i++) lab.wait(1);
      expect([drinks.map((d) => [d.got, d.eof, d.wrong, d.error]), pourers.map((p) => p.error)]).toEqual([
        [
          [400_000, true, -1, 0],
          [50_000, true, -1, 0],
        ],
        [0, 0],
      ]);
      client.close();
      server.close();
      listener.close();
      lab.wait(400);
      expect(leftovers(lab)).toEqual([]);
    });
  }
});
