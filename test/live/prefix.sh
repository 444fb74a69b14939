# What is heard of a router's advertisement: a default route, a prefix on the link, an address from it.
ip link set lo up
ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
sysctl -qw net.ipv6.conf.v1.disable_ipv6=1
ip link set v0 up
ip link set v1 up
sleep 4
ip monitor prefix > heard & one=$!
ip -4 monitor prefix > heard4 & two=$!
ip monitor > bare & three=$!
ip monitor all dev v0 > all & four=$!
listening 3 # none of IPv4 has prefixes
frame v1 33330000000102000000009986dd6000000000403afffe800000000000000000000000000099ff0200000000000000000000000000018600a2ad3d080708000000000000000001010200000000990501000000000578030440c000000e10000007080000000020010db8000100000000000000000000
sleep 3
drained
kill $one $two $three $four
for f in heard heard4 bare all; do echo "== $f"; grep -v NOARP $f | sed "s/[0-9]*sec/Nsec/g"; done
