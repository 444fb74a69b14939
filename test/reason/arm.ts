// Labs in the model, for tests about reasons: applied, asked, and edited.

import { applyLab } from '../../src/lab/apply/apply.ts';
import type { Traffic } from '../../src/lab/file/lab.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { partiesOf } from '../../src/lab/measure/cells.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import { type Reason, reasonOf } from '../../src/lab/reason/reason.ts';

/** A machine with a switch between p0 and a peer; `LAB` is filled in by tests. */
export const MACHINE = `
lab: t
machine:
  nics: { p0: {}, p1: {} }
  switches: { sw: { ports: [a, b, c] } }
  cables: [{ between: [p0, sw/a] }, { between: [sw/b, far/eth0] }, { between: [p1, sw/c] }]
  peers: { far: { addresses: [192.168.7.9/24] } }
`;

/** `prepare` changes the model between applying and asking. */
export async function ask(
  text: string,
  from: string,
  to: string,
  traffic: Traffic = 'ipv4',
  prepare: (model: Model) => void = () => {},
): Promise<Reason> {
  const lab = parseLab(text, 'lab.yaml');
  if (lab.machine === null) throw new Error('the lab of a test has a machine');
  const model = createModel({ seed: 1, machine: lab.machine });
  try {
    applyLab(model.os, lab);
    model.loop.runUntil(model.loop.now + 3e9);
    prepare(model);
    return (await reasonOf(model, partiesOf(lab), { from, to, traffic })).reason;
  } finally {
    model.close();
  }
}
