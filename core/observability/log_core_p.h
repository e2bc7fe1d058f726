#pragma once

#include "core/observability/call_site_p.h"
#include "core/observability/fork_p.h"
#include "core/observability/logger.h"
#include "core/observability/pipeline_p.h"
#include "core/observability/shared_slot_p.h"

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace trendscope::observability {

/// The arguments of a logging call.
struct LogCall {
    Level level;
    std::string_view message;
    std::span<const Field> fields;
    const std::source_location &location;
    const CallSiteLimit *limit; ///< of the call itself; may be null
};

/// What a Logging and its loggers share. Thread safe.
///
/// In a child process it begins anew with the same settings, at its first record.
class LogCore final : public forks::Flushable {
public:
    explicit LogCore(const LogSettings &settings);
    ~LogCore() override;
    LogCore(const LogCore &) = delete;
    LogCore &operator=(const LogCore &) = delete;

    Result<void> configure(LogSettings settings);
    /// From now on each record is written through, and no metric is told.
    void writeThrough();
    /// The Logging has ended: flushes, and no metric is told any more.
    void release();

    void write(const LoggerState &logger, const LogCall &call);
    void countFailure()
    {
        if (!isOfParent()) // which is left with what may have failed
            m_pipeline.use()->countFailure();
    }

    void flush() { use()->flush(); }
    void flushBeforeFork() override;
    void reopen() { use()->reopen(); }
    std::optional<Error> error() { return use()->error(); }
    std::uint64_t droppedRecords() { return m_droppedBefore + use()->droppedRecords(); }
    std::uint64_t suppressedRecords() const { return m_suppressed; }

    const std::atomic<int> &level() const { return m_level; }
    void setLevel(Level level) { m_level = static_cast<int>(level); }

    /// What made no sense in the settings that it began with.
    const std::vector<std::string> &problems() const { return m_problems; }

private:
    struct Start {
        std::unique_ptr<Pipeline> pipeline;
        std::vector<std::string> problems;
    };
    static Start start(LogSettings settings);
    explicit LogCore(Start start);
    void replace(std::unique_ptr<Pipeline> next);
    bool isOfParent() const { return m_forks.load(std::memory_order_acquire) != forks::count(); }
    void leaveParent();
    SharedSlot<Pipeline>::Use use()
    {
        if (isOfParent()) [[unlikely]]
            leaveParent();
        return m_pipeline.use();
    }

    CallSites m_sites;
    std::atomic<int> m_level;
    const std::vector<std::string> m_problems;
    std::atomic<std::uint64_t> m_suppressed = 0;
    std::atomic<std::uint64_t> m_droppedBefore = 0; ///< by the pipelines of former settings
    SharedSlot<Pipeline> m_pipeline;
    std::atomic<unsigned> m_forks = forks::count(); ///< that led to the process it works in
    std::atomic<bool> m_isReleased = false;
    std::atomic<bool> m_isWriteThrough = false;
};

struct LoggerState {
    LoggerState(std::shared_ptr<LogCore> owner, std::string given)
        : core(std::move(owner))
        , text(std::move(given))
        , name(text)
    {
    }

    const std::shared_ptr<LogCore> core;
    const std::string text; ///< the name as it was given
    const record::Name name;
};

} // namespace trendscope::observability
