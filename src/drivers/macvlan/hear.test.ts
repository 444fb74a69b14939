// Who hears whom, as tables that were measured on a live kernel: every pair of modes, with a plain switch and with one
// that reflects (hairpin). A cell says how the frame came: `local` inside the host, `wire` by way of the switch.

import { expect, test } from 'vitest';
import type { NetDevice } from '../../net/netdev.ts';
import { addLink, BROADCAST, Recorder, Stack, type SwitchLab, send, settle, switchLab, up } from '../testing.ts';
import { macvlanLink } from './macvlan.ts';
import { BRIDGE, PASSTHRU, PRIVATE, SOURCE, VEPA } from './modes.ts';

const MODES = { private: PRIVATE, vepa: VEPA, bridge: BRIDGE, source: SOURCE };
const MAC_A = 0x02000000000a;
const MAC_B = 0x02000000000b;
const GROUP = 0x01005e010203;

interface Pair extends SwitchLab {
  a: NetDevice;
  b: NetDevice;
  stack: Stack;
}

function vlan(lab: SwitchLab, name: string, mode: number, address: number): NetDevice {
  const ns = lab.kernel.createNs(name.toUpperCase());
  const dev = addLink(lab.host, macvlanLink, name, { link: lab.h0, data: { mode }, tb: { address } });
  lab.kernel.dev.moveToNs(dev, ns);
  up(dev);
  dev.mc.add(GROUP);
  dev.core.setRxMode(dev);
  settle(lab.kernel, 1100);
  return dev;
}

function pair(src: number, dst: number, hairpin: boolean): Pair {
  const lab = switchLab({ hairpin });
  const a = vlan(lab, 'a', src, MAC_A);
  const b = vlan(lab, 'b', dst, MAC_B);
  const stack = new Stack(lab.kernel);
  return { ...lab, a, b, stack };
}

/** One frame from A; what the others make of it. */
function outcome(lab: Pair, dst: number): { b: string; self: string; host: string; wire: string; copies: number } {
  const wire = new Recorder([lab.s0]);
  send(lab.a, dst);
  settle(lab.kernel);
  const got = lab.stack.take();
  const copies = got.filter((l) => l.startsWith('B/b')).length;
  const crossed = wire.take().length > 0;
  const local = dst === MAC_B ? !crossed : lab.b.stats.rxBytes === 74; // siblings' floods count their header twice
  expect(lab.kernel.skbs.live).toBe(0);
  return {
    b: copies === 0 ? '-' : local ? 'local' : 'wire',
    copies,
    self: got.some((l) => l.startsWith('A/a')) ? 'yes' : '-',
    host: got.some((l) => l.startsWith('h0')) ? 'yes' : 'no',
    wire: crossed ? 'yes' : 'no',
  };
}

const row = (cells: string[]) =>
  cells
    .map((c) => c.padEnd(8))
    .join('')
    .trimEnd();

function table(dst: number, hairpin: boolean): string {
  const names = Object.keys(MODES) as Array<keyof typeof MODES>;
  const lines = [row(['', ...names, 'self', 'host', 'wire'])];
  for (const src of names) {
    const cells = names.map((name) => outcome(pair(MODES[src], MODES[name], hairpin), dst));
    for (const c of cells) expect(c.copies).toBeLessThanOrEqual(1);
    const same = (key: 'self' | 'host' | 'wire') => [...new Set(cells.map((c) => c[key]))].join('/');
    lines.push(row([src, ...cells.map((c) => c.b), same('self'), same('host'), same('wire')]));
  }
  return `\n${lines.join('\n')}\n`;
}

const picture = (text: string) => text.replace(/^ {4}/gm, '').replace(/ +$/gm, '');

test('unicast, plain switch: only bridge reaches bridge, and never by the wire', () => {
  expect(table(MAC_B, false)).toBe(
    picture(`
            private vepa    bridge  source  self    host    wire
    private -       -       -       -       -       no      yes
    vepa    -       -       -       -       -       no      yes
    bridge  -       -       local   -       -       no      yes/no
    source  -       -       -       -       -       no      yes
`),
  );
});

test('broadcast, plain switch: only bridge hears bridge, and the wire hears everyone', () => {
  expect(table(BROADCAST, false)).toBe(
    picture(`
            private vepa    bridge  source  self    host    wire
    private -       -       -       -       -       no      yes
    vepa    -       -       -       -       -       no      yes
    bridge  -       -       local   -       -       no      yes
    source  -       -       -       -       -       no      yes
`),
  );
});

test('unicast, hairpin (Q2: private is not private)', () => {
  expect(table(MAC_B, true)).toBe(
    picture(`
            private vepa    bridge  source  self    host    wire
    private wire    wire    wire    -       -       no      yes
    vepa    wire    wire    wire    -       -       no      yes
    bridge  wire    wire    local   -       -       no      yes/no
    source  wire    wire    wire    -       -       no      yes
`),
  );
});

