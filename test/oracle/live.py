"""The live arm of a storm: does in namespaces of this machine's kernel what the model did, and reports what it saw.

Runs inside a sandbox (namespaces of its own). One lab a line comes in as JSON, one report a line goes out. A lab begins
with fresh network namespaces and leaves none behind.

Nothing is waited for by the clock. Link watch, which Linux runs once a second for the whole machine, does a device's work
at once when somebody asks for that one link (rtnl_getlink, linkwatch_sync_dev), so after a change every link is asked for.
Then it polls until the kernel is where the model says (frames seen, state of all links). If the kernel never gets there, it
reports what there is after `patience` seconds.

It stays on one CPU: a veth's frames then pass one backlog, in order; only macvlan's broadcast worker runs where it likes.
"""

import ctypes, fcntl, glob, json, os, queue, socket, struct, sys, tempfile, threading, time, zlib

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, FD_BASE = 0x40000000, 900
SOL_NETLINK, CAP_ACK, EXT_ACK, STRICT = 270, 10, 11, 12
SOL_PACKET, PACKET_AUXDATA, ETH_P_ALL = 263, 8, 3
SIOCSIFFLAGS, SIOCADDMULTI, SIOCDELMULTI, SIOCGIFINDEX = 0x8914, 0x8931, 0x8932, 0x8933
RTM_NEWLINK, RTM_GETLINK, NLMSG_ERROR, NLMSG_DONE = 16, 18, 2, 3
KINDS = ["HOST", "BROADCAST", "MULTICAST", "OTHERHOST", "OUT", "LOOPBACK"]
OPERSTATES = ["UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP"]
COUNTERS = """rxPackets txPackets rxBytes txBytes rxErrors txErrors rxDropped txDropped multicast collisions rxLengthErrors
 rxOverErrors rxCrcErrors rxFrameErrors rxFifoErrors rxMissedErrors txAbortedErrors txCarrierErrors txFifoErrors
 txHeartbeatErrors txWindowErrors rxCompressed txCompressed rxNohandler rxOtherhostDropped""".split()
DUMP = struct.pack("=IHHIIBxHiII", 32, RTM_GETLINK, 0x301, 1, 0, 0, 0, 0, 0, 0)

# The model has no firewall's view of bridges (br_netfilter, where it is loaded).
SYSCTLS = [(f"bridge/bridge-nf-call-{which}tables", "0") for which in ("ip", "ip6", "arp")]
# A virtio header that asks for nothing.
NO_OFFLOAD = bytes(10)
ENODEV, EBUSY = 19, 16


