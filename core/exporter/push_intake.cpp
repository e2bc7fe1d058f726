#include "core/exporter/push_intake.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

namespace trendscope::exporter {

namespace {

namespace ondemand = simdjson::ondemand;
using Type = observability::MetricDescription::Type;

constexpr std::size_t maxRecords = 20'000; // of one document: they are held until its end
constexpr std::size_t maxValues = 10'000;  // of one record
constexpr std::size_t maxProcessLength = 64;
constexpr std::size_t recordsPerLock = 256;

/// One record as it came. Views into what was parsed.
struct Record {
    std::string_view metric = {};
    std::optional<PushedType> type = {};
    std::vector<double> values = {};
    PushedLabels labels = {};
    std::string_view help = {};
    std::vector<double> buckets = {};
    std::string process = {};
    GaugeMerge merge = GaugeMerge::Latest;

    std::string_view fault = {}; ///< its kind; empty: none yet
};

std::optional<PushedType> typeNamed(std::string_view name)
{
    if (name == "counter")
        return PushedType::Counter;
    if (name == "gauge")
        return PushedType::Gauge;
    if (name == "histogram")
        return PushedType::Histogram;
    return {};
}

std::string_view nameOf(PushedType type)
{
    return type == PushedType::Counter ? "counter"
        : type == PushedType::Gauge    ? "gauge"
                                       : "histogram";
}

std::optional<GaugeMerge> mergeNamed(std::string_view name)
{
    if (name == "latest")
        return GaugeMerge::Latest;
    if (name == "sum")
        return GaugeMerge::Sum;
    if (name == "max")
        return GaugeMerge::Max;
    if (name == "min")
        return GaugeMerge::Min;
    return {};
}

/// Reads one document. A value of the wrong type is its record's fault; what is not JSON is the
/// document's.
class DocumentReader {
public:
    /// Nothing, or what is wrong with all of it.
    std::string_view read(ondemand::document &document, std::vector<Record> &records)
    {
        ondemand::json_type type{};
        if (document.type().get(type))
            return "not_json";
        bool isRead = false;
        if (type == ondemand::json_type::array) {
            isRead = readList(document, records);
        } else if (type == ondemand::json_type::object) {
            ondemand::object object;
            isRead =
                !document.get_object().get(object) && readObject(object, records.emplace_back());
        } else {
            return "not_an_object";
        }
        if (records.size() > maxRecords)
            return "too_many_records";
        const bool isWhole = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
        return isRead && isWhole ? "" : "not_json";
    }

private:
    static bool readList(ondemand::document &document, std::vector<Record> &records)
    {
        ondemand::array list;
        if (document.get_array().get(list))
            return false;
        for (auto item : list) {
            ondemand::value value;
            ondemand::json_type type{};
            if (std::move(item).get(value) || value.type().get(type) || records.size() > maxRecords)
                return false;
            Record &record = records.emplace_back();
            ondemand::object object;
            if (type != ondemand::json_type::object)
                record.fault = "not_an_object"; // the list passes over it
            else if (value.get_object().get(object) || !readObject(object, record))
                return false;
        }
        return true;
    }

    static bool readObject(ondemand::object &object, Record &record)
    {
        for (auto item : object) {
            ondemand::field field;
            std::string_view key;
            if (std::move(item).get(field) || field.unescaped_key().get(key))
                return false;
            ondemand::value value = field.value();
            ondemand::json_type type{};
            if (value.type().get(type) || !readField(key, value, type, record))
                return false;
        }
        return true;
    }

    static bool readField(std::string_view key, ondemand::value &value, ondemand::json_type type,
                          Record &record)
    {
        if (key == "value" || key == "values")
            return readNumbers(value, type, record.values, record);
        if (key == "buckets")
            return readNumbers(value, type, record.buckets, record);
        if (key == "labels")
            return readLabels(value, type, record);
        if (key == "pid")
            return readProcess(value, type, record);
        if (key != "metric" && key != "type" && key != "help" && key != "mode")
            return true; // of a later version, or the sender's own
        std::string_view text;
        if (type != ondemand::json_type::string)
            return fail(record, "malformed_field");
        if (value.get_string().get(text))
            return false;
        takeText(key, text, record);
        return true;
    }

