# loops, functions, conditions and batches that make macvlans
# group: 12
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
ip link add p0 index 20 address 02:00:00:00:00:f0 type veth peer name p1 index 21 address 02:00:00:00:00:01
ip link set p0 up
ip link set p1 up
make() { ip link add link p0 name "$1" address "$2" type macvlan mode "${3:-bridge}" && ip link set "$1" up; }
i=0
while [ $i -lt 4 ]; do
  make m$i 02:00:00:00:01:0$i
  i=$((i + 1))
done
ip -br link show type macvlan #? text
make m0 02:00:00:00:01:09 || echo "not again: $?" #? text
if ip link show m7 >/dev/null 2>&1; then echo there; else echo missing; fi #? text
for m in $(ip -br link show type macvlan | cut -d@ -f1); do ip link set $m mtu 1$((${#m} + 3))00; done
ip -j link show type macvlan #? link
printf 'link set m0 down\nlink set m1 nosuch\nlink set m2 down\n' > batch
ip -b batch #? err
ip -force -b batch #? err
ip -j link show m2 #? link
ip -b nosuchfile #? err
ip -b - <<EOF #? rc
link del m3
EOF
ip link show m3 #? err
(ip netns add inner; ip link set m2 netns inner; ip -n inner -br link) #? text
ip link set m1 name "m 1" || ip link set m1 name m-1 #? text
ip -br link show | grep -c macvlan #? rc
ip -br link show type macvlan | sort #? text
false || { echo cleaned; ip link del m0; } #? text
cat /proc/sys/net/ipv4/conf/m-1/forwarding #? text
