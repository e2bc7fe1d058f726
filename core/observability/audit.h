#pragma once

#include "../result.h"
#include "audit_position.h"
#include "export.h"
#include "redaction.h"
#include "rotation.h"
#include "value.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>

namespace trendscope::observability {

struct AuditSettings {
    std::filesystem::path file; ///< FILE; FILE.seal stands beside it
    /// Its content, less one line break at the end and at least 16 bytes, is the key of
    /// HMAC-SHA-256; the service alone should be able to read it. Empty: plain SHA-256, which shows
    /// accidents but no one who makes the hashes anew.
    std::filesystem::path keyFile = {};
    Rotation rotation = {}; ///< the chain goes on in the new file; `keep` deletes its beginning
    /// 0: on disk before the call returns. Else the call returns when the operating system has the
    /// record, and the disk has it within this time; a failure is then the next call's error.
    std::chrono::milliseconds syncWithin{0};
    RedactionSettings redaction = {};
};

/// What is recorded. Views, which must live until the call returns; an empty optional text is left
/// out of the record.
struct AuthAttempt {
    std::string_view user;
    bool success = false;
    std::string_view ipAddress = {}; ///< optional
};
struct ApiAccess {
    std::string_view endpoint;
    std::string_view method;
    int statusCode = 0;
    std::string_view user = {};      ///< optional
    std::string_view ipAddress = {}; ///< optional
    std::optional<std::chrono::duration<double>> duration = {};
};
struct DataAccess {
    std::string_view resourceType;
    std::string_view resourceId;
    std::string_view action; ///< read, create, update, delete, …
    std::string_view user;
};
struct ConfigChange {
    std::string_view configKey; ///< when it looks like a secret's, both values are masked
    Value oldValue = nullptr;
    Value newValue = nullptr;
    std::string_view user;
};

/// Writes an audit log: records that are never sampled or dropped, each chained to the one before.
///
/// A record is a JSON line as every log has it, logger `audit`, with `event_type` and the event's
/// fields at the top level, the free `details` and the thread's LogContext as objects, and at the
/// end `sequence`, `previous` and `hash`. Secrets are masked as in any log. `trendscope audit
/// verify` finds edits, cuts, insertions and reordering.
///
/// Thread safe. One call costs a write to the disk, which calls at the same time share. Each
/// returns the record's sequence. Errors: System when the record could not be written; then nothing
/// of it is in the log and its sequence is the next record's. Invalid when it has more than 16 MiB,
/// and in a process forked after open(), which is to open a log of its own; its parent goes on.
/// Of `details` with the same key the last one counts.
class TRENDSCOPE_OBSERVABILITY_EXPORT AuditLog {
public:
    using Details = std::initializer_list<Field>;
    using Location = std::source_location;

    /// Continues the log, or begins it when neither it nor its seal is there. A last line that was
    /// never finished, because its writer was killed, is taken off and said on stderr. Where the
    /// file is absent or empty, the newest rotated file beside it must have the sealed record at
    /// its end; without one, or where that is compressed, the log goes on, which is said on stderr.
    ///
    /// Errors: System; Invalid when the key does not fit, when the log has another end than its
    /// seal says, when another AuditLog has it open, and for settings that make no sense.
    static Result<AuditLog> open(const AuditSettings &settings);
    ~AuditLog();
    AuditLog(AuditLog &&) noexcept;
    AuditLog &operator=(AuditLog &&) noexcept;

    Result<std::uint64_t> authAttempt(const AuthAttempt &attempt, Details details = {},
                                      Location location = Location::current());
    Result<std::uint64_t> apiAccess(const ApiAccess &access, Details details = {},
                                    Location location = Location::current());
    Result<std::uint64_t> dataAccess(const DataAccess &access, Details details = {},
                                     Location location = Location::current());
    Result<std::uint64_t> configChange(const ConfigChange &change, Details details = {},
                                       Location location = Location::current());

    /// The last record: what `trendscope audit verify --expect` takes. Sent elsewhere now and then,
    /// it shows even that log and seal were both put back to an earlier state.
    AuditPosition position() const;

private:
    struct Private;
    explicit AuditLog(std::unique_ptr<Private> log);

    std::unique_ptr<Private> d;
};

} // namespace trendscope::observability
