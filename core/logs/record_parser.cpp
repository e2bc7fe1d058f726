#include "core/logs/record.h"
#include "core/logs/utf8_p.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace trendscope::logs {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int maximumDepth = 16; // deeper objects stay JSON text: nobody filters on their parts

/// Without the line end of a file written on Windows.
std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\n'))
        text.remove_suffix(1);
    return text;
}

enum class StandardKey { Timestamp, Level, Logger, Message, Module, Function, Line };

constexpr std::array standardKeys{
    std::pair{std::string_view("timestamp"), StandardKey::Timestamp},
    std::pair{std::string_view("level"), StandardKey::Level},
    std::pair{std::string_view("logger"), StandardKey::Logger},
    std::pair{std::string_view("message"), StandardKey::Message},
    std::pair{std::string_view("module"), StandardKey::Module},
    std::pair{std::string_view("function"), StandardKey::Function},
    std::pair{std::string_view("line"), StandardKey::Line},
    // What other loggers call them: python-json-logger, logstash, zap, bunyan.
    std::pair{std::string_view("time"), StandardKey::Timestamp},
    std::pair{std::string_view("@timestamp"), StandardKey::Timestamp},
    std::pair{std::string_view("asctime"), StandardKey::Timestamp},
    std::pair{std::string_view("levelname"), StandardKey::Level},
    std::pair{std::string_view("severity"), StandardKey::Level},
    std::pair{std::string_view("name"), StandardKey::Logger},
    std::pair{std::string_view("msg"), StandardKey::Message},
    std::pair{std::string_view("funcName"), StandardKey::Function},
    std::pair{std::string_view("lineno"), StandardKey::Line},
};

} // namespace

/// Fills one record from a JSON object whose text is already the record's own.
class RecordBuilder {
public:
    /// `json` has the bytes of the record's text; slices of the one are slices of the other.
    RecordBuilder(Record &record, const char *json)
        : m_record(record)
        , m_json(json)
    {
    }

    /// False when the text turns out not to be a well-formed object.
    bool build(ondemand::document &document)
    {
        ondemand::object object;
        return !document.get_object().get(object) && addObject(object, {}, 0)
            && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }

private:
    using Slice = Record::Slice;

    bool addObject(ondemand::object &object, std::string_view prefix, int depth)
    {
        for (auto item : object) {
            ondemand::field field;
            if (std::move(item).get(field) || !addField(field, prefix, depth))
                return false;
        }
        return true;
    }

    bool addField(ondemand::field &field, std::string_view prefix, int depth)
    {
        Slice key;
        if (!readKey(field, key))
            return false;
        ondemand::value value = field.value();
        ondemand::json_type type{};
        if (value.type().get(type))
            return false;
        if (type == ondemand::json_type::object && depth < maximumDepth)
            return addNested(value, key, prefix, depth);

        Slice text;
        if (!readValue(value, type, text))
            return false;
        if (depth == 0 && addStandard(m_record.view(key), text))
            return true;
        m_record.m_fields.push_back({prefix.empty() ? key : dotted(prefix, key), text});
        return true;
    }

    bool addNested(ondemand::value &value, Slice key, std::string_view prefix, int depth)
    {
        ondemand::object object;
        if (value.get_object().get(object))
            return false;
        const std::string_view name = m_record.view(key);
        if (depth == 0 && name == "context")
            return addObject(object, {}, depth + 1);
        // A copy: the record's text grows, and moves, while the object is read.
        std::string nested(prefix);
        if (!nested.empty())
            nested += '.';
        nested += name;
        return addObject(object, nested, depth + 1);
    }

    bool readKey(ondemand::field &field, Slice &key)
    {
        const char *const begin = field.key().raw();
        const std::size_t size = std::strcspn(begin, "\"\\");
        if (begin[size] == '"') {
            key = {offsetOf(begin), static_cast<std::uint32_t>(size)};
            return true;
        }
        std::string_view unescaped;
        if (field.unescaped_key().get(unescaped))
            return false;
        key = append(unescaped);
        return true;
    }

