// doctor on this kernel, as a user calls it: every scenario in a sandbox of namespaces, found, fixed where it can be, and looked
// at with the real tools afterwards.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OwnNamespaces, ownNamespaces, whyNoNamespaces } from '../own-namespaces.ts';
import { PRELUDE, SCENARIOS } from './scenarios.ts';

const skip = whyNoNamespaces();
let own: OwnNamespaces;
beforeAll(async () => {
  if (skip === null) own = await ownNamespaces();
}, 60_000);
afterAll(() => own?.close());

/** `code where` of each finding, in a line; asked again for a while, since carriers and DAD take their time. */
const found = (expected: readonly string[]): string => `
codes() { lowerdev doctor --json "$@" | node -e '
  const { findings } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  console.log(findings.map((f) => f.code + " " + f.where).join("; "))'; }
for i in $(seq 30); do now=$(codes); [ "$now" = '${expected.join('; ')}' ] && break; sleep 0.2; done
echo "found: $now"
`;

describe.skipIf(skip !== null)(`on this kernel${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  for (const { name, script, finds, after, works, notOn } of SCENARIOS) {
    const left = notOn?.arm === 'kernel';
    test.skipIf(left)(
      `${name}${left ? ` (skipped: ${notOn.why})` : ''}`,
      () => {
        const say = (what: string): string =>
          `{ ${works}; } > /dev/null 2>&1 && echo "${what}: works" || echo "${what}: fails"`;
        const fix =
          after === undefined
            ? ''
            : `${works === undefined ? '' : say('before')}
lowerdev doctor --fix --yes > fixed; echo "exit $?"; grep -c ': cured$' fixed
${found(after)}
${works === undefined ? '' : say('after')}`;
        const out = own.run(`${PRELUDE}${script}\n${found(finds)}\n${fix}`);
        const lines = [`found: ${finds.join('; ')}`];
        if (after !== undefined) {
          if (works !== undefined) lines.push('before: fails');
          lines.push(
            after.length > 0 ? 'exit 1' : 'exit 0',
            String(finds.length - after.length),
            `found: ${after.join('; ')}`,
          );
          if (works !== undefined) lines.push('after: works');
        }
        expect(out).toBe(`${lines.join('\n')}\n`);
      },
      150_000,
    );
  }
});
