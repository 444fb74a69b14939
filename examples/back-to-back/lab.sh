#!/bin/bash
# Two macvlans on port 0, each in a namespace of its own; port 1 is the outside. Who can talk to whom?
#
#   lowerdev run examples/back-to-back/lab.sh                     mode private
#   lowerdev run --set MODE=bridge examples/back-to-back/lab.sh   private, vepa or bridge
MODE=${MODE:-private}

sudo ifconfig enp137s0f0 0.0.0.0 up
sudo ifconfig enp137s0f1 192.168.0.10 up
sudo ip -all netns delete
sudo ip link delete macvlan0
sudo ip link delete macvlan1

sudo ip link add link enp137s0f0 name macvlan0 type macvlan mode $MODE
sudo ip link add link enp137s0f0 name macvlan1 type macvlan mode $MODE
sudo ip netns add net0
sudo ip netns add net1
sudo ip link set macvlan0 netns net0
sudo ip link set macvlan1 netns net1
sudo ip netns exec net0 ifconfig macvlan0 192.168.0.100 up
sudo ip netns exec net1 ifconfig macvlan1 192.168.0.101 up

echo "# $MODE: net0 to the outside"
sudo ip netns exec net0 ping -c 5 192.168.0.10
echo "# $MODE: net1 to the outside"
sudo ip netns exec net1 ping -c 5 192.168.0.10
echo "# $MODE: net0 to net1"
sudo ip netns exec net0 ping -c 5 192.168.0.101
true
