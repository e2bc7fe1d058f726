#include "core/exporter/postgres/pg_log_record_p.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

namespace trendscope::exporter {

namespace {

constexpr std::string_view durationWord = "duration: ";
constexpr std::string_view statementWord = "statement: ";
constexpr std::string_view executeWord = "execute ";

bool take(std::string_view &text, std::string_view word)
{
    if (!text.starts_with(word))
        return false;
    text.remove_prefix(word.size());
    return true;
}

/// `text` is what follows the duration, if there is one.
PgStatementMessage phaseOf(std::string_view text)
{
    using enum PgStatementMessage::Phase;
    if (text.empty())
        return {};
    if (take(text, statementWord))
        return {.phase = Statement, .sql = text};
    if (!text.starts_with(executeWord))
        return {.phase = Other};
    const std::size_t name = text.find(": ");
    return {.phase = Execute, .sql = name == std::string_view::npos ? "" : text.substr(name + 2)};
}

/// What a backslash and `escape` stand for.
char escapedChar(char escape)
{
    switch (escape) {
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
        return escape == 'n' ? '\n' : ' ';
    default:
        return escape;
    }
}

std::string_view stringOf(simdjson::ondemand::value value)
{
    std::string_view token = value.raw_json_token(); // with what blanks follow it
    token = token.substr(0, token.rfind('"'));
    return token.empty() ? token : token.substr(1);
}

} // namespace

std::optional<PgStatementMessage> readStatementMessage(std::string_view message)
{
    if (!take(message, durationWord)) {
        const PgStatementMessage begun = phaseOf(message);
        const bool isBegun = begun.phase == PgStatementMessage::Phase::Statement
            || begun.phase == PgStatementMessage::Phase::Execute;
        return isBegun ? std::optional(begun) : std::nullopt;
    }
    double milliseconds = -1;
    const auto read =
        std::from_chars(message.data(), message.data() + message.size(), milliseconds);
    message.remove_prefix(static_cast<std::size_t>(read.ptr - message.data()));
    if (read.ec != std::errc() || milliseconds < 0 || !std::isfinite(milliseconds)
        || !take(message, " ms"))
        return {};
    take(message, "  ");
    PgStatementMessage ended = phaseOf(message);
    ended.seconds = milliseconds / 1000;
    return ended;
}

std::string unescaped(std::string_view json, std::size_t limit)
{
    constexpr std::size_t hexDigits = 4;
    std::string out;
    for (std::size_t i = 0; i < json.size() && out.size() < limit; ++i) {
        if (json[i] != '\\') {
            out += json[i];
        } else if (++i < json.size()) {
            const bool isCode = json[i] == 'u';
            out += isCode ? '?' : escapedChar(json[i]);
            i += isCode ? hexDigits : 0;
        }
    }
    return out;
}

struct PgLogReader::Private {
    simdjson::ondemand::parser parser;
    std::vector<char> buffer; ///< the line, and what simdjson wants after it
    simdjson::ondemand::document document;

    std::optional<PgLogRecord> read(std::string_view line)
    {
        if (buffer.size() < line.size() + simdjson::SIMDJSON_PADDING)
            buffer.resize(2 * line.size() + simdjson::SIMDJSON_PADDING);
        std::memcpy(buffer.data(), line.data(), line.size());
        std::memset(buffer.data() + line.size(), 0, simdjson::SIMDJSON_PADDING);
        if (parser.iterate(buffer.data(), line.size(), buffer.size()).get(document)
            != simdjson::SUCCESS)
            return {};
        simdjson::ondemand::object object;
        if (document.get_object().get(object) != simdjson::SUCCESS)
            return {};
        PgLogRecord record;
        for (auto field : object) {
            std::string_view key;
            simdjson::ondemand::value value;
            if (field.unescaped_key().get(key) != simdjson::SUCCESS
                || field.value().get(value) != simdjson::SUCCESS || !keep(record, key, value))
                return {};
        }
        // Nothing may come after it.
        return document.current_location().error() == simdjson::OUT_OF_BOUNDS
            ? std::optional(record)
            : std::nullopt;
    }

    /// False where a value has a wrong type.
    static bool keep(PgLogRecord &record, std::string_view key, simdjson::ondemand::value value)
    {
        if (key == "query_id")
            return value.get_int64().get(record.queryId) == simdjson::SUCCESS;
        std::string_view *const into = key == "message" ? &record.message
            : key == "dbname"                           ? &record.database
            : key == "application_name"                 ? &record.application
            : key == "session_id"                       ? &record.session
            : key == "ps"                               ? &record.display
                                                        : nullptr;
        simdjson::ondemand::json_type type{};
        if (!into)
            return true;
        if (value.type().get(type) != simdjson::SUCCESS
            || type != simdjson::ondemand::json_type::string)
            return false;
        *into = stringOf(value);
        return true;
    }
};

PgLogReader::PgLogReader()
    : d(std::make_unique<Private>())
{
}

PgLogReader::~PgLogReader() = default;

std::optional<PgLogRecord> PgLogReader::read(std::string_view line)
{
    return d->read(line);
}

} // namespace trendscope::exporter