const REFLECTED = `
            private vepa    bridge  source  self    host    wire
    private -       -       -       -       yes     no      yes
    vepa    -       wire    wire    -       -       yes     yes
    bridge  -       wire    local   -       -       yes     yes
    source  -       -       -       -       yes     no      yes
`;

test('broadcast, hairpin (Q3, Q4)', () => {
  expect(table(BROADCAST, true)).toBe(picture(REFLECTED));
});

test('multicast to a joined group, hairpin', () => {
  expect(table(GROUP, true)).toBe(picture(REFLECTED));
});

test('passthru hears its own broadcast back, and its own unicast, as HOST', () => {
  const lab = switchLab({ hairpin: true });
  const a = vlan(lab, 'a', PASSTHRU, MAC_A);
  const stack = new Stack(lab.kernel);
  send(a, BROADCAST);
  settle(lab.kernel);
  expect(stack.take()).toEqual(['sw/br0 BROADCAST', 'x/x0 BROADCAST', 'A/a BROADCAST']);
  send(a, MAC_B);
  settle(lab.kernel);
  expect(stack.take()).toEqual(['A/a HOST']);
});

/** What the outsider's frames and the host's become, for one mode: the macvlan's copy, then the host's. */
function external(mode: number, hairpin = false): string[] {
  const lab = switchLab({ hairpin });
  const a = vlan(lab, 'a', mode, MAC_A);
  const stack = new Stack(lab.kernel);
  const seen = (act: () => void): string => {
    stack.take();
    act();
    settle(lab.kernel);
    const got = stack.take().filter((l) => /^(A\/a|h0) /.test(l));
    return `${got.find((l) => l.startsWith('A/a'))?.split(' ')[1] ?? '-'} ${got.some((l) => l.startsWith('h0')) ? 'host' : '-'}`;
  };
  const x =
    (dst: number, src = lab.x0.addr) =>
    () =>
      send(lab.x0, dst, src);
  return [
    seen(x(MAC_A)),
    seen(x(lab.h0.addr)),
    seen(x(0x020000000077)),
    seen(x(BROADCAST)),
    seen(x(GROUP)),
    seen(() => send(lab.h0, MAC_A)),
    seen(() => send(lab.h0, BROADCAST)),
    seen(x(BROADCAST, a.addr)),
    seen(x(MAC_A, a.addr)),
    seen(() => send(a, lab.h0.addr)),
  ];
}

test('from outside and from the host', () => {
  const names = [
    'its MAC',
    'host MAC',
    'unknown',
    'broadcast',
    'group',
    'h>uni',
    'h>bc',
    'own src bc',
    'own src uni',
    'to host',
  ];
  const modes = { private: PRIVATE, vepa: VEPA, bridge: BRIDGE, source: SOURCE, passthru: PASSTHRU };
  const pictureOf = (hairpin: boolean) => {
    const columns = Object.values(modes).map((mode) => external(mode, hairpin));
    const wide = (cells: string[]) =>
      cells
        .map((c, i) => c.padEnd(i === 0 ? 13 : 16))
        .join('')
        .trimEnd();
    const lines = [wide(['', ...Object.keys(modes)]), ...names.map((n, i) => wide([n, ...columns.map((c) => c[i])]))];
    return `\n${lines.join('\n')}\n`;
  };
  expect(pictureOf(false)).toBe(
    picture(`
                 private         vepa            bridge          source          passthru
    its MAC      HOST -          HOST -          HOST -          - -             HOST -
    host MAC     - host          - host          - host          - host          HOST -
    unknown      - -             - -             - -             - -             HOST -
    broadcast    BROADCAST host  BROADCAST host  BROADCAST host  - host          BROADCAST host
    group        MULTICAST host  MULTICAST host  MULTICAST host  - host          MULTICAST host
    h>uni        - -             - -             - -             - -             - -
    h>bc         - -             - -             - -             - -             - -
    own src bc   BROADCAST -     - host          - host          BROADCAST -     BROADCAST -
    own src uni  HOST -          HOST -          HOST -          - -             HOST -
    to host      - -             - -             - -             - -             - -
`),
  );
  expect(pictureOf(true)).toBe(
    picture(`
                 private         vepa            bridge          source          passthru
    its MAC      HOST -          HOST -          HOST -          - -             HOST -
    host MAC     - host          - host          - host          - host          HOST -
    unknown      - -             - -             - -             - -             HOST -
    broadcast    BROADCAST host  BROADCAST host  BROADCAST host  - host          BROADCAST host
    group        MULTICAST host  MULTICAST host  MULTICAST host  - host          MULTICAST host
    h>uni        HOST -          HOST -          HOST -          - -             HOST -
    h>bc         BROADCAST host  BROADCAST host  BROADCAST host  - host          BROADCAST -
    own src bc   BROADCAST -     - host          - host          BROADCAST -     BROADCAST -
    own src uni  HOST -          HOST -          HOST -          - -             HOST -
    to host      - host          - host          - host          - host          HOST -
`),
  );
});
