#!/bin/bash
# The cure for host isolation: a macvlan in bridge mode for the host itself, and routes to the pods through it.
set -e
ip addr add 10.0.0.1/24 dev eth0
ip link set eth0 up
ip netns add pod
ip link add mv0 link eth0 netns pod type macvlan mode bridge
ip -n pod addr add 10.0.0.2/24 dev mv0
ip -n pod link set mv0 up

echo "# before"
ping -c 1 -W 1 -q 10.0.0.2 || echo "the host can't reach the pod"

ip link add shim link eth0 type macvlan mode bridge
ip addr add 10.0.0.250/32 dev shim
ip link set shim up
ip route add 10.0.0.2/32 dev shim

echo "# after"
ip route get 10.0.0.2
ping -c 3 -i 0.2 10.0.0.2
ip netns exec pod ping -c 3 -i 0.2 10.0.0.250
