#include "core/logs/utf8_p.h"

#include <simdjson.h>

#include <algorithm>

namespace trendscope::logs {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

/// How many bytes at the start of `text` are one valid character; 0 when none is.
std::size_t characterSize(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead < 0x80 ? 1
        : lead < 0xC2                    ? 0
        : lead < 0xE0                    ? 2
        : lead < 0xF0                    ? 3
        : lead < 0xF5                    ? 4
                                         : 0;
    if (size == 0 || size > text.size() || !simdjson::validate_utf8(text.substr(0, size)))
        return 0;
    return size;
}

} // namespace

std::string withoutInvalidBytes(std::string_view text)
{
    std::string valid;
    valid.reserve(text.size() + 16);
    while (!text.empty()) {
        const std::size_t size = characterSize(text);
        valid += size == 0 ? replacement : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return valid;
}

} // namespace trendscope::logs
