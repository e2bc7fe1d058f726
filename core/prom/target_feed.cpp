#include "core/prom/target_feed.h"

namespace trendscope::prom {

TargetFeed::TargetFeed(QNetworkAccessManager &network, Endpoint prometheus,
                       std::chrono::milliseconds interval, QObject *parent)
    : QObject(parent)
    , m_client(network, std::move(prometheus))
    , m_poll(interval, [this] { ask(); })
{
}

void TargetFeed::start()
{
    m_poll.start();
}

void TargetFeed::stop()
{
    m_poll.stop();
    m_request = {};
}

void TargetFeed::refresh()
{
    stop();
    start();
}

void TargetFeed::ask()
{
    m_request = m_client.targets(
        [this](Result<std::vector<ScrapeTarget>> answer) { take(std::move(answer)); });
}

void TargetFeed::take(Result<std::vector<ScrapeTarget>> answer)
{
    if (answer) {
        m_state = State::Ready;
        m_targets = std::move(*answer);
        m_lastSuccess = std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
        m_poll.succeeded();
    } else {
        m_state = State::Failed;
        m_error = std::move(answer.error());
        m_poll.failed();
    }
    Q_EMIT changed();
}

} // namespace trendscope::prom