class Space:
    """A network namespace: its sockets stay open while the lab lasts."""

    def __init__(self, name, number, tapped, sysctls):
        self.name = name
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.fd = FD_BASE + number
        os.dup2(fd, self.fd)
        os.close(fd)
        for key, value in sysctls + SYSCTLS:
            try:
                with open(f"/proc/sys/net/{key}", "w") as f:
                    f.write(value)
            except FileNotFoundError:
                pass  # a kernel without that part
        self.nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.nl.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE
        for option in (CAP_ACK, EXT_ACK, STRICT):
            self.nl.setsockopt(SOL_NETLINK, option, 1)
        self.nl.bind((0, 0))
        self.ctl = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        # Who joins groups.
        self.four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.tap = None
        # The last dump as lines, by the bytes of each link.
        self.lines = {}
        if tapped:
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.tap.setsockopt(socket.SOL_SOCKET, 33, 1 << 23)
            self.tap.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def member(self, index, join, group):
        if ":" in group:
            request = socket.inet_pton(socket.AF_INET6, group) + struct.pack("=I", index)
            self.six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP if join else socket.IPV6_LEAVE_GROUP, request)
            return
        request = socket.inet_aton(group) + bytes(4) + struct.pack("=I", index)
        self.four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP if join else socket.IP_DROP_MEMBERSHIP, request)

    def open_file(self, dev):
        """The character device of a macvtap: its number is in /sys, which shows the namespace of whoever mounts it."""
        if libc.setns(self.fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        place = tempfile.mkdtemp()
        try:
            if libc.mount(b"sysfs", place.encode(), b"sysfs", 0, None) != 0:
                raise OSError(ctypes.get_errno(), "mount")
            try:
                found = glob.glob(f"{place}/class/net/{dev}/macvtap/tap*/dev")
                if len(found) == 0:
                    return None
                with open(found[0]) as f:
                    major, minor = map(int, f.read().split(":"))
            finally:
                libc.umount2(place.encode(), 2)
            node = f"{place}/node"
            os.mknod(node, 0o20600, os.makedev(major, minor))
            fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
            os.unlink(node)
            return fd
        finally:
            os.rmdir(place)

    def ask(self, request):
        self.nl.send(request)
        return self.nl.recv(1 << 16)

    def sync(self, indexes):
        """Makes link watch do its work on these links."""
        self.nl.send(b"".join(struct.pack("=IHHIIBxHiII", 32, RTM_GETLINK, 1, 2, 0, 0, 0, i, 0, 0) for i in indexes))
        for _ in indexes:
            self.nl.recv(1 << 16)

    def dump(self):
        self.nl.send(DUMP)
        out = []
        while True:
            d = self.nl.recv(1 << 17)
            out.append(d)
            if any(kind in (NLMSG_DONE, NLMSG_ERROR) for kind, _ in messages(d)):
                return out

    def state(self):
        old, self.lines = self.lines, {}
        links = [m for d in self.dump() for kind, m in messages(d) if kind == RTM_NEWLINK]
        numbers = tuple(struct.unpack_from("=I", m, 4)[0] for m in links)
        for m in links:
            self.lines[m, numbers] = old.get((m, numbers)) or link_line(self.name, m, numbers)
        return self.lines.values()

    def frames(self):
        out = []
        while self.tap is not None:
            try:
                data, extra, _, addr = self.tap.recvmsg(70000, 256, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            tag = ""
            for level, kind, aux in extra:
                status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", aux[:20])
                if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and status & 0x10:
                    tag = f" vlan {tci}"
            out.append(frame_line(addr[0], KINDS[addr[2]], data) + tag)
        return out


def frame_line(dev, kind, data):
    return f"{dev} {kind} {len(data)} {data[:14].hex()} {zlib.crc32(data[14:]):08x}"


def messages(datagram):
    at = 0
    while at + 16 <= len(datagram):
        length, kind = struct.unpack_from("=IH", datagram, at)
        yield kind, datagram[at + 16 : at + length]
        at += (length + 3) & ~3


def attributes(data, at):
    out = {}
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        out[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return out


def number(a, kind, form="=I"):
    return struct.unpack(form, a[kind])[0] if kind in a else 0


def operstate(index, a, numbers):
    """As in text.ts: the state of a link whose lower device is elsewhere, while its number is a stranger's here."""
    state, link = OPERSTATES[number(a, 16, "=B")], number(a, 5)
    vague = 37 in a and link != index and link in numbers
    return "DOWN*" if vague and state in ("DOWN", "LOWERLAYERDOWN") else state


def link_line(space, data, numbers):
    index = struct.unpack_from("=I", data, 4)[0]
    flags = struct.unpack_from("=I", data, 8)[0]
    a = attributes(data, 16)
    mac = a.get(1, bytes(6)).hex(":")
    if not mac.startswith("02:00:00:") and mac != "00:00:00:00:00:00":
        mac = "made-up"
    counters = [f"{COUNTERS[i]}={n}" for i, n in enumerate(struct.unpack_from("=25Q", a[23])) if n != 0]
    name = a[3].rstrip(b"\0").decode()
    return " ".join(
        [f"{space}/{name}", hex(flags), operstate(index, a, numbers), f"mtu={number(a, 4)}", mac, f"link={number(a, 5)}"]
        + [f"master={number(a, 10)}", f"promisc={number(a, 30)}", f"allmulti={number(a, 61)}"]
        + counters
    )


def read(dev, fd):
    """What a macvtap's file has."""
    while True:
        try:
            data = os.read(fd, 70000)
        except OSError:
            return  # nothing there, or the device has gone
        if len(data) == 0:
            return
        header, line = data[:10], frame_line(dev, "READ", data[10:])
        yield line if header == NO_OFFLOAD else f"{line} header {header.hex()}"


class Lab:
    def __init__(self, order):
        # Linux's multicast filters have 256 buckets and a salt: the address of the device. Other addresses, other collisions.
        for i in range(order.get("ballast", 0) * 3):
            libc.unshare(CLONE_NEWNET)
        sysctls = [tuple(s) for s in order["sysctls"]]
        self.spaces = [Space(name, i, order["taps"], sysctls) for i, name in enumerate(order["spaces"])]
        # Of macvtaps, by the model's number: name and descriptor.
        self.files = {}
        # As on every machine that has booted.
        fcntl.ioctl(self.spaces[0].ctl, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", 0x49))
        self.patience, self.pause = order["patience"], order["pause"]

    def close(self):
        for fd in [s.fd for s in self.spaces] + [fd for _, fd in self.files.values()]:
            os.close(fd)
        leaving.put([one for s in self.spaces for one in (s.nl, s.ctl, s.out, s.four, s.six, s.tap) if one is not None])
        self.spaces = []

    def state(self):
        return [line for s in self.spaces for line in s.state()]

    def frames(self):
        return [line for s in self.spaces for line in s.frames()] + [line for dev, fd in self.files.values() for line in read(dev, fd)]

    def act(self, deed):
        space = self.spaces[deed["ns"]]
        if deed["do"] == "netlink":
            return {"answer": space.ask(bytes.fromhex(deed["bytes"])).hex()}
        try:
            if deed["do"] == "send":
                rc = 0
                for frame in deed["frames"]:
                    try:
                        rc = 0
                        space.out.sendto(bytes.fromhex(frame), (deed["dev"], 0))
                    except OSError as e:
                        rc = e.errno
                return {"rc": rc}
            if deed["do"] == "member":
                space.member(deed["index"], deed["join"], deed["group"])
                return {"rc": 0}
            if deed["do"] == "file":
                return {"rc": self.file(space, deed["dev"], deed["id"], deed["open"])}
            if deed["do"] == "write":
                return {"rc": self.write(space, deed["dev"], deed["id"], deed["frames"])}
            request = struct.pack("16sH6s8x", deed["dev"].encode(), 0, bytes.fromhex(deed["mac"].replace(":", "")))
            fcntl.ioctl(space.ctl, SIOCADDMULTI if deed["join"] else SIOCDELMULTI, request)
            return {"rc": 0}
        except OSError as e:
            return {"rc": e.errno}

    def file(self, space, dev, number, wanted):
        fcntl.ioctl(space.ctl, SIOCGIFINDEX, struct.pack("16s16x", dev.encode()))
        if not wanted:
            if number not in self.files:
                return ENODEV
            os.close(self.files.pop(number)[1])
            return 0
        if number in self.files:
            return EBUSY  # one file each: the model has no more
        fd = space.open_file(dev)
        if fd is None:
            return ENODEV
        self.files[number] = (dev, fd)
        return 0

    def write(self, space, dev, number, frames):
        fcntl.ioctl(space.ctl, SIOCGIFINDEX, struct.pack("16s16x", dev.encode()))
        rc = 0 if number in self.files else ENODEV
        for frame in frames if rc == 0 else []:
            try:
                os.write(self.files[number][1], NO_OFFLOAD + bytes.fromhex(frame))
                rc = 0
            except OSError as e:
                rc = e.errno
        return rc

    def step(self, deed, expected):
        result = self.act(deed)
        if self.pause > 0:
            time.sleep(self.pause)
        end, wait, frames = time.monotonic() + self.patience, 0.0002, []
        wanted, count, state = expected["state"], expected["frames"], None
        while True:
            hurry = time.monotonic() < end
            for s, indexes in zip(self.spaces, expected.get("links", ())):
                s.sync(indexes)
            frames += self.frames()
            if len(frames) == count or not hurry:
                state = self.state()
                frames += self.frames()
            if (len(frames) == count and state == wanted) or not hurry:
                break
            time.sleep(wait)
            wait = min(wait * 1.5, 0.02)
        if deed["do"] in ("send", "write"):
            # A moment for what should not come; what comes later still is the next step's surprise.
            time.sleep(0.0003)
            frames += self.frames()
        return {**result, "frames": frames, "state": None if state == wanted else state}

    def links(self):
        return [[d.hex() for d in s.dump()] for s in self.spaces]


# Closing a packet socket waits for a grace period; the next lab need not. Bounded, so that no socket gets FD_BASE.
leaving = queue.Queue(12)


def close_sockets():
    while True:
        for s in leaving.get():
            s.close()


def main():
    for _ in range(3):
        threading.Thread(target=close_sockets, daemon=True).start()
    os.sched_setaffinity(0, [sorted(os.sched_getaffinity(0))[int(sys.argv[1]) % len(os.sched_getaffinity(0))]])
    print(json.dumps({"release": os.uname().release}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        lab = Lab(order)
        try:
            steps = []
            for deed, expected in zip(order["deeds"], order["expected"]):
                steps.append(lab.step(deed, expected))
                if order["stop"] and not same(steps[-1], expected):
                    break
            print(json.dumps({"steps": steps, "links": lab.links()}), flush=True)
        finally:
            lab.close()
            libc.unshare(CLONE_NEWNET)  # leave the last one, so that it can end


def same(step, expected):
    return step["state"] is None and len(step["frames"]) == expected["frames"]


main()
