#pragma once

#include "core/observability/registry.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace trendscope::exporter {

/// One source's part of a metric that other sources may fill, too: with it end those of its series
/// that nobody else has. For one thread at a time.
class SharedFamily {
public:
    using LabelValues = observability::Family::LabelValues;
    using LabelSpan = observability::Family::LabelSpan;

    explicit SharedFamily(observability::Family &family)
        : m_family(family)
    {
    }

    observability::Family &family() const { return m_family; }

    void increment(LabelValues labels, double by = 1)
    {
        claim(labels);
        m_family.increment(labels, by);
    }
    void set(LabelValues labels, double value)
    {
        claim(labels);
        m_family.set(labels, value);
    }
    void observe(LabelValues labels, double value, double count = 1)
    {
        claim(labels);
        m_family.observe(labels, value, count);
    }
    /// The series is this source's from now on, whoever updates it.
    void claim(LabelSpan labels);

    void remove(LabelValues labels); ///< ends it, unless it is another's, too

private:
    const std::string &keyOf(LabelSpan labels);

    observability::Family &m_family;
    std::unordered_map<std::string, observability::SeriesClaim> m_claims; ///< by labels
    std::string m_key;                                                    ///< kept for its memory
};

/// Labels as one text, each with its length before it.
void appendKey(std::string &key, observability::Family::LabelSpan labels);

} // namespace trendscope::exporter
