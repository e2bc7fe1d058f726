#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace trendscope::observability {

/// One item of a header such as Accept: `name;parameter=value;q=0.5`. Views into the header.
struct HeaderItem {
    std::string_view name;
    std::string_view parameters; ///< as they are written

    /// Without its quotes.
    std::optional<std::string_view> parameter(std::string_view key) const;
    /// q, from 0 to 1; 1 where there is none, 0 where it makes no sense.
    double weight() const;
};

bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// Cuts the text before the first separator off `rest`; without the blanks around it.
std::string_view cutOff(std::string_view &rest, char separator);

template <class Visit>
void forEachItem(std::string_view header, Visit visit)
{
    while (!header.empty()) {
        std::string_view rest = cutOff(header, ',');
        const std::string_view name = cutOff(rest, ';');
        if (!name.empty())
            visit(HeaderItem{name, rest});
    }
}

} // namespace trendscope::observability
