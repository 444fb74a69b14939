// A lab with one of everything, under the checkers: NICs on a cable and on a switch with a hairpin port and a host behind
// it, veth pairs, a bridge, macvlans of every mode in namespaces, a macvtap. What the fuzz tests attack.
//   npm run fuzz -- --kind scripts --runs 100000 --seed 7000
// runs longer, or one seed again (--runs 1 with the seed that a failure names).

import assert from 'node:assert/strict';
import { checkKernel } from '../../src/lab/checkers.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import type { NsRef } from '../../src/lab/os.ts';
import { Session } from '../../src/shell/session.ts';

const machine = `
nics:
  eth0: { profile: ixgbe, unicastFilters: 3 }
  eth1: { profile: i40e }
  eth2: { profile: generic }
cables:
  - between: [eth0, eth1]
    delay: 2us
    loss: 1/50
  - between: [eth2, sw/p1]
  - between: [sw/p2, far/eth0]
switches:
  sw: { ports: [p1, p2, p3], hairpin: [p1] }
peers:
  far: { addresses: [10.2.0.2/24] }
`;

const setup = `
for n in a b c; do ip netns add $n; ip -n $n link set lo up; done
ip link add br0 type bridge
ip link add v0 type veth peer name v1
ip link add w0 type veth peer name w1
ip link add p0 type veth peer name p1
for d in eth0 eth1 eth2 br0 v0 v1 w0 w1 p0 p1; do ip link set $d up; done
ip link set v0 master br0; ip link set w0 master br0
bridge link set dev w0 hairpin on
ip link add mp0 link eth0 type macvlan mode private
ip link add mv0 link eth0 type macvlan mode vepa
ip link add mb0 link eth0 type macvlan mode bridge
ip link add mb1 link eth0 type macvlan mode bridge
ip link add ms0 link eth0 type macvlan mode source
ip link set ms0 type macvlan macaddr add 02:00:00:00:00:01
ip link add mt0 link p1 type macvlan mode passthru
ip link add bb0 link br0 type macvlan mode bridge
ip link add mm0 link bb0 type macvlan mode bridge
ip link add tap0 link eth2 type macvtap mode vepa
ip link set mp0 netns a; ip link set mv0 netns b; ip link set mb0 netns a; ip link set mb1 netns b; ip link set ms0 netns c
i=10
for d in a/mp0 b/mv0 a/mb0 b/mb1 c/ms0; do
  i=$((i+1)); ip -n \${d%/*} link set \${d#*/} up; ip -n \${d%/*} addr add 10.1.0.$i/24 dev \${d#*/}
done
ip addr add 10.1.0.1/24 dev eth1; ip addr add 10.2.0.1/24 dev eth2; ip addr add 10.3.0.1/24 dev br0; ip addr add 10.3.0.2/24 dev v1
for d in mt0 bb0 mm0 tap0; do ip link set $d up; done
sysctl -qw net.ipv4.ip_forward=1
sleep 2
`;

/** What a round may take, so that a storm that it makes ends: the shell's limit stands in for it in scripts. */
const maxEvents = 400_000;

const mostOutput = 8_000_000;

export class Zoo {
  readonly model: Model;
  readonly session: Session;
  readonly seed: number;
  output = '';
  private readonly check: ReturnType<typeof checkKernel>;

  constructor(seed: number) {
    this.seed = seed;
    this.model = createModel({ seed, machine: parseMachine(machine, 'machine.yaml') });
    this.check = checkKernel(this.model.kernel);
    const write = (_stream: 'out' | 'err', text: string): void => {
      this.output += text;
      // A capture of frames that go round prints without end.
      if (this.output.length > mostOutput) this.output = this.output.slice(-mostOutput / 4);
    };
    this.session = new Session({
      kernel: this.model,
      terminal: { write, isTty: false, columns: 80 },
      seed,
      maxEvents,
      maxCommands: 20_000,
    });
    this.model.os.nsOfPid = (pid) => this.session.computer.nsOfPid(pid);
  }

  async build(): Promise<this> {
    const { exitCode } = await this.session.runLine(setup);
    assert.deepEqual([exitCode, this.output], [0, ''], `seed ${this.seed}`);
    return this;
  }

  /** The namespaces that the script has, the first among them. */
  namespaces(): NsRef[] {
    const { os } = this.model;
    return [os.initNs, ...os.nsNames().map((name) => os.nsByName(name) as NsRef)];
  }

  /** Steps the loop for some virtual time, or until the round has had its share of events. */
  run(ns: number): void {
    const { loop } = this.model;
    const until = loop.now + ns;
    for (let i = 0; i < maxEvents && loop.nextTime() >= 0 && loop.nextTime() <= until; i++) loop.step();
  }

  /** Every rule held, and nothing of the lab is left when it is gone. */
  end(note = ''): void {
    const what = `seed ${this.seed} ${note}`;
    whole(this.check.verify(), what);
    this.model.close();
    this.run(5e9);
    whole(this.check.verifyEmpty(), what);
  }
}

function whole(complaints: readonly unknown[], what: string): void {
  assert.ok(complaints.length === 0, `${what}: ${JSON.stringify(complaints)}`);
}

/** The seeds of a test; LOWERDEV_FUZZ_SEED moves them. Printed, so that a hang shows its seed too. */
export function seeds(rounds: number): number[] {
  const first = Number(process.env['LOWERDEV_FUZZ_SEED'] ?? 1);
  console.log(`LOWERDEV_FUZZ_SEED=${first}`);
  return Array.from({ length: rounds }, (_, i) => first + i);
}

/** A round, with its seed in whatever it throws. */
export async function named(seed: number, body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (error instanceof Error && !error.message.includes(`seed ${seed}`)) {
      error.message = `seed ${seed}: ${error.message}`;
    }
    throw error;
  }
}
