#include "core/exporter/postgres/pg_connection_p.h"
#include "core/exporter/postgres/pg_parameters_p.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;

std::string firstLineOf(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}

bool isAboutAccess(std::string_view message)
{
    // While connecting libpq gives text only.
    const std::array<std::string_view, 4> words{"authentication failed", "no pg_hba.conf entry",
                                                "no password supplied", "pg_hba.conf rejects"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return message.find(word) != std::string_view::npos;
    });
}

void ignoreNotice(void *, const PGresult *) { } // libpq would write it to stderr

} // namespace

PgConnection::PgConnection(config::PostgresConnectionSettings settings, std::string setup)
    : m_settings(std::move(settings))
    , m_setup(std::move(setup))
    , m_backoff(1s, m_settings.maxBackoff)
    , m_isCancelling(std::make_shared<std::atomic<bool>>(false))
{
}

PgConnection::~PgConnection() = default;

int PgConnection::version() const
{
    return m_connection ? PQserverVersion(m_connection.get()) : 0;
}

Result<void> PgConnection::ensure(Clock::time_point deadline)
{
    if (m_state == State::Ready && isLost()) { // e.g. the server was restarted since
        m_backoff.reset();
        fail(lastError(Error::Kind::Network));
        m_nextAttempt = {};
    }
    if (m_state == State::Disconnected) {
        if (Clock::now() < m_nextAttempt)
            return tl::unexpected(m_error);
        if (auto started = start(); !started)
            return started;
    }
    if (m_state == State::Connecting)
        return connect(deadline);
    if (m_state == State::Busy)
        return drain(deadline);
    return {};
}

Result<void> PgConnection::start()
{
    const auto parameters = pgParameters(m_settings);
    if (!parameters)
        return fail(parameters.error());
    std::vector<const char *> keywords;
    std::vector<const char *> values;
    for (const auto &[keyword, value] : *parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    m_connection.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (!m_connection)
        return fail({Error::Kind::System, "no memory for a connection", {}});
    PQsetNoticeReceiver(m_connection.get(), ignoreNotice, nullptr);
    if (PQstatus(m_connection.get()) == CONNECTION_BAD)
        return fail(lastError(Error::Kind::Network));
    m_state = State::Connecting;
    m_polling = PGRES_POLLING_WRITING;
    m_waitingSince = Clock::now();
    return {};
}

Result<void> PgConnection::connect(Clock::time_point deadline)
{
    while (m_polling == PGRES_POLLING_READING || m_polling == PGRES_POLLING_WRITING) {
        if (!wait(m_polling == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline))
            return overdue("the server does not answer to a connection");
        m_polling = PQconnectPoll(m_connection.get());
    }
    if (m_polling != PGRES_POLLING_OK)
        return fail(lastError(Error::Kind::Network));
    return welcome(deadline);
}

Result<void> PgConnection::welcome(Clock::time_point deadline)
{
    PQsetnonblocking(m_connection.get(), 1);
    m_state = State::Ready;
    m_server = std::string(PQhost(m_connection.get())) + ':' + PQport(m_connection.get());
    ++m_generation;
    if (!m_setup.empty()) {
        if (auto done = run({.sql = m_setup}, deadline); !done)
            return fail(done.error());
    }
    m_backoff.reset();
    return {};
}

/// Whether there is something to do on the socket before the deadline; what is there already counts
/// after it, too.
bool PgConnection::wait(short events, Clock::time_point deadline) const
{
    pollfd socket{PQsocket(m_connection.get()), events, 0};
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        const int timeout = static_cast<int>(std::clamp<long long>(left, 0, 60'000));
        const int ready = ::poll(&socket, 1, timeout);
        if (ready > 0)
            return true;
        if ((ready == 0 && left <= timeout) || (ready < 0 && errno != EINTR))
            return false;
    }
}

/// Whether the server has ended the connection since; it may have said something before.
bool PgConnection::isLost()
{
    constexpr int maxReads = 100;
    pollfd socket{PQsocket(m_connection.get()), POLLIN, 0};
    for (int i = 0; i<maxReads && ::poll(&socket, 1, 0)> 0; ++i)
        if (PQconsumeInput(m_connection.get()) == 0)
            return true;
    return PQstatus(m_connection.get()) == CONNECTION_BAD;
}

/// Closes the connection; the next attempt is after a pause that doubles with each failure.
tl::unexpected<Error> PgConnection::fail(Error error)
{
    m_connection.reset();
    m_state = State::Disconnected;
    m_isCopying = false;
    m_isAlone = false;
    m_nextAttempt = Clock::now() + m_backoff.next();
    m_error = std::move(error);
    return tl::unexpected(m_error);
}

tl::unexpected<Error> PgConnection::overdue(const char *what)
{
    Error error{Error::Kind::Timeout, what, {}};
    if (Clock::now() - m_waitingSince > m_settings.patience)
        return fail(std::move(error));
    return tl::unexpected(std::move(error));
}

Error PgConnection::lastError(Error::Kind kind) const
{
    const std::string text = PQerrorMessage(m_connection.get());
    std::string line = firstLineOf(text);
    if (line.empty())
        line = "the connection ended";
    return {isAboutAccess(text) ? Error::Kind::Unauthorized : kind, std::move(line), text};
}

} // namespace trendscope::exporter
