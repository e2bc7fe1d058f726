#include "core/exporter/log_stream/stream_backlog_p.h"
#include "core/exporter/log_stream/stream_follower_p.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;

constexpr auto scanInterval = 1s;           // where inotify does not tell
constexpr auto pauseAfterRead = 50ms;       // so that a busy writer does not wake us for each line
constexpr std::size_t readBudget = 4 << 20; // bytes; some milliseconds

} // namespace

StreamFollower::StreamFollower(config::LogStreamSettings settings, StreamMetrics metrics,
                               observability::Logger logger, std::shared_ptr<StreamClient> first)
    : m_settings(std::move(settings))
    , m_metrics(std::move(metrics))
    , m_logger(std::move(logger))
    , m_follower({.globs = m_settings.files, .lineLimit = m_settings.lineLimit}, {})
    , m_beatAt(Clock::now())
    , m_new{first}
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{
}

StreamFollower::~StreamFollower()
{
    m_thread.request_stop();
    m_watch.wake();
    m_thread.join();
}

bool StreamFollower::add(const std::shared_ptr<StreamClient> &client)
{
    const std::lock_guard lock(m_mutex);
    if (m_isOver)
        return false;
    m_new.push_back(client);
    m_watch.wake();
    return true;
}

void StreamFollower::run(const std::stop_token &stop)
{
    scan(Clock::now());
    bool mustScan = false;
    while (!stop.stop_requested() && meetClients()) {
        const bool hasMore = round(mustScan);
        m_clients.clear(); // who goes while we wait goes at once
        if (!hasMore)
            m_watch.pause(pauseAfterRead);
        mustScan = m_watch.wait(hasMore ? 0ms : scanInterval)
            || Clock::now() - m_scannedAt >= scanInterval;
    }
    m_clients.clear();
    m_metrics.clients.set(0);
}

/// Takes those that are there now, and welcomes the new ones; false when there is nobody.
bool StreamFollower::meetClients()
{
    Clients arrived;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &known : m_known) {
            if (auto client = known.lock())
                m_clients.push_back(std::move(client));
        }
        for (const auto &known : std::exchange(m_new, {})) {
            if (auto client = known.lock())
                arrived.push_back(std::move(client));
        }
        m_known.assign(m_clients.begin(), m_clients.end());
        m_known.insert(m_known.end(), arrived.begin(), arrived.end());
        m_isOver = m_known.empty();
    }
    // Between two readings: what was read is in the backlog, and the rest comes after it.
    for (const auto &client : arrived)
        welcome(*client);
    std::ranges::move(arrived, std::back_inserter(m_clients));
    m_metrics.clients.set(static_cast<double>(m_clients.size()));
    return !m_clients.empty();
}

void StreamFollower::welcome(StreamClient &client)
{
    client.tell(logs::stream::begin());
    client.setProblem(m_problem);
    StreamBacklog backlog(client.query(), m_settings.lineLimit);
    if (client.query().tail() > 0)
        backlog.addFiles(m_follower.checkpoint().entries);
    backlog.giveTo(client, m_settings.buffer);
    client.flush();
}

/// Reads what there is, a part of it when it is much; whether there is more.
bool StreamFollower::round(bool mustScan)
{
    const auto now = Clock::now();
    if (mustScan)
        scan(now);
    const bool hasMore = m_follower.read(readBudget, now, *this);
    beat(now);
    for (const auto &client : m_clients)
        client->flush();
    return hasMore;
}

void StreamFollower::scan(Clock::time_point now)
{
    m_scannedAt = now;
    const auto scanned = m_follower.scan(now);
    const std::string problem = scanned ? "" : scanned.error().message;
    if (!problem.empty() && m_problem.empty())
        m_logger.error("Log files can not be streamed", {{"reason", problem}});
    m_problem = problem;
    for (const auto &client : m_clients)
        client->setProblem(m_problem);
    m_watch.watch(m_follower.paths(), logs::foldersOf(m_settings.files));
}

void StreamFollower::beat(Clock::time_point now)
{
    if (now - m_beatAt < m_settings.heartbeat)
        return;
    m_beatAt = now;
    const std::string heartbeat = logs::stream::heartbeat(std::chrono::system_clock::now());
    for (const auto &client : m_clients)
        client->beat(heartbeat);
}

StreamFollower::Clients StreamFollower::clientsOf(const std::string &name) const
{
    Clients clients;
    std::ranges::copy_if(m_clients, std::back_inserter(clients),
                         [&](const auto &client) { return client->query().takesFile(name); });
    return clients;
}

void StreamFollower::takeLines(const std::string &name, std::string_view lines)
{
    const Clients clients = clientsOf(name);
    while (!lines.empty() && !clients.empty()) {
        const std::size_t end = lines.find('\n');
        if (end > m_settings.lineLimit)
            skipLine(name); // several of them may fit into one reading
        else
            take(clients, name, lines.substr(0, end));
        lines.remove_prefix(end + 1);
    }
}

void StreamFollower::takeUnended(const std::string &name, std::string_view line)
{
    if (line.size() > m_settings.lineLimit)
        return skipLine(name);
    take(clientsOf(name), name, line);
}

void StreamFollower::skipLine(const std::string &name)
{
    m_metrics.counters.tooLong.increment();
    for (const auto &client : clientsOf(name))
        client->skip(name, 1);
}

void StreamFollower::take(const Clients &clients, const std::string &name, std::string_view line)
{
    std::optional<logs::Record> record;
    std::string_view encoded;
    for (const auto &client : clients) {
        if (client->query().asksRecords() && !record)
            record = m_parser.parse(line);
        if (client->query().asksRecords() && !client->query().takes(*record))
            continue;
        if (encoded.empty())
            encoded = m_encoder.encode(line);
        client->take(name, encoded);
    }
}

} // namespace trendscope::exporter
