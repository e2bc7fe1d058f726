#include "core/exporter/postgres/pg_connection_p.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace trendscope::exporter {

namespace {

std::optional<Error> errorOf(const PGresult &result, std::string_view sql)
{
    switch (PQresultStatus(&result)) {
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        return pgErrorOf(result, sql);
    case PGRES_EMPTY_QUERY:
        return Error{Error::Kind::BadData, "the statement is empty", {}};
    case PGRES_COPY_OUT:
        return Error{Error::Kind::BadData, "COPY gives no rows; use SELECT", {}};
    default:
        return {};
    }
}

} // namespace

/// Reads the rest of what a statement of an earlier call answers.
Result<void> PgConnection::drain(Clock::time_point deadline)
{
    while (true) {
        const auto result = next(deadline);
        if (!result && result.error().kind == Error::Kind::Timeout)
            return overdue("the server does not end a statement");
        if (!result)
            return tl::unexpected(result.error());
        if (!*result)
            break;
        PQclear(*result);
    }
    if (PQstatus(m_connection.get()) == CONNECTION_BAD)
        return fail(lastError(Error::Kind::Network));
    m_state = State::Ready;
    return restore(deadline);
}

Result<PgRows> PgConnection::run(const Statement &statement, Clock::time_point deadline)
{
    if (m_state == State::Busy) {
        if (auto drained = drain(deadline); !drained)
            return tl::unexpected(drained.error());
    }
    if (m_state != State::Ready)
        return tl::unexpected(m_error);
    waitForCancelling(deadline);
    auto sent = send(statement);
    if (sent)
        sent = flush(deadline);
    auto rows = sent ? receive(statement, deadline) : tl::unexpected(sent.error());
    if (m_connection && PQstatus(m_connection.get()) == CONNECTION_BAD) {
        // The server's own words, where it had any, are better than that the connection ended.
        return fail(rows ? lastError(Error::Kind::Network) : rows.error());
    }
    if (!rows && m_state == State::Busy) {
        m_waitingSince = Clock::now();
        cancel();
    }
    return rows;
}

Result<PgRows> PgConnection::runAlone(const Statement &statement, std::chrono::milliseconds timeout,
                                      Clock::time_point deadline)
{
    m_isAlone = true;
    auto rows = run({.sql = "BEGIN READ ONLY; SET LOCAL statement_timeout = "
                         + std::to_string(timeout.count()) + "; SAVEPOINT trendscope"},
                    deadline);
    if (rows)
        rows = run(statement, deadline);
    if (m_state != State::Ready) // then drain() restores it
        return rows;
    if (auto restored = restore(deadline); !restored)
        return tl::unexpected(restored.error());
    return rows;
}

/// Makes the session what it was before runAlone(). What a statement sets is undone with the part
/// of the transaction that it is in; the transaction itself is not rolled back, or it would count
/// as one of an application's in pg_stat_database_xact_rollback.
Result<void> PgConnection::restore(Clock::time_point deadline)
{
    if (!std::exchange(m_isAlone, false))
        return {};
    auto undone = run({.sql = "ROLLBACK TO SAVEPOINT trendscope; COMMIT"}, deadline);
    if (!undone && m_state == State::Ready) // the statement has ended its transaction itself
        undone = run({.sql = "ROLLBACK"}, deadline);
    if (undone)
        undone =
            run({.sql = "DEALLOCATE ALL; SELECT pg_catalog.pg_advisory_unlock_all()"}, deadline);
    if (!undone && m_connection)
        return fail(undone.error());
    return undone ? Result<void>() : tl::unexpected(undone.error());
}