    static void takeText(std::string_view key, std::string_view text, Record &record)
    {
        if (key == "metric")
            record.metric = text;
        else if (key == "help")
            record.help = text;
        else if (key == "type" && !(record.type = typeNamed(text)))
            fail(record, "unknown_type");
        else if (const auto merge = mergeNamed(text); key == "mode" && merge)
            record.merge = *merge;
        else if (key == "mode")
            fail(record, "unknown_mode");
    }

    /// One, or a list of them.
    static bool readNumbers(ondemand::value &value, ondemand::json_type type,
                            std::vector<double> &out, Record &record)
    {
        if (type != ondemand::json_type::array)
            return readNumber(value, type, out, record);
        ondemand::array list;
        if (value.get_array().get(list))
            return false;
        for (auto item : list) {
            ondemand::value each;
            ondemand::json_type itsType{};
            if (std::move(item).get(each) || each.type().get(itsType)
                || !readNumber(each, itsType, out, record))
                return false;
        }
        return true;
    }

    static bool readNumber(ondemand::value &value, ondemand::json_type type,
                           std::vector<double> &out, Record &record)
    {
        double number = 0;
        if (type != ondemand::json_type::number || out.size() >= maxValues)
            return fail(record, "malformed_value");
        const auto error = value.get_double().get(number);
        if (error == simdjson::NUMBER_ERROR) // valid JSON too, e.g. 1e999
            return fail(record, "malformed_value");
        out.push_back(number);
        return !error;
    }

    static bool readLabels(ondemand::value &value, ondemand::json_type type, Record &record)
    {
        ondemand::object object;
        if (type != ondemand::json_type::object)
            return fail(record, "malformed_labels");
        if (value.get_object().get(object))
            return false;
        for (auto item : object) {
            ondemand::field field;
            std::string_view name;
            if (std::move(item).get(field) || field.unescaped_key().get(name))
                return false;
            ondemand::value each = field.value();
            auto text = textOf(each);
            if (!text)
                fail(record, "malformed_labels");
            else
                record.labels.emplace_back(name, std::move(*text));
        }
        return true;
    }

    static bool readProcess(ondemand::value &value, ondemand::json_type /*type*/, Record &record)
    {
        auto text = textOf(value);
        if (!text || text->size() > maxProcessLength)
            return fail(record, "malformed_pid");
        record.process = std::move(*text);
        return true;
    }

    /// Of a text or a whole number, e.g. a status code.
    static std::optional<std::string> textOf(ondemand::value &value)
    {
        ondemand::json_type type{};
        std::string_view text;
        std::int64_t number = 0;
        if (value.type().get(type))
            return {};
        if (type == ondemand::json_type::string && !value.get_string().get(text))
            return std::string(text);
        if (type == ondemand::json_type::number && !value.get_int64().get(number))
            return std::to_string(number);
        return {};
    }

    /// True: the document can be read on.
    static bool fail(Record &record, std::string_view fault)
    {
        if (record.fault.empty())
            record.fault = fault;
        return true;
    }
};

/// What can be said without looking at the metrics.
std::string_view faultOf(const Record &record)
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

Refusal apply(PushedMetrics::Writer &writer, Record &record)
{
    const auto [series, refusal] = writer.find({.name = record.metric,
                                                .type = *record.type,
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
        simdjson::padded_string padded(body);
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
        std::vector<Record> records;
        ondemand::document document;
        const simdjson::padded_string_view view(text.data(), text.size(), text.size() + room);
        std::string_view fault = "not_json";
        if (!m_parser.iterate(view).get(document))
            fault = DocumentReader().read(document, records);
        if (!fault.empty())
            return refuse(fault);
        for (std::size_t i = 0; i < records.size(); i += recordsPerLock) {
            PushedMetrics::Writer writer(m_metrics, m_now);
            for (std::size_t k = i; k < std::min(records.size(), i + recordsPerLock); ++k)
                takeRecord(writer, records[k]);
        }
    }

    void takeRecord(PushedMetrics::Writer &writer, Record &record)
    {
        if (const std::string_view fault = faultOf(record); !fault.empty())
            return refuse(fault);
        const Refusal refusal = apply(writer, record);
        if (refusal != Refusal::None)
            return refuse(nameOf(refusal));
        ++m_count.taken;
        m_recordsTaken.increment({nameOf(*record.type)}, 1);
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
