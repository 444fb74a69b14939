#!/usr/bin/env python3
"""Records what this machine's kernel says over netlink, as golden files for the tests: test/golden/netlink/*.json.

Needs root on Linux with macvlan, macvtap, veth, bridge and TAP. Runs in network, mount and PID namespaces of its own:
nothing of the machine changes. Datagrams are stored as hex; `exchanges` are requests with their answers, in order;
`tool` is what iproute2 or ethtool made of the same state. Re-run it to pin another kernel, and review the diff.

    tools/capture-netlink.py [--out DIRECTORY] [NAME ...]      all by default: links, bridges, errors, ...
"""
import ctypes, json, os, socket, struct, subprocess, sys, time

SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK = 270, 1, 10, 11
REQUEST, ACK, DUMP, CREATE, EXCL, REPLACE = 1, 4, 0x300, 0x400, 0x200, 0x100
NESTED = 0x8000


def sandbox():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000 | 0x00020000) != 0:  # CLONE_NEWNET | CLONE_NEWNS
        sys.exit('capture-netlink: needs root (unshare: %s)' % os.strerror(ctypes.get_errno()))
    run('mount --make-rprivate /')
    os.makedirs('/run/netns', exist_ok=True)
    run('mount -t tmpfs none /run/netns')
    run('ip link set lo up')


def run(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


def tool(command):
    return {'command': command, 'output': json.loads(run(command) or '[]')}


def attr(kind, payload):
    if isinstance(payload, int):
        payload = struct.pack('=I', payload)
    if isinstance(payload, str):
        payload = payload.encode() + b'\0'
    data = struct.pack('=HH', 4 + len(payload), kind) + payload
    return data + bytes(-len(data) % 4)


def ifinfo(family=0, index=0, flags=0, change=0):
    return struct.pack('=BBHiII', family, 0, 0, index, flags, change)


class Nl:
    def __init__(self, protocol=0, groups=(), cap=True):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.sock.bind((0, 0))
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        if cap:
            self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        for group in groups:
            self.sock.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, group)
        self.seq = 0
        self.exchanges = []

    def ask(self, what, kind, body, flags=ACK):
        self.seq += 1
        request = struct.pack('=IHHII', 16 + len(body), kind, REQUEST | flags, self.seq, 0) + body
        self.sock.send(request)
        answers, done = [], False
        while not done:
            data = self.sock.recv(1 << 18)
            answers.append(data.hex())
            at = 0
            while at < len(data):
                length, got, got_flags = struct.unpack_from('=IHH', data, at)
                if got in (2, 3) or not (flags & (DUMP | ACK)):
                    done = True
                at += (length + 3) & ~3
        self.exchanges.append({'what': what, 'request': request.hex(), 'answers': answers})
        return bytes.fromhex(answers[0])

    def waiting(self):
        self.sock.setblocking(False)
        out = []
        try:
            while True:
                out.append(self.sock.recv(1 << 18).hex())
        except BlockingIOError:
            return out


