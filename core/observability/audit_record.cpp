#include "core/observability/audit_record_p.h"
#include "core/observability/call_site_p.h"
#include "core/observability/context_p.h"
#include "core/observability/json_p.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace trendscope::observability::audit {

namespace {

std::string now()
{
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    std::tm parts{};
    ::gmtime_r(&time.tv_sec, &parts);
    std::array<char, 64> text;
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string out(text.data(), length);
    const int decimals =
        std::snprintf(text.data(), text.size(), ".%06ldZ", static_cast<long>(time.tv_nsec / 1000));
    return out.append(text.data(), static_cast<std::size_t>(decimals));
}

} // namespace

RecordText::RecordText(const Head &head, const Redactor &redactor)
    : m_redactor(redactor)
    , m_text(R"({"timestamp":")" + now())
{
    m_text += R"(","level":")";
    m_text += nameOf(head.level);
    json::appendString(m_text += R"(","logger":"audit","message":)", head.message);
    json::appendString(m_text += R"(,"module":)", moduleOf(head.location.file_name()));
    json::appendString(m_text += R"(,"function":)", functionOf(head.location.function_name()));
    m_text += R"(,"line":)" + std::to_string(head.location.line());
    json::appendString(m_text += R"(,"event_type":)", head.eventType);
}

void RecordText::add(const Field &field)
{
    json::appendField(m_text += ',', field, m_redactor);
}

void RecordText::add(const Field &field, bool isSecret)
{
    add(isSecret ? Field{field.key, m_redactor.maskText()} : field);
}

void RecordText::addUnlessEmpty(std::string_view key, std::string_view text)
{
    if (!text.empty())
        add({key, text});
}

std::string RecordText::finish(AuditLog::Details details)
{
    if (details.size() > 0) {
        m_text += R"(,"details":{)";
        for (const Field &field : details) {
            const bool isReplaced = std::any_of(&field + 1, details.end(), [&](const Field &later) {
                return later.key == field.key;
            });
            if (!isReplaced)
                json::appendField(m_text += m_text.ends_with('{') ? "" : ",", field, m_redactor);
        }
        m_text += '}';
    }
    m_text += R"(,"context":{)";
    if (const ContextNode *const context = ContextNode::current()) {
        for (const ContextNode::Entry &entry : context->entries())
            json::appendField(m_text += m_text.ends_with('{') ? "" : ",", entry.field(),
                              m_redactor);
    }
    return std::move(m_text += '}');
}

} // namespace trendscope::observability::audit
