#include "core/exporter/system/text_metrics_p.h"
#include "core/exporter/system/text_parser_p.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace trendscope::exporter {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

namespace {

/// Of HELP: \\ and \n.
std::string unescapedHelp(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool isEscape = text[at] == '\\' && at + 1 < text.size()
            && (text[at + 1] == 'n' || text[at + 1] == '\\');
        if (isEscape)
            ++at;
        out += isEscape && text[at] == 'n' ? '\n' : text[at];
    }
    return out;
}

} // namespace

std::size_t TextParser::family(std::string_view name)
{
    const auto [place, isNew] = m_index.try_emplace(std::string(name), m_families.size());
    if (isNew) {
        MetricFamily &made = m_families.emplace_back();
        made.name = name;
        made.type = MetricType::Untyped;
        m_states.emplace_back();
    }
    return place->second;
}

/// A histogram's samples are x_bucket, x_sum and x_count.
std::size_t TextParser::familyOf(std::string_view sample)
{
    if (!m_index.contains(sample)) {
        for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
            if (!sample.ends_with(suffix))
                continue;
            const auto found = m_index.find(sample.substr(0, sample.size() - suffix.size()));
            if (found == m_index.end())
                continue;
            const MetricType type = m_families[found->second].type;
            if (type == MetricType::Histogram
                || (type == MetricType::Summary && suffix != "_bucket"))
                return found->second;
        }
    }
    return family(sample);
}

TextParser::Problem TextParser::take(std::string_view line)
{
    if (!simdjson::validate_utf8(line.data(), line.size()))
        return "is not UTF-8";
    LineReader reader(line);
    reader.skipBlanks();
    if (reader.isAtEnd())
        return {};
    if (reader.take('#'))
        return takeComment(reader);
    TextSample sample;
    if (auto problem = read(reader, sample))
        return problem;
    return add(std::move(sample));
}

TextParser::Problem TextParser::takeComment(LineReader line)
{
    const std::string_view kind = line.word();
    if (kind != "HELP" && kind != "TYPE")
        return {};
    const std::string_view name = line.name(true);
    if (name.empty() || (!line.isAtEnd() && line.rest().find_first_of(" \t") != 0))
        return "has no metric's name after " + std::string(kind);
    line.skipBlanks();
    if (kind == "TYPE")
        return takeType(name, line.rest());
    const std::size_t at = family(name);
    if (std::exchange(m_states[at].hasHelp, true))
        return "is a second HELP of " + std::string(name);
    m_families[at].help = unescapedHelp(line.rest());
    return {};
}

TextParser::Problem TextParser::takeType(std::string_view name, std::string_view type)
{
    static constexpr std::array<std::pair<std::string_view, MetricType>, 5> types{
        {{"counter", MetricType::Counter},
         {"gauge", MetricType::Gauge},
         {"histogram", MetricType::Histogram},
         {"summary", MetricType::Summary},
         {"untyped", MetricType::Untyped}}};
    const auto *const known = std::find_if(types.begin(), types.end(),
                                           [&](const auto &one) { return one.first == type; });
    if (known == types.end())
        return "says a type that is not known";
    const std::size_t at = family(name);
    if (std::exchange(m_states[at].hasType, true) || !m_families[at].metric.empty())
        return "is a second TYPE of " + std::string(name) + ", or comes after its samples";
    m_families[at].type = known->second;
    return {};
}

TextParser::Problem TextParser::read(LineReader line, TextSample &sample)
{
    sample.name = line.name(true);
    if (sample.name.empty())
        return "does not begin with a metric's name";
    if (line.rest().find_first_of(" \t{") != 0)
        return "has a name that is not valid";
    if (line.take('{')) {
        if (auto problem = readLabels(line, sample.labels))
            return problem;
    }
    const auto value = valueOf(line.word());
    if (!value)
        return "has no number for a value";
    sample.value = *value;
    line.skipBlanks();
    if (!line.isAtEnd())
        return "has a timestamp, or more, after the value";
    return {};
}

TextParser::Problem TextParser::readLabels(LineReader &line, std::vector<Label> &labels)
{
    while (!line.take('}')) {
        Label label;
        label.name = line.name(false);
        if (label.name.empty() || label.name.starts_with("__") || !line.take('='))
            return "has a label's name that is not valid";
        auto value = line.quoted();
        if (!value)
            return "has a label's value that is not valid";
        label.value = *std::move(value);
        labels.push_back(std::move(label));
        if (!line.take(',') && !line.rest().starts_with('}'))
            return "has labels that do not end";
    }
    std::sort(labels.begin(), labels.end());
    const auto twice = std::adjacent_find(labels.begin(), labels.end(),
                                          [](auto &a, auto &b) { return a.name == b.name; });
    if (twice != labels.end())
        return "has a label twice";
    std::erase_if(labels, [](const Label &label) { return label.value.empty(); }); // is none
    return {};
}

/// Which of the family's series it is, and whether it came now.
std::pair<std::size_t, bool> TextParser::series(std::size_t at, const std::vector<Label> &labels)
{
    std::vector<std::pair<std::string, std::string>> key;
    key.reserve(labels.size());
    for (const Label &label : labels)
        key.emplace_back(label.name, label.value);
    auto &metrics = m_families[at].metric;
    const auto [place, isNew] = m_states[at].series.try_emplace(std::move(key), metrics.size());
    if (isNew)
        metrics.emplace_back().label = labels;
    return {place->second, isNew};
}

TextParser::Problem TextParser::add(TextSample sample)
{
    const std::size_t at = familyOf(sample.name);
    MetricFamily &family = m_families[at];
    if (family.type == MetricType::Histogram || family.type == MetricType::Summary)
        return addPart(at, std::move(sample));
    const auto [index, isNew] = series(at, sample.labels);
    if (!isNew)
        return "is a series that is there already";
    ClientMetric &metric = family.metric[index];
    switch (family.type) {
    case MetricType::Counter:
        if (!(sample.value >= 0))
            return "is a counter that is less than 0";
        metric.counter.value = sample.value;
        break;
    case MetricType::Gauge:
        metric.gauge.value = sample.value;
        break;
    default:
        metric.untyped.value = sample.value;
    }
    return {};
}

Result<std::vector<MetricFamily>> parseTextMetrics(std::string_view text)
{
    const auto fail = [](std::string message) {
        return tl::unexpected(Error{Error::Kind::Invalid, std::move(message), {}});
    };
    if (!text.empty() && !text.ends_with('\n'))
        return fail("the last line has no end");
    TextParser parser;
    for (std::size_t number = 1; !text.empty(); ++number) {
        if (const auto problem = parser.take(takeLine(text)))
            return fail("line " + std::to_string(number) + " " + *problem);
    }
    if (const auto problem = parser.finish())
        return fail(*problem);
    return parser.takeFamilies();
}

} // namespace trendscope::exporter
