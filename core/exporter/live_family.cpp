#include "core/exporter/live_family_p.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace trendscope::exporter {

namespace {

using observability::Family;

/// Calls `use` with the labels as the initializer_list that a Family takes.
template <std::size_t count = 0, class Use>
void withList(LiveFamily::Labels labels, Use use)
{
    if (labels.size() == count) {
        [&]<std::size_t... i>(std::index_sequence<i...>) {
            use(Family::LabelValues{labels[i]...});
        }(std::make_index_sequence<count>());
    } else if constexpr (count < LiveFamily::maxLabels) {
        withList<count + 1>(labels, use);
    }
}

/// What a Family would make of it, so that the same labels find the series again.
std::string toUtf8(std::string_view text)
{
    if (simdjson::validate_utf8(text.data(), text.size()))
        return std::string(text);
    std::string mended;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80)
            mended += c;
        else
            mended += "\xEF\xBF\xBD";
    }
    return mended;
}

void remove(Family &family, const std::vector<std::string> &labels)
{
    const std::vector<std::string_view> views(labels.begin(), labels.end());
    withList(views, [&](Family::LabelValues list) { family.remove(list); });
}

} // namespace

LiveFamily::LiveFamily(observability::Registry &registry,
                       observability::MetricDescription description)
    : m_family(registry.add(description))
    , m_isCounter(description.type == observability::MetricDescription::Type::Counter)
{
}

bool LiveFamily::set(Labels labels, double value)
{
    m_key.clear();
    for (const std::string_view label : labels)
        m_key.append(std::to_string(label.size())).append(1, ':').append(label);
    const auto [place, isNew] = m_series.try_emplace(m_key);
    Series &series = place->second;
    if (isNew)
        std::transform(labels.begin(), labels.end(), std::back_inserter(series.labels), toUtf8);
    else if (series.round == m_round)
        return false;
    series.round = m_round;
    show(series, value);
    return true;
}

void LiveFamily::show(Series &series, double value)
{
    if (m_isCounter && value < series.shown) { // the source was reset
        remove(m_family, series.labels);
        series.shown = 0;
    }
    const double by = value - series.shown;
    const std::vector<std::string_view> labels(series.labels.begin(), series.labels.end());
    withList(labels, [&](Family::LabelValues list) {
        if (m_isCounter)
            m_family.increment(list, by);
        else
            m_family.set(list, value);
    });
    // The sum that the counter has: what it lacks to `value` by rounding comes with the next one.
    if (m_isCounter && std::isfinite(by) && by > 0)
        series.shown += by;
}

void LiveFamily::end()
{
    std::erase_if(m_series, [this](const auto &entry) {
        const Series &series = entry.second;
        if (series.round == m_round)
            return false;
        remove(m_family, series.labels);
        return true;
    });
}

void LiveFamily::clear()
{
    begin();
    end();
}

} // namespace trendscope::exporter