Result<void> PgConnection::send(const Statement &statement)
{
    PGconn *const to = m_connection.get();
    const char *const sql = statement.sql.c_str();
    using enum Statement::Form;
    bool isSent = false;
    switch (statement.form) {
    case Simple:
        isSent = PQsendQuery(to, sql) == 1;
        break;
    case Rows:
        isSent = PQsendQueryParams(to, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1
            && (statement.maxRows == 0 || PQsetSingleRowMode(to) == 1);
        break;
    case Prepare:
        isSent = PQsendPrepare(to, "", sql, 0, nullptr) == 1;
        break;
    case Describe:
        isSent = PQsendDescribePrepared(to, "") == 1;
        break;
    }
    if (!isSent)
        return fail(lastError(Error::Kind::Network));
    return {};
}

Result<void> PgConnection::flush(Clock::time_point deadline)
{
    while (true) {
        const int left = PQflush(m_connection.get());
        if (left == 0)
            return {};
        if (left < 0)
            return fail(lastError(Error::Kind::Network));
        // A server that answers while it is sent to must be read from.
        if (!wait(POLLIN | POLLOUT, deadline)) {
            m_state = State::Busy;
            return tl::unexpected(Error{Error::Kind::Timeout, "the server takes no statement", {}});
        }
        if (PQconsumeInput(m_connection.get()) == 0)
            return fail(lastError(Error::Kind::Network));
    }
}

/// The next part of an answer; null at its end.
Result<PGresult *> PgConnection::next(Clock::time_point deadline)
{
    PGconn *const from = m_connection.get();
    while (m_isCopying ? isCopying() : PQisBusy(from) == 1) {
        if (!wait(POLLIN, deadline)) {
            m_state = State::Busy;
            return tl::unexpected(
                Error{Error::Kind::Timeout, "the server did not answer a statement in time", {}});
        }
        if (PQconsumeInput(from) == 0)
            return fail(lastError(Error::Kind::Network));
    }
    if (std::exchange(m_isCopying, false))
        return next(deadline);
    PGresult *const result = PQgetResult(from);
    const ExecStatusType status = result ? PQresultStatus(result) : PGRES_TUPLES_OK;
    m_isCopying = status == PGRES_COPY_OUT;
    if (status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
        PQclear(result); // there is no other way out of these that never blocks
        return fail({Error::Kind::BadData, "COPY gives no rows; use SELECT", {}});
    }
    return result;
}

/// Drops what a COPY sends; whether more is to come.
bool PgConnection::isCopying()
{
    char *data = nullptr;
    int size = 0;
    while ((size = PQgetCopyData(m_connection.get(), &data, 1)) > 0)
        PQfreemem(data);
    return size == 0;
}

Result<PgRows> PgConnection::receive(const Statement &statement, Clock::time_point deadline)
{
    PgRows rows;
    std::optional<Error> error;
    std::size_t taken = 0;
    while (true) {
        const auto result = next(deadline);
        if (!result)
            return tl::unexpected(result.error());
        if (!*result)
            break;
        const ExecStatusType status = PQresultStatus(*result);
        const bool isRow = status == PGRES_SINGLE_TUPLE;
        if (isRow && taken == statement.maxRows && !rows.isCut()) {
            rows.setCut();
            cancel();
        }
        if (!error)
            error = errorOf(**result, statement.sql);
        if (rows.isCut() || error) {
            PQclear(*result);
            continue;
        }
        rows.append(*result);
        taken += isRow ? 1 : 0;
    }
    if (error && !rows.isCut()) // the error of a cut answer is our own cancelling
        return tl::unexpected(*error);
    return rows;
}

/// A request to cancel that is still on its way would end the statement after the one it is meant
/// for. It takes some milliseconds where the server answers; one that is lost must not hold up all.
void PgConnection::waitForCancelling(Clock::time_point deadline) const
{
    constexpr std::chrono::milliseconds longest(200);
    const auto end = std::min(deadline, Clock::now() + longest);
    while (*m_isCancelling && Clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Asks the server to end the statement that runs. PQcancel() waits for the server's answer for as
/// long as that takes, for ever where the server is stopped, so a thread of its own does; there is
/// at most one, and what it needs is its own.
void PgConnection::cancel()
{
    if (m_isCancelling->exchange(true))
        return;
    PGcancel *const request = PQgetCancel(m_connection.get());
    try {
        std::thread([request, isCancelling = m_isCancelling] {
            std::array<char, 256> reason{};
            PQcancel(request, reason.data(), reason.size());
            PQfreeCancel(request);
            *isCancelling = false;
        }).detach();
    } catch (const std::system_error &) { // no thread to be had: statement_timeout will do
        PQfreeCancel(request);
        *m_isCancelling = false;
    }
}

} // namespace trendscope::exporter