def devices():
    for command in '''
        ip link add eth0 address 02:00:00:00:01:00 type veth peer name peer0 address 02:00:00:00:02:00
        ip link add br0 address 02:00:00:00:03:00 type bridge
        ip link set peer0 master br0
        ip link set dev peer0 type bridge_slave hairpin on
        ip link set eth0 up
        ip link set peer0 up
        ip link set br0 up
        ip link add priv0 link eth0 address 02:00:00:00:10:01 type macvlan mode private
        ip link add vepa0 link eth0 address 02:00:00:00:10:02 type macvlan mode vepa
        ip link add brdg0 link eth0 address 02:00:00:00:10:03 type macvlan mode bridge bcqueuelen 500
        ip link add src0 link eth0 address 02:00:00:00:10:04 type macvlan mode source nodst
        ip link set src0 type macvlan macaddr set 02:aa:00:00:00:01 02:aa:00:00:00:02 02:aa:00:00:00:03
        ip link add tap0 link eth0 address 02:00:00:00:10:05 type macvtap mode bridge
        ip link add vb0 address 02:00:00:00:04:00 type veth peer name vb1 address 02:00:00:00:05:00
        ip link add pass0 link vb0 type macvlan mode passthru nopromisc
        ip link add vlan7 link vb1 type vlan id 7 || true
        ip tuntap add dev tt0 mode tap
        ip link set tt0 address 02:00:00:00:06:00
        ip link property add dev brdg0 altname one altname two
        ip link set brdg0 alias some-words
        ip link set priv0 up
        ip link set brdg0 up mtu 1400
        ip netns add pod
        ip link add away0 link eth0 address 02:00:00:00:10:06 netns pod type macvlan mode bridge
        ip netns set pod 5
        ip addr add 10.0.0.1/24 dev priv0 brd +
        ip addr add 10.0.0.9/24 dev priv0
        ip addr add 10.1.0.1 peer 10.1.0.2/32 dev brdg0
        ip addr add fd00::1/64 dev priv0 nodad
        ip addr add fd00::2/64 dev priv0 nodad valid_lft 600 preferred_lft 300
        ip route add 10.9.0.0/16 via 10.0.0.2 mtu 1400 advmss 1000
        ip route add default via 10.0.0.254 metric 100 proto static
        ip route add blackhole 10.8.0.0/16
        ip route add 10.7.0.0/16 src 10.0.0.9 dev priv0 table 1000
        ip route add 10.6.0.0/16 nexthop via 10.0.0.3 weight 2 nexthop via 10.1.0.2 dev brdg0
        ip -6 route add fd01::/64 via fd00::7
        ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev priv0
        ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev priv0 nud reachable
        ip neigh add proxy 10.0.0.99 dev priv0
        ip -6 neigh add fd00::7 lladdr 02:00:00:00:00:07 dev priv0
        bridge fdb add 02:bb:00:00:00:01 dev peer0 master static
        bridge fdb add 02:bb:00:00:00:02 dev eth0 self
        tc qdisc add dev eth0 root handle 1: fq_codel limit 500 || tc qdisc add dev eth0 root handle 1: pfifo limit 500
        '''.strip().splitlines():
        run(command.strip())
    time.sleep(2)


def links(nl):
    nl.ask('all links', 18, ifinfo() + attr(29, 9), DUMP)
    nl.ask('all links with statistics', 18, ifinfo() + attr(29, 1), DUMP)
    nl.ask('one link by name', 18, ifinfo() + attr(3, 'src0'), 0)
    nl.ask('one link by another name', 18, ifinfo() + attr(29, 1) + attr(53, 'two'), 0)
    return tool('ip -d -j link')


def bridges(nl):
    nl.ask('ports', 18, ifinfo(7), DUMP)
    nl.ask('ports with VLANs', 18, ifinfo(7) + attr(29, 2), DUMP)
    nl.ask('forwarding databases', 30, struct.pack('=BBHiHBB', 7, 0, 0, 0, 0, 0, 0), DUMP)
    return tool('bridge -j fdb')


def addrs(nl):
    nl.ask('all addresses', 22, bytes(8), DUMP)
    return tool('ip -j addr')


def routes(nl):
    nl.ask('IPv4 routes', 26, bytes([2]) + bytes(11), DUMP)
    nl.ask('IPv6 routes', 26, bytes([10]) + bytes(11), DUMP)
    nl.ask('the way to 10.9.1.2', 26, struct.pack('=BBBBBBBBI', 2, 32, 0, 0, 0, 0, 0, 0, 0x1000) + attr(1, bytes([10, 9, 1, 2])), 0)
    return tool('ip -j route show table all')


def neighs(nl):
    nl.ask('neighbours', 30, bytes(12), DUMP)
    nl.ask('proxies', 30, struct.pack('=BBHiHBB', 2, 0, 0, 0, 0, 8, 0), DUMP)
    return tool('ip -j neigh')


def nsids(nl):
    nl.ask('ids', 90, b'\0', DUMP)
    nl.ask('the id of this one', 90, b'\0\0\0\0' + attr(2, os.getpid()), 0)
    return tool('ip -j netns list-id')


def qdiscs(nl):
    nl.ask('qdiscs', 38, bytes(20), DUMP)
    return tool('tc -j qdisc')


