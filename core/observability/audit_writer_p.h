#pragma once

#include "core/observability/audit.h"
#include "core/observability/audit_seal_p.h"
#include "core/observability/rotating_file_p.h"

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace trendscope::observability::audit {

/// Chains records, writes them, seals them. Thread safe: of the callers at one time one writes for
/// all, so that they share the wait for the disk.
class Writer {
public:
    struct Parts {
        std::filesystem::path file;
        Rotation rotation;
        SealFile seal;
        Hasher hasher;
        AuditPosition position; ///< of the log's last record
        std::chrono::milliseconds syncWithin;
    };
    explicit Writer(Parts parts);
    ~Writer();
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

    /// `record` as appendLink() takes it. Returns its sequence.
    Result<std::uint64_t> append(std::string record);
    AuditPosition position() const;
    /// Whether this is a process forked after the log was opened: its copy has no thread, perhaps a
    /// mutex that no one unlocks, and its parent's next sequence. It must not even be destroyed.
    bool isForked() const;

private:
    struct Entry {
        std::string record;
        std::uint64_t sequence = 0;
        std::optional<Error> error = {};
        bool isDone = false;
    };
    using Batch = std::vector<Entry *>;

    Batch takeBatch();
    void commit(const Batch &batch);
    Result<void> write(std::string_view records);
    Result<void> syncNow();
    Result<void> syncLate();
    void breakOff(const Error &error);
    void writeSeal(const AuditPosition &position);
    void run(); ///< the thread that syncs late

    // Of whoever is at work (m_isBusy).
    RotatingFile m_file;
    SealFile m_seal;
    Hasher m_hasher;
    AuditPosition m_next;             ///< m_position, or what it becomes
    std::optional<Error> m_broken;    ///< the file has what its callers were told it has not
    std::optional<Error> m_lateError; ///< of a late sync, for the next call
    bool m_saidSealError = false;
    bool m_saidRotationError = false;
    const std::chrono::milliseconds m_syncWithin;
    const pid_t m_owner;

    mutable std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_changed;
    std::condition_variable m_wake; ///< of the thread
    Batch m_queue;
    AuditPosition m_position;
    bool m_isBusy = false;
    bool m_isUnsynced = false;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace trendscope::observability::audit
