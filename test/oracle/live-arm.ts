// The live arm: a python3 in a sandbox (network, mount and process namespaces of its own) that does on this machine's
// kernel what the model did. One helper takes one lab after the other.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeAnswer, messages } from '../../src/netlink/message.ts';
import { NLMSG_ERROR } from '../../src/uapi/netlink.ts';
import type { Lab, Run, Step } from './lab.ts';
import { attributesOf } from './links.ts';
import { type ModelRun, sysctls } from './model-arm.ts';
import { unhex } from './text.ts';

/** Oldest kernel whose answers the model is held to. */
const OLDEST = 6;

/** Why the live arm cannot run here; null when it can. */
export function whyNotLive(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  if (Number.parseInt(release(), 10) < OLDEST) return `Linux ${release()} is older than ${OLDEST}.0`;
  const probe =
    'ip link add a0 type veth peer name a1 && ip link add link a0 m0 type macvlan && ip link add b0 type bridge';
  try {
    execFileSync('unshare', [...SANDBOX, 'sh', '-c', probe], { stdio: 'ignore' });
    execFileSync('python3', ['-c', 'import ctypes'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'needs unshare, python3, ip, and a kernel with veth, bridge and macvlan';
  }
}

const SANDBOX = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];

export interface Pace {
  /** Seconds to wait for what the model says before it counts as a difference. */
  patience: number;
  /** Seconds to wait after every change, whatever it looks like. */
  pause: number;
  /** Ends the lab at the first difference. */
  stop: boolean;
  /** Devices that are made before the lab, so that its own lie elsewhere in memory. */
  ballast?: number;
}

export const QUICK: Pace = { patience: 1, pause: 0, stop: true };
/** What is made small has been seen to differ. */
export const SHRINKING: Pace = { patience: 0.15, pause: 0, stop: true };
/** A second opinion: nothing is asked before workers have had their turn, even on a busy machine. */
export const SLOW: Pace = { patience: 4, pause: 0.2, stop: true };

interface Report {
  steps: Array<{ rc?: number; answer?: string; frames: string[]; state: string[] | null }>;
  links: string[][];
}

export class LiveArm {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private release: string | null = null;

  /** The number decides on which CPU it works. */
  constructor(number = 0) {
    const helper = join(process.cwd(), 'test/oracle/live.py');
    const script = 'mount --make-rprivate / && exec python3 "$0" "$1"';
    const args = [...SANDBOX, 'sh', '-c', script, helper, String(number)];
    this.child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** uname -r. */
  async kernel(): Promise<string> {
    if (this.release === null) this.release = ((await this.next()) as { release: string }).release;
    return this.release;
  }

  async run(lab: Lab, model: ModelRun, pace: Pace): Promise<Run> {
    await this.kernel();
    const expected = model.steps.map((s, i) => ({
      frames: s.frames.length,
      state: s.state,
      ...(model.deeds[i].do === 'netlink' ? { links: model.indexes[i] } : {}),
    }));
    const order = { spaces: lab.spaces, sysctls: sysctls(lab), taps: lab.taps, deeds: model.deeds, expected, ...pace };
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    const report = (await this.next()) as Report;
    const steps = report.steps.map((s, i): Step => {
      const answer = s.answer === undefined ? { rc: s.rc ?? 0, words: '' } : answerOf(s.answer);
      return { ...answer, frames: s.frames, state: s.state ?? model.steps[i].state };
    });
    const links = report.links.map((dump, i) => attributesOf(lab.spaces[i], dump.map(unhex)));
    return { steps, links: Object.assign({}, ...links) as Run['links'] };
  }

  private async next(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error('the helper in the sandbox died');
    return JSON.parse(value);
  }

  close(): void {
    this.child.stdin?.end();
    this.child.kill();
  }
}

function answerOf(text: string): { rc: number; words: string } {
  for (const msg of messages(unhex(text))) {
    if (msg.type !== NLMSG_ERROR) continue;
    const { errno, extack } = decodeAnswer(msg);
    return { rc: errno, words: extack.text ?? '' };
  }
  return { rc: -1, words: 'no acknowledgement' };
}
