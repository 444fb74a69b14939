# macvlans on a bridge with two hosts and a hairpin port
# group: 6
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add br0 address 02:00:00:00:00:b0 type bridge forward_delay 0
ip link set br0 up
for n in a b; do
  ip netns add $n
  ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  ip link add v$n type veth peer name eth0 address 02:00:00:00:00:0$n netns $n
  ip link set v$n master br0 up
  ip -n $n link set eth0 up
done
ip -n a addr add 192.168.0.11/24 dev eth0
ip -n b link add link eth0 name m1 address 02:00:00:00:00:21 type macvlan mode vepa
ip -n b link add link eth0 name m2 address 02:00:00:00:00:22 type macvlan mode vepa
ip netns add c
ip netns add d
ip -n b link set m1 netns c
ip -n b link set m2 netns d
for n in c:m1:21 d:m2:22; do
  set -- $(echo $n | tr : ' ')
  ip netns exec $1 sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  ip -n $1 addr add 192.168.0.$3/24 dev $2
  ip -n $1 link set $2 up
done
ip link add link br0 name m3 address 02:00:00:00:00:23 type macvlan mode bridge
ip addr add 192.168.0.23/24 dev m3
ip link set m3 up
sleep 1
ip netns exec c ping -q -c 1 -W 1 192.168.0.22 #? ping
ip netns exec c ping -q -c 1 -W 1 192.168.0.11 #? ping
ip netns exec c ping -q -c 1 -W 1 192.168.0.23 #? ping
ping -q -c 1 -W 1 192.168.0.11 #? ping
bridge link set dev vb hairpin on #? ok
ip netns exec c ping -q -c 1 -W 1 192.168.0.22 #? ping
bridge link set dev vb learning off flood off #? ok
ip netns exec a ping -q -c 1 -W 1 192.168.0.21 #? ping
bridge fdb add 02:00:00:00:00:21 dev vb master static #? ok
bridge link set dev va isolated on #? ok
bridge link set dev vb isolated on #? ok
ip -n a neigh flush all
ip netns exec a ping -q -c 1 -W 1 192.168.0.21 #? ping
ping -q -c 1 -W 1 192.168.0.21 #? ping
ip -j -d link show vb #? link
ip -j -d link show br0 #? link
