#include "core/observability/exemplar_p.h"
#include "core/observability/text_p.h"

#include <algorithm>
#include <ctime>
#include <mutex>

namespace trendscope::observability {

namespace {

/// Of all label names and values together, by the OpenMetrics rule.
constexpr std::size_t mostCharacters = 128;
constexpr std::size_t longestCharacter = 4;
constexpr std::int64_t nanosecondsPerSecond = 1'000'000'000;

void appendLabel(std::string &out, std::string_view name, std::string_view value)
{
    if (!out.empty())
        out += ',';
    out += name;
    out += "=\"";
    text::appendEscapedLabel(out, value);
    out += '"';
}

/// What does not begin in the middle of a character.
std::size_t charactersOf(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

void appendRequestId(std::string &out, std::string_view requestId, std::size_t room)
{
    constexpr std::string_view name = "request_id";
    if (requestId.empty() || room < name.size()
        || requestId.size() > (room - name.size()) * longestCharacter)
        return;
    if (!text::isLabelText(requestId)) {
        const std::string mended = text::toLabelText(requestId);
        if (name.size() + charactersOf(mended) <= room)
            appendLabel(out, name, mended);
    } else if (name.size() + charactersOf(requestId) <= room) {
        appendLabel(out, name, requestId);
    }
}

void appendLabels(std::string &out, const Trace &trace)
{
    std::size_t used = 0;
    const auto append = [&](std::string_view name, std::string_view value) {
        if (value.empty() || used + name.size() + value.size() > mostCharacters
            || !text::isLabelText(value))
            return;
        appendLabel(out, name, value);
        used += name.size() + value.size();
    };
    append("trace_id", trace.traceId);
    append("span_id", trace.spanId);
    appendRequestId(out, trace.requestId, mostCharacters - used);
}

std::int64_t now()
{
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &time); // some ms are enough to find a trace
    return time.tv_sec * nanosecondsPerSecond + time.tv_nsec;
}

/// Nothing in place of an id that could not be written anyway.
std::string_view bounded(std::string_view id)
{
    return id.size() <= mostCharacters * longestCharacter ? id : std::string_view();
}

} // namespace

void Exemplar::keep(const Trace &trace, double value)
{
    const std::unique_lock lock(m_lock, std::try_to_lock);
    if (!lock) // another thread is keeping its own, which is as late as this
        return;
    const std::string_view traceId = bounded(trace.traceId);
    const std::string_view spanId = bounded(trace.spanId);
    m_ids.assign(traceId).append(spanId).append(bounded(trace.requestId));
    m_traceIdSize = traceId.size();
    m_spanIdSize = spanId.size();
    m_value = value;
    m_time = now();
}

void Exemplar::clear()
{
    const std::scoped_lock lock(m_lock);
    m_ids.clear();
    m_traceIdSize = m_spanIdSize = 0;
}

void Exemplar::append(std::string &out) const
{
    const std::scoped_lock lock(m_lock);
    const std::string_view ids = m_ids;
    std::string labels;
    appendLabels(labels,
                 {.traceId = ids.substr(0, m_traceIdSize),
                  .spanId = ids.substr(m_traceIdSize, m_spanIdSize),
                  .requestId = ids.substr(m_traceIdSize + m_spanIdSize)});
    if (labels.empty())
        return;
    out += " # {";
    out += labels;
    out += "} ";
    text::appendNumber(out, m_value);
    out += ' ';
    text::appendSeconds(out, static_cast<double>(m_time) / nanosecondsPerSecond);
}

} // namespace trendscope::observability
