#pragma once

#include "core/exporter/system/text_line_p.h"

#include <prometheus/metric_family.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trendscope::exporter {

struct TextSample {
    std::string_view name;
    std::vector<prometheus::ClientMetric::Label> labels; ///< sorted
    double value = 0;
};

/// Makes families of the lines of a text; see parseTextMetrics().
class TextParser {
public:
    /// What is wrong with the line; nothing where it is fine.
    std::optional<std::string> take(std::string_view line);
    /// The same, of all together; then they can be taken.
    std::optional<std::string> finish();
    std::vector<prometheus::MetricFamily> takeFamilies() { return std::move(m_families); }

private:
    using Label = prometheus::ClientMetric::Label;
    struct State {
        bool hasHelp = false;
        bool hasType = false;
        std::map<std::vector<std::pair<std::string, std::string>>, std::size_t> series;
        std::set<std::pair<std::size_t, std::string>> parts; ///< of histograms and summaries
    };
    using Problem = std::optional<std::string>;

    std::size_t family(std::string_view name);
    std::size_t familyOf(std::string_view sample);
    Problem takeComment(LineReader line);
    Problem takeType(std::string_view name, std::string_view type);
    static Problem read(LineReader line, TextSample &sample);
    static Problem readLabels(LineReader &line, std::vector<Label> &labels);
    Problem add(TextSample sample);
    Problem addPart(std::size_t at, TextSample sample);
    Problem put(prometheus::MetricFamily &family, prometheus::ClientMetric &metric,
                const TextSample &part, std::optional<double> bound);
    std::pair<std::size_t, bool> series(std::size_t at, const std::vector<Label> &labels);

    std::map<std::string, std::size_t, std::less<>> m_index;
    std::vector<prometheus::MetricFamily> m_families;
    std::vector<State> m_states;
};

} // namespace trendscope::exporter
