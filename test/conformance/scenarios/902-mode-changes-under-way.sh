# modes are changed between pings, plain switch
# group: 2
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
# wire: p0 is the NIC of this host, p1 the port of an external switch (netns switch, bridge br0);
# the outsider (netns peer, eth0) hangs on a second port of that switch
ip netns add switch
ip netns add peer
ip netns exec switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 netns switch
ip -n switch link add h1 type veth peer name eth0 address 02:00:00:00:00:01 netns peer
ip -n switch link add br0 type bridge
ip -n switch link set p1 master br0
ip -n switch link set h1 master br0
ip -n switch link set br0 up
ip -n switch link set p1 up
ip -n switch link set h1 up
ip -n peer addr add 192.168.0.1/24 dev eth0
ip -n peer link set eth0 up
ip link set p0 up
sleep 1
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode bridge
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode bridge
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
for modes in bridge:bridge bridge:vepa vepa:bridge private:bridge bridge:private vepa:vepa private:private bridge:source source:bridge; do
  ip -n a link set mva type macvlan mode ${modes%:*}
  ip -n b link set mvb type macvlan mode ${modes#*:}
  ip -n a neigh flush all
  ip -n b neigh flush all
  ip netns exec a ping -q -c 1 -W 1 192.168.0.12 #? ping
  ip netns exec b ping -q -c 1 -W 1 192.168.0.1 #? ping
done
ip -n a -j -d link #? link
