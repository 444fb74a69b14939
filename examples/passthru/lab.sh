#!/bin/bash
# passthru: one macvlan takes the NIC over, with the NIC's own address. The host is left with broadcasts only.
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
ip netns add vm
ip link add mv0 link eth0 netns vm type macvlan mode passthru
ip -n vm addr add 10.0.0.2/24 dev mv0
ip -n vm link set mv0 up

echo "# one address for both"
ip -br link show eth0
ip -n vm -br link show mv0
echo "# the guest reaches the outside; the host's unicast goes to the guest"
ip netns exec vm ping -c 2 -i 0.2 10.0.0.254
ping -c 2 -i 0.2 -W 1 10.0.0.254
echo "# nobody else may join: the port is taken"
ip link add mv1 link eth0 type macvlan mode bridge
echo "exit code $?"
echo "# a new address for the guest is a new address for the NIC, until the guest is gone"
ip -n vm link set mv0 address 02:00:00:00:00:77
ip -br link show eth0
ip -n vm link del mv0
ip -br link show eth0
