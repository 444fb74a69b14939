#!/bin/bash
# A container on VLAN 10 of a bond of two NICs: eth0 + eth1 -> bond0 -> bond0.10 -> macvlan. Then eth0 loses its link.
set -e

# The other side: a switch with two ports, and a router on VLAN 10.
ip netns add rack
ip -n rack link add br0 type bridge mcast_snooping 0
for p in port0 port1; do
  ip link set $p netns rack
  ip -n rack link set $p master br0 up
done
ip -n rack link set br0 up
ip -n rack link add link br0 name br0.10 address 02:00:00:00:01:fe type vlan id 10
ip -n rack link set br0.10 up
ip -n rack addr add 10.0.10.254/24 dev br0.10

# The host: slaves must be down before they join.
ip link add bond0 type bond mode active-backup miimon 100 primary eth0
ip link set eth0 master bond0
ip link set eth1 master bond0
ip link set bond0 up
ip link add link bond0 name bond0.10 type vlan id 10
ip link set bond0.10 up

ip netns add pod
ip link add link bond0.10 name mv0 netns pod address 02:00:00:00:00:aa type macvlan mode bridge
ip -n pod link set mv0 up
ip -n pod addr add 10.0.10.1/24 dev mv0
sleep 1

echo "# all is well"
ip -br link
ip -d link show bond0.10
ip -n pod -d link show mv0
ip netns exec pod ping -c 2 -i 0.2 10.0.10.254
grep -A 20 -E "^(Bonding Mode|Primary|Currently)" /proc/net/bonding/bond0

echo "# the switch's port of eth0 goes down while the pod pings"
ip netns exec pod ping -q -c 40 -i 0.02 10.0.10.254 &
sleep 0.25
ip -n rack link set port0 down
wait
ip -d link show bond0 | grep -o "active_slave [a-z0-9]*"
ip -br link show master bond0

echo "# it comes back: eth0 is the primary"
ip -n rack link set port0 up
sleep 1
ip -d link show bond0 | grep -o "active_slave [a-z0-9]*"
ip netns exec pod ping -c 1 10.0.10.254
