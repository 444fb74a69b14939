"""Stands inside a sandbox and does for the tests what only a process there can do: netlink sockets, real tools,
/proc. One JSON request a line on the first fifo, one JSON answer a line on the second."""

import base64, ctypes, json, os, socket, subprocess, sys

SOL_NETLINK, ADD_MEMBERSHIP, CAP_ACK, EXT_ACK, STRICT = 270, 1, 10, 11, 12
CLONE_NEWNET, MS_BIND, MNT_DETACH = 0x40000000, 4096, 2
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
sockets, spaces, counter = {}, {0: home}, [0]


def new_id():
    counter[0] += 1
    return counter[0]


def inside(ns, do):
    """Runs do() in a namespace held as spaces[ns]."""
    if ns == 0:
        return do()
    assert libc.setns(spaces[ns], CLONE_NEWNET) == 0
    try:
        return do()
    finally:
        libc.setns(home, CLONE_NEWNET)


def op_sh(r):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    run = lambda: subprocess.run(["sh", "-c", r["cmd"]], capture_output=True, text=True, errors="replace", timeout=60, env=env, stdin=subprocess.DEVNULL)
    p = inside(r.get("ns", 0), run)
    return {"rc": p.returncode, "out": p.stdout, "err": p.stderr}


def op_open(r):
    s = inside(r["ns"], lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, r["protocol"]))
    s.setsockopt(SOL_NETLINK, EXT_ACK, 1)
    s.setsockopt(SOL_NETLINK, STRICT, 1)
    s.setsockopt(SOL_NETLINK, CAP_ACK, 1)
    s.bind((0, 0))
    i = new_id()
    sockets[i] = s
    return {"id": i, "port": s.getsockname()[0]}


def op_send(r):
    s = sockets[r["id"]]
    s.send(base64.b64decode(r["data"]))
    return op_recv(r)


def op_recv(r):
    out = []
    while True:
        try:
            out.append(base64.b64encode(sockets[r["id"]].recv(1 << 17, socket.MSG_DONTWAIT)).decode())
        except BlockingIOError:
            return {"data": out}


def op_join(r):
    sockets[r["id"]].setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, r["group"])
    return {}


def op_close(r):
    sockets.pop(r["id"]).close()
    return {}


def op_ns_names(_):
    return {"names": os.listdir("/run/netns")}


def op_ns_named(r):
    """A handle to a named namespace; the same one for the same namespace."""
    try:
        fd = os.open("/run/netns/" + r["name"], os.O_RDONLY)
    except FileNotFoundError:
        return {"ns": None}
    inode = os.fstat(fd).st_ino
    for i, other in spaces.items():
        if os.fstat(other).st_ino == inode:
            os.close(fd)
            return {"ns": i, "inode": inode}
    i = new_id()
    spaces[i] = fd
    return {"ns": i, "inode": inode}


def op_ns_create(_):
    assert libc.unshare(CLONE_NEWNET) == 0
    i = new_id()
    spaces[i] = os.open("/proc/self/ns/net", os.O_RDONLY)
    libc.setns(home, CLONE_NEWNET)
    return {"ns": i, "inode": os.fstat(spaces[i]).st_ino}


def op_ns_bind(r):
    path = "/run/netns/" + r["name"]
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0))
    except OSError as e:
        return {"rc": -e.errno}
    source = "/proc/self/fd/%d" % spaces[r["ns"]]
    assert libc.mount(source.encode(), path.encode(), b"none", MS_BIND, None) == 0
    return {"rc": 0}


def op_ns_unbind(r):
    path = "/run/netns/" + r["name"]
    libc.umount2(path.encode(), MNT_DETACH)
    try:
        os.unlink(path)
    except OSError as e:
        return {"rc": -e.errno}
    for i, fd in list(spaces.items()):
        if i != 0 and r["name"] and not any(os.stat("/run/netns/" + n).st_ino == os.fstat(fd).st_ino for n in os.listdir("/run/netns")):
            os.close(spaces.pop(i))
    return {"rc": 0}


def op_ns_open(r):
    return {"fd": os.dup(spaces[r["ns"]])}


def op_ns_close(r):
    os.close(r["fd"])
    return {}


def op_read(r):
    def read():
        try:
            with open(r["path"]) as f:
                return {"text": f.read()}
        except OSError as e:
            return {"rc": -e.errno}
    return inside(r["ns"], read)


def op_write(r):
    def write():
        try:
            with open(r["path"], "w") as f:
                f.write(r["text"])
            return {"rc": 0}
        except OSError as e:
            return {"rc": -e.errno}
    return inside(r["ns"], write)


with open(sys.argv[1]) as requests, open(sys.argv[2], "w") as answers:
    print(json.dumps({"inode": os.fstat(home).st_ino}), file=answers, flush=True)
    for line in requests:
        request = json.loads(line)
        print(json.dumps(globals()["op_" + request["op"]](request)), file=answers, flush=True)
