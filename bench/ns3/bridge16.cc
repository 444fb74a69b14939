// The baseline of model-udp-vs-ns3: UDP of 64 bytes, socket to socket, between hosts on one learning bridge of ns-3.
// Our own program. ns-3 is GPL-2.0: this file links to the copy that Debian installs, only to be measured against, is
// never published with the package, and holds no code of ns-3.
//
// 16 hosts, each on a CSMA cable of its own to one BridgeNetDevice. Flow i sends from host i to host i + 8, one datagram
// at a time. ARP and the bridge's table are warmed up before the clock starts.
//
//   bridge16 [flows 1..8] [packets] [rate, bit/s] [gap between a flow's packets, ns]
// prints one line of JSON: packets delivered, wall seconds, packets per wall second, events.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

using namespace ns3;

namespace {

constexpr uint32_t kHosts = 16;
constexpr uint16_t kPort = 9;
uint64_t delivered = 0;

struct Flow {
  Ptr<Socket> socket;
  uint64_t left = 0;
  Time gap;

  void Send() {
    socket->Send(Create<Packet>(64));
    if (--left > 0) Simulator::Schedule(gap, &Flow::Send, this);
  }
};

void Receive(Ptr<Socket> socket) {
  Address from;
  while (Ptr<Packet> packet = socket->RecvFrom(from)) {
    if (packet->GetSize() == 64) delivered++;
  }
}

uint64_t Number(int argc, char** argv, int index, uint64_t otherwise) {
  return argc > index ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t flowCount = Number(argc, argv, 1, 8);
  const uint64_t packets = Number(argc, argv, 2, 200000);
  const uint64_t rate = Number(argc, argv, 3, 10000000000ULL);
  const uint64_t gapNs = Number(argc, argv, 4, 4000);

  NodeContainer hosts(kHosts);
  Ptr<Node> bridgeNode = CreateObject<Node>();
  CsmaHelper csma;
  csma.SetChannelAttribute("DataRate", DataRateValue(DataRate(rate)));
  csma.SetChannelAttribute("Delay", TimeValue(NanoSeconds(500)));
  NetDeviceContainer hostPorts;
  NetDeviceContainer bridgePorts;
  for (uint32_t i = 0; i < kHosts; i++) {
    NetDeviceContainer cable = csma.Install(NodeContainer(hosts.Get(i), bridgeNode));
    hostPorts.Add(cable.Get(0));
    bridgePorts.Add(cable.Get(1));
  }
  BridgeHelper().Install(bridgeNode, bridgePorts);
  InternetStackHelper().Install(hosts);
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  Ipv4InterfaceContainer interfaces = addresses.Assign(hostPorts);

  std::vector<Flow> flows(flowCount);
  const uint64_t perFlow = packets / flowCount;
  for (uint64_t i = 0; i < flowCount; i++) {
    const uint32_t to = static_cast<uint32_t>(i) + kHosts / 2;
    Ptr<Socket> sink = Socket::CreateSocket(hosts.Get(to), UdpSocketFactory::GetTypeId());
    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), kPort));
    sink->SetRecvCallback(MakeCallback(&Receive));
    Flow& flow = flows[i];
    flow.socket = Socket::CreateSocket(hosts.Get(i), UdpSocketFactory::GetTypeId());
    flow.socket->Connect(InetSocketAddress(interfaces.GetAddress(to), kPort));
    flow.gap = NanoSeconds(gapNs);
    // One datagram early, for ARP and the bridge; the measured ones from the second second on, flows side by side.
    flow.left = 1;
    Simulator::Schedule(MilliSeconds(100 + i), &Flow::Send, &flow);
    Simulator::Schedule(Seconds(2) + NanoSeconds(i * gapNs / flowCount), [&flow, perFlow] {
      flow.left = perFlow;
      flow.Send();
    });
  }

  Simulator::Stop(MilliSeconds(1999));
  Simulator::Run();
  const uint64_t warm = delivered;
  const uint64_t eventsBefore = Simulator::GetEventCount();
  Simulator::Stop(NanoSeconds(perFlow * gapNs) + Seconds(1));
  const auto started = std::chrono::steady_clock::now();
  Simulator::Run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const uint64_t counted = delivered - warm;
  std::printf("{\"sent\":%llu,\"delivered\":%llu,\"seconds\":%.6f,\"pps\":%.1f,\"events\":%llu}\n",
              static_cast<unsigned long long>(perFlow * flowCount), static_cast<unsigned long long>(counted), seconds,
              static_cast<double>(counted) / seconds,
              static_cast<unsigned long long>(Simulator::GetEventCount() - eventsBefore));
  Simulator::Destroy();
  return counted == perFlow * flowCount ? 0 : 1;
}
