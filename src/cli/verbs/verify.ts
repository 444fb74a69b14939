// lowerdev verify: a lab's matrix, measured and predicted. Exit codes: 0 as predicted and expected, 1 differs, 2 bad input,
// 3 refused, 4 not allowed.

import type { LabKernel } from '../../lab/apply/access.ts';
import { applyLab, labsOn, planLab } from '../../lab/apply/apply.ts';
import type { Lab } from '../../lab/file/lab.ts';
import type { Machine } from '../../lab/machine.ts';
import { type MeasureKernel, modelMeasure } from '../../lab/measure/kernel.ts';
import { NoPlace } from '../../lab/measure/seats.ts';
import { broken, different } from '../../lab/measure/verify.ts';
import { type Oracle, type Verified, verifyLab } from '../../lab/measure/verify-lab.ts';
import { verifyData, verifyText } from '../../lab/measure/verify-text.ts';
import { createModel, type Model } from '../../lab/model.ts';
import { hostStage } from '../../lab/reason/foresee.ts';
import { answering } from '../lab-change.ts';
import { type Engine, engineOf, openKernel, Refused, readLab } from '../lab-file.ts';
import { throughSandbox } from '../sandbox.ts';
import { Usage, wholeNumber } from '../usage.ts';
import { writeReproducer } from '../verify-reproducer.ts';

export interface VerifyOptions {
  engine?: string;
  seed: string;
  tries: string;
  wait: string;
  all?: boolean;
  reproducer?: string;
  json?: boolean;
}

/** What is measured, and a model of it, both with the lab applied. */
interface Target {
  readonly kernel: MeasureKernel;
  readonly oracle: Oracle;
  /** What the text calls it. */
  readonly on: string;
  readonly notes: readonly string[];
  close(): void;
}

/** So many steps that are missing are named. */
const STEPS_TOLD = 8;

export function verify(file: string, options: VerifyOptions): Promise<number> {
  return answering(options, async () => {
    const lab = await readLab(file);
    const engine = engineOf(options.engine, lab.machine === null ? 'linux' : 'sandbox');
    const through = await throughSandbox(engine, lab, 'look');
    if (through !== null) return through;
    const seed = wholeNumber('--seed', options.seed);
    const tries = wholeNumber('--tries', options.tries, 1, 100); // with none, nothing is ever reached, and all agree
    const measure = { tries, waitNs: wholeNumber('--wait', options.wait, 1, 60_000) * 1e6 };
    const target = await openTarget(engine, lab, seed, file);
    const progress = progressLine();
    try {
      const { kernel, oracle, notes } = target;
      const verified = await verifyLab(kernel, oracle, lab, {
        ...{ measure, notes, progress: progress.show, explainAll: options.all === true },
      });
      progress.end();
      return tell(verified, target, { file, lab, seed }, options);
    } catch (error) {
      if (!(error instanceof NoPlace)) throw error;
      throw new Refused(
        `${error.message}: it has gone since ${lab.name} was applied; lowerdev plan ${file} says what is missing`,
        3,
      );
    } finally {
      progress.end();
      target.close();
    }
  });
}

interface About {
  readonly file: string;
  readonly lab: Lab;
  readonly seed: number;
}

/** The exit code. */
function tell({ verification, closer }: Verified, target: Target, about: About, options: VerifyOptions): number {
  const as = { on: target.on, seed: about.seed, all: options.all === true };
  process.stdout.write(
    options.json ? `${JSON.stringify(verifyData(verification, as), null, 2)}\n` : verifyText(verification, as),
  );
  if (closer === null) return different(verification).length + broken(verification).length === 0 ? 0 : 1;
  const folder = writeReproducer({
    ...about,
    ...target,
    model: target.oracle.model,
    verification,
    closer,
    folder: options.reproducer ?? null,
  });
  process.stderr.write(`lowerdev: to see it again: ${folder}\n`);
  return 1;
}

async function openTarget(engine: Engine, lab: Lab, seed: number, file: string): Promise<Target> {
  if (engine === 'model') {
    const { machine } = lab;
    if (machine === null) throw new Usage('the model needs a lab with a "machine"; this one stands on a host');
    const [model, other] = [1, 2].map(() => applied(createModel({ seed, machine }), lab));
    const close = (): void => {
      model.close();
      other.close();
    };
    return { kernel: modelMeasure(model), oracle: { model: other, lab }, on: 'a second model', notes: [], close };
  }
  const opened = await openKernel(engine, lab, seed);
  const kernel = opened.kernel as MeasureKernel;
  const here = engine === 'sandbox' ? 'the sandbox' : 'this machine';
  try {
    if (!labsOn(kernel).includes(lab.name) && planLab(kernel, lab).steps.length > 0) {
      if (engine !== 'sandbox') {
        throw new Refused(`${lab.name} is not applied here: lowerdev apply --engine linux --yes ${file}`, 3);
      }
      make(kernel, lab);
    }
    const { notes, ...oracle } = oracleOf(kernel, lab, seed);
    applied(oracle.model, oracle.lab);
    const close = (): void => {
      oracle.model.close();
      opened.close();
    };
    return { kernel, oracle, on: here, notes: [...(await notesOf(kernel, lab)), ...notes], close };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function applied(model: Model, lab: Lab): Model {
  make(model.os, lab);
  return model;
}

function make(kernel: LabKernel, lab: Lab): void {
  const { conflicts } = planLab(kernel, lab);
  if (conflicts.length > 0) throw new Refused(conflicts.join('; '), 3);
  applyLab(kernel, lab);
}

/** The hardware that is measured, as a model: what the machine file says, without what a veth has not; or the host as it is. */
function oracleOf(kernel: MeasureKernel, lab: Lab, seed: number): Oracle & { readonly notes: readonly string[] } {
  if (lab.machine === null) return hostStage(lab, kernel, seed);
  return { model: createModel({ seed, machine: asVeth(lab.machine) }), lab, notes: [] };
}

function asVeth(machine: Machine): Machine {
  const nic = <N extends Machine['nics'][number]>(n: N): N => ({
    ...n,
    profile: 'generic',
    offload: null,
    queues: null,
  });
  return {
    ...machine,
    macvlan: 'since-4.18',
    nics: machine.nics.map(nic),
    peers: machine.peers.map((p) => ({ ...p, nic: nic(p.nic) })),
    cables: machine.cables.map((c) => ({ ...c, rateBps: null, lossNum: 0 })),
  };
}

/** Where the kernel is not as the lab says, and what a sandbox has not. */
async function notesOf(kernel: MeasureKernel, lab: Lab): Promise<string[]> {
  const { steps, conflicts } = planLab(kernel, lab);
  const missing = [...conflicts, ...steps.map((s) => `${s.sign} ${s.text}`)];
  const notes = missing.slice(0, STEPS_TOLD).map((text) => `not as the lab says: ${text}`);
  if (missing.length > STEPS_TOLD) notes.push(`... and ${missing.length - STEPS_TOLD} more (lowerdev plan)`);
  if (lab.machine === null) return notes;
  const { sandboxNotes } = await import('../../linux/sandbox/build.ts');
  return [...notes, ...sandboxNotes(lab.machine)];
}

/** How far it is, in one line on a terminal's standard error that is written over. */
function progressLine(): { show(what: string, done: number, all: number): void; end(): void } {
  let text = '';
  const put = (line: string): void => {
    if (line === text || !process.stderr.isTTY) return;
    text = line;
    process.stderr.write(`\r\x1b[K${line}`);
  };
  return { show: (what, done, all) => put(`${what}: ${done} of ${all} cells`), end: () => put('') };
}
