// L2 forwarding offload against a real kernel's recorded answers (oracle/truth-6.1.json, Debian's 6.1 with the fixture NIC):
// the scripts that the guest ran are run in the model, and every case is compared. `npm run oracle:offload` records anew.

import { beforeAll, describe, expect, test } from 'vitest';
import { busiest, confText, sources, xps } from './compare.ts';
import { runInModel } from './model-arm.ts';
import { type Case, lifeCycle, type Matrix, parseCases, parseMatrices } from './parse.ts';
import { caseOf, MINUTES, truth } from './truth.ts';

describe('a: life cycle: which operation, which argument, which return, and the state after it', () => {
  let mine: Case[] = [];
  beforeAll(async () => {
    mine = parseCases(await runInModel('a'));
  }, MINUTES);
  test.each(truth.a_life_cycle.map((c) => [c.case, c] as const))('%s', (name, expected) => {
    expect(lifeCycle(caseOf(mine, name))).toEqual(lifeCycle(expected));
  });
});

describe('b: who reaches whom: mode, offload, switch, wire, cell by cell', () => {
  let mine: Matrix[] = [];
  beforeAll(async () => {
    mine = parseMatrices(await runInModel('b'), '@@CONF ');
  }, MINUTES);
  test.each(truth.b_modes.map((m) => [confText(m), m] as const))('%s', (name, expected) => {
    const found = mine.find((m) => confText(m) === name);
    expect([found?.ping, found?.l2]).toEqual([expected.ping, expected.l2]);
  });
});

test('offload over a VEPA switch delivers what software delivers, on either wire', async () => {
  const find = (mode: string, offload: string, hwmode: string, wire: string): Matrix | undefined =>
    truth.b_modes.find((m) => confText(m) === [mode, offload, hwmode, wire].join(', '));
  let compared = 0;
  for (const mode of ['private', 'vepa', 'bridge']) {
    for (const wire of ['plain', 'hairpin']) {
      const on = find(mode, 'on', 'vepa', wire);
      const off = find(mode, 'off', 'vepa', wire) ?? find(mode, 'off', 'veb', wire);
      if (on === undefined || off === undefined) continue;
      compared++;
      expect([on.ping, on.l2]).toEqual([off.ping, off.l2]);
    }
  }
  expect(compared).toBe(6);
});

describe('c: which txq carries whose frames', () => {
  let mine: Case[] = [];
  beforeAll(async () => {
    mine = parseCases(await runInModel('c'));
  }, MINUTES);
  const plain = truth.c_tx_queue.filter((c) => !/^C(0|8|9|9b|10) /.test(c.case)); // those have tests of their own below
  test.each(plain.map((c) => [c.case, c] as const))('%s', (name, expected) => {
    expect(sources(expected).length).toBeGreaterThan(0);
    expect(sources(caseOf(mine, name)).sort()).toEqual(sources(expected).sort());
  });

  test('C0 the port has mq with a default qdisc for each queue, the macvlan noqueue', () => {
    const lines = (cases: readonly Case[]): string[] =>
      caseOf(cases, 'C0 qdisc layout').steps.flatMap((s) => (s.out ?? []).map((l) => l.trim()));
    expect(lines(truth.c_tx_queue)).toHaveLength(19);
    expect(lines(mine)).toEqual(lines(truth.c_tx_queue));
  });

  test('C10 frames of another priority, to a group and to all leave by the station’s queues too', () => {
    const row = caseOf(truth.c_tx_queue, 'C10 skb priority, VLAN tagged and multicast frames');
    for (const of of [row, caseOf(mine, row.case)]) {
      const lines = of.steps.flatMap((s) => s.out ?? []);
      expect(lines[0]).toMatch(/^3 packets transmitted, 3 received, 0% packet loss/);
      const frames = [...(lines.at(-1) ?? '').matchAll(/ (q\d+)=(\d+)/g)].map((m) => [m[1], Number(m[2])] as const);
      for (const [q] of frames) expect(['q4', 'q5']).toContain(q);
      expect(frames.reduce((sum, [, n]) => sum + n, 0)).toBeGreaterThanOrEqual(3); // and ARP
    }
  });

  test('C8 XPS: on the port’s own queue it is the port’s, on a station’s queue that macvlan’s alone', () => {
    const row = caseOf(truth.c_tx_queue, 'C8 XPS on the lower device');
    expect(xps(row)).toHaveLength(17);
    expect(xps(caseOf(mine, row.case))).toEqual(xps(row));
  });

  test('C9 a connected socket keeps its queue when the offload goes, and when another macvlan gets the station', () => {
    const lines = caseOf(mine, 'C9 cached queue of a connected socket after toggling offload off').steps.flatMap(
      (s) => s.out ?? [],
    );
    const most = lines.filter((l) => l.includes('src 02:00:00:00:00:a0')).map(busiest);
    expect(most.length).toBeGreaterThan(2);
    expect(new Set(most).size).toBe(1);
    expect(['q4', 'q5']).toContain(most[0]);
  });

  test('C9b a TCP connection chooses anew when the offload goes', () => {
    const row = truth.c_tx_queue.find((c) => c.case.startsWith('C9b')) as Case;
    for (const of of [row, caseOf(mine, row.case)]) {
      const lines = of.steps.flatMap((s) => s.out ?? []);
      const queues = lines.filter((l) => l.includes('src 02:00:00:00:00:a0')).map(busiest);
      expect(queues).toHaveLength(2);
      expect(['q4', 'q5']).toContain(queues[0]);
      expect(['q0', 'q1', 'q2', 'q3']).toContain(queues[1]);
      expect(lines.join('\n')).toMatch(/tcpcli wrote=(\d+) acked_by_peer=\1 err=none/);
    }
  });
});
