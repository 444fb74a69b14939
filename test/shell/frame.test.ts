// frame and ip maddr: raw frames leave as they were given, errors are Linux's, a group is on the list while it is asked for.

import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';

const pair = 'ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; sleep 2\n';
const hello = 'ffffffffffff02000000000188b50102';

test('frame sends what it is given, byte by byte', async () => {
  const { stdout } = await runScript(
    `${pair}tcpdump -c 2 -l -xx -e -n -i v1 ether proto 0x88b5 2>/dev/null & sleep 0.1; frame v0 ${hello} ${hello}ff; wait`,
  );
  expect(stdout.match(/02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff/g)).toHaveLength(2);
  expect(stdout).toContain('88b5 0102');
  expect(stdout).toContain('0x0010:  ff');
});

test('frame says what was wrong', async () => {
  const lines = [`frame nope ${hello}`, `frame v1 ${hello.slice(0, 26)}`, `ip link set v0 down; frame v0 ${hello}`];
  const errors = ['nope: No such device', 'v1: Invalid argument', 'v0: Network is down'];
  for (const [i, line] of lines.entries()) {
    const { stderr, exitCode } = await runScript(`${pair}${line}`);
    expect([stderr, exitCode]).toEqual([`frame: ${errors[i]}\n`, 1]);
  }
  expect(await runScript('frame lo 123')).toMatchObject({
    stderr: "frame: '123' is not pairs of hex digits\n",
    exitCode: 2,
  });
});

test('ip maddr add and del keep one link-layer group per device, as iproute2 does', async () => {
  const group = '01:00:5e:00:00:05';
  const shown = `${pair}ip maddr add ${group} dev v0; ip maddr add ${group} dev v0; ip -f link maddr show dev v0`;
  expect((await runScript(shown)).stdout).toContain(`link  ${group} static`);
  expect(
    (await runScript(`${shown} >/dev/null; ip maddr del ${group} dev v0; ip -f link maddr show dev v0`)).stdout,
  ).not.toContain(group);
  const refusals: Array<[line: string, text: string, code: number]> = [
    [`ip maddr del ${group} dev v0`, 'ioctl: No such file or directory\n', 1],
    [`ip maddr add ${group} dev nodev`, 'ioctl: No such device\n', 1],
    [`ip maddr add ${group} dev lo`, 'ioctl: Invalid argument\n', 1],
    ['ip maddr add 1:2 dev lo', 'Error: Invalid address length 2 - must be 6 bytes\n', 1],
    ['ip maddr add 224.0.0.1 dev lo', 'Error: Invalid address length 4 - must be 6 bytes\n', 1],
    ['ip maddr add xyz dev lo', '"xyz" is invalid lladdr.\n', 1],
    [`ip maddr add ${group}`, 'Not enough information: "dev" is required.\n', 255],
    [
      `ip maddr add ${group} 01:00:5e:00:00:06 dev lo`,
      'Error: duplicate "address": "01:00:5e:00:00:06" is the second value.\n',
      255,
    ],
  ];
  for (const [line, text, code] of refusals) {
    expect(await runScript(`${pair}${line}`), line).toMatchObject({ stderr: text, exitCode: code });
  }
});
