#include "core/observability/exposition_p.h"
#include "core/observability/header_values_p.h"

#include <algorithm>
#include <array>

namespace trendscope::observability {

namespace {

struct Format {
    std::string_view type;
    std::string_view subtype;
    std::array<std::string_view, 2> versions;
};

constexpr Format textFormat{"text", "plain", {"0.0.4", "0.0.4"}};
constexpr Format openMetrics{"application", "openmetrics-text", {"1.0.0", "0.0.1"}};

/// How well a format fits, first by the client's weight, then by how exactly it was named.
struct Fit {
    double weight = 0;
    int exactness = 0; ///< 0: not named; 1: */*; 2: type/*; 3: type/subtype; 4: with its version
};

/// How exactly a media range, e.g. `text/plain;version=0.0.4`, names that format; 0: not at all.
int exactnessOf(const HeaderItem &item, const Format &format)
{
    if (item.name == "*/*")
        return 1;
    const auto slash = item.name.find('/');
    if (slash == item.name.npos || !equalsIgnoringCase(item.name.substr(0, slash), format.type))
        return 0;
    const std::string_view subtype = item.name.substr(slash + 1);
    if (subtype == "*")
        return 2;
    if (!equalsIgnoringCase(subtype, format.subtype))
        return 0;
    const auto version = item.parameter("version");
    if (!version)
        return 3;
    return std::find(format.versions.begin(), format.versions.end(), *version)
            == format.versions.end()
        ? 0
        : 4;
}

Fit fitOf(std::string_view accept, const Format &format)
{
    Fit fit;
    forEachItem(accept, [&](const HeaderItem &item) {
        const int exactness = exactnessOf(item, format);
        const double weight = item.weight();
        // The most exact range counts, whatever its weight; among equals, as with two versions,
        // the best.
        if (exactness > fit.exactness || (exactness == fit.exactness && weight > fit.weight))
            fit = {exactness == 0 ? 0 : weight, exactness};
    });
    return fit;
}

} // namespace

bool prefersOpenMetrics(std::string_view accept)
{
    const Fit text = fitOf(accept, textFormat);
    const Fit open = fitOf(accept, openMetrics);
    if (open.weight != text.weight)
        return open.weight > text.weight;
    return open.weight > 0 && open.exactness > text.exactness;
}

} // namespace trendscope::observability
