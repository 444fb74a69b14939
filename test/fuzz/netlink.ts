// The requests that a real kernel was sent (test/golden/netlink), with bytes changed, cut off or added, into a lab that has one of
// everything while pings run in it: whatever devices it makes, changes and deletes by that, no exception, and all rules hold.

import assert from 'node:assert/strict';
import { Stream } from '../../src/base/random.ts';
import type { NlProtocol } from '../../src/lab/os.ts';
import { CAPTURES, capture } from '../netlink-captures.ts';
import { Zoo } from './zoo.ts';

const requestsPerRound = 400;

const requests = CAPTURES.flatMap((name) => {
  const { protocol, exchanges } = capture(name);
  return exchanges.map(({ request }) => ({ protocol: protocol as NlProtocol, request }));
}).filter(({ request }) => request.length > 0);

/** A few bytes of a datagram replaced, mostly by small numbers, as indexes, lengths and types are. */
function changed(random: Stream, request: Uint8Array): Uint8Array {
  const bytes = request.slice();
  for (let left = random.below(4); left > 0; left--) {
    const small = random.chance(2, 3);
    bytes[random.below(bytes.length)] = random.below(small ? 32 : 256);
  }
  // An interface index stands here in most requests: mostly one that there is.
  if (bytes.length > 20 && random.chance(1, 2)) bytes.set([1 + random.below(24), 0, 0, 0], 20);
  if (random.chance(1, 12)) return bytes.slice(0, random.below(bytes.length + 1));
  if (random.chance(1, 12)) return Uint8Array.from([...bytes, ...bytes.slice(random.below(bytes.length))]);
  return bytes;
}

/** One lab, `requestsPerRound` requests; how many those are. */
export async function netlinkRound(seed: number): Promise<number> {
  assert.ok(requests.length > 50);
  const zoo = await new Zoo(seed).build();
  const random = new Stream(seed, 'fuzz:netlink');
  const spaces = zoo.namespaces();
  const sockets = spaces.flatMap((ns) => ([0, 16] as const).map((protocol) => zoo.model.os.netlink(ns, protocol)));
  const listener = zoo.model.os.netlink(zoo.model.os.initNs, 0);
  for (const group of [1, 3, 5, 7]) listener.join(group);
  const pings = ['ip netns exec a ping -q -i 0.01 -c 500 10.1.0.1', 'ping -q -i 0.01 -c 500 -I 10.3.0.1 10.3.0.2'];
  await zoo.session.runLine(`${pings.join(' & ')} & ip netns exec b tcpdump -ni any > /tmp/x 2>&1 &`);
  let answers = 0;
  for (let i = 0; i < requestsPerRound; i++) {
    const { protocol, request } = requests[random.below(requests.length)];
    const socket = sockets[random.below(spaces.length) * 2 + (protocol === 16 ? 1 : 0)];
    socket.send(changed(random, request));
    while (socket.recv() !== null) answers++;
    if (random.chance(1, 10)) await zoo.session.runLine(`sleep 0.${String(random.below(200)).padStart(3, '0')}`);
    if (zoo.session.failure !== null) break;
    if (random.chance(1, 8)) while (listener.recv() !== null);
  }
  assert.ok(answers > 0, `seed ${seed}: nothing was answered`);
  if (zoo.session.failure === null) await zoo.session.runLine('kill -9 $(jobs -p); wait');
  for (const socket of [...sockets, listener]) socket.close();
  zoo.end();
  return requestsPerRound;
}
