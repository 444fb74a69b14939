// The checkers of a NIC, each with the fault that it must see.

import { expect, test } from 'vitest';
import { portOf } from '../../src/drivers/nic/nic.ts';
import { checkKernel } from '../../src/lab/checkers.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import { XOFF_DRV } from '../../src/net/flags.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import type { Checkers } from '../../src/probe/checkers.ts';
import { runText } from '../../src/shell/testing/run.ts';

const machine = `
nics:
  eth0: { profile: generic, offload: { queuesPerStation: 1 } }
cables:
  - between: [eth0, far/eth0]
    rate: 1Gbit
peers:
  far: { addresses: [10.0.0.2/24] }
`;
const script = `
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
for n in 1 2; do
  ip link add mv$n link eth0 type macvlan mode bridge
  ip link set mv$n up
done
ip addr add 10.0.0.1/24 dev mv1
ping -c 3 -i 0.2 -q -I mv1 10.0.0.2 > /dev/null
flood -n 200 --cost 1us 10.0.0.2 > /dev/null
sleep 1
`;

async function lab(): Promise<{ model: Model; eth0: NetDevice; checkers: Checkers }> {
  const model = createModel({ seed: 1, machine: parseMachine(machine, 'm.yaml') });
  const checkers = checkKernel(model.kernel);
  await runText(script, { kernel: model });
  return { model, eth0: model.os.initNs.dev('eth0') as NetDevice, checkers };
}

const about = (checkers: Checkers, what: string): string[] => checkers.verify().filter((l) => l.startsWith(what));

test('nothing is wrong with an offloaded flood', async () => {
  const { checkers, eth0 } = await lab();
  expect(eth0.describeOffload?.(eth0)?.stationsUsed).toBe(2);
  expect(checkers.verify().filter((l) => /^(bql|wake|queues)/.test(l))).toEqual([]);
});

test('bytes that the limits count and no ring holds', async () => {
  const { checkers, eth0 } = await lab();
  const ring = portOf(eth0).tx[4];
  ring.bql?.queued(100);
  expect(about(checkers, 'bql')).toEqual(['bql: eth0 txq 4 says that 100 bytes are in flight, and its rings hold 0']);
  (ring.bql as { numCompleted: number }).numCompleted += 200;
  expect(about(checkers, 'bql')).toEqual(['bql: eth0 txq 4 has completed more than it sent']);
});

test('a queue that nobody wakes', async () => {
  const { checkers, eth0 } = await lab();
  eth0.txq[4].state |= XOFF_DRV;
  expect(about(checkers, 'wake')).toEqual(['wake: eth0 txq 4 is stopped, and nothing is under way that would wake it']);
});

test('two stations with one queue', async () => {
  const { checkers, eth0 } = await lab();
  const first = portOf(eth0).stations?.fabric.all[0];
  (first?.tx as { offset: number }).offset = 5;
  expect(about(checkers, 'queues')).toEqual(['queues: txq 5 of eth0 belongs to mv1 and to mv2']);
});
