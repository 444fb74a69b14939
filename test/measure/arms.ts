// The kernels on which reachability is measured in these tests: the model, and where it can be had this machine's, with the
// same hardware built of veth pairs and bridges in namespaces that the test makes.

import { applyLab } from '../../src/lab/apply/apply.ts';
import type { Lab } from '../../src/lab/file/lab.ts';
import { type MeasureKernel, modelMeasure } from '../../src/lab/measure/kernel.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import { LinuxOs } from '../../src/linux/linux-os.ts';
import { openSandbox } from '../../src/linux/sandbox/open.ts';

export interface Arm {
  readonly name: string;
  /** Why it is left out; null: it is not. */
  readonly skip: string | null;
  /** A kernel on which the lab is applied. */
  open(lab: Lab): Promise<Opened>;
}

export interface Opened {
  readonly kernel: MeasureKernel;
  close(): void;
}

const live = process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() === 0 ? null : 'needs root';

export const ARMS: Arm[] = [
  { name: 'the model', skip: null, open: openModel },
  { name: 'this kernel', skip: live, open: openLinux },
];

export function modelOf(lab: Lab): Model {
  const model = createModel({ seed: 1, machine: lab.machine ?? undefined });
  applyLab(model.os, lab);
  return model;
}

async function openModel(lab: Lab): Promise<Opened> {
  const model = modelOf(lab);
  return { kernel: modelMeasure(model), close: () => model.close() };
}

export async function openLinux(lab: Lab): Promise<Opened> {
  if (lab.machine === null) throw new Error('these labs bring their machine');
  const linux = await LinuxOs.open();
  const sandbox = openSandbox(linux, lab.machine);
  for (const ns of sandbox.hidden.values()) sandbox.os.nsHold(ns); // so that whoever looks in does not end them
  applyLab(sandbox.os, lab);
  return { kernel: sandbox.os, close: () => sandbox.close() };
}
