// What model-alloc runs in a process of its own, with a young generation so large that nothing is collected meanwhile:
// frames flow for a while, and how much larger the heap has become is what they allocated. Prints one line of JSON:
// per path the frames and the bytes of each window.

import { getHeapStatistics } from 'node:v8';
import { runText } from '../../src/shell/testing/run.ts';
import { pair, siblings } from '../benches/macvlan.ts';
import { stations } from '../benches/offload.ts';
import { bridged } from '../benches/udp-vs-ns3.ts';
import { address, BenchLab, endpoint, endpoint6, Flow } from '../lab.ts';

const GAP_NS = 4000;
const PORT = 9;
const WINDOWS = 5;

/** A path that does allocate, because its reader calls recv(): shows that the measurement would see it. */
export const CONTROL = 'control: with recv()';

export interface Path {
  path: string;
  frames: number;
  bytes: number[];
}

interface Lab {
  lab: BenchLab;
  flows: Flow[];
}

/** Bytes of the heap and of array buffers outside of it. */
function used(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** Senders that never end; `each` frames per flow in a window. `copies`: receivers of a frame. `inPlace`: no recv(). */
function windows(path: string, { lab, flows }: Lab, each: number, copies = 1, inPlace = true): Path {
  const loop = lab.model.loop;
  const data = new Uint8Array(64);
  const next = (flow: Flow): void => {
    flow.send(data);
    loop.post(GAP_NS * copies, next, flow, 0);
  };
  for (const flow of flows) {
    if (inPlace) flow.readInPlace();
    loop.post(0, next, flow, 0);
  }
  const spanNs = each * GAP_NS * copies;
  for (let i = 0; i < 4; i++) loop.runUntil(loop.now + spanNs); // the compiler has seen it all, queues have grown
  used();
  const mark = used();
  const own = used() - mark; // what asking costs
  const bytes: number[] = [];
  let frames = 0;
  for (let i = 0; i < WINDOWS; i++) {
    const received = flows.reduce((sum, flow) => sum + flow.received, 0);
    const until = loop.now + spanNs;
    const before = used();
    loop.runUntil(until);
    bytes.push(used() - before - own);
    frames = (flows.reduce((sum, flow) => sum + flow.received, 0) - received) * copies;
  }
  lab.close();
  return { path, frames, bytes };
}

function flood(count: number): Lab {
  const { lab, hosts } = siblings(count, 2);
  const from = lab.udp(hosts[0], 0, PORT + 1); // its own copy of the broadcast finds no socket
  from.setOption('SO_BROADCAST', 1);
  return { lab, flows: [new Flow(from, lab.udp(hosts[1], 0, PORT), endpoint(address(255, 255), PORT))] };
}

/** An offloaded macvlan with a qdisc of its own: the cure of ENETDOWN. */
async function cured(qdisc: string): Promise<Lab> {
  const made = stations(1, true);
  const { output } = await runText(`ip netns exec pod0 tc qdisc add dev mv0 root ${qdisc}`, { kernel: made.lab.model });
  if (output !== '') throw new Error(output);
  return made;
}

/** Two hosts and a router between them, over IPv6. */
function routed6(): Lab {
  const lab = new BenchLab(undefined, undefined, true);
  const [a, r, b] = ['a', 'r', 'b'].map((name) => lab.netns(name));
  lab.addVeth(a, 'eth0', r, 'r0');
  lab.addVeth(b, 'eth0', r, 'r1');
  lab.sysctl('net/ipv6/conf/all/forwarding', '1', r);
  const at = (host: number, net: number): string => `fd00:${net}::${host}`;
  for (const [ns, dev, addr] of [
    [a, 'eth0', at(2, 1)],
    [r, 'r0', at(1, 1)],
    [r, 'r1', at(1, 2)],
    [b, 'eth0', at(2, 2)],
  ] as const) {
    lab.addAddress6(ns, dev, addr, 64);
    lab.setUp(ns, dev);
  }
  lab.addDefault6(a, at(1, 1));
  lab.addDefault6(b, at(1, 2));
  lab.run(20e9); // duplicate address detection, reports and solicitations are over
  return { lab, flows: [new Flow(lab.udp6(a, PORT + 1), lab.udp6(b, PORT), endpoint6(at(2, 2), PORT))] };
}

const frames = Number(process.argv[2] ?? 100_000);
console.log(
  JSON.stringify([
    windows('cables and a switch', bridged(8), Math.ceil(frames / 8)),
    windows('macvlan to macvlan', pair(2), frames),
    windows('broadcast to 16 macvlans', flood(16), Math.ceil(frames / 16), 16),
    windows('an offloaded macvlan to the wire', stations(1, true), frames),
    windows('the same macvlan in software', stations(1, false), frames),
    windows('an offloaded macvlan with fq_codel', await cured('fq_codel'), frames),
    windows('an offloaded macvlan with tbf', await cured('tbf rate 9gbit burst 1mb latency 10ms'), frames),
    windows('IPv6 through a router', routed6(), frames),
    windows(CONTROL, pair(2), frames, 1, false),
  ]),
);
