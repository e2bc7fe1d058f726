#include "core/exporter/push/statsd_parser_p.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace trendscope::exporter {

namespace {

std::optional<double> number(std::string_view text)
{
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-'))
            return {};
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return {};
    return value;
}

std::optional<StatsdType> typeNamed(std::string_view name)
{
    if (name == "c")
        return StatsdType::Counter;
    if (name == "g")
        return StatsdType::Gauge;
    if (name == "ms")
        return StatsdType::Timer;
    if (name == "h")
        return StatsdType::Histogram;
    if (name == "d")
        return StatsdType::Distribution;
    if (name == "s")
        return StatsdType::Set;
    return {};
}

/// What comes before the first of `ends`, which stays in `rest`.
std::string_view take(std::string_view &rest, std::string_view ends)
{
    const std::string_view taken = rest.substr(0, rest.find_first_of(ends));
    rest.remove_prefix(taken.size());
    return taken;
}

class Line {
public:
    Line(std::string_view line, StatsdSink &sink)
        : m_rest(line)
        , m_sink(sink)
    {
    }

    void read()
    {
        m_name = take(m_rest, ":");
        if (m_name.empty() || m_rest.empty())
            return m_sink.onFault(StatsdFault::MalformedLine);
        while (m_rest.starts_with(':')) {
            m_rest.remove_prefix(1);
            readValues();
        }
    }

private:
    void readValues()
    {
        const std::string_view values = take(m_rest, "|");
        if (m_rest.empty())
            return m_sink.onFault(StatsdFault::MalformedLine);
        m_rest.remove_prefix(1);
        const auto type = typeNamed(take(m_rest, "|:"));
        StatsdSample sample{.name = m_name, .tags = {}};
        const std::optional<StatsdFault> fault = readSections(sample);
        if (!type)
            return m_sink.onFault(StatsdFault::UnknownType);
        if (fault)
            return m_sink.onFault(*fault);
        sample.type = *type;
        emit(values, sample);
    }

    /// Goes to the end of all sections, also past one that it can not read.
    std::optional<StatsdFault> readSections(StatsdSample &sample)
    {
        std::optional<StatsdFault> fault;
        while (m_rest.starts_with('|')) {
            m_rest.remove_prefix(1);
            if (m_rest.starts_with('@')) {
                m_rest.remove_prefix(1);
                const auto rate = number(take(m_rest, "|:"));
                // Less would be no rate that anyone sends, and a single sample would be millions.
                if (!rate || *rate < 1e-6 || *rate > 1)
                    fault = StatsdFault::InvalidSampleRate;
                else
                    sample.rate = *rate;
                continue;
            }
            const std::string_view section = take(m_rest, "|");
            if (section.starts_with('#'))
                sample.tags = section.substr(1);
            else if (!isPassedOver(section))
                fault = StatsdFault::MalformedSection;
        }
        return fault;
    }

    static bool isPassedOver(std::string_view section)
    {
        return section.starts_with("c:") || section.starts_with("e:")
            || section.starts_with("card:")
            || (section.size() > 1 && section[0] == 'T'
                && section.find_first_not_of("0123456789", 1) == section.npos);
    }

    void emit(std::string_view values, StatsdSample &sample)
    {
        if (sample.type == StatsdType::Set) {
            sample.text = values;
            return values.empty() ? m_sink.onFault(StatsdFault::MalformedValue)
                                  : m_sink.onSample(sample);
        }
        for (bool isLast = false; !isLast;) {
            sample.text = take(values, ":");
            isLast = values.empty();
            if (!isLast)
                values.remove_prefix(1);
            const auto value = number(sample.text);
            if (!value) {
                m_sink.onFault(StatsdFault::MalformedValue);
                continue;
            }
            sample.value = *value;
            sample.isRelative = sample.text[0] == '+' || sample.text[0] == '-';
            m_sink.onSample(sample);
        }
    }

    std::string_view m_rest;
    std::string_view m_name;
    StatsdSink &m_sink;
};

void parseLine(std::string_view line, StatsdSink &sink)
{
    sink.onLine();
    if (line.starts_with("_e{"))
        return sink.onEvent();
    if (line.starts_with("_sc|"))
        return sink.onServiceCheck();
    Line(line, sink).read();
}

} // namespace

void parseStatsd(std::string_view packet, StatsdSink &sink)
{
    while (!packet.empty()) {
        std::string_view line = take(packet, "\n");
        if (!packet.empty())
            packet.remove_prefix(1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!line.empty())
            parseLine(line, sink);
    }
}

} // namespace trendscope::exporter
