"""A packet socket in every network namespace of a sandbox, from before its first frame to the end: one line for each frame,
`namespace device KIND hex`. Names of new namespaces come by the first fifo, an answer goes out by the second; an empty name
ends it. The namespace that it starts in is called host."""

import ctypes, os, select, socket, sys

KINDS = ["HOST", "BROADCAST", "MULTICAST", "OTHERHOST", "OUT", "LOOPBACK"]
SOL_PACKET, PACKET_AUXDATA = 263, 8
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
sockets = {}


def attach(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setblocking(False)
    sockets[s] = name


def drain(s, out):
    while True:
        try:
            data, extra, _, addr = s.recvmsg(70000, 256)
        except BlockingIOError:
            return
        aux = int.from_bytes(extra[0][2][0:4], "little") if extra else 0
        tag = f" vlan {int.from_bytes(extra[0][2][16:18], 'little')}" if aux & 0x10 else ""
        print(sockets[s], addr[0], KINDS[addr[2]], data.hex() + tag, file=out)


attach("host")
names, answers = os.open(sys.argv[1], os.O_RDWR), os.open(sys.argv[2], os.O_RDWR)
os.write(answers, b"ready\n")
with open(sys.argv[3], "w") as out:
    while True:
        readable = select.select([names, *sockets], [], [])[0]
        for s in readable:
            if s is not names:
                drain(s, out)
        if names in readable:
            name = os.read(names, 256).decode().strip()
            if name == "":
                break
            fd = os.open("/run/netns/" + name, os.O_RDONLY)
            libc.setns(fd, 0)
            attach(name)
            libc.setns(home, 0)
            os.close(fd)
            os.write(answers, b"ready\n")
    for s in list(sockets):
        drain(s, out)
