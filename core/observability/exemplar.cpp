#include "core/observability/exemplar_p.h"
#include "core/observability/text_p.h"

#include <algorithm>
#include <ctime>
#include <mutex>

namespace trendscope::observability {

namespace {

/// Of all label names and values together, by the OpenMetrics rule.
constexpr std::size_t mostCharacters = 128;

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
    constexpr std::size_t longestCharacter = 4;
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

double now()
{
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &time); // some ms are enough to find a trace
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

} // namespace

void Exemplar::keep(const Trace &trace, double value)
{
    const std::unique_lock lock(m_lock, std::try_to_lock);
    if (!lock) // another thread is keeping its own, which is as late as this
        return;
    m_labels.clear();
    appendLabels(m_labels, trace);
    m_value = value;
    m_time = now();
}

void Exemplar::clear()
{
    const std::scoped_lock lock(m_lock);
    m_labels.clear();
}

void Exemplar::append(std::string &out) const
{
    const std::scoped_lock lock(m_lock);
    if (m_labels.empty())
        return;
    out += " # {";
    out += m_labels;
    out += "} ";
    text::appendNumber(out, m_value);
    out += ' ';
    text::appendSeconds(out, m_time);
}

} // namespace trendscope::observability
