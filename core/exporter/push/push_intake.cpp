#include "core/exporter/push/push_intake.h"

#include "core/exporter/push/push_record_p.h"

#include <algorithm>

namespace trendscope::exporter {

namespace {

namespace ondemand = simdjson::ondemand;
using Type = observability::MetricDescription::Type;

constexpr std::size_t recordsPerLock = 256;

std::string_view nameOf(PushedType type)
{
    return type == PushedType::Counter ? "counter"
        : type == PushedType::Gauge    ? "gauge"
                                       : "histogram";
}

/// What can be said without looking at the metrics.
std::string_view faultOf(const PushRecord &record)
{
    if (!record.fault.empty())
        return record.fault;
    if (record.metric.empty())
        return "missing_metric";
    if (!record.type)
        return "missing_type";
    if (record.values.empty() && record.type != PushedType::Counter)
        return "missing_value";
    if (record.process.empty() && record.merge != GaugeMerge::Latest)
        return "missing_pid";
    const bool hasNegative =
        std::any_of(record.values.begin(), record.values.end(), [](double v) { return v < 0; });
    if (hasNegative && record.type != PushedType::Gauge)
        return nameOf(Refusal::BadValue);
    return {};
}

Refusal apply(PushedMetrics::Writer &writer, PushRecord &record)
{
    const auto [series, refusal] = writer.find({.name = record.metric,
                                                .type = record.type.value_or(PushedType::Counter),
                                                .labels = std::move(record.labels),
                                                .help = record.help,
                                                .buckets = record.buckets});
    if (!series)
        return refusal;
    if (record.values.empty())
        record.values.push_back(1);
    for (const double value : record.values) {
        const Refusal problem = writer.apply(
            *series, {.value = value, .process = record.process, .merge = record.merge});
        if (problem != Refusal::None)
            return problem;
    }
    return Refusal::None;
}

/// The next document of JSON lines; all of `rest` where a list goes over several lines.
std::string_view nextDocument(std::string_view &rest)
{
    constexpr std::string_view space = " \t\r";
    std::string_view line = rest.substr(0, rest.find('\n'));
    const std::size_t begin = line.find_first_not_of(space);
    const bool isOpen =
        begin != line.npos && line[begin] == '[' && line[line.find_last_not_of(space)] != ']';
    if (isOpen)
        line = rest;
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return begin == line.npos ? std::string_view() : line;
}

/// Takes one body.
class Body {
public:
    Body(PushedMetrics &metrics, observability::Family &recordsTaken, observability::Family &errors,
         PushIntake::Clock::time_point now)
        : m_metrics(metrics)
        , m_recordsTaken(recordsTaken)
        , m_errors(errors)
        , m_now(now)
    {
    }

    PushIntake::Count take(std::string_view body)
    {
        const simdjson::padded_string padded(body);
        std::string_view rest(padded);
        while (!rest.empty()) {
            const std::string_view document = nextDocument(rest);
            if (!document.empty())
                takeDocument(document, rest.size() + 1 + simdjson::SIMDJSON_PADDING);
        }
        return std::move(m_count);
    }

private:
    /// `room` bytes after it may be read.
    void takeDocument(std::string_view text, std::size_t room)
    {
        std::vector<PushRecord> records;
        ondemand::document document;
        const simdjson::padded_string_view view(text.data(), text.size(), text.size() + room);
        std::string_view fault = "not_json";
        if (!m_parser.iterate(view).get(document))
            fault = readRecords(document, records);
        if (!fault.empty())
            return refuse(fault);
        for (std::size_t i = 0; i < records.size(); i += recordsPerLock) {
            PushedMetrics::Writer writer(m_metrics, PushedSource::Json, m_now);
            for (std::size_t k = i; k < std::min(records.size(), i + recordsPerLock); ++k)
                takeRecord(writer, records[k]);
        }
    }

    void takeRecord(PushedMetrics::Writer &writer, PushRecord &record)
    {
        if (const std::string_view fault = faultOf(record); !fault.empty())
            return refuse(fault);
        const Refusal refusal = apply(writer, record);
        if (refusal != Refusal::None)
            return refuse(nameOf(refusal));
        ++m_count.taken;
        m_recordsTaken.increment({nameOf(record.type.value_or(PushedType::Counter))}, 1);
    }

    void refuse(std::string_view kind)
    {
        ++m_count.refused;
        m_errors.increment({kind}, 1);
        if (m_count.firstProblem.empty())
            m_count.firstProblem = "record " + std::to_string(m_count.taken + m_count.refused)
                + ": " + std::string(kind);
    }

    PushedMetrics &m_metrics;
    observability::Family &m_recordsTaken;
    observability::Family &m_errors;
    const PushIntake::Clock::time_point m_now;
    ondemand::parser m_parser;
    PushIntake::Count m_count;
};

} // namespace

PushIntake::PushIntake(PushedMetrics &metrics, observability::Registry &registry)
    : m_metrics(metrics)
    , m_records(registry.add({.name = "trendscope_push_records_total",
                              .type = Type::Counter,
                              .help = "Records pushed as JSON and taken, by the metric's type.",
                              .labels = {"type"}}))
    , m_errors(registry.add({.name = "trendscope_push_errors_total",
                             .type = Type::Counter,
                             .help = "Records pushed as JSON and refused, by what is wrong.",
                             .labels = {"kind"}}))
{
}

Result<PushIntake::Count> PushIntake::take(std::string_view body, Clock::time_point now)
{
    if (body.size() > maxBodySize) {
        m_errors.increment({"too_long"}, 1);
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    "The body has " + std::to_string(body.size())
                                        + " bytes; send at most " + std::to_string(maxBodySize)
                                        + " at once",
                                    {}});
    }
    m_metrics.expire(now);
    return Body(m_metrics, m_records, m_errors, now).take(body);
}

} // namespace trendscope::exporter
