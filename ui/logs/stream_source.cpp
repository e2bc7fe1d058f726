#include "ui/logs/stream_source.h"

#include "core/logs/stream_format.h"
#include "ui/logs/log_text.h"
#include "ui/logs/stream_problem.h"

#include <QUrlQuery>

#include <utility>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

using State = logs::Tail::State;

constexpr std::size_t mostTail = 10'000; // that an agent gives
constexpr auto longestSilence = 30s;     // three heartbeats
constexpr std::uint64_t longestGreeting = 4096;

/// The tail that the address asks for, in the first connection; a later one wants all that it may
/// have missed.
std::size_t tailOf(const QUrlQuery &query, bool isFirst)
{
    bool isNumber = false;
    const auto asked = query.queryItemValue(u"tail"_s).toULongLong(&isNumber);
    return isFirst && isNumber ? asked : mostTail;
}

} // namespace

bool StreamSource::isStream(const QString &location)
{
    return location.startsWith("http://"_L1, Qt::CaseInsensitive)
        || location.startsWith("https://"_L1, Qt::CaseInsensitive);
}

StreamSource::StreamSource(const QUrl &url, net::Headers headers, QNetworkAccessManager &network,
                           AddFile addFile, Clock::time_point now)
    : m_url(url)
    , m_headers(std::move(headers))
    , m_network(network)
    , m_addFile(std::move(addFile))
    , m_rate(now)
    , m_retryAt(now)
{
    if (m_url.path().isEmpty() || m_url.path() == "/"_L1)
        m_url.setPath(u"/logs/stream"_s);
    m_status = {.path = m_url.toDisplayString(QUrl::RemoveUserInfo),
                .name = m_url.authority().section(u'@', -1),
                .isStream = true};
}

void StreamSource::connect()
{
    QUrlQuery query(m_url);
    const std::size_t tail = tailOf(query, !m_wasConnected);
    query.removeAllQueryItems(u"tail"_s);
    query.addQueryItem(u"tail"_s, QString::number(tail));
    QUrl url = m_url;
    url.setQuery(query);
    m_received = 0;
    m_remote.connect(tail);
    m_reply = std::make_unique<net::EndlessReply>(
        m_network,
        net::HttpRequest{.url = url,
                         .parameters = {},
                         .headers = m_headers,
                         .server = net::serverName(u"The log stream"_s, m_url),
                         .timeout = longestSilence});
}

bool StreamSource::poll(Clock::time_point now, std::size_t budget, std::vector<logs::Record> &into)
{
    if (!m_reply) {
        if (now >= m_retryAt)
            connect();
        return false;
    }
    if (m_reply->isAnswered())
        take(budget, now, into);
    if (const auto end = m_reply ? m_reply->end() : std::nullopt)
        fail(*end, now);
    return m_reply && m_reply->hasMore();
}

void StreamSource::take(std::size_t budget, Clock::time_point now, std::vector<logs::Record> &into)
{
    const auto type = logs::stream::contentType;
    const QByteArray bytes = m_reply->take(static_cast<qint64>(budget));
    const std::size_t first = into.size();
    const std::uint64_t live = m_remote.counts().live;
    if (m_reply->contentType() == QByteArrayView(type.data(), std::ssize(type)))
        m_remote.take({bytes.data(), static_cast<std::size_t>(bytes.size())}, into);
    m_received += static_cast<std::uint64_t>(bytes.size());
    m_rate.add(m_remote.counts().live - live, now);
    while (m_indices.size() < m_remote.files().size())
        m_indices.push_back(
            m_addFile({m_status.name, oneLine(m_remote.files()[m_indices.size()])}));
    for (auto record = into.begin() + static_cast<std::ptrdiff_t>(first); record != into.end();
         ++record)
        record->setSource(m_indices.empty() ? 0 : m_indices[record->source()]);
    if (m_remote.isAccepted()) {
        setWorking();
    } else if (m_received > longestGreeting || (m_received > 0 && m_reply->end())) {
        fail({Error::Kind::BadResponse,
              (m_status.path + u" answers, but not with a log stream that this version knows"_s)
                  .toStdString(),
              {}},
             now);
    }
}

void StreamSource::setWorking()
{
    m_wasConnected = true;
    m_backoff.reset();
    m_status.state = State::Following;
    m_status.until.reset();
    m_status.headline.clear();
    m_status.remedy.clear();
    m_status.problem = m_remote.problem().empty()
        ? QString()
        : m_status.name + u": "_s + oneLine(m_remote.problem());
}

void StreamSource::fail(const Error &error, Clock::time_point now)
{
    const StreamProblem problem = streamProblem(error, m_reply->status(), m_reply->obstacle());
    m_retryAt = now + m_backoff.next(m_reply->retryAfter().value_or(0s));
    m_reply.reset();
    m_status.state = State::Failed;
    m_status.headline = problem.headline;
    m_status.problem = problem.text;
    m_status.remedy = problem.remedy;
    m_status.until = m_remote.latest();
}

LogSource StreamSource::status() const
{
    return m_status;
}

void StreamSource::addTo(logs::Follower::Counters &counters, Clock::time_point now) const
{
    counters.records += m_remote.counts().records;
    counters.malformed += m_remote.counts().malformed;
    counters.recordsPerSecond += m_rate.perSecond(now);
}

} // namespace trendscope::ui
