// tcpdump 4.99 for the model: captures on a device or reads a file, filters, prints lines or writes a file.
// Names of hosts are never resolved; no protocol above TCP and UDP is decoded.

import { strerror } from '../../../uapi/errno.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2 } from '../../../wire/pcapng.ts';
import type { Command, Proc } from '../../process.ts';
import { type Args, parseArgs } from './args.ts';
import { ANY, deviceList, inOrder, readDevices } from './devices.ts';
import { ETHERNET_LAYOUT, SLL2_LAYOUT } from './filter/gen.ts';
import { compileFilter, type Filter, type FilterContext } from './filter/parse.ts';
import { LiveCapture, linkTypeText } from './live.ts';
import { newPrintState, type PrintState, printPacket } from './print.ts';
import { type Captured, CaptureFile, readCapture } from './source.ts';
import { USAGE, VERSION } from './usage.ts';

export const tcpdump: Command = {
  name: 'tcpdump',
  summary: 'print or save the frames of a device',
  async run(proc) {
    const args = parseArgs(proc.argv);
    if (typeof args === 'string') return refuse(proc, args);
    if (args.help || args.version) {
      proc.out(args.help ? VERSION + USAGE : VERSION);
      return 0;
    }
    if (args.listDevices) {
      proc.out(deviceList(readDevices(proc)));
      return 0;
    }
    return args.readFile !== null ? readBack(proc, args, args.readFile) : capture(proc, args);
  },
};

function refuse(proc: Proc, complaint: string): number {
  proc.err(complaint.endsWith('\nusage') ? complaint.slice(0, -5) + VERSION + USAGE : `${complaint}\n`);
  return 1;
}

function fail(proc: Proc, complaint: string): number {
  proc.err(`tcpdump: ${complaint}\n`);
  return 1;
}

/** Where packets go: lines on standard output, a file, or both; and when there are enough. */
class Consumer {
  count = 0;
  private readonly proc: Proc;
  private readonly args: Args;
  private readonly linkType: number;
  private readonly file: CaptureFile | null;
  private readonly state: PrintState = newPrintState();

  constructor(proc: Proc, args: Args, linkType: number, snapLen: number) {
    this.proc = proc;
    this.args = args;
    this.linkType = linkType;
    this.file = args.writeFile === null ? null : new CaptureFile(proc, args.writeFile, linkType, snapLen);
  }

  get full(): boolean {
    return this.args.count > 0 && this.count >= this.args.count;
  }

  get prints(): boolean {
    return !this.args.countOnly && (this.file === null || this.args.print);
  }

  open(): Promise<string | null> {
    return this.file === null ? Promise.resolve(null) : this.file.create();
  }

  async take(c: Captured): Promise<string | null> {
    this.count++;
    if (this.prints) {
      const meta = { time: c, wireLen: c.wireLen, linkType: this.linkType };
      this.proc.out(`${printPacket(c.data, meta, this.args.line, this.state)}\n`);
    }
    return this.file === null ? null : this.file.add(c, this.args.packetBuffered);
  }

  close(): Promise<string | null> {
    return this.file === null ? Promise.resolve(null) : this.file.flush();
  }
}

/** The filter of the command line, or of -F's file. */
async function filterFor(proc: Proc, args: Args, context: FilterContext): Promise<Filter | string> {
  if (args.filterFile === null) return compileFilter(args.filter, context);
  const text = await proc.readText(args.filterFile);
  return typeof text === 'number' ? `can't open ${args.filterFile}: ${strerror(-text)}` : compileFilter(text, context);
}