def info(kind, data=b''):
    return attr(18, attr(1, kind) + attr(2, data))


def errors(nl):
    eth0 = socket.if_nametoindex('eth0')
    new = ACK | CREATE | EXCL
    macvlan = lambda data: attr(5, eth0) + attr(3, 'x0') + info('macvlan', data)
    nl.ask('an acknowledgement', 16, ifinfo(0, eth0))
    nl.ask('no such device', 16, ifinfo(0, 9999))
    nl.ask('name exists', 16, ifinfo() + attr(5, eth0) + attr(3, 'priv0') + info('macvlan', attr(1, 1)), new)
    nl.ask('unknown kind', 16, ifinfo() + attr(3, 'x0') + info('nosuchkind'), new)
    nl.ask('unknown netns id', 16, ifinfo() + macvlan(attr(1, 1)) + attr(37, 77), new)
    nl.ask('mtu too small', 16, ifinfo() + macvlan(attr(1, 1)) + attr(4, 10), new)
    nl.ask('address too long', 16, ifinfo() + macvlan(attr(1, 1)) + attr(1, bytes(40)), new)
    nl.ask('name too long', 16, ifinfo() + attr(5, eth0) + attr(3, 'a-name-of-16-chr') + info('macvlan'), new)
    nl.ask('a short number', 16, ifinfo() + macvlan(attr(1, b'\1\0')), new)
    nl.ask('a rejected attribute', 16, ifinfo() + macvlan(attr(8, 1)), new)
    nl.ask('a rejected link attribute', 16, ifinfo(0, eth0) + attr(60, 1))
    nl.ask('a number out of range', 16, ifinfo(0, eth0) + attr(41, 5))
    nl.ask('mode unknown', 16, ifinfo() + macvlan(attr(1, 3)), new)
    nl.ask('passthru beside others', 16, ifinfo() + macvlan(attr(1, 8)), new)
    nl.ask('address without length', 20, struct.pack('=BBBBI', 2, 24, 0, 0, eth0) + attr(2, b'\1'), new)
    nl.ask('route without gateway reachable', 24,
           struct.pack('=BBBBBBBBI', 2, 24, 0, 0, 254, 3, 0, 1, 0) + attr(1, bytes([10, 77, 0, 0])) + attr(5, bytes([192, 0, 2, 1])), new)
    nl.ask('gateway of the wrong length', 24,
           struct.pack('=BBBBBBBBI', 2, 24, 0, 0, 254, 3, 0, 1, 0) + attr(5, b'\1\2'), new)
    nl.ask('neighbour without address', 28, struct.pack('=BBHiHBB', 2, 0, 0, eth0, 128, 0, 0), new)
    nl.ask('neighbour of no device', 28, struct.pack('=BBHiHBB', 2, 0, 0, 9999, 128, 0, 0) + attr(1, bytes(4)), new)
    nl.ask('an unknown message type', 126, ifinfo())
    nl.ask('link without anything', 16, ifinfo(), ACK)
    return None


def uncapped(nl):
    nl.ask('unknown kind, request sent back', 16, ifinfo() + attr(3, 'x0') + info('nosuchkind'), ACK | CREATE)
    nl.ask('no such device, request sent back', 16, ifinfo(0, 9999))
    return None


def notifications(_):
    nl = Nl(0, [1, 3, 5, 7, 9, 11, 28])
    for command in '''
        ip link add note0 link eth0 address 02:00:00:00:20:01 type macvlan mode bridge
        ip link set note0 up
        ip addr add 10.20.0.1/24 dev note0
        ip neigh add 10.20.0.7 lladdr 02:00:00:00:00:77 dev note0
        ip route add 10.21.0.0/24 via 10.20.0.7
        ip link set note0 type macvlan mode private
        ip link set note0 netns pod
        ip -n pod link del note0
        '''.strip().splitlines():
        run(command.strip())
    time.sleep(0.3)
    nl.exchanges.append({'what': 'the life of a macvlan', 'request': '', 'answers': nl.waiting()})
    return nl


