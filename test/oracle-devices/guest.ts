// The other arm: Debian's kernel in QEMU. Downloads the kernel's package, unpacks it (nothing is installed), packs the
// guest's programs into an initramfs and boots it once per scenario. No KVM is needed; time inside the guest is counted
// in instructions (-icount), so that a busy host changes no answer and a sleep costs nothing.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const here = join(process.cwd(), 'test/oracle-devices');
const work = join(process.env.TMPDIR ?? tmpdir(), 'lowerdev-oracle');
const MODULES = [
  'llc',
  'stp',
  'garp',
  'mrp',
  '8021q',
  'bridge',
  'tls',
  'bonding',
  'dummy',
  'macvlan',
  'tap',
  'macvtap',
  'veth',
];
const PROGRAMS = ['ip', 'bridge', 'ethtool', 'ping', 'python3'];
/** What of Python's library the runner and its imports need. */
const PACKAGES = ['encodings', 'ctypes', 'collections', 'importlib', 're', 'lib-dynload'];
const BOOT_MS = 600_000;

/** What it needs on the host; null when all is there. */
export function whyNoGuest(): string | null {
  const missing = ['qemu-system-x86_64', 'apt-get', 'dpkg', 'busybox', 'xz', ...PROGRAMS].filter(
    (p) => which(p) === null,
  );
  return missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;
}

function which(program: string): string | null {
  for (const folder of ['/usr/bin', '/usr/sbin', '/bin', '/sbin']) {
    const path = join(folder, program);
    if (existsSync(path)) return path;
  }
  return null;
}

function sh(command: string, cwd = work): string {
  return execFileSync('sh', ['-c', command], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
}

/** Makes kernel and initramfs ready; the kernel's release. */
export function prepare(): string {
  mkdirSync(join(work, 'debs'), { recursive: true });
  const depends = sh('apt-cache depends linux-image-cloud-amd64');
  const image = /Depends: (linux-image-6\S*)/.exec(depends)?.[1];
  if (image === undefined) throw new Error('no linux-image-cloud-amd64 in the package lists: apt-get update first');
  const release = image.slice('linux-image-'.length);
  const root = join(work, 'root');
  if (!existsSync(join(root, 'boot', `vmlinuz-${release}`))) {
    sh(`apt-get download -q ${image}`, join(work, 'debs'));
    sh(`dpkg -x "$(ls debs/${image}_*.deb | tail -1)" root`);
  }
  initramfs(join(root, 'lib/modules', release, 'kernel'));
  return release;
}

function initramfs(modules: string): void {
  const r = join(work, 'initramfs-devices');
  rmSync(r, { recursive: true, force: true });
  for (const d of ['bin', 'sbin', 'proc', 'sys', 'dev', 'tmp', 'run', 'mod', 't', 'usr/bin', 'usr/lib'])
    mkdirSync(join(r, d), { recursive: true });
  for (const p of ['busybox', ...PROGRAMS]) program(r, p);
  const python = sh('python3 -c "import sys; print(sys.prefix, sys.version_info[0], sys.version_info[1])"')
    .trim()
    .split(' ');
  const lib = `/usr/lib/python${python[1]}.${python[2]}`;
  mkdirSync(join(r, lib), { recursive: true });
  for (const f of readdirSync(lib))
    if (f.endsWith('.py') || PACKAGES.includes(f))
      cpSync(join(lib, f), join(r, lib, f), {
        recursive: true,
        dereference: true,
        filter: (s) => !s.includes('__pycache__') && !s.includes('/test'),
      });
  libraries(r, sh(`ls ${lib}/lib-dynload/_ctypes.*`).trim());
  for (const m of MODULES) {
    const file = sh(`find ${modules} -name '${m}.ko' -o -name '${m}.ko.xz'`).trim();
    if (file.endsWith('.xz')) sh(`xz -dc ${file} > ${join(r, 'mod', `${m}.ko`)}`);
    else if (file !== '') copyFileSync(file, join(r, 'mod', `${m}.ko`));
  }
  copyFileSync(join(here, 'init.sh'), join(r, 'init'));
  sh(`chmod 755 ${join(r, 'init')}`);
  copyFileSync(join(here, 'guest.py'), join(r, 'guest.py'));
  for (const f of readdirSync(join(here, 'scenarios'))) copyFileSync(join(here, 'scenarios', f), join(r, 't', f));
  sh('find . | busybox cpio -o -H newc > ../initrd-devices', r);
  writeFileSync(join(work, 'initrd-devices.gz'), gzipSync(readFileSync(join(work, 'initrd-devices')), { level: 1 }));
}

function program(r: string, name: string): void {
  const path = realpathSync(which(name) as string);
  copyFileSync(path, join(r, 'bin', name));
  libraries(r, path);
}

function libraries(r: string, path: string): void {
  for (const lib of sh(`ldd ${path} || true`).match(/\/[^ )]+/g) ?? []) {
    const to = join(r, lib);
    mkdirSync(dirname(to), { recursive: true });
    if (!existsSync(to)) copyFileSync(realpathSync(lib), to);
  }
}

/** Runs one scenario; what the guest's runner wrote. */
export function boot(release: string, scenario: string): string {
  // -cx16: this emulation of cmpxchg16b breaks some kernels.
  const args = [
    '-accel',
    'tcg,thread=single',
    '-icount',
    'shift=1,sleep=off',
    '-m',
    '512',
    '-cpu',
    'max,-cx16',
    '-nodefaults',
    '-vga',
    'none',
    '-nographic',
    '-no-reboot',
    '-net',
    'none',
    '-serial',
    'stdio',
    '-kernel',
    join(work, 'root/boot', `vmlinuz-${release}`),
    '-initrd',
    join(work, 'initrd-devices.gz'),
    '-append',
    `console=ttyS0 quiet panic=-1 mitigations=off nokaslr ipv6.disable_ipv6=1 T=${scenario}`,
  ];
  const out = execFileSync('qemu-system-x86_64', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BOOT_MS,
    maxBuffer: 1 << 26,
  });
  const text = out.replaceAll('\r', '');
  const from = text.indexOf('@@KERNEL ');
  const to = text.indexOf('@@DONE');
  if (from < 0 || to < 0 || /Oops|BUG:|Kernel panic/.test(text))
    throw new Error(`the guest did not finish ${scenario}:\n${text.slice(-2000)}`);
  return text.slice(text.indexOf('\n', from) + 1, to);
}
