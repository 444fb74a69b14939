// trace: runs a command and prints every function that chosen packets passed meanwhile. Ours alone: on Linux it takes
// ftrace or pwru. The names are the kernel's, so that a trace here reads like `Call Trace:` there.

import type { PacketTrace } from '../../../lab/os.ts';
import { parseTime } from '../../../lab/quantity.ts';
import type { Command, Proc } from '../../process.ts';
import { ETHERNET_LAYOUT } from '../tcpdump/filter/gen.ts';
import { compileFilter } from '../tcpdump/filter/parse.ts';
import { outcome, packetText, traceText } from './text.ts';

const USAGE = `Usage: trace [OPTION]... COMMAND [ARGUMENT]...
Runs COMMAND, then prints every function that the packets sent meanwhile have passed, on both sides.

  -e FILTER   only packets that this filter chooses, in tcpdump's language
  -c COUNT    at most COUNT packets (10)
  -w TIME     afterwards wait so long for packets that are on their way (1ms)
  -j, --json  as JSON
  -h, --help  this text

The exit code is that of COMMAND.

Examples:
  trace -c 1 ip netns exec net0 ping -c 1 10.0.0.2
  trace -e 'udp port 5001' ip netns exec net0 flood 10.0.0.2 -n 1
  trace -e 'arp' -j ping -c 1 10.0.0.2 | jq '.[0].steps[].fn'
`;

/** So many packets are traced when nobody says. */
export const defaultCount = 10;

interface Options {
  filter: string;
  count: number;
  json: boolean;
  waitNs: number;
  argv: readonly string[];
}

export const trace: Command = {
  name: 'trace',
  summary: 'run a command and print the functions that its packets pass',
  async run(proc) {
    const options = parse(proc);
    if (typeof options === 'number') return options;
    const chooses = chooser(options.filter);
    if (typeof chooses === 'string') return refuse(proc, `'${options.filter}': ${chooses}`);
    const running = proc.os.callTrace?.({ chooses, limit: options.count });
    if (running === undefined) return refuse(proc, 'this kernel cannot tell; the model can');
    let code: number;
    try {
      code = await proc.exec(options.argv, { stdin: proc.stdin });
      await proc.sleep(options.waitNs); // for what is still on its way
    } finally {
      running.stop();
    }
    proc.out(options.json ? tracesJson(running.packets) : tracesText(running.packets));
    return code;
  },
};

/** A predicate of a filter in tcpdump's language, or what is wrong with it. */
export function chooser(filter: string): ((frame: Uint8Array) => boolean) | string {
  const compiled = compileFilter(filter, { layout: ETHERNET_LAYOUT, netmask: 0, live: false });
  if (typeof compiled === 'string') return compiled;
  return (frame) => compiled.matches(frame, frame.length, -1, 0);
}

export function tracesText(packets: readonly PacketTrace[]): string {
  return packets.length === 0 ? 'no packet was chosen\n' : packets.map(traceText).join('\n');
}

/** One entry per packet: the packet in words, how it ended, its functions. */
export function tracesData(packets: readonly PacketTrace[]): object[] {
  return packets.map((p) => ({ id: p.id, packet: packetText(p.frame), outcome: outcome(p.steps), steps: p.steps }));
}

function tracesJson(packets: readonly PacketTrace[]): string {
  return `${JSON.stringify(tracesData(packets), null, 2)}\n`;
}

function parse(proc: Proc): Options | number {
  const options = { filter: '', count: defaultCount, json: false, waitNs: 1e6 };
  let at = 0;
  for (; at < proc.argv.length && proc.argv[at].startsWith('-'); at++) {
    const arg = proc.argv[at];
    if (arg === '--') {
      at++;
      break;
    }
    if (arg === '-h' || arg === '--help') {
      proc.out(USAGE);
      return 0;
    }
    if (arg === '-j' || arg === '--json') options.json = true;
    else if (arg === '-e' || arg === '-c' || arg === '-w') {
      const value = proc.argv[++at];
      if (value === undefined) return refuse(proc, `option ${arg} needs a value`);
      if (arg === '-e') options.filter = value;
      else if (arg === '-w') {
        const ns = parseTime(value);
        if (ns === null) return refuse(proc, `-w ${value}: expected a time, as 10ms`);
        options.waitNs = ns;
      } else if (!/^[1-9]\d*$/.test(value)) return refuse(proc, `-c ${value}: not a number of packets`);
      else options.count = Number(value);
    } else return refuse(proc, `there is no option ${arg}`);
  }
  const argv = proc.argv.slice(at);
  if (argv.length === 0) return refuse(proc, 'which command?');
  if (proc.which(argv[0]) === null) return refuse(proc, `${argv[0]}: command not found`, 127);
  return { ...options, argv };
}

function refuse(proc: Proc, message: string, code = 2): number {
  proc.err(`trace: ${message}\n${code === 2 ? "Try 'trace --help'.\n" : ''}`);
  return code;
}
