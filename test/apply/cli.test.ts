// apply, destroy and gc on a machine, called as a user calls them: many at once, after a kill, and when the lab's file is gone.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliBundle } from './cli-bundle.ts';
import { whyNoNamespaces } from './namespaces.ts';

const skip = whyNoNamespaces();
const LAB = `
lab: web
host: true
networks: { lan: { lower: p0 } }
endpoints:
  blue: { mac: "02:00:00:00:00:01", addresses: [192.168.7.1/24] }
  green: { mac: "02:00:00:00:00:02", addresses: [192.168.7.2/24] }
`;
const SEEN =
  'seen() { ip -o link; ip netns; ls /run /run/netns /run/lowerdev/*; } 2> /dev/null; mkdir -p /run/netns; seen > before';
const SAME = 'seen | cmp - before && echo unchanged';

describe.skipIf(skip !== null)(`on a machine${skip === null ? '' : ` (skipped: ${skip})`}`, () => {
  let cli: CliBundle;
  beforeAll(async () => {
    cli = await CliBundle.make();
  });
  afterAll(() => cli?.remove());

  const script = (text: string): string => {
    cli.file('lab.yaml', LAB);
    return cli.script(`nic; ${SEEN}\n${text}`);
  };

  test('eight at once: one after the other', () => {
    const said = script(`
      for i in 1 2 3 4 5 6 7 8; do lowerdev apply --engine linux --yes lab.yaml > out.$i & done; wait
      cat out.* | grep -E '^(web|exit)' | sort | uniq -c; ip netns | wc -l
      for i in 1 2 3 4 5 6 7 8; do lowerdev destroy --engine linux --yes web > out.$i & done; wait
      cat out.* | grep -E '^(web|exit)' | sort | uniq -c; ${SAME}`);
    expect(said).toBe(
      '      8 exit 0\n      1 web: 4 made\n      7 web: nothing to do\n2\n' +
        '      8 exit 0\n      1 web: 4 removed\n      7 web: nothing to do\nunchanged\n',
    );
  });

  test('gc leaves a lab that is whole, shows what is left over, and removes it when told to', () => {
    const said = script(`lowerdev apply --engine linux --yes lab.yaml > /dev/null; lowerdev gc
      ( umask 0; : > /run/netns/halfway; chmod 1000 /run/netns/halfway ); echo broken > /run/lowerdev/labs/x.json.new
      sed -i 's/"unfinished":false/"unfinished":true/' /run/lowerdev/labs/web.json
      lowerdev gc; lowerdev gc --json | grep -c web; lowerdev gc --yes | tail -2; ${SAME}; lowerdev gc`);
    const leftovers =
      '  - a record of x, half written\n  - names without namespaces: halfway\n' +
      ['blue/eth0: macvlan', 'green/eth0: macvlan', 'namespace blue', 'namespace green']
        .map((what) => `  - web (a change of it was cut short): ${what}\n`)
        .join('');
    expect(said).toBe(
      `nothing is left over\nexit 0\n${leftovers}6 to remove\nlowerdev: nothing was removed; --yes does it\nexit 3\n` +
        'lowerdev: nothing was removed; --yes does it\n4\n6 removed\nexit 0\nunchanged\nnothing is left over\nexit 0\n',
    );
  });

  test('gc: the file is gone, the record is gone', () => {
    const said = script(`lowerdev apply --engine linux --yes lab.yaml > /dev/null; rm lab.yaml; lowerdev gc | tail -2
      rm -r /run/lowerdev; lowerdev gc; lowerdev destroy --engine linux --yes web | tail -2; ${SAME}`);
    expect(said).toBe(
      'lowerdev: nothing was removed; --yes does it\n4 to remove\nexit 3\n' +
        '  web has something here and no record; lowerdev destroy --engine linux web removes it\nnothing is left over\nexit 0\n' +
        'web: 4 removed\nexit 0\nunchanged\n',
    );
  });

  test('destroy --all --json is one document, of every lab', () => {
    const said =
      script(`sed 's/web/other/; s/:0/:1/; s/blue/red/; s/green/teal/; s/192.168.7/192.168.8/' lab.yaml > other.yaml
      for f in lab other; do lowerdev apply --engine linux --yes $f.yaml; done > /dev/null
      lowerdev destroy --engine linux --all --json > shown; lowerdev destroy --engine linux --all --yes --json > done
      lowerdev destroy --engine linux --all --yes --json > none; ${SAME}`);
    const refused = 'lowerdev: nothing was changed; --yes does it\n';
    expect(said).toBe(`${refused.repeat(2)}lowerdev: no lab has anything here\nunchanged\n`);
    const document = (name: string): unknown =>
      JSON.parse(readFileSync(join(cli.dir, name), 'utf8').replace(/^lowerdev: .*\n|exit \d+\n$/gm, ''));
    const lab = (name: string, applied: boolean): object =>
      expect.objectContaining({ lab: name, applied, exitCode: applied ? 0 : 3, conflicts: [] });
    expect(document('shown')).toEqual({ labs: [lab('other', false), lab('web', false)] });
    expect(document('done')).toEqual({ labs: [lab('other', true), lab('web', true)] });
    expect(document('none')).toEqual({ labs: [] });
  });

  test('a refused change leaves no record; a name that was left halfway is in nobody’s way', () => {
    const said = script(`sed 's,192.168.7.1/24],192.168.7.1/24]\\, gateway: 172.16.0.1,' lab.yaml > bad.yaml
      lowerdev apply --engine linux --yes bad.yaml 2>&1 | tail -2; ${SAME}
      : > /run/netns/blue; chmod 1000 /run/netns/blue
      lowerdev apply --engine linux --yes lab.yaml | tail -2; ip -n blue -br link | wc -l
      lowerdev destroy --engine linux --yes web | tail -2; ${SAME}
      : > /run/netns/blue; chmod 0 /run/netns/blue
      lowerdev apply --engine linux --yes lab.yaml | grep -v ' green'; rm /run/netns/blue; ${SAME}`);
    expect(said).toMatch(/^lowerdev: everything is as it was before\nexit 3\nunchanged\n/);
    expect(said).toMatch(/web: 4 made\nexit 0\n2\nweb: 4 removed\nexit 0\nunchanged\n/);
    expect(said).toMatch(/namespace blue: EINVAL: that file is no namespace .*\nexit 4\nunchanged\n$/);
  });
});
