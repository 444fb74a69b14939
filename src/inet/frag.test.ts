// Reassembly: order, duplicates, overlaps, time; and macvlan's door.

import { expect, test } from 'vitest';
import type { NetDevice } from '../net/netdev.ts';
import { copyOf } from '../wire/bytes.ts';
import { frame } from '../wire/frame.ts';
import type { RawSocket } from './raw.ts';
import { openSocket } from './socket-api.ts';
import { inetNs } from './state.ts';
import { addr, cable, makeKernel, up, watch } from './testing.ts';

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [e0, e1] = cable(a, 'e0', b, 'e1');
  up(e0);
  up(e1);
  addr(e0, '10.0.0.1/24');
  addr(e1, '10.0.0.2/24');
  const sock = openSocket(kernel, b, 'raw4', 200) as RawSocket;
  /** A fragment of protocol 200 arrives at e1: `from` to `to` in bytes. */
  const inject = (from: number, to: number, last = false, id = 5): void => {
    const payload = Uint8Array.from({ length: to - from }, (_, i) => from + i);
    send(
      e1,
      frame({
        eth: { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' },
        ip4: { src: '10.0.0.1', dst: '10.0.0.2', proto: 200, id, mf: !last, fragOff: from },
        payload,
      }),
    );
  };
  const received = (): number[][] => {
    const out: number[][] = [];
    for (let m = sock.recv(); m !== null; m = sock.recv()) out.push([...m.data.slice(20)]);
    return out;
  };
  return { kernel, a, b, e0, e1, inject, received };
}

function send(dev: NetDevice, bytes: Uint8Array): void {
  const skb = dev.core.kernel.skbs.alloc(bytes.length)!;
  skb.bytes.set(bytes, skb.off);
  dev.core.kernel.rx.ethTypeTrans(skb, dev);
  dev.core.kernel.rx.netifReceiveSkb(skb);
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('in any order, with duplicates', () => {
  const { kernel, b, inject, received } = lab();
  inject(16, 20, true);
  inject(0, 8);
  inject(0, 8);
  expect(received()).toEqual([]);
  inject(8, 16);
  expect(received()).toEqual([upTo(20)]);
  const ip = inetNs(b).ip;
  expect([ip.ReasmReqds, ip.ReasmOKs, ip.ReasmFails]).toEqual([4, 1, 0]);
  expect(kernel.skbs.live).toBe(0);
});

test('an overlap ends the whole datagram', () => {
  const { kernel, b, inject, received } = lab();
  inject(0, 16);
  inject(8, 24);
  inject(24, 30, true);
  expect(received()).toEqual([]);
  expect(inetNs(b).ip.ReasmFails).toBe(1);
  kernel.loop.runUntil(31e9);
  expect(kernel.skbs.live).toBe(0);
});

test('what is not whole after 30 s is given up, and the sender told', () => {
  const { kernel, b, e1, inject } = lab();
  const seen = watch(e1);
  inject(0, 64);
  inject(80, 88, false, 6);
  kernel.loop.runUntil(31e9);
  expect(seen.filter((l) => l.includes('icmp'))).toEqual(['30000.0 > 10.0.0.2 > 10.0.0.1 icmp 11/1 len 92']);
  expect(inetNs(b).ip.ReasmTimeout).toBe(2);
  expect(inetNs(b).reasm.bytes).toBe(0);
  kernel.loop.runUntil(40e9);
  expect(kernel.skbs.live).toBe(0);
});

test("macvlan's door: whole frames pass, fragments come out as one frame with its Ethernet header", () => {
  const { kernel, b, e1 } = lab();
  const make = (from: number, to: number, last: boolean): ReturnType<typeof kernel.skbs.alloc> => {
    const bytes = frame({
      eth: { dst: '01:00:5e:00:00:05', src: '02:00:00:00:00:01' },
      ip4: { src: '10.0.0.1', dst: '224.0.0.5', proto: 200, id: 9, mf: !last, fragOff: from },
      payload: Uint8Array.from({ length: to - from }, (_, i) => from + i),
    });
    const skb = kernel.skbs.alloc(bytes.length)!;
    skb.bytes.set(bytes, skb.off);
    kernel.rx.ethTypeTrans(skb, e1);
    return skb;
  };
  const defrag = kernel.hooks.defrag!;
  expect(defrag(make(0, 64, false)!, b)).toBeNull();
  const whole = defrag(make(64, 100, true)!, b)!;
  expect([...copyOf(whole.bytes, whole.off + 20, whole.len - 20)]).toEqual(upTo(100));
  expect(whole.bytes[whole.mac]).toBe(1);
  expect([whole.pktType, whole.protocol, whole.off - whole.mac]).toEqual([2, 0x0800, 14]);
  kernel.skbs.free(whole, 0);
  expect(kernel.skbs.live).toBe(0);
});
