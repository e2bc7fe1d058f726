#pragma once

#include "core/exporter/http/listen_address.h"

namespace trendscope::exporter {

/// A descriptor that is closed with it. -1: none.
class Descriptor {
public:
    explicit Descriptor(int descriptor = -1);
    Descriptor(Descriptor &&other) noexcept;
    Descriptor &operator=(Descriptor &&other) noexcept;
    ~Descriptor();

    int get() const;
    int release();

private:
    int m_descriptor;
};

struct ListenSocket {
    Descriptor descriptor;
    std::uint16_t port = 0; ///< the one that it got
    bool isIpv6 = false;
};

/// One that listens already, and is ours from now on.
ListenSocket inherited(int descriptor);
/// What a socket is bound to, in numbers; a path, with port 0, for one of the file system.
ListenAddress addressOf(const ListenSocket &socket);

/// Binds and listens, not blocking. Every address of this machine means IPv6 and IPv4. Errors:
/// System.
Result<ListenSocket> listenOn(const ListenAddress &address);

} // namespace trendscope::exporter
