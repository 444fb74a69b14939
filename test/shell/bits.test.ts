// Bitwise arithmetic in scripts, as bash computes it; where there is a bash it is asked too.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';

const script = `a=3232235777 b=8 n=-5
f() { echo $(( $1 >> 24 & 255 )).$(( $1 >> 16 & 255 )).$(( $1 >> 8 & 255 )).$(( $1 & 255 )); }
f $a; f $(( (192 << 24) + (168 << 16) + (1 << 8) + 7 )); f $(( (10 << 24) | (255 << 8) | 1 ))
echo $(( $a >> $b )) $((\${a}>>\${b})) $(( a>>b )) $(( a >> b >> b )) $(( ~a )) $(( ~n )) $(( ~~a ))
echo $(( a & 0xffffff00 )) $(( a | 0xff )) $(( a ^ 0xffffffff )) $(( a & ~255 )) $(( 0xffffffff & ~0xff )) $(( -1 & 0xffffffff ))
echo $(( n >> 1 )) $(( n >> 40 )) $(( n << 33 )) $(( n & 3 )) $(( n | 3 )) $(( n ^ 3 )) $(( n & a )) $(( n | -2 )) $(( -8 >> 2 ))
echo $(( 1 << 40 )) $(( 1 << 31 )) $(( 1 << 32 )) $(( 0xdeadbeef ^ 0x12345678 )) $(( (1 << 40) | 1 )) $(( (1 << 40) ^ (1 << 40 | 3) ))
echo $(( a > 1 && b | 0 )) $(( a || 0 )) $(( 3 & 5 | 2 ^ 7 )) $(( 1 | 2 ? 5 : 6 )) $(( 1 + 2 << 3 - 1 )) $(( ! 5 & 1 ))
x=1; echo $(( x++ << 2 | x )) $x $(( (x = 5) & 4 )) $x $(( x <<= 33 )) $x $(( x >>= 30 )) $x $(( x |= 3, x &= ~1, x ^= 0x80000000 )) $x
(( x = a >> 4, x & 1 )) && echo odd || echo even
for ((i = 90000000000; i > 9; i >>= 11)); do echo $i; done
v=abcdefgh; arr=(0 1 2 3 4 5); echo $(( arr[1 | 2] << 1 ))
echo $(( $(echo 3) << $(echo 4) )) $(( \`echo 6\` & 3 )) $(( $# | 4 )) $(( \${#v} << 1 )) $(( 16#ff & 2#1010 )) $(( 017 | 16 ))
mac=$(printf '%02x:%02x:%02x:%02x' $((a >> 24 & 255)) $((a >> 16 & 255)) $((a >> 8 & 255)) $((a & 255))); echo 02:00:$mac
`;

const said = `192.168.1.1
192.168.1.7
10.0.255.1
12625921 12625921 12625921 49320 -3232235778 4 3232235777
3232235776 3232236031 1062731518 3232235776 4294967040 4294967295
-3 -1 -42949672960 3 -5 -8 3232235777 -1 -2
1099511627776 2147483648 4294967296 3432638615 1099511627777 3
1 1 5 5 12 0
6 2 4 5 42949672960 42949672960 40 40 2147483690 2147483690
even
90000000000
43945312
21457
10
6
48 2 4 16 10 31
02:00:c0:a8:01:01
`;

test('bits of numbers wider than 32', async () => {
  const { stdout, stderr } = await runScript(script);
  expect(stderr).toBe('');
  expect(stdout).toBe(said);
});

test('a live variable is read once', async () => {
  const { stdout } = await runScript(
    'for i in 1 2 3 4 5 6 7 8; do r=$(( RANDOM & 1 )); [ $r = 0 ] || [ $r = 1 ] || echo $r; done; echo done',
  );
  expect(stdout).toBe('done\n');
});

function bash(): string | null {
  try {
    return execFileSync('bash', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    return null;
  }
}

test.skipIf(bash() === null)('and bash says the same', () => {
  expect(bash()).toBe(said);
});
