#include "core/exporter/push/push_record_p.h"

namespace trendscope::exporter {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t maxRecords = 20'000; // of one document: they are held until its end
constexpr std::size_t maxValues = 10'000;  // of one record
constexpr std::size_t maxProcessLength = 64;

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
    std::string_view read(ondemand::document &document, std::vector<PushRecord> &records)
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
    static bool readList(ondemand::document &document, std::vector<PushRecord> &records)
    {
        ondemand::array list;
        if (document.get_array().get(list))
            return false;
        for (auto item : list) {
            ondemand::json_type type{};
            ondemand::value value = item.value_unsafe();
            if (item.error() || value.type().get(type) || records.size() > maxRecords)
                return false;
            PushRecord &record = records.emplace_back();
            ondemand::object object;
            if (type != ondemand::json_type::object)
                record.fault = "not_an_object"; // the list passes over it
            else if (value.get_object().get(object) || !readObject(object, record))
                return false;
        }
        return true;
    }

    static bool readObject(ondemand::object &object, PushRecord &record)
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
                          PushRecord &record)
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

    static void takeText(std::string_view key, std::string_view text, PushRecord &record)
    {
        if (key == "metric")
            record.metric = text;
        else if (key == "help")
            record.help = text;
        else if (key == "type")
            takeType(text, record);
        else if (const auto merge = mergeNamed(text); key == "mode" && merge)
            record.merge = *merge;
        else if (key == "mode")
            fail(record, "unknown_mode");
    }

    static void takeType(std::string_view name, PushRecord &record)
    {
        record.type = typeNamed(name);
        if (!record.type)
            fail(record, "unknown_type");
    }

    /// One, or a list of them.
    static bool readNumbers(ondemand::value &value, ondemand::json_type type,
                            std::vector<double> &out, PushRecord &record)
    {
        if (type != ondemand::json_type::array)
            return readNumber(value, type, out, record);
        ondemand::array list;
        if (value.get_array().get(list))
            return false;
        for (auto item : list) {
            ondemand::json_type itsType{};
            ondemand::value each = item.value_unsafe();
            if (item.error() || each.type().get(itsType) || !readNumber(each, itsType, out, record))
                return false;
        }
        return true;
    }

    static bool readNumber(ondemand::value &value, ondemand::json_type type,
                           std::vector<double> &out, PushRecord &record)
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

    static bool readLabels(ondemand::value &value, ondemand::json_type type, PushRecord &record)
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

    static bool readProcess(ondemand::value &value, ondemand::json_type /*type*/,
                            PushRecord &record)
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
    static bool fail(PushRecord &record, std::string_view fault)
    {
        if (record.fault.empty())
            record.fault = fault;
        return true;
    }
};

} // namespace

std::string_view readRecords(ondemand::document &document, std::vector<PushRecord> &records)
{
    return DocumentReader().read(document, records);
}

} // namespace trendscope::exporter
