#include "core/observability/record_p.h"
#include "core/observability/text_p.h"

#include <spdlog/details/log_msg.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <ctime>

namespace trendscope::observability::record {

namespace {

struct Payload {
    std::string_view message;
    std::string_view context;
};

Payload decode(std::string_view payload)
{
    std::size_t length = 0;
    std::memcpy(&length, payload.data(), sizeof length);
    payload.remove_prefix(sizeof length);
    return {payload.substr(0, length), payload.substr(length)};
}

template <class Number>
void appendDigits(std::string &out, Number number)
{
    std::array<char, 24> buffer;
    out.append(buffer.data(),
               std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr);
}

void appendPlain(std::string &out, const Value &value)
{
    const Value::Variant &held = value.variant();
    if (const auto *boolean = std::get_if<bool>(&held))
        out += *boolean ? "true" : "false";
    else if (const auto *integer = std::get_if<std::int64_t>(&held))
        appendDigits(out, *integer);
    else if (const auto *natural = std::get_if<std::uint64_t>(&held))
        appendDigits(out, *natural);
    else if (const auto *number = std::get_if<double>(&held))
        text::appendNumber(out, *number);
    else
        out += "null";
}

void appendJsonValue(std::string &out, const Value &value)
{
    const auto *number = std::get_if<double>(&value.variant());
    const bool isQuoted = number && !std::isfinite(*number); // JSON has no such numbers
    if (const auto *string = std::get_if<std::string_view>(&value.variant()))
        return text::appendJson(out, *string);
    if (isQuoted)
        out += '"';
    appendPlain(out, value);
    if (isQuoted)
        out += '"';
}

void appendReadableValue(std::string &out, const Value &value)
{
    const auto *string = std::get_if<std::string_view>(&value.variant());
    if (!string)
        return appendPlain(out, value);
    // In quotes where one could not tell its end.
    const bool isPlain =
        !string->empty() && string->find_first_of(" \"=\\") == std::string_view::npos;
    if (isPlain)
        text::appendVisible(out, *string);
    else
        text::appendJson(out, *string);
}

void appendPadded(std::string &out, long number, int width)
{
    std::array<char, 24> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    for (auto digits = end - buffer.data(); digits < width; ++digits)
        out += '0';
    out.append(buffer.data(), end);
}

/// 2024-01-15T10:30:45.123456Z, to as many decimals as asked for.
void appendTime(std::string &out, std::chrono::system_clock::time_point time, char separator,
                int decimals)
{
    using namespace std::chrono;
    const auto second = floor<seconds>(time);
    const auto micros = duration_cast<microseconds>(time - second).count();
    const year_month_day date(floor<days>(second));
    const hh_mm_ss clock(second - floor<days>(second));
    appendPadded(out, static_cast<int>(date.year()), 4);
    appendPadded(out += '-', static_cast<unsigned>(date.month()), 2);
    appendPadded(out += '-', static_cast<unsigned>(date.day()), 2);
    appendPadded(out += separator, clock.hours().count(), 2);
    appendPadded(out += ':', clock.minutes().count(), 2);
    appendPadded(out += ':', clock.seconds().count(), 2);
    appendPadded(out += '.', decimals == 6 ? micros : micros / 1000, decimals);
    out += 'Z';
}

Level levelOf(spdlog::level::level_enum level)
{
    switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
        return Level::Debug;
    case spdlog::level::warn:
        return Level::Warning;
    case spdlog::level::err:
        return Level::Error;
    case spdlog::level::critical:
        return Level::Critical;
    default:
        return Level::Info;
    }
}

std::string_view colourOf(Level level)
{
    switch (level) {
    case Level::Debug:
        return "\x1b[2m"; // faint
    case Level::Info:
        return "\x1b[32m"; // green
    case Level::Warning:
        return "\x1b[33m"; // yellow
    case Level::Error:
        return "\x1b[31m"; // red
    case Level::Critical:
        break;
    }
    return "\x1b[1;31m"; // bold red
}

void flush(const std::string &line, spdlog::memory_buf_t &out)
{
    out.append(line.data(), line.data() + line.size());
}

/// Where the parameter list begins; brackets of templates and of names like {anonymous} are
/// skipped.
std::size_t parametersOf(std::string_view signature)
{
    int depth = 0;
    for (std::size_t i = 0; i < signature.size(); ++i) {
        if (signature[i] == '<')
            ++depth;
        else if (signature[i] == '>')
            --depth;
        else if (signature[i] == '(' && depth <= 0 && signature.substr(i, 11) != "(anonymous ")
            return i;
    }
    return signature.size();
}

} // namespace

