// What senders are told when a qdisc is full, and when a device without one has its queue stopped: measured on Linux 6.18
// (a veth whose consumer starves, directly and through a macvlan on top).

import { describe, expect, test } from 'vitest';
import { macvlanLink } from '../drivers/macvlan/macvlan.ts';
import { addLink } from '../drivers/testing.ts';
import { openSocket } from '../inet/socket-api.ts';
import type { SockAddr, Socket } from '../inet/socket-types.ts';
import { connectPair, Drinker, tcpLab } from '../inet/tcp-testing.ts';
import { addr, cable, makeKernel, up } from '../inet/testing.ts';
import { graftRoot } from '../net/dev-queues.ts';
import { XOFF_DRV } from '../net/flags.ts';
import { LOG_CRIT } from '../net/log.ts';
import { ROOT } from '../net/qdisc.ts';
import { send } from '../net/testing.ts';
import { wakeTxQueue } from '../net/tx.ts';
import { ip4Of } from '../wire/text.ts';
import { attachSched } from './catalogue.ts';
import { options } from './fifo.ts';

const ENOBUFS = -105;
const ENETDOWN = -100;

/**
 * A stopped txq below four sorts of sender; with a pfifo of one frame, which is full, or without a qdisc. The senders are on
 * the device itself, or on a macvlan on top of it.
 */
function stopped(queue: boolean, onTop: boolean) {
  const kernel = makeKernel();
  attachSched(kernel);
  const a = kernel.createNs('a');
  const [v0, v1] = cable(a, 'v0', kernel.createNs('b'), 'v1');
  for (const dev of [v0, v1]) up(dev);
  const from = onTop ? addLink(a, macvlanLink, 'm0', { link: v0, data: { mode: 4 }, up: true }) : v0;
  addr(from, '10.0.0.1/24');
  addr(v1, '10.0.0.2/24');
  const to: SockAddr = { addr4: ip4Of('10.0.0.2'), port: 9, ifindex: 0, protocol: 0, mac: 0 };
  const open = (kind: Parameters<typeof openSocket>[2], protocol: number): Socket =>
    openSocket(kernel, a, kind, protocol) as Socket;
  const udp = open('udp4', 0);
  const wait = (): void => kernel.loop.runUntil(kernel.loop.now + 1e9);
  udp.sendTo(new Uint8Array(10), to); // finds the neighbour
  wait();
  if (queue)
    graftRoot(
      v0,
      kernel.qdiscKinds.get('pfifo')!.create(v0, v0.txq[0], options(1), { handle: 0x10000, parent: ROOT }),
      () => {},
    );
  v0.txq[0].state = XOFF_DRV;
  if (queue) udp.sendTo(new Uint8Array(10), to); // waits at the head, and counts: the queue of one is full
  const packet = open('packet', 0x0800);
  packet.bind({ addr4: 0, port: 0, ifindex: from.ifindex, protocol: 0x0800, mac: 0 });
  const told = open('udp4', 0);
  told.setOption('IP_RECVERR', 1);
  const icmp = new Uint8Array([8, 0, 0xf7, 0xff, 0, 0, 0, 0]);
  const head = new Uint8Array(60);
  head.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  const before = from.stats.txDropped;
  const answers = {
    udp: udp.sendTo(new Uint8Array(10), to),
    recverr: told.sendTo(new Uint8Array(10), to),
    raw: open('raw4', 1).sendTo(icmp, to),
    packet: packet.sendTo(head, null),
  };
  return { kernel, v0, answers, dropped: onTop ? from.stats.txDropped - before : 4 };
}

describe.each([false, true])('a macvlan on top: %s', (onTop) => {
  test('a full qdisc: the sender hears of it only with IP_RECVERR, or as a packet socket', () => {
    const { v0, answers, dropped } = stopped(true, onTop);
    expect(answers).toEqual({ udp: 10, recverr: ENOBUFS, raw: 8, packet: ENOBUFS });
    expect([v0.qdisc.drops, v0.coreTxDropped, dropped]).toEqual([4, 0, 4]);
  });

  test('no qdisc and a stopped queue: ENETDOWN for all, counted on the device, and a line in the log', () => {
    const { kernel, v0, answers, dropped } = stopped(false, onTop);
    expect(answers).toEqual({ udp: ENETDOWN, recverr: ENETDOWN, raw: ENETDOWN, packet: ENETDOWN });
    expect([v0.coreTxDropped, dropped]).toEqual([4, 4]);
    const lines = kernel.log.since(0).filter((line) => line.text === 'Virtual device v0 asks to queue packet!');
    expect(lines.map((line) => line.level)).toEqual([LOG_CRIT, LOG_CRIT, LOG_CRIT, LOG_CRIT]);
  });
});

test('TCP on a full qdisc: asked again after 200 ms and then every 500 ms, without backing off', () => {
  const lab = tcpLab();
  attachSched(lab.kernel);
  const { v0 } = lab;
  const { client, server } = connectPair(lab);
  const drink = new Drinker(server);
  const full = lab.kernel.qdiscKinds.get('pfifo')!.create(v0, v0.txq[0], options(1), { handle: 0x10000, parent: ROOT });
  graftRoot(v0, full, () => {});
  v0.txq[0].state = XOFF_DRV;
  send(v0);
  const from = lab.kernel.loop.now;
  client.send(new Uint8Array(10).fill(0));
  expect([client.info().unacked, full.drops]).toEqual([0, 1]);
  const times: number[] = [];
  for (let drops = 1; times.length < 4; lab.wait(0.01)) {
    if (full.drops > drops) times.push(Math.round((lab.kernel.loop.now - from) / 1e7) * 10);
    drops = full.drops;
  }
  const waits = times.map((t, i) => Math.round((t - (times[i - 1] ?? 0)) / 100) * 100);
  expect(waits).toEqual([200, 500, 500, 500]);
  expect(client.info().backoff).toBe(0);
  wakeTxQueue(v0.txq[0]);
  lab.wait(5);
  expect(drink.got).toBe(10);
});
