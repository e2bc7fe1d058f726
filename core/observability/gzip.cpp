#include "core/observability/gzip.h"

#include "core/observability/header_values_p.h"

#include <zlib.h>

#include <algorithm>

namespace trendscope::observability {

bool acceptsGzip(std::string_view acceptEncoding)
{
    std::optional<double> named;
    std::optional<double> any;
    forEachItem(acceptEncoding, [&](const HeaderItem &item) {
        if (equalsIgnoringCase(item.name, "gzip") || equalsIgnoringCase(item.name, "x-gzip"))
            named = std::max(named.value_or(0), item.weight());
        else if (item.name == "*")
            any = item.weight();
    });
    return named.value_or(any.value_or(0)) > 0;
}

std::optional<std::string> gzip(std::string_view text)
{
    // A small window and state (32 kB, not 256): an idle exporter should stay small, and metrics
    // repeat nearby.
    constexpr int windowBits = 12 + 16; // + 16: gzip's header instead of zlib's
    constexpr int memoryLevel = 5;
    z_stream stream{};
    if (::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, windowBits, memoryLevel,
                       Z_DEFAULT_STRATEGY)
        != Z_OK)
        return {};
    std::string out(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef *>(
        const_cast<char *>(text.data())); // zlib's C interface, not written to
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool isWhole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (!isWhole)
        return {};
    return out;
}

} // namespace trendscope::observability
