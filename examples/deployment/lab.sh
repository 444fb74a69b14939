#!/bin/bash
# Two macvlans in bridge mode, moved into two namespaces, on a host with one NIC and a gateway behind it.
set -e
ip link set eth0 up
ip link add macvlan1 link eth0 type macvlan mode bridge
ip link add macvlan2 link eth0 type macvlan mode bridge
ip netns add net1
ip netns add net2
ip link set macvlan1 netns net1
ip link set macvlan2 netns net2

for n in 1 2; do
  ip -n net$n addr add 10.0.0.$n/24 dev macvlan$n
  ip -n net$n link set macvlan$n up
  ip -n net$n route add default via 10.0.0.254
done

ip -n net1 -br link
ip -n net1 -d link show macvlan1
ip -n net1 route
ip netns exec net1 ping -c 2 -i 0.2 10.0.0.254
ip netns exec net1 ping -c 2 -i 0.2 10.0.0.2
ip -n net1 neigh
