#pragma once

#include "core/exporter/push/statsd_socket_p.h"
#include "core/exporter/wakeup_p.h"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

struct mmsghdr;

namespace trendscope::exporter {

/// Reads datagrams from sockets, many at a time, in a thread of its own. Ends with its owner,
/// within some milliseconds; of what was sent before it takes up to 16,384 packets a socket.
class StatsdReceiver {
public:
    /// Called in that thread with up to 64 packets, which are gone when it returns.
    using Take = std::function<void(std::span<const std::string_view> packets)>;

    /// Errors: System.
    static Result<std::unique_ptr<StatsdReceiver>> start(std::vector<StatsdSocket> sockets,
                                                         Take take);
    ~StatsdReceiver();
    StatsdReceiver(const StatsdReceiver &) = delete;
    StatsdReceiver &operator=(const StatsdReceiver &) = delete;

    const std::vector<StatsdSocket> &sockets() const { return m_sockets; }

    std::uint64_t udpPackets() const { return m_udpPackets; }
    std::uint64_t unixPackets() const { return m_unixPackets; }
    std::uint64_t cutPackets() const { return m_cutPackets; } ///< over 64 KiB: not taken

private:
    static constexpr std::size_t batchSize = 64;
    static constexpr std::size_t packetSize = 65'536; ///< UDP's most is less
    using Buffers = std::array<std::array<char, packetSize>, batchSize>;

    StatsdReceiver(std::vector<StatsdSocket> sockets, Take take, std::unique_ptr<Wakeup> stop);

    void run();
    bool drain(const StatsdSocket &socket);
    void takeBatch(const StatsdSocket &socket, std::span<const mmsghdr> messages);
    bool isStopped(int waitMilliseconds) const;

    const std::vector<StatsdSocket> m_sockets;
    const Take m_take;
    const std::unique_ptr<Wakeup> m_stop; ///< set once it shall end
    std::atomic<std::uint64_t> m_udpPackets = 0;
    std::atomic<std::uint64_t> m_unixPackets = 0;
    std::atomic<std::uint64_t> m_cutPackets = 0;
    const std::unique_ptr<Buffers> m_buffers;
    std::jthread m_thread; ///< last: it uses the others
};

} // namespace trendscope::exporter
