#pragma once

#include "core/config/postgres_settings.h"
#include "core/exporter/backoff_p.h"
#include "core/exporter/postgres/pg_rows_p.h"
#include "core/result.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace trendscope::exporter {

/// One connection to a server that speaks PostgreSQL's protocol. Never more than one: what does not
/// answer is waited for at the next call, and given up only when its patience is over.
///
/// No call waits much longer than its deadline, with one exception: libpq looks up host names with
/// the system's resolver, which has limits of its own; an address or a socket needs none. For one
/// thread.
class PgConnection {
public:
    using Clock = std::chrono::steady_clock;

    /// How a statement is sent: Simple is the one form that pgbouncer's console takes; Rows is for
    /// a single statement of anyone's, and reads at most as many rows as it is told. Prepare parses
    /// one without a name, Describe then answers with its columns.
    struct Statement {
        std::string sql;
        enum class Form { Simple, Rows, Prepare, Describe } form = Form::Simple;
        std::size_t maxRows = 0; ///< of Form::Rows; 0: all
    };

    /// `setup` is run once on each new connection; may be empty.
    PgConnection(config::PostgresConnectionSettings settings, std::string setup);
    ~PgConnection();
    PgConnection(const PgConnection &) = delete;
    PgConnection &operator=(const PgConnection &) = delete;

    /// Connects where there is no connection, and waits for an unfinished statement.
    ///
    /// Errors: Network, Timeout, Unauthorized, Unavailable, Invalid (the settings). The same until
    /// the next attempt, of which there is one each 1, 2, 4, … s up to maxBackoff.
    Result<void> ensure(Clock::time_point deadline);

    /// Needs ensure() before. At the deadline the server is asked to cancel the statement.
    ///
    /// Errors: BadData (the server says the SQL is wrong; the message has line and column),
    /// Execution, Timeout, Unavailable, Network when the connection is lost.
    Result<PgRows> run(const Statement &statement, Clock::time_point deadline);

    /// run() of a statement that may be anyone's, in a read-only transaction of its own with that
    /// limit by the server. Whatever it sets, locks, prepares or begins is undone after it, where
    /// it is still running as soon as it has ended.
    Result<PgRows> runAlone(const Statement &statement, std::chrono::milliseconds timeout,
                            Clock::time_point deadline);

    bool isReady() const { return m_state == State::Ready; } ///< for a statement
    bool isConnected() const { return m_state == State::Ready || m_state == State::Busy; }
    /// host:port, as postgres_exporter's label `server`; empty before the first connection.
    const std::string &server() const { return m_server; }
    /// Counts connections, so that who keeps something about one knows when it is another.
    int generation() const { return m_generation; }
    int version() const; ///< 150018 is 15.18

private:
    enum class State { Disconnected, Connecting, Ready, Busy };
    struct Finish {
        void operator()(PGconn *connection) const { PQfinish(connection); }
    };

    Result<void> start();
    Result<void> connect(Clock::time_point deadline);
    Result<void> welcome(Clock::time_point deadline);
    Result<void> drain(Clock::time_point deadline);
    Result<void> restore(Clock::time_point deadline);
    Result<void> send(const Statement &statement);
    Result<void> flush(Clock::time_point deadline);
    Result<PgRows> receive(const Statement &statement, Clock::time_point deadline);
    bool isCopying();
    Result<PGresult *> next(Clock::time_point deadline);
    bool wait(short events, Clock::time_point deadline) const;
    void cancel();
    void waitForCancelling(Clock::time_point deadline) const;
    bool isLost();
    tl::unexpected<Error> fail(Error error);
    tl::unexpected<Error> overdue(const char *what);
    Error lastError(Error::Kind kind) const;

    const config::PostgresConnectionSettings m_settings;
    const std::string m_setup;
    std::unique_ptr<PGconn, Finish> m_connection;
    State m_state = State::Disconnected;
    bool m_isCopying = false; ///< the answer is what a COPY sends
    bool m_isAlone = false;   ///< the session is as runAlone() left it
    PostgresPollingStatusType m_polling = PGRES_POLLING_WRITING;
    std::string m_server;
    int m_generation = 0;
    Backoff m_backoff;
    Clock::time_point m_nextAttempt;
    Clock::time_point m_waitingSince; ///< in Connecting and Busy
    Error m_error = {Error::Kind::Network, "not connected", {}};
    std::shared_ptr<std::atomic<bool>> m_isCancelling; ///< shared with the thread that does it
};

} // namespace trendscope::exporter
