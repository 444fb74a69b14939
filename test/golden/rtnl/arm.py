#!/usr/bin/env python3
"""The live arm of the rtnetlink goldens: sends recorded requests to this machine's kernel and prints what came back.

Reads a JSON scenario on stdin: {"steps": [{"ns": "a"|"b", "proto": 0|4|16, "strict": bool, "hex": "...", "waitMs": n}], "six": bool}.
Two fresh network namespaces are made; descriptors 200 and 201 stand for "a" and "b". Prints per step the datagrams that
answered and what listeners of each namespace heard meanwhile. Needs root; nothing of the machine changes.
"""
import ctypes, json, os, select, socket, sys, time

SOL_NETLINK, ADD_MEMBERSHIP, EXT_ACK, CAP_ACK, STRICT = 270, 1, 11, 10, 12
GROUPS = [1, 3, 4, 5, 7, 8, 24, 28]  # LINK NEIGH TC IPV4_IFADDR IPV4_ROUTE IPV4_RULE IPV4_NETCONF NSID
GROUPS6 = [9, 11, 19, 25]  # IPV6_IFADDR IPV6_ROUTE IPV6_RULE IPV6_NETCONF
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if getattr(libc, name)(*args) != 0:
        sys.exit('arm: %s: %s' % (name, os.strerror(ctypes.get_errno())))


def fresh(fd, six):
    call('unshare', 0x40000000)
    here = os.open('/proc/self/ns/net', os.O_RDONLY)
    os.dup2(here, fd)
    os.close(here)
    # IPv6 is there and silent: its own frames and messages would come in between at times of their own.
    os.system('mount -t sysfs none /sys 2>/dev/null')
    quiet = [('disable_ipv6', '0'), ('addr_gen_mode', '1'), ('accept_dad', '0'), ('router_solicitations', '0')]
    for name in ('all', 'default', 'lo'):
        for key, value in quiet if six else [('disable_ipv6', '1')]:
            with open('/proc/sys/net/ipv6/conf/%s/%s' % (name, key), 'w') as f:
                f.write(value)


class Sock:
    def __init__(self, proto, groups=()):
        self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, proto)
        self.s.bind((0, 0))
        self.s.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.s.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        for g in groups:
            self.s.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, g)

    def drain(self, wait):
        out = []
        end = time.monotonic() + wait
        while True:
            left = max(0, end - time.monotonic())
            if not select.select([self.s], [], [], left)[0]:
                return out
            out.append(self.s.recv(1 << 17).hex())


def main():
    scenario = json.load(sys.stdin)
    six = scenario.get('six', False)
    call('unshare', 0x00020000)
    os.system('mount --make-rprivate /')
    nss = {'a': 200, 'b': 201}
    for fd in nss.values():
        fresh(fd, six)
    socks, mons = {}, {}
    for name, fd in nss.items():
        call('setns', fd, 0x40000000)
        socks[name, 0] = Sock(0)
        socks[name, 16] = Sock(16)
        socks[name, 4] = Sock(4)
        mons[name] = Sock(0, GROUPS + GROUPS6 if six else GROUPS)
        mons[name + '16'] = Sock(16, [6])  # ethtool's monitor
    call('setns', 200, 0x40000000)
    results = []
    for step in scenario['steps']:
        sock = socks[step['ns'], step['proto']]
        if step.get('hex'):
            sock.s.setsockopt(SOL_NETLINK, STRICT, 1 if step.get('strict') else 0)
            sock.s.send(bytes.fromhex(step['hex']))
        answers = sock.drain(0.02)
        time.sleep(step.get('waitMs', 30) / 1000)
        answers += sock.drain(0)
        results.append({'answers': answers, 'heard': {name: mon.drain(0) for name, mon in mons.items()}})
    print(json.dumps(results))


main()
