#include "core/observability/audit_writer_p.h"
#include "core/observability/descriptor_p.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace trendscope::observability::audit {

namespace {

constexpr std::size_t batchSize = 1UL << 20;

void say(const Error &error)
{
    observability::say(error.message);
}

} // namespace

Writer::Writer(Parts parts)
    : m_file(parts.file, parts.rotation)
    , m_seal(std::move(parts.seal))
    , m_hasher(std::move(parts.hasher))
    , m_next(parts.position)
    , m_syncWithin(parts.syncWithin)
    , m_owner(::getpid())
    , m_position(std::move(parts.position))
{
    if (m_syncWithin.count() == 0)
        return;
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all); // signals are the program's
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    m_thread = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Writer::~Writer()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    if (m_isUnsynced)
        (void)syncLate();
    if (m_lateError)
        say(*m_lateError);
    (void)m_seal.sync();
}

Result<std::uint64_t> Writer::append(std::string record)
{
    if (isForked())
        return tl::unexpected(Error{Error::Kind::Invalid,
                                    "The audit log " + m_file.path().string()
                                        + " was opened before fork(): open it in the child",
                                    {}});
    Entry entry{.record = std::move(record)};
    std::unique_lock lock(m_mutex);
    m_queue.push_back(&entry);
    while (!entry.isDone) {
        m_changed.wait(lock, [&] { return entry.isDone || !m_isBusy; });
        if (entry.isDone)
            break;
        const Batch batch = takeBatch();
        m_isBusy = true;
        lock.unlock();
        commit(batch);
        lock.lock();
        m_isBusy = false;
        const bool isWritten = m_position != m_next;
        m_position = m_next;
        for (Entry *const done : batch)
            done->isDone = true;
        if (isWritten && m_syncWithin.count() > 0) {
            m_isUnsynced = true;
            m_wake.notify_one();
        }
        m_changed.notify_all();
    }
    if (entry.error)
        return tl::unexpected(*entry.error);
    return entry.sequence;
}

AuditPosition Writer::position() const
{
    std::unique_lock lock(m_mutex, std::defer_lock);
    if (!isForked())
        lock.lock();
    else if (!lock.try_lock())
        return {};
    return m_position;
}

bool Writer::isForked() const
{
    return ::getpid() != m_owner;
}

Writer::Batch Writer::takeBatch()
{
    std::size_t size = 0;
    const auto end = std::find_if(m_queue.begin(), m_queue.end(), [&](const Entry *entry) {
        const bool isOver = size > batchSize;
        size += entry->record.size();
        return isOver;
    });
    Batch batch(m_queue.begin(), end);
    m_queue.erase(m_queue.begin(), end);
    return batch;
}

void Writer::commit(const Batch &batch)
{
    const AuditPosition before = m_next;
    Result<void> written;
    try {
        std::string records;
        for (Entry *const entry : batch) {
            appendLink(entry->record, m_next, m_hasher);
            entry->sequence = m_next.sequence;
            records += entry->record;
        }
        written = write(records);
    } catch (const std::exception &exception) { // out of memory
        written = tl::unexpected(
            Error{Error::Kind::System,
                  m_file.path().string() + " can not be written: " + exception.what(),
                  {}});
    }
    if (written)
        return;
    m_next = before;
    for (Entry *const entry : batch)
        entry->error = written.error();
}

Result<void> Writer::write(std::string_view records)
{
    if (m_broken)
        return tl::unexpected(*m_broken);
    // The seal must not lag behind by a file, or it would not be found what to go on from.
    if (m_isUnsynced && !m_lateError && m_file.leavesFileFor(records.size()))
        (void)syncLate();
    if (const auto error = std::exchange(m_lateError, {}))
        return tl::unexpected(*error);
    auto written = m_file.write(records);
    if (!written && m_file.isMidLine())
        breakOff(written.error());
    const std::optional<Error> &rotationError = m_file.rotationError();
    if (rotationError && !m_saidRotationError)
        say(*rotationError);
    m_saidRotationError = rotationError.has_value();
    return written && m_syncWithin.count() == 0 ? syncNow() : written;
}

Result<void> Writer::syncNow()
{
    auto synced = m_file.sync();
    if (!synced) {
        if (!m_file.takeBackLast())
            breakOff(synced.error());
        return synced;
    }
    writeSeal(m_next);
    return {};
}

void Writer::breakOff(const Error &error)
{
    Error broken = error;
    broken.message += "; what was written of it can not be taken back, so that the log has to be "
                      "opened anew";
    m_broken = std::move(broken);
}

Result<void> Writer::syncLate()
{
    auto synced = m_file.sync();
    if (!synced)
        m_lateError = synced.error();
    else
        writeSeal(m_position);
    return synced;
}

/// A seal that lags behind is no reason to refuse records, which are on the disk: `verify` tells of
/// the records after it.
void Writer::writeSeal(const AuditPosition &position)
{
    const auto written = m_seal.write(sealText(position, m_hasher));
    if (!written && !m_saidSealError)
        say(written.error());
    m_saidSealError = !written;
}

void Writer::run()
{
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        m_wake.wait(lock, [this] { return m_isStopping || m_isUnsynced; });
        // Half of the time is the disk's.
        m_wake.wait_for(lock, m_syncWithin / 2, [this] { return m_isStopping; });
        m_changed.wait(lock, [this] { return !m_isBusy; });
        if (!m_isUnsynced)
            continue;
        m_isBusy = true;
        m_isUnsynced = false;
        lock.unlock();
        (void)syncLate();
        lock.lock();
        m_isBusy = false;
        m_changed.notify_all();
    }
}

} // namespace trendscope::observability::audit