def ethtool(nl):
    answer = nl.ask('nlctrl: the ethtool family', 16, bytes([3, 1, 0, 0]) + attr(2, 'ethtool'), 0)
    family = struct.unpack_from('=H', answer, answer.index(struct.pack('=HH', 6, 1), 20) + 4)[0]
    nl.ask('nlctrl: no such family', 16, bytes([3, 1, 0, 0]) + attr(2, 'nosuch'))
    head = lambda name, flags=None: attr(1 | NESTED, attr(2, name) + (attr(3, flags) if flags is not None else b''))
    get = lambda command, body: bytes([command, 1, 0, 0]) + body
    sets = attr(2 | NESTED, b''.join(attr(1 | NESTED, attr(1, i)) for i in (4, 5, 6, 8, 9, 10, 11, 12, 13, 14)))
    nl.ask('string sets', family, get(1, attr(1 | NESTED, b'') + sets), 0)
    for name, command in [('linkinfo', 2), ('linkmodes', 4), ('linkstate', 6), ('debug', 7), ('wol', 9), ('features', 11),
                          ('privflags', 13), ('rings', 15), ('channels', 17), ('coalesce', 19), ('pause', 21),
                          ('tsinfo', 25), ('rss', 38)]:
        for device in ('eth0', 'brdg0', 'tt0'):
            nl.ask(f'{name} of {device}', family, get(command, head(device)), ACK)
    nl.ask('features of eth0, compact', family, get(11, head('eth0', 1)), ACK)
    nl.ask('features of all', family, get(11, attr(1 | NESTED, b'')), DUMP)
    bit = lambda name, on: attr(1 | NESTED, attr(2, name) + (attr(3, b'') if on else b''))
    wanted = lambda *bits: attr(3 | NESTED, attr(3 | NESTED, b''.join(bits)))
    nl.ask('features of eth0: gro off', family, get(12, head('eth0') + wanted(bit('rx-gro', False))), ACK)
    nl.ask('features of eth0: gro on', family, get(12, head('eth0') + wanted(bit('rx-gro', True))), ACK)
    nl.ask('features of eth0: fixed', family, get(12, head('eth0') + wanted(bit('l2-fwd-offload', True))), ACK)
    nl.ask('features of eth0: unknown name', family, get(12, head('eth0') + wanted(bit('nosuch', True))), ACK)
    nl.ask('features of no device', family, get(11, head('nosuch')), ACK)
    nl.ask('features without header', family, get(11, b''), ACK)
    nl.ask('features, header without bit', family, get(11, attr(1, attr(2, 'eth0'))), ACK)
    nl.ask('features, unknown flag', family, get(11, head('eth0', 64)), ACK)
    nl.ask('features, unknown attribute', family, get(11, head('eth0') + attr(99, 1)), ACK)
    return None


def main():
    args = sys.argv[1:]
    out = os.path.join(os.path.dirname(__file__), '../test/golden/netlink')
    if args[:1] == ['--out']:
        out, args = args[1], args[2:]
    out = os.path.abspath(out)
    sandbox()
    devices()
    kernel, iproute2 = os.uname().release.split('-')[0], run('ip -V').split()[-1]
    os.makedirs(out, exist_ok=True)
    for name, capture, protocol, cap in [
        ('links', links, 0, True), ('bridges', bridges, 0, True), ('addrs', addrs, 0, True), ('routes', routes, 0, True),
        ('neighs', neighs, 0, True), ('nsids', nsids, 0, True), ('qdiscs', qdiscs, 0, True), ('errors', errors, 0, True),
        ('uncapped', uncapped, 0, False), ('notifications', notifications, 0, True), ('ethtool', ethtool, 16, True),
    ]:
        if args and name not in args:
            continue
        nl = Nl(protocol, (), cap)
        seen = capture(nl)
        if isinstance(seen, Nl):
            nl, seen = seen, None
        golden = {'kernel': kernel, 'iproute2': iproute2, 'protocol': protocol, 'tool': seen, 'exchanges': nl.exchanges}
        with open(os.path.join(out, name + '.json'), 'w') as f:
            json.dump(golden, f, indent=1)
            f.write('\n')
        print(f'{name}: {len(nl.exchanges)} exchanges, {sum(len(e["answers"]) for e in nl.exchanges)} datagrams')


main()
