// What verify leaves behind when something differs: a folder with all that it takes to see it again, on this machine or in the model.

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Lab } from '../lab/file/lab.ts';
import { captureOf } from '../lab/measure/capture.ts';
import { type MeasureKernel, modelMeasure } from '../lab/measure/kernel.ts';
import { rebuildScript } from '../lab/measure/script.ts';
import { broken, different, type Verification } from '../lab/measure/verify.ts';
import type { Look } from '../lab/measure/verify-lab.ts';
import { verifyData } from '../lab/measure/verify-text.ts';
import type { Model } from '../lab/model.ts';
import { stdinText } from './lab-file.ts';
import { reason } from './open-model.ts';
import { isStdin } from './read-input.ts';
import { Usage } from './usage.ts';

export interface Evidence {
  readonly file: string;
  readonly lab: Lab;
  readonly seed: number;
  readonly on: string;
  readonly kernel: MeasureKernel;
  readonly model: Model;
  readonly verification: Verification;
  readonly closer: { readonly predicted: Look; readonly measured: Look };
  /** null: a new one. */
  readonly folder: string | null;
}

/** The folder's path. Throws Usage where it cannot be written. */
export function writeReproducer(e: Evidence): string {
  const folder = e.folder ?? join(tmpdir(), `lowerdev-${e.lab.name}-`);
  try {
    if (e.folder !== null) mkdirSync(folder, { recursive: true });
    return fill(e, e.folder ?? mkdtempSync(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Usage(`the reproducer, ${folder}: ${reason(error)}`);
  }
}

function fill(e: Evidence, folder: string): string {
  const { verification: v, closer, seed, lab } = e;
  const put = (name: string, data: string | Uint8Array): void => writeFileSync(join(folder, name), data);
  const text = isStdin(e.file) ? stdinText() : readFileSync(e.file, 'utf8');
  if (text !== null) put('lab.yaml', text);
  const machine = text === null ? undefined : (parse(text) as { machine?: object }).machine;
  if (machine !== undefined) put('machine.yaml', stringify(machine));
  const cells = [...new Set([...different(v), ...broken(v)])];
  const head = [
    `The lab ${lab.name}, rebuilt with plain commands; below, the cells that are not as predicted or expected (${cells.length}).`,
    ...(machine === undefined
      ? ['Run it as root on the host.']
      : [
          `In the model:  lowerdev run --seed ${seed} --machine machine.yaml rebuild.sh`,
          `In a sandbox:  lowerdev run --engine sandbox --machine machine.yaml rebuild.sh`,
        ]),
    `predicted.pcapng, measured.pcapng: every frame at the parties' devices while these cells were asked again, in the model (seed ${seed})`,
    `and on ${e.on}. verify.json: everything.`,
  ];
  put('rebuild.sh', rebuildScript(lab, cells, head));
  put('seed', `${seed}\n`);
  put('verify.json', `${JSON.stringify(verifyData(v, e), null, 2)}\n`);
  put(
    'predicted.pcapng',
    Buffer.concat(captureOf(modelMeasure(e.model), closer.predicted, `lowerdev, the model, seed ${seed}`)),
  );
  put('measured.pcapng', Buffer.concat(captureOf(e.kernel, closer.measured, `lowerdev, ${e.on}`)));
  return folder;
}
