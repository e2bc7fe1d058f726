#include "core/exporter/gzip_p.h"

#include <zlib.h>

#include <algorithm>

namespace trendscope::exporter {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Cuts the text before the first separator off `rest`.
std::string_view next(std::string_view &rest, char separator)
{
    const auto end = std::min(rest.find(separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(part);
}

bool isZeroWeight(std::string_view parameter)
{
    return (parameter.starts_with("q=") || parameter.starts_with("Q="))
        && parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

} // namespace

bool acceptsGzip(std::string_view acceptEncoding)
{
    while (!acceptEncoding.empty()) {
        std::string_view coding = next(acceptEncoding, ',');
        if (next(coding, ';') == "gzip")
            return !isZeroWeight(trimmed(coding));
    }
    return false;
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

} // namespace trendscope::exporter
