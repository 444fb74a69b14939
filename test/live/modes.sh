# Four modes on one NIC, every pair asked; modes, addresses and MTUs changed on living devices; passthru.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
t() { echo "\$ $*"; "$@"; echo "rc=$?"; }
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip netns add peer; ip link set p1 netns peer; ip -n peer link set p1 up; ip -n peer addr add 10.0.0.254/24 dev p1; ip -n peer link set lo up
ip link set p0 up; ip link set lo up; ip addr add 10.0.0.100/24 dev p0
M="private vepa bridge source"
i=0; for m in $M; do i=$((i+1)); ip netns add n$i; ip link add link p0 name e0 netns n$i address 02:00:00:00:00:0$i type macvlan mode $m; ip -n n$i link set e0 up; ip -n n$i addr add 10.0.0.$i/24 dev e0; done
sleep 0.5
for a in 1 2 3 4; do for b in 1 2 3 4 100 254; do [ $a = $b ] || t ip netns exec n$a ping -n -q -c 1 -W 0.5 10.0.0.$b | grep -v '^rtt\|time\|^$\|---'; done; done
t ip netns exec peer ping -n -c 1 -b -W 0.5 10.0.0.255 | grep -v "rtt\|time"
# A question that was asked in vain goes on for three seconds, and what is sent meanwhile waits for its next probe: let it end.
sleep 3.5
ip -n n4 link set e0 type macvlan macaddr add 02:00:00:00:00:f1
t ip netns exec peer ping -n -q -c 1 -W 0.5 10.0.0.4 | grep -v "rtt\|time"
ip -n n4 link set e0 type macvlan macaddr add 02:00:00:00:00:01
t ip netns exec n1 ping -n -q -c 1 -W 0.5 10.0.0.4
for n in 1 2 3 4; do ip -n n$n link set e0 type macvlan mode bridge; done
sleep 3.5
for a in 1 2 3 4; do for b in 1 2 3 4 100 254; do [ $a = $b ] || t ip netns exec n$a ping -n -q -c 1 -W 0.5 10.0.0.$b | grep -v '^rtt\|time\|^$\|---'; done; done
t ip link set p0 nomaster
t ip link set p0 down
t ip netns exec n1 ping -n -q -c 1 -W 0.5 10.0.0.2
t ip netns exec n1 ip link show e0
t ip link set p0 up
sleep 1.2
t ip netns exec n1 ip link show e0
t ip netns exec n1 ping -n -q -c 1 -W 0.5 10.0.0.254
t ip link set p0 address 02:00:00:00:00:99
t ip netns exec n1 ping -n -q -c 1 -W 0.5 10.0.0.254
t ip netns exec peer ping -n -q -c 1 -W 0.5 10.0.0.100 | grep -v "rtt\|time"
t ip link set p0 address 02:00:00:00:00:01
t ip link show p0
t ip link set p0 mtu 1400
t ip -n n1 link show e0
t ip -n n1 link set e0 mtu 1450
t ip link set p0 mtu 1500
t ip -n n1 link show e0
t ip -n n1 link set e0 address 02:00:00:00:00:02
t ip -n n1 link set e0 down
t ip -n n1 link set e0 address 02:00:00:00:00:02
t ip -n n1 link set e0 up
t ip -n n1 link set e0 address 02:00:00:00:00:99
t ip -n n1 link set e0 up
t ip -n n1 link set e0 address 02:00:00:00:00:0a
t ip -n n1 link set e0 up
t ip netns exec n1 ping -n -q -c 1 -W 0.5 10.0.0.254
t ip -n n1 link set e0 promisc on
t ip -d link show p0
t ip -n n1 link set e0 promisc off
t ip -d link show p0
t ip -n n1 link set e0 allmulticast on
t ip -d link show p0
t ip -n n1 link set e0 down
t ip -d link show p0
t ip link add link p0 name pt type macvlan mode passthru
for n in 1 2 3 4; do ip netns del n$n; done; gone p0 '02:00:00:00:00:0[234]'
t ip link
t ip link add link p0 name pt type macvlan mode passthru
t ip -d link show
t ip link set pt up
t ip -d link show p0
t ip link set pt type macvlan mode passthru nopromisc
t ip -d link show
t ip link set pt type macvlan mode passthru
t ip link set pt address 02:00:00:00:00:77
t ip link show
t ip link set p0 address 02:00:00:00:00:78
t ip link show
t ip link set pt type macvlan mode bridge
t ip link add link p0 name m9 type macvlan
t ip link del pt
t ip -d link show
