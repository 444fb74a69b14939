// Waiting for what begins or ends in the background, in scripts that run in the model and on this kernel. A fixed sleep is as good as
// the machine is idle; here the kernel is asked. In the model a process that was started has begun, and a while passes instead.

/**
 * Shell functions: `listening N` until N netlink sockets hear a group, `drained` until they have read all, `sniffing NS` until somebody
 * sniffs in that namespace, and `gone DEV TEXT` until no entry of DEV's own list has the text (a deleted namespace ends later).
 */
export const WAITS = `
poll() { for i in $(seq 600); do "$@" && return; sleep 0.05; done; echo "in vain: $*"; }
hearers() { awk '$4 ~ /[1-9a-f]/' /proc/net/netlink | wc -l; }
hearing() { [ $(hearers) -ge $1 ]; }
listening() { poll hearing $1; }
read_up() { ! awk '$4 ~ /[1-9a-f]/ && $5 > 0' /proc/net/netlink | grep -q .; }
drained() { poll read_up; sleep 0.3; }
sniffed() { [ $(ip netns exec $1 cat /proc/net/packet | wc -l) -gt 1 ]; }
sniffing() { poll sniffed $1; }
lacks() { ! bridge fdb show dev $1 | grep -q "$2"; }
gone() { poll lacks "$@"; }
`;

/**
 * A proxy entry without a device outlives its namespace (6.18), and the next namespace that is kept in the same memory has it: away with
 * what others left.
 */
export const NO_PROXIES = `
ip neigh show proxy | while read address rest; do ip neigh del proxy $address; done
`;

/** The same in the model. */
export const AT_ONCE = `
listening() { sleep 0.5; }
drained() { sleep 0.5; }
sniffing() { sleep 0.5; }
gone() { sleep 0.5; }
`;