async function readBack(proc: Proc, args: Args, name: string): Promise<number> {
  const saved = await readCapture(proc, name);
  if (typeof saved === 'string') return fail(proc, saved);
  proc.err(`reading from file ${name}, link-type ${linkTypeText(saved.linkType)}, snapshot length ${saved.snapLen}\n`);
  const cooked = saved.linkType === LINKTYPE_LINUX_SLL2;
  if (!cooked && saved.linkType !== LINKTYPE_ETHERNET && args.writeFile === null) {
    return fail(proc, `packet printing is not supported for link type ${saved.linkType}: use -w`);
  }
  const filter = await filterFor(proc, args, {
    layout: cooked ? SLL2_LAYOUT : ETHERNET_LAYOUT,
    netmask: 0,
    live: false,
  });
  if (typeof filter === 'string') return fail(proc, filter);
  if (cooked) {
    const devices = readDevices(proc);
    args.line.ifName = (ifindex) => devices.find((d) => d.ifindex === ifindex)?.name ?? null;
  }
  const to = new Consumer(proc, args, saved.linkType, saved.snapLen);
  const unopened = await to.open();
  if (unopened !== null) return fail(proc, unopened);
  for (const c of saved.packets) {
    if (to.full) break;
    if (!filter.matches(c.data, c.wireLen, -1, 0)) continue;
    const problem = await to.take(c);
    if (problem !== null) return fail(proc, problem);
  }
  const unwritten = await to.close();
  if (unwritten !== null) return fail(proc, unwritten);
  if (saved.problem !== null && !to.full) return fail(proc, `pcap_loop: ${saved.problem}`);
  if (args.countOnly) proc.out(`${many(to.count)}\n`);
  return 0;
}

async function capture(proc: Proc, args: Args): Promise<number> {
  proc.handleSignals(['SIGINT', 'SIGTERM']);
  const live = LiveCapture.open(proc, deviceOf(proc, args), args);
  if (typeof live === 'string') return refuse(proc, live);
  try {
    if (live.name === ANY) proc.err('tcpdump: data link type LINUX_SLL2\n');
    const filter = await filterFor(proc, args, live.context);
    if (typeof filter === 'string') return fail(proc, filter);
    live.setFilter(filter);
    args.line.ifName = (ifindex) => live.ifName(ifindex);
    const to = new Consumer(proc, args, live.linkType, args.snapLen);
    const unopened = await to.open();
    if (unopened !== null) return fail(proc, unopened);
    banner(proc, args, live, to.prints);
    return await follow(proc, live, to);
  } finally {
    live.close();
  }
}

/** The device that was asked for by name or by its number in -D's list, or the first that runs. */
function deviceOf(proc: Proc, args: Args): string {
  if (args.device !== null && !/^\d+$/.test(args.device)) return args.device;
  const list = inOrder(readDevices(proc));
  const at = args.device === null ? 0 : Number(args.device) - 1;
  const d = list[at];
  return d === undefined ? (args.device ?? ANY) : d === ANY ? ANY : d.name;
}

function banner(proc: Proc, args: Args, live: LiveCapture, prints: boolean): void {
  const quiet = prints && args.line.v === 0;
  const advice = 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n';
  const on = `listening on ${live.name}, link-type ${linkTypeText(live.linkType)}, snapshot length ${args.snapLen} bytes\n`;
  proc.err(`${quiet ? advice : 'tcpdump: '}${on}`);
}

async function follow(proc: Proc, live: LiveCapture, to: Consumer): Promise<number> {
  let problem: string | null = null;
  while (problem === null && !to.full) {
    const c = await live.next();
    if (c === null) {
      // Interrupted: the line that the terminal shows `^C` in ends.
      if (to.prints) proc.out('\n');
      break;
    }
    problem = typeof c === 'string' ? c : await to.take(c);
  }
  problem = (await to.close()) ?? problem;
  live.close();
  if (problem !== null) proc.err(`tcpdump: ${problem}\n`);
  proc.err(
    `${many(to.count)} captured\n${many(live.received)} received by filter\n${many(live.dropped)} dropped by kernel\n`,
  );
  return problem === null ? 0 : 1;
}

function many(n: number): string {
  return `${n} packet${n === 1 ? '' : 's'}`;
}
