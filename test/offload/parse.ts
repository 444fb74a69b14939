// What a test script of the oracle printed, as data: the same for the guest's serial line and for the model's run.

export interface Step {
  cmd: string | null;
  rc?: number;
  out?: string[];
  /** Calls into the driver. */
  ndo?: string[];
  /** The last ndo_set_rx_mode. */
  rx_mode?: string;
  state?: string[];
}

export interface Case {
  case: string;
  steps: Step[];
}

/** One topology of the mode tables: pings, and receivers of raw frames with how many copies of each they got. */
export interface Matrix {
  conf: Record<string, string>;
  ping: Record<string, string>;
  l2: Record<string, Record<string, Record<string, number>>>;
}

export type Row = Record<string, string | number>;

/** A flood, a TCP transfer, or both at once. */
export interface Load {
  case: string;
  kind: 'udp flood' | 'tcp' | 'tcp + udp flood';
  what: string;
  result: Row[];
  mv0?: Row;
  port0?: Row;
  dmesg?: string;
}

export interface Truth {
  a_life_cycle: Case[];
  b_modes: Matrix[];
  b_mixed_modes: Matrix[];
  c_tx_queue: Case[];
  d_enetdown: Load[];
  e_semantics: Case[];
  f_combinations: Case[];
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => !/^\[ *\d+\.\d+\]/.test(line));

/** Tests a, c, e and f. */
export function parseCases(text: string): Case[] {
  const out: Case[] = [];
  let now: Case | null = null;
  let step: Step | null = null;
  for (const line of linesOf(text)) {
    if (line.startsWith('@@CASE ')) {
      now = { case: line.slice(7), steps: [] };
      out.push(now);
      step = null;
      continue;
    }
    if (line.startsWith('@@')) {
      if (line.startsWith('@@MIX') || line.startsWith('@@END')) now = null;
      continue;
    }
    if (now === null || line === '') continue;
    if (line.startsWith('$ ')) {
      step = { cmd: line.slice(2) };
      now.steps.push(step);
      continue;
    }
    if (step === null) {
      step = { cmd: null };
      now.steps.push(step);
    }
    if (/^rc=\d+$/.test(line)) step.rc = Number(line.slice(3));
    else if (line.startsWith('  | ')) {
      const rx = line.split('ndo_set_rx_mode')[1];
      if (rx !== undefined) step.rx_mode = rx;
      else (step.ndo ??= []).push(line.slice(4));
    } else if (line.startsWith('  # ')) (step.state ??= []).push(line.slice(4));
    else (step.out ??= []).push(line);
  }
  return out;
}

/** Test b (`@@CONF`), and the mixed modes of test e (`@@MIX`). */
export function parseMatrices(text: string, mark: '@@CONF ' | '@@MIX '): Matrix[] {
  const out: Matrix[] = [];
  let now: Matrix | null = null;
  for (const line of linesOf(text)) {
    if (line.startsWith('@@')) {
      now = line.startsWith(mark) ? { conf: pairs(line.slice(mark.length)), ping: {}, l2: {} } : null;
      if (now !== null) out.push(now);
      continue;
    }
    if (now === null) continue;
    const ping = /^P (.*) (\S+)$/.exec(line);
    if (ping !== null) now.ping[ping[1]] = ping[2];
    const l2 = /^M (\S+)>(\S+): (.*)$/.exec(line);
    if (l2 === null) continue;
    const of = (now.l2[l2[1]] ??= {});
    of[l2[2]] = {};
    if (l2[3] === '-') continue;
    for (const cell of l2[3].split(' ')) {
      const [who, n] = cell.split('=');
      of[l2[2]][who] = Number(n);
    }
  }
  return out;
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split(' ').map((part) => part.split('=')));
}

const KINDS: Record<string, Load['kind']> = { F: 'udp flood', T: 'tcp', C: 'tcp + udp flood' };

/** Test d. */
export function parseLoads(text: string): Load[] {
  const out: Load[] = [];
  let name = '';
  for (const line of linesOf(text)) {
    if (line.startsWith('@@CASE ')) name = line.slice(7);
    const m = /^([FTC]) ([^:]*): (.*)$/.exec(line);
    if (m !== null) out.push({ case: name, kind: KINDS[m[1]], what: m[2], result: m[3].split('|').map(numbers) });
    const last = out.at(-1);
    if (last === undefined) continue;
    const after = /^ {3}(mv0|port0) after (.*)$/.exec(line);
    if (after !== null) last[after[1] as 'mv0' | 'port0'] = counters(after[2]);
    const dmesg = /^ {3}dmesg (?:\[.*?\] )?(.*)$/.exec(line);
    if (dmesg !== null) last.dmesg = dmesg[1];
  }
  return out;
}

function numbers(text: string): Row {
  const out: Row = {};
  for (const [, key, value] of text.matchAll(/(\S+?)=(\S+)/g))
    out[key] = /^[\d.]+$/.test(value) ? Number(value) : value;
  return out;
}

/** Packets and drops out of `ip -s -j link show`, without its brackets. */
function counters(text: string): Row {
  const out: Row = {};
  for (const [, side, packets, dropped] of text.matchAll(/(rx|tx):bytes:\d+,packets:(\d+),errors:\d+,dropped:(\d+)/g)) {
    out[side] = Number(packets);
    out[`${side}_dropped`] = Number(dropped);
  }
  return out;
}

/** All of it, by the output of each test. */
export function parseAll(text: (test: string) => string): Truth {
  return {
    a_life_cycle: parseCases(text('a')),
    b_modes: parseMatrices(text('b'), '@@CONF '),
    b_mixed_modes: parseMatrices(text('e'), '@@MIX '),
    c_tx_queue: parseCases(text('c')),
    d_enetdown: parseLoads(text('d')),
    e_semantics: parseCases(text('e')),
    f_combinations: parseCases(text('f')),
  };
}

/**
 * What two kernels agree on about a life cycle: commands, their exit codes, the calls into the driver, and its state without
 * packet counters.
 */
export function lifeCycle(of: Case): string[] {
  const out: string[] = [];
  for (const step of of.steps) {
    out.push(`$ ${step.cmd ?? ''}${step.rc === undefined ? '' : ` rc=${step.rc}`}`);
    for (const line of step.ndo ?? []) out.push(`| ${line}`);
    for (const line of step.state ?? []) out.push(`# ${line.replace(/ (rx|rx_pf|loop_rx) \d+.*$/, '')}`);
  }
  return out;
}
