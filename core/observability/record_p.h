#pragma once

#include "core/observability/call_site_p.h"
#include "core/observability/context_p.h"
#include "core/observability/level.h"
#include "core/observability/redaction.h"
#include "core/observability/value.h"

#include <chrono>
#include <span>
#include <string>

/// A record as a line. All of it but its time is written by the thread that logs; the time is put
/// in front of it later, so that nothing in a message can forge what comes after it.
namespace trendscope::observability::record {

/// A logger's name in both forms.
struct Name {
    explicit Name(std::string_view text);

    std::string json; ///< with quotes
    std::string readable;
};

struct Record {
    Level level;
    const Name &logger;
    std::string_view message;
    std::span<const Field> fields;
    const ContextNode *context; ///< may be null
    const CallSite &site;
    std::uint64_t suppressed; ///< records of the site before it that were not written
};

/// What follows the time in a JSON line, and in one for reading. Both append, with a line break.
void appendJson(std::string &out, const Record &record, const Redactor &redactor);
void appendReadable(std::string &out, const Record &record, const Redactor &redactor,
                    bool coloured);

/// What precedes that: `{"timestamp":"2024-01-15T10:30:45.123456Z"`, and `2024-01-15
/// 10:30:45.123Z`.
void appendJsonTime(std::string &out, std::chrono::system_clock::time_point time);
void appendReadableTime(std::string &out, std::chrono::system_clock::time_point time);

} // namespace trendscope::observability::record