    bool readValue(ondemand::value &value, ondemand::json_type type, Slice &slice)
    {
        std::string_view token;
        if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
            if (simdjson::to_json_string(value).get(token))
                return false;
            slice = verbatim(token);
            return true;
        }
        token = trimmed(value.raw_json_token());
        if (type == ondemand::json_type::string)
            return readString(value, token, slice);
        slice = verbatim(token);
        return true;
    }

    bool readString(ondemand::value &value, std::string_view token, Slice &slice)
    {
        if (token.size() < 2)
            return false;
        token = token.substr(1, token.size() - 2);
        std::string_view unescaped;
        // A lone surrogate has no UTF-8: the text then stays as it was written.
        if (token.find('\\') == std::string_view::npos || value.get_string().get(unescaped))
            slice = verbatim(token);
        else
            slice = append(unescaped);
        return true;
    }

    /// Takes the value of a standard key the first time it makes sense.
    bool addStandard(std::string_view key, Slice text)
    {
        const auto *const found =
            std::ranges::find(standardKeys, key, [](const auto &entry) { return entry.first; });
        if (found == standardKeys.end())
            return false;
        switch (found->second) {
        case StandardKey::Timestamp:
            return setTime(text);
        case StandardKey::Level:
            return setLevel(text);
        case StandardKey::Logger:
            return setText(m_record.m_logger, text);
        case StandardKey::Message:
            return setText(m_record.m_message, text);
        case StandardKey::Module:
            return setText(m_record.m_module, text);
        case StandardKey::Function:
            return setText(m_record.m_function, text);
        case StandardKey::Line:
            return setLine(text);
        }
        return false;
    }

    static bool setText(Slice &part, Slice text)
    {
        if (part.size != 0)
            return false;
        part = text;
        return true;
    }

    bool setTime(Slice text)
    {
        if (m_record.m_time)
            return false;
        m_record.m_time = parseTimestamp(m_record.view(text));
        return m_record.m_time.has_value();
    }

    bool setLevel(Slice text)
    {
        const auto level = levelNamed(m_record.view(text));
        if (!level || m_record.m_level != Level::Unknown)
            return false;
        m_record.m_level = *level;
        return true;
    }

    bool setLine(Slice text)
    {
        const std::string_view digits = m_record.view(text);
        std::int64_t line = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), line);
        if (m_record.m_line || error != std::errc() || end != digits.data() + digits.size())
            return false;
        m_record.m_line = line;
        return true;
    }

    std::uint32_t offsetOf(const char *at) const { return static_cast<std::uint32_t>(at - m_json); }

    Slice verbatim(std::string_view part) const
    {
        return {offsetOf(part.data()), static_cast<std::uint32_t>(part.size())};
    }

    /// The newline keeps a search from matching across two parts: no record has one of its own
    /// there.
    Slice append(std::string_view part)
    {
        m_record.m_text += '\n';
        const Slice slice{static_cast<std::uint32_t>(m_record.m_text.size()),
                          static_cast<std::uint32_t>(part.size())};
        m_record.m_text += part;
        return slice;
    }

    Slice dotted(std::string_view prefix, Slice key)
    {
        std::string name(prefix);
        name += '.';
        name += m_record.view(key);
        return append(name);
    }

    Record &m_record;
    const char *m_json;
};

class RecordParser::Private {
public:
    ondemand::parser parser;
    std::string padded; // simdjson reads past the end of its input
};

RecordParser::RecordParser()
    : m_private(std::make_unique<Private>())
{
}

RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser &&) noexcept = default;
RecordParser &RecordParser::operator=(RecordParser &&) noexcept = default;

Record RecordParser::parse(std::string_view line, bool cut)
{
    line = trimmed(line);
    Record record;
    record.m_fields.reserve(8);
    record.m_cut = cut;
    record.m_text = simdjson::validate_utf8(line) ? std::string(line) : withoutInvalidBytes(line);
    record.m_raw = {0, static_cast<std::uint32_t>(record.m_text.size())};

    m_private->padded.assign(record.m_text);
    m_private->padded.append(simdjson::SIMDJSON_PADDING, '\0');
    const simdjson::padded_string_view json(m_private->padded.data(), record.m_text.size(),
                                            m_private->padded.size());
    ondemand::document document;
    const bool isObject = line.find_first_not_of(" \t") != std::string_view::npos
        && line[line.find_first_not_of(" \t")] == '{'
        && !m_private->parser.iterate(json).get(document)
        && RecordBuilder(record, m_private->padded.data()).build(document);
    if (isObject)
        return record;

    // Whatever was understood before the fault is not trusted: the line is shown as it is.
    Record malformed;
    malformed.m_cut = cut;
    malformed.m_malformed = true;
    malformed.m_text = std::move(record.m_text);
    malformed.m_text.resize(record.m_raw.size);
    malformed.m_raw = malformed.m_message = record.m_raw;
    return malformed;
}

} // namespace trendscope::logs
