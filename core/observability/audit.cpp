#include "core/observability/audit.h"

#include "core/observability/audit_record_p.h"
#include "core/observability/audit_writer_p.h"

#include <utility>

namespace trendscope::observability {

namespace {

using audit::Hasher;
using audit::RecordText;
using audit::SealFile;

/// The log's end: where its seal says, or where an interrupted writer left it.
Result<AuditPosition> positionOf(const std::filesystem::path &file, SealFile &seal, Hasher &hasher)
{
    const auto text = seal.read();
    if (!text)
        return tl::unexpected(text.error());
    std::optional<audit::Seal> parsed;
    if (!text->empty()) {
        parsed = audit::parseSeal(*text, hasher);
        if (!parsed)
            parsed = audit::Seal{.algorithm = hasher.algorithm()}; // damaged
    }
    auto position = audit::recover(file, parsed, hasher);
    if (!position && text->empty())
        seal.remove();
    if (!position || (parsed && parsed->position == *position))
        return position;
    // Before the first record: from then on a log without a seal is one that was tampered with.
    if (auto sealed = seal.write(audit::sealText(*position, hasher)); !sealed)
        return tl::unexpected(sealed.error());
    if (auto synced = seal.sync(); !synced)
        return tl::unexpected(synced.error());
    return position;
}

} // namespace

struct AuditLog::Private {
    Private(audit::Writer::Parts parts, Redactor values)
        : redactor(std::move(values))
        , writer(std::move(parts))
    {
    }

    Redactor redactor;
    audit::Writer writer;

    Result<std::uint64_t> append(RecordText &text, Details details)
    {
        std::string record = text.finish(details);
        if (record.size() > audit::maxLineLength - 1024)
            return tl::unexpected(
                Error{Error::Kind::Invalid,
                      "The audit record has more than 16 MiB; record where its data is, instead",
                      {}});
        return writer.append(std::move(record));
    }
};

Result<AuditLog> AuditLog::open(const AuditSettings &settings)
try {
    if (settings.file.empty() || settings.syncWithin.count() < 0)
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    settings.file.empty()
                                        ? "An audit log needs a file"
                                        : "An audit log's syncWithin must not be negative",
                                    {}});
    std::string key;
    if (!settings.keyFile.empty()) {
        auto read = audit::readKey(settings.keyFile);
        if (!read)
            return tl::unexpected(read.error());
        key = std::move(*read);
    }
    auto redactor = Redactor::create(settings.redaction);
    if (!redactor)
        return tl::unexpected(redactor.error());
    const std::filesystem::path file = RotatingFile(settings.file, {}).path();
    auto seal = SealFile::open(file);
    if (!seal)
        return tl::unexpected(seal.error());
    Hasher hasher(key);
    auto position = positionOf(file, *seal, hasher);
    if (!position)
        return tl::unexpected(position.error());
    return AuditLog(
        std::make_unique<Private>(audit::Writer::Parts{.file = file,
                                                       .rotation = settings.rotation,
                                                       .seal = std::move(*seal),
                                                       .hasher = std::move(hasher),
                                                       .position = std::move(*position),
                                                       .syncWithin = settings.syncWithin},
                                  std::move(*redactor)));
} catch (const std::exception &exception) {
    return tl::unexpected(Error{Error::Kind::System,
                                settings.file.string() + " can not be opened: " + exception.what(),
                                {}});
}

AuditLog::AuditLog(std::unique_ptr<Private> log)
    : d(std::move(log))
{
}

AuditLog::~AuditLog()
{
    if (d && d->writer.isForked())
        (void)d.release(); // waits for threads that the child has not
}

AuditLog::AuditLog(AuditLog &&) noexcept = default;

AuditLog &AuditLog::operator=(AuditLog &&other) noexcept
{
    const AuditLog closed(std::exchange(d, std::move(other.d)));
    return *this;
}

Result<std::uint64_t> AuditLog::authAttempt(const AuthAttempt &attempt, Details details,
                                            Location location)
{
    RecordText text(
        {.level = attempt.success ? Level::Info : Level::Warning,
         .message = attempt.success ? "Authentication succeeded" : "Authentication failed",
         .eventType = "auth_attempt",
         .location = location},
        d->redactor);
    text.add({"user", attempt.user});
    text.add({"success", attempt.success});
    text.addUnlessEmpty("ip_address", attempt.ipAddress);
    return d->append(text, details);
}

Result<std::uint64_t> AuditLog::apiAccess(const ApiAccess &access, Details details,
                                          Location location)
{
    RecordText text({.message = "API accessed", .eventType = "api_access", .location = location},
                    d->redactor);
    text.add({"endpoint", access.endpoint});
    text.add({"method", access.method});
    text.add({"status_code", access.statusCode});
    text.addUnlessEmpty("user", access.user);
    text.addUnlessEmpty("ip_address", access.ipAddress);
    if (access.duration)
        text.add({"duration_seconds", *access.duration});
    return d->append(text, details);
}

Result<std::uint64_t> AuditLog::dataAccess(const DataAccess &access, Details details,
                                           Location location)
{
    RecordText text({.message = "Data accessed", .eventType = "data_access", .location = location},
                    d->redactor);
    text.add({"resource_type", access.resourceType});
    text.add({"resource_id", access.resourceId});
    text.add({"action", access.action});
    text.add({"user", access.user});
    return d->append(text, details);
}

Result<std::uint64_t> AuditLog::configChange(const ConfigChange &change, Details details,
                                             Location location)
{
    RecordText text(
        {.message = "Configuration changed", .eventType = "config_change", .location = location},
        d->redactor);
    const bool isSecret = d->redactor.hidesKey(change.configKey);
    text.add({"config_key", change.configKey});
    text.add({"old_value", change.oldValue}, isSecret);
    text.add({"new_value", change.newValue}, isSecret);
    text.add({"user", change.user});
    return d->append(text, details);
}

AuditPosition AuditLog::position() const
{
    return d->writer.position();
}

} // namespace trendscope::observability
