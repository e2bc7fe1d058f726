#pragma once

#include "core/exporter/http/listen_socket_p.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace trendscope::exporter {

/// Makes an eventfd readable.
inline void raise(const Descriptor &event)
{
    const std::uint64_t one = 1;
    while (::write(event.get(), &one, sizeof one) < 0 && errno == EINTR)
        ;
}

inline void clear(const Descriptor &event)
{
    std::uint64_t count = 0;
    while (::read(event.get(), &count, sizeof count) < 0 && errno == EINTR)
        ;
}

} // namespace trendscope::exporter
