# How many queues of a veth pair are in use: the request counts them for the device; for the peer it only limits.
q() { for d in "$@"; do echo "$d: $(ls /sys/class/net/$d/queues | tr "\n" " ")"; done; }
ip link add v0 numrxqueues 3 type veth peer name v1 numrxqueues 2
q v0 v1
ip link add v2 type veth peer name v3 numrxqueues 3 numtxqueues 3
q v2 v3
ip link add v4 numtxqueues 4 type veth peer name v5 numrxqueues 3 numtxqueues 2
q v4 v5
ip link add v6 numtxqueues 4 numrxqueues 3 type veth
q v6 veth0
