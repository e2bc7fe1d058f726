#include "core/exporter/push/statsd_receiver_p.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace trendscope::exporter {

namespace {

constexpr int maxBatches = 256; // of one socket before the others have their turn

/// Signals are for the program's first thread.
void blockSignals()
{
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace

StatsdReceiver::StatsdReceiver(std::vector<StatsdSocket> sockets, Take take,
                               std::unique_ptr<Wakeup> stop)
    : m_sockets(std::move(sockets))
    , m_take(std::move(take))
    , m_stop(std::move(stop))
    // Not written to: pages that no packet is long enough for are never made.
    , m_buffers(std::make_unique_for_overwrite<Buffers>())
    , m_thread([this] { run(); })
{
}

Result<std::unique_ptr<StatsdReceiver>> StatsdReceiver::start(std::vector<StatsdSocket> sockets,
                                                              Take take)
{
    auto stop = std::make_unique<Wakeup>();
    if (stop->descriptor() < 0)
        return tl::unexpected(Error{Error::Kind::System,
                                    std::string("Can not receive StatsD: ") + std::strerror(errno),
                                    {}});
    return std::unique_ptr<StatsdReceiver>(
        new StatsdReceiver(std::move(sockets), std::move(take), std::move(stop)));
}

StatsdReceiver::~StatsdReceiver()
{
    m_stop->set();
    m_thread.join();
}

bool StatsdReceiver::isStopped(int waitMilliseconds) const
{
    pollfd stop{m_stop->descriptor(), POLLIN, 0};
    return ::poll(&stop, 1, waitMilliseconds) > 0;
}

void StatsdReceiver::run()
{
    blockSignals();
    std::vector<pollfd> waiting{{m_stop->descriptor(), POLLIN, 0}};
    for (const StatsdSocket &socket : m_sockets)
        waiting.push_back({socket.descriptor(), POLLIN, 0});
    while (true) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && isStopped(100))
            break;
        bool isUnixBusy = false;
        for (std::size_t i = 0; i < m_sockets.size(); ++i) {
            if (waiting[i + 1].revents != 0 && drain(m_sockets[i]))
                isUnixBusy = isUnixBusy || !m_sockets[i].isUdp();
        }
        // Packets that gather for a millisecond cost a wake-up together and not one each, here and
        // at the sender. The queue of a Unix socket is too short for that: its senders would wait.
        if (isStopped(isUnixBusy ? 0 : 1))
            break;
    }
    for (const StatsdSocket &socket : m_sockets)
        drain(socket);
}

/// Reads until nothing is left; false when there was nothing.
bool StatsdReceiver::drain(const StatsdSocket &socket)
{
    std::array<iovec, batchSize> buffers;
    std::array<mmsghdr, batchSize> messages;
    for (std::size_t i = 0; i < batchSize; ++i) {
        buffers[i] = {(*m_buffers)[i].data(), packetSize};
        messages[i] = {};
        messages[i].msg_hdr.msg_iov = &buffers[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (int batch = 0; batch < maxBatches; ++batch) {
        const int count =
            ::recvmmsg(socket.descriptor(), messages.data(), batchSize, MSG_DONTWAIT, nullptr);
        if (count <= 0)
            return batch > 0;
        takeBatch(socket, std::span(messages).first(static_cast<std::size_t>(count)));
        if (static_cast<std::size_t>(count) < batchSize)
            return true;
    }
    return true;
}

void StatsdReceiver::takeBatch(const StatsdSocket &socket, std::span<const mmsghdr> messages)
{
    std::array<std::string_view, batchSize> packets;
    std::size_t count = 0;
    for (const mmsghdr &message : messages) {
        if (message.msg_hdr.msg_flags & MSG_TRUNC)
            ++m_cutPackets;
        else
            packets[count++] = {static_cast<const char *>(message.msg_hdr.msg_iov->iov_base),
                                message.msg_len};
    }
    (socket.isUdp() ? m_udpPackets : m_unixPackets) += messages.size();
    m_take(std::span(packets).first(count));
}

} // namespace trendscope::exporter
