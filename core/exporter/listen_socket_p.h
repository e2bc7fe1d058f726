#pragma once

#include "core/exporter/listen_address.h"

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

/// Binds and listens, not blocking. Every address of this machine means IPv6 and IPv4. Errors:
/// System.
Result<ListenSocket> listenOn(const ListenAddress &address);

} // namespace trendscope::exporter
