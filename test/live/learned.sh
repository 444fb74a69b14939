# A redirect and a path MTU, learned and shown.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
t() { echo "\$ $*"; "$@"; echo "rc=$?"; }
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip netns add peer; ip link set p1 netns peer; ip -n peer link set p1 up; ip -n peer addr add 10.0.0.254/24 dev p1; ip -n peer link set lo up
ip link set p0 up; ip link set lo up
for i in 1 2; do ip netns add n$i; ip link add link p0 name m0 netns n$i address 02:00:00:00:00:0$i type macvlan mode bridge; ip -n n$i link set m0 up; ip -n n$i addr add 10.0.0.$i/24 dev m0; ip -n n$i link set lo up; done
x() { t ip netns exec n1 "$@"; }
ip -n n1 route add default via 10.0.0.254
ip netns exec peer sysctl -qw net.ipv4.ip_forward=1
ip -n peer route add 16.0.0.0/8 via 10.0.0.2
ip netns exec n2 ip addr add 16.0.0.1/32 dev lo
ip netns exec n2 ip addr add 16.0.0.2/32 dev lo
x ping -n -c 2 -i 0.2 -W 1 16.0.0.1 | grep -v "rtt\|time"
x ping -n -c 1 -W 1 16.0.0.1 | grep -v "rtt\|time"
x ip route get 16.0.0.1 | sed "s/[0-9]*sec/Nsec/"
x ip -o route show cache | sort | sed "s/[0-9]*sec/Nsec/"
x ip -j route show cache | sed "s/expires\":[0-9]*/expires\":N/"
ip -n peer route del 16.0.0.0/8
ip -n peer route add 16.0.0.0/8 via 10.0.0.2 mtu 1000
x ping -n -c 1 -W 1 -s 1300 -M do 16.0.0.2 | grep -v "rtt\|time"
x ping -n -c 1 -W 1 -s 1300 -M do 16.0.0.2 | grep -v "rtt\|time"
x ip route get 16.0.0.2 | sed "s/[0-9]*sec/Nsec/"
x ip -o route show cache | sort | sed "s/[0-9]*sec/Nsec/"
x ip route flush cache
x ip -o route show cache | sort | sed "s/[0-9]*sec/Nsec/"
x ip route
x ip route show table all cached
