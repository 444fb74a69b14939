# What a bridge asks its ports, and a macvlan the device below: speed, carrier and cost, three storeys high.
quiet="net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"
sysctl -qw $quiet
ip link add p0 address 02:00:00:00:00:f0 type veth peer name p1 address 02:00:00:00:00:f1
ip link add br0 address 02:00:00:00:00:b0 type bridge
ip link add br1 address 02:00:00:00:00:b1 type bridge
ip link add link p0 name a address 02:00:00:00:00:0a type macvlan mode bridge
ip link add link br0 name g address 02:00:00:00:00:09 type macvlan mode bridge
tell() {
  echo "# $*"
  for d in p0 a br0 g br1; do
    echo $d $(ethtool $d | grep -E 'Speed|Duplex|Link det') $(cat /sys/class/net/$d/speed /sys/class/net/$d/operstate 2>&1 | sed 's/.*Invalid/Invalid/')
  done
  ip -d link show g | grep -o 'state [a-z]* priority 32 cost [0-9]*'
}
tell all down
ip link set dev a master br0
ip link set p0 up
ip link set p1 up
sleep 2
tell veth up
ip link set br0 up
ip link set dev a up
sleep 2
tell port up
ip link set g master br1
tell port of another
ip link set g up
ip link set br1 up
sleep 2
tell all up
ip link set g nomaster
ip link set dev a nomaster
ip link set g master br1
sleep 2
tell nothing below
