# Runs scenarios inside the guest: one step after the other, with a watcher in every namespace. Writes, for each step,
# what the model's arm writes: the command, what it said, its exit code, and for `frames` what passed the devices.
# Steps are shell lines, but for four words of its own:
#   send [NS/]DEV HEX     a frame as given, padded with zeros to 60 bytes
#   group [NS/]DEV MAC    joins a multicast group, as a packet socket does
#   tap open|close|read DEV, tap write DEV HEX, tap flags DEV HEX, tap header DEV N
#                         the character device of a macvtap, TUNSETIFF and TUNSETVNETHDRSZ
#   frames                what the watchers saw since they were asked last

import ctypes, fcntl, os, re, select, socket, struct, subprocess, sys, time

LIBC = ctypes.CDLL('libc.so.6', use_errno=True)
KINDS = ['HOST', 'BROADCAST', 'MULTICAST', 'OTHERHOST', 'OUT', 'LOOPBACK']
HOME = os.open('/proc/self/ns/net', os.O_RDONLY)
SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 263, 8, 1 << 4


def enter(fd):
    if LIBC.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), 'setns')


def inside(ns, what):
    if ns == '':
        return what()
    fd = os.open('/run/netns/' + ns, os.O_RDONLY)
    enter(fd)
    try:
        return what()
    finally:
        enter(HOME)
        os.close(fd)


def watcher():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE
    s.setblocking(False)
    return s


WATCHERS = {}


def watch():
    names = [''] + (sorted(os.listdir('/run/netns')) if os.path.isdir('/run/netns') else [])
    for ns in names:
        if ns not in WATCHERS:
            WATCHERS[ns] = inside(ns, watcher)
    for ns in list(WATCHERS):
        if ns not in names:
            WATCHERS.pop(ns).close()


def drain(ns, s):
    out = []
    while True:
        try:
            data, aux, _, addr = s.recvmsg(65536, 256)
        except BlockingIOError:
            return out
        tag = ''
        for level, kind, raw in aux:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack('IIIHHHH', raw[:20])
                if status & VLAN_VALID:
                    tag = ' tag %04x:%04x' % (tpid, tci)
        dev = addr[0] if ns == '' else ns + '/' + addr[0]
        if addr[0] != 'lo':
            out.append('%s %s %d %s%s' % (dev, KINDS[addr[2]], len(data), data[:64].rstrip(b'\0').hex(), tag))


def frames():
    time.sleep(0.05)
    for ns in sorted(WATCHERS):
        for line in drain(ns, WATCHERS[ns]):
            print(line)


def send(where, text):
    ns, _, dev = where.rpartition('/')
    frame = bytes.fromhex(text)
    frame += b'\0' * (60 - len(frame))

    def go():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            s.sendto(frame, (dev, 0))
        finally:
            s.close()

    try:
        inside(ns, go)
    except OSError as e:
        print('send: %s' % os.strerror(e.errno))


GROUPS = []


def group(where, mac):
    ns, _, dev = where.rpartition('/')

    def go():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        address = bytes.fromhex(mac.replace(':', ''))
        s.setsockopt(SOL_PACKET, 1, struct.pack('iHH8s', socket.if_nametoindex(dev), 0, 6, address + b'\0\0'))
        GROUPS.append(s)  # a member while it is open

    inside(ns, go)


TAPS = {}
TUNSETIFF, TUNSETVNETHDRSZ = 0x400454CA, 0x400454D8


def tap(words):
    what, dev = words[1], words[2]
    try:
        if what == 'open':
            TAPS[dev] = os.open('/dev/tap%d' % socket.if_nametoindex(dev), os.O_RDWR | os.O_NONBLOCK)
        elif what == 'close':
            os.close(TAPS.pop(dev))
        elif what == 'read':
            print(os.read(TAPS[dev], 65536)[:90].rstrip(b'\0').hex())
        elif what == 'write':
            print(os.write(TAPS[dev], bytes.fromhex(words[3])))
        elif what == 'flags':
            fcntl.ioctl(TAPS[dev], TUNSETIFF, struct.pack('16sH22x', b'', int(words[3], 16)))
        elif what == 'header':
            fcntl.ioctl(TAPS[dev], TUNSETVNETHDRSZ, struct.pack('i', int(words[3])))
    except OSError as e:
        print('tap: %s' % os.strerror(e.errno))


def run(step):
    print('$ ' + step, flush=True)
    words = step.split()
    if words[0] == 'frames':
        frames()
    elif words[0] == 'send':
        send(words[1], words[2])
    elif words[0] == 'tap':
        tap(words)
    elif words[0] == 'group':
        group(words[1], words[2])
    else:
        r = subprocess.run(['/bin/busybox', 'sh', '-c', step], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        sys.stdout.write(r.stdout.decode('utf-8', 'replace'))
        if r.stdout and not r.stdout.endswith(b'\n'):
            print()
        for line in r.stderr.decode('utf-8', 'replace').splitlines():
            print('! ' + line)
        if r.returncode != 0:
            print('? %d' % r.returncode)
    sys.stdout.flush()
    watch()


def main(path):
    print('@@KERNEL ' + os.uname().release)
    watch()
    for line in open(path):
        line = line.rstrip('\n')
        if line.strip() and not line.startswith('#'):
            run(line)
    print('@@DONE', flush=True)


main(sys.argv[1])
