#include "core/exporter/system/node_text_p.h"
#include "core/exporter/system/text_metrics_p.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace trendscope::exporter {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

constexpr double infinity = std::numeric_limits<double>::infinity();

bool isNameBegin(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isNameCharacter(char c)
{
    return isNameBegin(c) || (c >= '0' && c <= '9');
}

/// NaN and the infinities are values too.
std::optional<double> valueOf(std::string_view word)
{
    double value = 0;
    if (word.starts_with('+'))
        word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size())
        return {};
    return value;
}

std::optional<std::uint64_t> countOf(double value)
{
    if (!(value >= 0 && value <= 0x1p53) || std::trunc(value) != value)
        return {};
    return static_cast<std::uint64_t>(value);
}

/// Takes one line apart. What it can not take, it leaves.
class LineReader {
public:
    explicit LineReader(std::string_view line)
        : m_rest(line)
    {
    }

    void skipBlanks()
    {
        m_rest.remove_prefix(std::min(m_rest.find_first_not_of(" \t"), m_rest.size()));
    }
    bool isAtEnd() const { return m_rest.empty(); }
    std::string_view rest() const { return m_rest; }
    std::string_view word() { return takeWord(m_rest); }

    bool take(char c)
    {
        skipBlanks();
        if (!m_rest.starts_with(c))
            return false;
        m_rest.remove_prefix(1);
        return true;
    }

    /// A metric's name, which may have colons, or a label's; empty: none is here.
    std::string_view name(bool isMetric)
    {
        skipBlanks();
        std::size_t size = 0;
        const auto fits = [&](char c) {
            return (isMetric && c == ':') || (size == 0 ? isNameBegin(c) : isNameCharacter(c));
        };
        while (size < m_rest.size() && fits(m_rest[size]))
            ++size;
        const std::string_view name = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return name;
    }

    std::optional<std::string> quoted()
    {
        if (!take('"'))
            return {};
        std::string text;
        for (std::size_t at = 0; at < m_rest.size(); ++at) {
            char c = m_rest[at];
            if (c == '"') {
                m_rest.remove_prefix(at + 1);
                return text;
            }
            if (c == '\\') {
                c = ++at < m_rest.size() ? m_rest[at] : '\0';
                if (c == 'n')
                    c = '\n';
                else if (c != '\\' && c != '"')
                    return {};
            }
            text += c;
        }
        return {};
    }

private:
    std::string_view m_rest;
};

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

struct Sample {
    std::string_view name;
    std::vector<Label> labels; ///< sorted
    double value = 0;
};

class TextParser {
public:
    /// What is wrong with the line; nothing where it is fine.
    std::optional<std::string> take(std::string_view line);
    /// The same, of all together.
    std::optional<std::string> finish();

    std::vector<MetricFamily> families;

private:
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
    static Problem read(LineReader line, Sample &sample);
    static Problem readLabels(LineReader &line, std::vector<Label> &labels);
    Problem add(Sample sample);
    Problem addPart(std::size_t at, Sample sample);
    Problem put(MetricFamily &family, ClientMetric &metric, const Sample &part,
                std::optional<double> bound);
    std::pair<std::size_t, bool> series(std::size_t at, const std::vector<Label> &labels);

    std::map<std::string, std::size_t, std::less<>> m_index;
    std::vector<State> m_states;
};

std::size_t TextParser::family(std::string_view name)
{
    const auto [place, isNew] = m_index.try_emplace(std::string(name), families.size());
    if (isNew) {
        MetricFamily &made = families.emplace_back();
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
            const MetricType type = families[found->second].type;
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
    Sample sample;
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
    families[at].help = unescapedHelp(line.rest());
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
    if (std::exchange(m_states[at].hasType, true) || !families[at].metric.empty())
        return "is a second TYPE of " + std::string(name) + ", or comes after its samples";
    families[at].type = known->second;
    return {};
}

TextParser::Problem TextParser::read(LineReader line, Sample &sample)
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
    for (const Label &label : labels)
        key.emplace_back(label.name, label.value);
    auto &metrics = families[at].metric;
    const auto [place, isNew] = m_states[at].series.try_emplace(std::move(key), metrics.size());
    if (isNew)
        metrics.emplace_back().label = labels;
    return {place->second, isNew};
}

