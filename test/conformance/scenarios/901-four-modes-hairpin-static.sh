# four modes behind a hairpin switch, all neighbours static
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
ip netns exec switch bridge link set dev p1 hairpin on
sleep 1
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode private
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvb address 02:00:00:00:00:0b type macvlan mode vepa
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip netns add c
ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvc address 02:00:00:00:00:0c type macvlan mode bridge
ip link set mvc netns c
ip -n c addr add 192.168.0.13/24 dev mvc
ip -n c link set mvc up
ip netns add d
ip netns exec d sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvd address 02:00:00:00:00:0d type macvlan mode bridge
ip link set mvd netns d
ip -n d addr add 192.168.0.14/24 dev mvd
ip -n d link set mvd up
for n in a b c d; do
  for m in a:11 b:12 c:13 d:14; do
    test ${m%:*} = $n || ip -n $n neigh add 192.168.0.${m#*:} lladdr 02:00:00:00:00:0${m%:*} dev mv$n
  done
done
for n in a b c d; do
  for i in 11 12 13 14; do
    ip netns exec $n ping -q -c 1 -W 1 192.168.0.$i #? ping
  done
done
ip netns exec a ping -c 1 -W 1 192.168.0.1 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.14 #? ping
ip -n c -j -s link show mvc #? stats
ip -n d -j -s link show mvd #? stats
