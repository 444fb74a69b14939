// The one body that compares: what the model did against what a kernel did, operation by operation, then all attributes
// of all links. What may differ is here, each with its reason, and in docs/fidelity.md for people.

import type { Op, Run, Step } from './lab.ts';

export interface Mismatch {
  /** The operation; -1: the links at the end. */
  at: number;
  lines: string[];
  /** Does the kernel alone see frames to a group, or count them, and nothing else is wrong at this step? */
  stray: boolean;
}

/**
 * Attributes of RTM_GETLINK that are not compared: the clock's, the machine's, or counted twice.
 * The counters are compared after every operation already.
 */
const NOT_COMPARED = new Set(['stats', 'stats64', 'afSpec', 'permAddress']);

/** Of a bridge and of its ports: timers that run, and identifiers made from an address that the kernel made up. */
const RUNNING = new Set([
  'gcTimer',
  'helloTimer',
  'tcnTimer',
  'topologyChangeTimer',
  'rootId',
  'bridgeId',
  'messageAgeTimer',
  'forwardDelayTimer',
  'holdTimer',
  'bcQueueLenUsed',
]);

export function compare(ops: readonly Op[], model: Run, kernel: Run): Mismatch | null {
  for (let i = 0; i < kernel.steps.length; i++) {
    const lines = compareStep(ops[i], model.steps[i], kernel.steps[i]);
    if (lines.length > 0) return { at: i, lines, stray: isStray(model.steps[i], kernel.steps[i], lines) };
  }
  if (kernel.steps.length < model.steps.length) return null;
  const lines = compareLinks(model.links, kernel.links);
  return lines.length > 0 ? { at: -1, lines, stray: false } : null;
}

/** As when Linux's multicast filter, which has 256 buckets and a salt for each device, lets a group through that nobody joined. */
function isStray(model: Step, kernel: Step, lines: string[]): boolean {
  const multicast = (step: Step): number =>
    step.state.reduce((sum, line) => sum + Number(/ multicast=(\d+)/.exec(line)?.[1] ?? 0), 0);
  const frames = lines.filter((line) => !line.includes(' mtu='));
  return (
    model.rc === kernel.rc &&
    multicast(kernel) > multicast(model) &&
    frames.every((line) => line.startsWith('kernel ') && line.includes(' MULTICAST '))
  );
}

export function compareStep(op: Op, model: Step, kernel: Step): string[] {
  const out: string[] = [];
  if (model.rc !== kernel.rc)
    out.push(`errno: model ${model.rc} (${model.words}), kernel ${kernel.rc} (${kernel.words})`);
  else if (model.words !== kernel.words) out.push(`words: model "${model.words}", kernel "${kernel.words}"`);
  // What a change makes hosts say (reports of groups) is said more than once.
  const burst = (op.do !== 'send' && op.do !== 'write') || op.frames.length > 1;
  out.push(...difference(inOrderPerDevice(model.frames, burst), inOrderPerDevice(kernel.frames, burst)));
  out.push(...difference(model.state, kernel.state));
  return out;
}

/**
 * The order between devices is chance (two CPUs); the order on one device is not. Where several frames are under way (a
 * burst, or answers to a broadcast) a device may send before or after it receives, frames of different senders overtake
 * each other, and second copies (over another path, or reflected) come among the first ones as they like; but each
 * path keeps its order, so first copies of one sender come in the order in which they were sent. A macvtap's file is read
 * when all is over, so what came there is in its own order.
 */
function inOrderPerDevice(frames: string[], sentSeveral: boolean): string[] {
  const burst = sentSeveral || new Set(frames.map((line) => line.slice(line.lastIndexOf(' ')))).size > 1;
  const by = new Map<string, string[]>();
  for (const line of frames) {
    const [dev, kind, , head] = line.split(' ', 4);
    const key = burst ? `${dev} ${kind} ${head}` : kind === 'READ' ? `${dev} ${kind}` : dev;
    by.set(key, [...(by.get(key) ?? []), line]);
  }
  const keys = [...by.keys()].sort((x, y) => (x < y ? -1 : 1));
  return keys.flatMap((key) => (burst ? firstCopiesFirst(by.get(key) as string[]) : (by.get(key) as string[])));
}

/** Second copies, sorted, behind all first ones. */
export function firstCopiesFirst(lines: string[]): string[] {
  const more = lines.filter((line, i) => lines.indexOf(line) < i);
  return [...new Set(lines), ...more.sort((x, y) => (x < y ? -1 : 1))];
}

/** Lines that only one side has, in order. */
function difference(model: string[], kernel: string[]): string[] {
  if (model.length === kernel.length && model.every((line, i) => line === kernel[i])) return [];
  const rest = [...kernel];
  const out: string[] = [];
  for (const line of model) {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    else out.push(`model  ${line}`);
  }
  out.push(...rest.map((line) => `kernel ${line}`));
  return out.length > 0 ? out : ['order:', ...model.map((l) => `model  ${l}`), ...kernel.map((l) => `kernel ${l}`)];
}

function compareLinks(model: Run['links'], kernel: Run['links']): string[] {
  const out: string[] = [];
  for (const name of new Set([...Object.keys(model), ...Object.keys(kernel)])) {
    const [a, b] = [flat(model[name]), flat(kernel[name])];
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      if (a.get(key) !== b.get(key)) out.push(`${name} ${key}: model ${a.get(key)}, kernel ${b.get(key)}`);
    }
  }
  return out;
}

function flat(record: unknown, prefix = '', out = new Map<string, string>()): Map<string, string> {
  for (const [key, value] of Object.entries((record ?? {}) as object)) {
    if ((prefix === '' && NOT_COMPARED.has(key)) || RUNNING.has(key)) continue;
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array))
      flat(value, `${prefix}${key}.`, out);
    else out.set(prefix + key, JSON.stringify(value));
  }
  return out;
}