TextParser::Problem TextParser::add(Sample sample)
{
    const std::size_t at = familyOf(sample.name);
    MetricFamily &family = families[at];
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

TextParser::Problem TextParser::addPart(std::size_t at, Sample sample)
{
    MetricFamily &family = families[at];
    const std::string_view own = family.type == MetricType::Histogram ? "le" : "quantile";
    const auto label = std::find_if(sample.labels.begin(), sample.labels.end(),
                                    [&](const Label &one) { return one.name == own; });
    std::optional<double> bound;
    std::string part(sample.name.substr(family.name.size()));
    if (label != sample.labels.end()) {
        bound = valueOf(label->value);
        if (!bound || std::isnan(*bound))
            return "has a bound that is no number";
        std::array<char, 32> digits{}; // "1" and "1.0" are the same bound
        part.append(digits.data(),
                    std::to_chars(digits.data(), digits.data() + digits.size(), *bound).ptr);
        sample.labels.erase(label);
    }
    const std::size_t index = series(at, sample.labels).first;
    if (!m_states[at].parts.emplace(index, std::move(part)).second)
        return "is a series that is there already";
    return put(family, family.metric[index], sample, bound);
}

TextParser::Problem TextParser::put(MetricFamily &family, ClientMetric &metric, const Sample &part,
                                    std::optional<double> bound)
{
    const std::string_view suffix = part.name.substr(family.name.size());
    const bool isHistogram = family.type == MetricType::Histogram;
    const bool isBucket = suffix == (isHistogram ? "_bucket" : "");
    if (isBucket != bound.has_value())
        return "is not a part of a histogram or summary";
    if (suffix == "_sum") {
        (isHistogram ? metric.histogram.sample_sum : metric.summary.sample_sum) = part.value;
        return {};
    }
    if (isBucket && !isHistogram) {
        metric.summary.quantile.push_back({*bound, part.value});
        return {};
    }
    const auto count = countOf(part.value);
    if (!count)
        return "has a count that is no whole number";
    if (isBucket)
        metric.histogram.bucket.push_back({*count, *bound});
    else
        (isHistogram ? metric.histogram.sample_count : metric.summary.sample_count) = *count;
    return {};
}

bool isSound(ClientMetric::Histogram &histogram)
{
    auto &buckets = histogram.bucket;
    std::sort(buckets.begin(), buckets.end(),
              [](const auto &a, const auto &b) { return a.upper_bound < b.upper_bound; });
    const bool isAscending = std::is_sorted(buckets.begin(), buckets.end(), [](auto &a, auto &b) {
        return a.cumulative_count < b.cumulative_count;
    });
    return isAscending && !buckets.empty() && buckets.back().upper_bound == infinity
        && buckets.back().cumulative_count == histogram.sample_count
        && !std::isnan(histogram.sample_sum);
}

TextParser::Problem TextParser::finish()
{
    std::erase_if(families, [](const MetricFamily &family) { return family.metric.empty(); });
    for (MetricFamily &family : families) {
        for (ClientMetric &metric : family.metric) {
            auto &quantiles = metric.summary.quantile;
            std::sort(quantiles.begin(), quantiles.end(),
                      [](const auto &a, const auto &b) { return a.quantile < b.quantile; });
            const bool isInRange = quantiles.empty()
                || (quantiles.front().quantile >= 0 && quantiles.back().quantile <= 1);
            if (!isInRange || (family.type == MetricType::Histogram && !isSound(metric.histogram)))
                return family.name
                    + " has buckets or quantiles that do not make a whole histogram or summary";
        }
    }
    return {};
}

} // namespace

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
    return std::move(parser.families);
}

} // namespace trendscope::exporter
