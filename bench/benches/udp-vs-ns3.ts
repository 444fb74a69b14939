// UDP of 64 bytes from socket to socket, eight flows between sixteen hosts on a learning bridge, against ns-3 doing the
// same (bench/ns3/bridge16.cc). Datagrams delivered per second of wall time.
// The same on both sides: 16 hosts, each on a cable of 10 Gbit/s and 500 ns to one 16-port learning bridge; host i sends to
// host i + 8, a datagram of 64 bytes every 4 us, the flows side by side; ARP and the bridge's table are warm; the receiver
// reads from its socket, and every datagram must arrive. Not the same: our hosts go through qdiscs, BQL, rings and
// moderated interrupts (a poll takes the frames that came since the last one, where ns-3 has an event for each), compute
// every checksum and copy the data to the reader; ns-3's CSMA cable senses its carrier, and its checksums are off.

import { type Bench, Skip, seconds } from '../harness.ts';
import { address, BenchLab, drive, endpoint, Flow, switchedMachine } from '../lab.ts';
import { compileBridge16, ns3Version, runBridge16 } from '../ns3/ns3.ts';

const HOSTS = 16;
const PORT = 9;
const GAP_NS = 4000;
const RATE_BPS = 10e9;
const DELAY_NS = 500;

/** Sixteen hosts, each on a cable to one switch, and flows from host i to host i + 8. */
export function bridged(flowCount: number): { lab: BenchLab; flows: Flow[] } {
  const lab = new BenchLab(switchedMachine(HOSTS, RATE_BPS, DELAY_NS));
  const hosts = Array.from({ length: HOSTS }, (_, i) => {
    const ns = lab.netns(`h${i}`);
    lab.moveLink(lab.host, `eth${i}`, ns);
    lab.addAddress(ns, `eth${i}`, address(0, i + 1), 24);
    lab.setUp(ns, `eth${i}`);
    return ns;
  });
  lab.run(40e9); // links come up, the bridge's ports begin to forward
  const flows = Array.from({ length: flowCount }, (_, i) => {
    const to = i + HOSTS / 2;
    const from = lab.udp(hosts[i], 0, PORT);
    return new Flow(from, lab.udp(hosts[to], 0, PORT), endpoint(address(0, to + 1), PORT));
  });
  drive(lab, flows, 1, 1e9, new Uint8Array(64)); // ARP, and the bridge's table
  return { lab, flows };
}

/** null: ns-3 is not here, and only our own number is measured. */
function ns3Program(): string | null {
  try {
    return compileBridge16();
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    console.error(`${error.message}: no baseline`);
    return null;
  }
}

export const udpVsNs3: Bench = {
  name: 'model-udp-vs-ns3',
  what: 'UDP, 64 bytes, 8 flows over a 16-port bridge',
  unit: 'packets/s',
  better: 'higher',
  goal: { of: 'ratio', atLeast: 4, gate: true, slack: 1.25 },
  prepare(scale) {
    const program = ns3Program();
    const each = Math.round(25_000 * scale);
    const { lab, flows } = bridged(8);
    const data = new Uint8Array(64);
    return {
      value: () => {
        let delivered = 0;
        const took = seconds(() => {
          delivered = drive(lab, flows, each, GAP_NS, data);
        });
        return delivered / took;
      },
      baseline: program === null ? null : { name: ns3Version(), run: () => runBridge16(program, 8, each * 8).pps },
      close: () => lab.close(),
    };
  },
};
