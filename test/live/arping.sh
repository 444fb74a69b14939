# arping where two devices answer, where none does, and what its options come to; neighbours of lo.
ip netns add peer
ip netns add a
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1 netns peer
ip link set p0 up
ip -n peer link set p1 up
ip -n peer addr add 10.0.0.254/24 dev p1
for i in 1 2; do
  ip link add link p0 name m$i netns a address 02:00:00:00:00:0$i type macvlan mode bridge
  ip -n a link set m$i up
  ip -n a addr add 10.0.0.$i/24 dev m$i
done
asked() {
  echo "\$ arping $*"
  ip netns exec peer arping -I p1 "$@" > said 2>&1
  echo "rc=$?"
  grep -v '^Unicast' said
}
asked -c 1 -w 3 10.0.0.1
asked -c 2 -w 3 10.0.0.1
asked -c 1 10.0.0.1
asked -f -w 3 10.0.0.1
asked -D -w 3 10.0.0.1
asked -D -w 1 10.0.0.99
asked -w 1 10.0.0.99
asked -c 1 -w 1 10.0.0.99
asked -U -c 1 10.0.0.99
asked -A -c 1 10.0.0.99
asked -U -c 1 10.0.0.254
asked -c 1 -s 10.0.0.99 10.0.0.1
asked -D -c 1 -s 10.0.0.99 10.0.0.1

ip -n a neigh add 10.0.0.244 dev lo lladdr 02:00:00:00:00:f1
ip -n a neigh show dev lo
ip -n a neigh show 10.0.0.244
ip -n a neigh del 10.0.0.243 dev lo
echo "rc=$?"
ip -n a neigh show dev lo
