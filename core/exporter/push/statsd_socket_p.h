#pragma once

#include "core/exporter/http/listen_socket_p.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace trendscope::exporter {

/// A socket that datagrams arrive at. A Unix socket's file goes with it.
class StatsdSocket {
public:
    /// Errors: System.
    static Result<StatsdSocket> bindUdp(const ListenAddress &address, std::size_t receiveBuffer);
    /// Takes the place of a socket that nobody listens at. Errors: System.
    static Result<StatsdSocket> bindUnix(const std::filesystem::path &path, mode_t mode,
                                         std::size_t receiveBuffer);

    StatsdSocket(StatsdSocket &&) noexcept = default;
    StatsdSocket &operator=(StatsdSocket &&) noexcept = default;
    ~StatsdSocket();

    int descriptor() const { return m_descriptor.get(); }
    bool isUdp() const { return m_path.empty(); }
    std::uint16_t port() const;        ///< UDP only
    std::size_t receiveBuffer() const; ///< bytes, as the kernel counts: twice what was asked for

    /// Packets that the kernel had no room for, since the socket was bound; modulo 2^32. Exact at
    /// any time, other than SO_RXQ_OVFL, which tells with the next packet. A Unix socket loses
    /// none: its senders wait or get an error. Nothing where the kernel can not tell.
    std::optional<std::uint32_t> drops() const;

private:
    explicit StatsdSocket(Descriptor descriptor, std::filesystem::path path = {});

    Descriptor m_descriptor;
    std::filesystem::path m_path; ///< empty: UDP
};

} // namespace trendscope::exporter
