#!/bin/bash
# More macvlans than stations. Linux says nothing: `ip link set up` succeeds, dmesg is empty, and the rest works in software.
# The one place where it shows is the NIC's address filter, which has those that are no stations.
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
for n in 1 2 3 4 5; do
  ip netns add pod$n
  ip link add mv0 link eth0 netns pod$n address 02:00:00:00:00:0$n type macvlan mode bridge
  ip -n pod$n addr add 10.0.0.$n/24 dev mv0
  ip -n pod$n link set mv0 up
  echo "pod$n up: exit code $?"
done
echo "# dmesg: $(dmesg | grep -c mv0) lines about them"
echo "# in software:"
bridge fdb show dev eth0 | grep 02:00:00
for n in 1 5; do ip netns exec pod$n ping -c 1 -q 10.0.0.100 | grep received; done

echo "# a station that becomes free is not given to anybody who is up"
ip -n pod2 link set mv0 down
bridge fdb show dev eth0 | grep 02:00:00
echo "# but to who comes up next"
ip -n pod5 link set mv0 down
ip -n pod5 link set mv0 up
bridge fdb show dev eth0 | grep 02:00:00
