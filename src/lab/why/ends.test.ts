// Who is meant, where a snapshot does not say it all.

import { expect, test } from 'vitest';
import { parseLab } from '../file/lab-yaml.ts';
import { createModel } from '../model.ts';
import { readSnapshot } from '../snapshot/read.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { EndMissing, endOf } from './ends.ts';

test('an endpoint in the namespace of a process that is not among those that the snapshot names', () => {
  const model = createModel({ seed: 1 });
  model.os.nsBind('pod', model.os.nsCreate());
  const taken = readSnapshot(model.os);
  model.close();
  const lab = parseLab(
    'lab: web\nhost: true\nnetworks: { lan: { lower: p0 } }\nendpoints: { blue: { netns: { pid: 77 } } }',
    'web.yaml',
  );
  const holders = [{ pid: 5, comm: 'sh', container: null }];
  const crowded = (processes: number): Snapshot => ({
    ...taken,
    namespaces: taken.namespaces.map((ns) =>
      ns.host
        ? ns
        : {
            ...ns,
            holders,
            processes,
            links: ns.links.map((l) => ({ ...l, name: 'eth0', alias: 'lowerdev:web:endpoint/blue' })),
          },
    ),
  });
  expect(endOf(crowded(9), lab, 'blue').ns?.names).toEqual(['pod']);
  expect(() => endOf(crowded(1), lab, 'blue')).toThrow(EndMissing);
});
