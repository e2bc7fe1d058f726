#include "core/observability/json_p.h"
#include "core/observability/record_p.h"
#include "core/observability/text_p.h"
#include "core/observability/traits_p.h"

#include <array>
#include <charconv>
#include <cstring>

namespace trendscope::observability::record {

namespace {

constexpr std::string_view suppressedKey = "suppressed";
constexpr std::string_view noColour = "\x1b[0m";
constexpr std::string_view faint = "\x1b[2m";

std::string_view colourOf(Level level)
{
    switch (level) {
    case Level::Debug:
        return faint;
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

/// Calls `append` for each field: the context's, then the record's. Where a key comes twice the
/// last one counts. Records have few fields, so comparing each with each is the fastest.
template <class Append>
void forEachField(const Record &record, Append append)
{
    const Field *const begin = record.fields.data();
    const Field *const end = begin + record.fields.size();
    const auto isIn = [&](const Field *from, std::string_view key) {
        for (; from != end; ++from) {
            if (from->key == key)
                return true;
        }
        return record.suppressed > 0 && key == suppressedKey;
    };
    if (record.context) {
        for (const ContextNode::Entry &entry : record.context->entries()) {
            if (!isIn(begin, entry.key))
                append(entry.field());
        }
    }
    for (const Field *field = begin; field != end; ++field) {
        if (!isIn(field + 1, field->key))
            append(*field);
    }
    if (record.suppressed > 0)
        append(Field{suppressedKey, record.suppressed});
}

void appendVisible(std::string &out, std::string_view value, const Redactor &redactor)
{
    const text::Traits traits = text::traitsOf(value);
    std::string masked;
    if ((traits.isSuspicious || redactor.hasPatterns()) && redactor.mask(value, masked))
        text::appendVisible(out, masked);
    else if (traits.isPlain)
        out += value;
    else
        text::appendVisible(out, value);
}

/// In quotes where one could not tell its end.
void appendReadableText(std::string &out, std::string_view value, const Redactor &redactor)
{
    if (!value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos)
        return appendVisible(out, value, redactor);
    std::string quoted;
    json::appendText(quoted, value, redactor);
    text::appendVisible(out, quoted); // JSON leaves C1 controls as they are
}

void appendReadableField(std::string &out, const Field &field, const Redactor &redactor)
{
    appendVisible(out += ' ', field.key, redactor);
    out += '=';
    const auto *const value = std::get_if<std::string_view>(&field.value.variant());
    if (redactor.hidesKey(field.key))
        out += redactor.maskText();
    else if (value)
        appendReadableText(out, *value, redactor);
    else
        json::appendValue(out, field.value, redactor);
}

void appendPadded(std::string &out, long number, int width)
{
    std::array<char, 24> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    for (auto digits = end - buffer.data(); digits < width; ++digits)
        out += '0';
    out.append(buffer.data(), end);
}

/// 2024-01-15T10:30:45.
std::string textOf(std::chrono::sys_seconds second)
{
    using namespace std::chrono;
    const year_month_day date(floor<days>(second));
    const hh_mm_ss clock(second - floor<days>(second));
    std::string out;
    appendPadded(out, static_cast<int>(date.year()), 4);
    appendPadded(out += '-', static_cast<unsigned>(date.month()), 2);
    appendPadded(out += '-', static_cast<unsigned>(date.day()), 2);
    appendPadded(out += 'T', clock.hours().count(), 2);
    appendPadded(out += ':', clock.minutes().count(), 2);
    appendPadded(out += ':', clock.seconds().count(), 2);
    return out += '.';
}

/// The text of the second that this thread wrote last: calendars are slow.
struct CachedSecond {
    std::int64_t second = -1;
    std::array<char, 32> text = {};
    std::size_t size = 0;
};
constinit thread_local CachedSecond s_second [[gnu::tls_model("initial-exec")]];

/// 2024-01-15T10:30:45.123456Z, to as many decimals as asked for.
void appendTime(std::string &out, std::chrono::system_clock::time_point time, char separator,
                std::size_t decimals)
{
    using namespace std::chrono;
    constexpr std::size_t separatorAt = 10;
    const auto second = floor<seconds>(time);
    CachedSecond &cached = s_second;
    if (cached.second != second.time_since_epoch().count()) {
        cached.second = second.time_since_epoch().count();
        cached.size = textOf(second).copy(cached.text.data(), cached.text.size());
    }
    cached.text[separatorAt] = separator;
    auto micros = static_cast<unsigned>(duration_cast<microseconds>(time - second).count());
    std::array<char, 6> digits;
    for (std::size_t i = digits.size(); i > 0; --i, micros /= 10)
        digits[i - 1] = static_cast<char>('0' + micros % 10);
    out.append(cached.text.data(), cached.size);
    out.append(digits.data(), decimals);
    out += 'Z';
}

} // namespace

Name::Name(std::string_view text)
{
    json::appendString(json, text);
    text::appendVisible(readable, text);
}

void appendJson(std::string &out, const Record &record, const Redactor &redactor)
{
    out += R"(,"level":")";
    out += nameOf(record.level);
    out += R"(","logger":)";
    out += record.logger.json;
    out += R"(,"message":)";
    json::appendText(out, record.message, redactor);
    out += record.site.json;
    out += R"(,"context":{)";
    const std::size_t begin = out.size();
    forEachField(record, [&](const Field &field) {
        if (out.size() > begin)
            out += ',';
        json::appendField(out, field, redactor);
    });
    out += "}}\n";
}

void appendReadable(std::string &out, const Record &record, const Redactor &redactor, bool coloured)
{
    out += ' ';
    out += coloured ? colourOf(record.level) : "";
    out += nameOf(record.level);
    out += coloured ? noColour : "";
    out += ' ';
    out += record.logger.readable;
    appendVisible(out += ": ", record.message, redactor);
    forEachField(record, [&](const Field &field) { appendReadableField(out, field, redactor); });
    if (record.level >= Level::Warning) {
        out += coloured ? " \x1b[2m(" : " (";
        out += record.site.readable;
        out += ')';
        out += coloured ? noColour : "";
    }
    out += '\n';
}

void appendJsonTime(std::string &out, std::chrono::system_clock::time_point time)
{
    out += R"({"timestamp":")";
    appendTime(out, time, 'T', 6);
    out += '"';
}

void appendReadableTime(std::string &out, std::chrono::system_clock::time_point time)
{
    appendTime(out, time, ' ', 3);
}

} // namespace trendscope::observability::record
