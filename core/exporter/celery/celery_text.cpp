#include "core/exporter/celery/celery_event.h"

#include <array>

namespace trendscope::exporter {

bool decodeBase64(std::string_view text, std::string &out)
{
    static constexpr auto values = [] {
        std::array<int, 256> table{};
        table.fill(-1);
        constexpr std::string_view digits =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < digits.size(); ++i)
            table[static_cast<unsigned char>(digits[i])] = static_cast<int>(i);
        return table;
    }();

    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    if (text.size() % 4 == 1)
        return false;
    out.reserve(out.size() + text.size() / 4 * 3 + 2);
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0)
            return false;
        bits = bits << 6 | static_cast<unsigned>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xFF);
        }
    }
    return true;
}

std::string_view exceptionClass(std::string_view repr)
{
    const std::size_t end = repr.find('(');
    const std::string_view name = repr.substr(0, end);
    const bool isName = end != std::string_view::npos && !name.empty() && name.size() <= 100
        && name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
            == std::string_view::npos;
    return isName ? name : "UnknownException";
}

} // namespace trendscope::exporter
