# Gives frames to a host and shows what it sends: reads lines "SEND dev seconds hex,hex" or "SH command" from a file, writes one line of JSON
# for each. Frames are sent by a device of namespace `out` and everything that devices of `host` send is collected.
import ctypes, json, os, select, socket, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
own = os.open('/proc/self/ns/net', os.O_RDONLY)

def inside(name, make):
    fd = os.open('/run/netns/' + name, os.O_RDONLY)
    libc.setns(fd, 0)
    try:
        return make()
    finally:
        libc.setns(own, 0)
        os.close(fd)

def tap():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.setblocking(False)
    return s

def sender(dev):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((dev, 0))
    return s

watch = inside('host', tap)
senders = {}

def drain(quiet):
    seen = []
    end = time.time() + quiet
    while True:
        left = end - time.time()
        if left <= 0 or not select.select([watch], [], [], left)[0]:
            return seen
        data, addr = watch.recvfrom(70000)
        if addr[2] == socket.PACKET_OUTGOING and addr[0] != 'lo':
            seen.append([addr[0], data.hex()])
            end = max(end, time.time() + quiet)

for line in open(sys.argv[1]):
    words = line.rstrip('\n').split(' ', 3)
    if words[0] == 'SEND':
        dev = words[1]
        if dev not in senders:
            senders[dev] = inside('out', lambda: sender(dev))
        for frame in words[3].split(','):
            senders[dev].send(bytes.fromhex(frame))
        seen = drain(0.06)
        end = time.time() + float(words[2])
        while time.time() < end:
            seen += drain(0.2)
        print(json.dumps(seen), flush=True)
    else:
        ran = subprocess.run(line[3:], shell=True, capture_output=True, text=True)
        drain(0.05)
        print(json.dumps(ran.stdout + ran.stderr), flush=True)
