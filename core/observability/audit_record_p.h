#pragma once

#include "core/observability/audit.h"
#include "core/observability/logging.h"

#include <string>

namespace trendscope::observability::audit {

/// Builds the text of a record up to where appendLink() goes on.
class RecordText {
public:
    struct Head {
        Level level = Level::Info;
        std::string_view message;
        std::string_view eventType;
        AuditLog::Location location;
    };
    RecordText(const Head &head, const Redactor &redactor);

    void add(const Field &field);
    void addUnlessEmpty(std::string_view key, std::string_view text);
    /// The value as it is, or the mask.
    void add(const Field &field, bool isSecret);
    /// `details`, when there are any, and the thread's context.
    std::string finish(AuditLog::Details details);

private:
    const Redactor &m_redactor;
    std::string m_text;
};

} // namespace trendscope::observability::audit