std::string encode(std::string_view message, Logger::Fields context, bool json)
{
    const std::size_t length = message.size();
    std::string out(sizeof length, '\0');
    std::memcpy(out.data(), &length, sizeof length);
    out += message;
    for (const Field &field : context) {
        if (json) {
            out += &field == context.begin() ? "" : ",";
            text::appendJson(out, field.key);
            appendJsonValue(out += ':', field.value);
        } else {
            text::appendVisible(out += ' ', field.key);
            appendReadableValue(out += '=', field.value);
        }
    }
    return out;
}

std::string_view moduleOf(std::string_view file)
{
    if (const auto slash = file.rfind('/'); slash != std::string_view::npos)
        file.remove_prefix(slash + 1);
    return file.substr(0, file.find('.'));
}

std::string_view functionOf(std::string_view signature)
{
    if (const auto lambda = signature.find("::<lambda"); lambda != std::string_view::npos)
        signature = signature.substr(0, lambda);
    if (const auto op = signature.find("operator"); op != std::string_view::npos
        && (op == 0 || signature[op - 1] == ':' || signature[op - 1] == ' ')) {
        const auto parameters = signature.find('(', op + 10); // past the brackets of operator()
        return signature.substr(
            op, parameters == std::string_view::npos ? parameters : parameters - op);
    }
    signature = signature.substr(0, parametersOf(signature));

    int depth = 0;
    for (std::size_t i = signature.size(); i > 0; --i) {
        const char c = signature[i - 1];
        if (c == '>')
            ++depth;
        else if (c == '<')
            --depth;
        else if (depth == 0 && (c == ':' || c == ' ' || c == '*' || c == '&'))
            return signature.substr(i);
    }
    return signature;
}

void JsonFormatter::format(const spdlog::details::log_msg &record, spdlog::memory_buf_t &out)
{
    const Payload payload = decode({record.payload.data(), record.payload.size()});
    std::string line = R"({"timestamp":")";
    appendTime(line, record.time, 'T', 6);
    line += R"(","level":")";
    line += nameOf(levelOf(record.level));
    text::appendJson(line += R"(","logger":)",
                     {record.logger_name.data(), record.logger_name.size()});
    text::appendJson(line += R"(,"message":)", payload.message);
    text::appendJson(line += R"(,"module":)", moduleOf(record.source.filename));
    text::appendJson(line += R"(,"function":)", functionOf(record.source.funcname));
    appendDigits(line += R"(,"line":)", record.source.line);
    line += R"(,"context":{)";
    line += payload.context;
    line += "}}\n";
    flush(line, out);
}

std::unique_ptr<spdlog::formatter> JsonFormatter::clone() const
{
    return std::make_unique<JsonFormatter>();
}

ReadableFormatter::ReadableFormatter(bool coloured)
    : m_coloured(coloured)
{
}

void ReadableFormatter::format(const spdlog::details::log_msg &record, spdlog::memory_buf_t &out)
{
    const Payload payload = decode({record.payload.data(), record.payload.size()});
    const Level level = levelOf(record.level);
    std::string line;
    appendTime(line, record.time, ' ', 3);
    line += ' ';
    line += m_coloured ? colourOf(level) : "";
    line += nameOf(level);
    line += m_coloured ? "\x1b[0m " : " ";
    text::appendVisible(line, {record.logger_name.data(), record.logger_name.size()});
    text::appendVisible(line += ": ", payload.message);
    line += payload.context;
    line += '\n';
    flush(line, out);
}

std::unique_ptr<spdlog::formatter> ReadableFormatter::clone() const
{
    return std::make_unique<ReadableFormatter>(m_coloured);
}

} // namespace trendscope::observability::record
