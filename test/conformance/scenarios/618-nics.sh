# a host with three NICs on a trunk of two switches
# group: 2
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
for n in s1 s2 peer; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
for s in s1 s2; do
  ip -n $s link add br0 type bridge
  ip -n $s link set br0 up
done
ip -n s1 link add trunk type veth peer name trunk netns s2
ip link add p0 address 02:00:00:00:00:f0 type veth peer name w0 netns s1
ip link add p1 address 02:00:00:00:00:f1 type veth peer name w1 netns s1
ip link add p2 address 02:00:00:00:00:f2 type veth peer name w2 netns s2
ip -n peer link add eth0 address 02:00:00:00:00:01 type veth peer name w3 netns s2
for w in trunk w0 w1; do
  ip -n s1 link set $w master br0 up
done
for w in trunk w2 w3; do
  ip -n s2 link set $w master br0 up
done
for p in p0 p1 p2; do
  ip link set $p up
done
ip -n peer addr add 192.168.0.1/24 dev eth0
ip -n peer link set eth0 up
sleep 1
ip netns add a
ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mva address 02:00:00:00:00:0a type macvlan mode vepa
ip link set mva netns a
ip -n a addr add 192.168.0.11/24 dev mva
ip -n a link set mva up
ip netns add b
ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p1 name mvb address 02:00:00:00:00:0b type macvlan mode private
ip link set mvb netns b
ip -n b addr add 192.168.0.12/24 dev mvb
ip -n b link set mvb up
ip netns add c
ip netns exec c sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p2 name mvc address 02:00:00:00:00:0c type macvlan mode bridge
ip link set mvc netns c
ip -n c addr add 192.168.0.13/24 dev mvc
ip -n c link set mvc up
ip netns add d
ip netns exec d sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add link p0 name mvd address 02:00:00:00:00:0d type macvlan mode vepa
ip link set mvd netns d
ip -n d addr add 192.168.0.14/24 dev mvd
ip -n d link set mvd up
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.13 #? ping
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.14 #? ping
ip netns exec b ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec b ping -c 2 -i 0.2 -W 1 192.168.0.13 #? ping
ip netns exec b ping -c 2 -i 0.2 -W 1 192.168.0.14 #? ping
ip netns exec c ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec c ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec c ping -c 2 -i 0.2 -W 1 192.168.0.14 #? ping
ip netns exec d ping -c 2 -i 0.2 -W 1 192.168.0.11 #? ping
ip netns exec d ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
ip netns exec d ping -c 2 -i 0.2 -W 1 192.168.0.13 #? ping
ip netns exec peer ping -b -c 1 -W 1 192.168.0.255 #? ping
ip netns exec peer ping -c 1 -W 1 192.168.0.14 #? ping
bridge -n s2 link set dev trunk hairpin on
bridge -n s1 link set dev w0 hairpin on
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.14 #? ping now w0 reflects
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.13 #? ping the trunk reflects too
ip netns exec a ping -c 2 -i 0.2 -W 1 192.168.0.12 #? ping
