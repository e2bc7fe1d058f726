#include "core/exporter/celery/celery_queues_p.h"

#include <simdjson.h>

namespace trendscope::exporter {

void MessageMarkers::add(std::string_view text, Clock::time_point now)
{
    if (text.empty() || text.size() > maxBytes
        || (!m_markers.empty() && m_markers.back().text == text))
        return;
    m_markers.push_back({std::string(text), now});
    if (m_markers.size() <= most)
        return;
    // Of those between, the one whose neighbours are nearest to each other is missed least.
    std::size_t dispensable = 1;
    for (std::size_t i = 1; i + 1 < m_markers.size(); ++i) {
        const auto gapAround = [&](std::size_t at) {
            return m_markers[at + 1].seen - m_markers[at - 1].seen;
        };
        if (gapAround(i) < gapAround(dispensable))
            dispensable = i;
    }
    m_markers.erase(m_markers.begin() + static_cast<std::ptrdiff_t>(dispensable));
}

std::string taskIdOf(std::string_view message)
{
    const simdjson::padded_string padded(message);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    std::string_view id;
    if (parser.iterate(padded).get(document) || document["headers"]["id"].get(id))
        return {};
    return std::string(id.substr(0, 255));
}

} // namespace trendscope::exporter
