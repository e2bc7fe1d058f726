#include "core/demo/platform.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace trendscope::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds longestStep = 15s;

} // namespace

std::string requestId(Random &random)
{
    std::array<char, 24> text;
    std::snprintf(text.data(), text.size(), "req-%012llx",
                  static_cast<unsigned long long>(random.bits() & 0xffff'ffff'ffffULL));
    return text.data();
}

Platform::Platform(std::uint64_t seed, Timestamp begin, Timestamp demoStart, HostUsage today)
    : m_incidents(demoStart)
    , m_random(seed)
    , m_time(begin)
    , m_host(m_hostMetrics, today, demoStart)
{
}

void Platform::logTo(const observability::Logging &logging)
{
    m_loggers = std::make_unique<Loggers>(
        Loggers{logging.logger("trend_agent.api"), logging.logger("trend_agent.tasks"),
                logging.logger("trend_agent.collector"), logging.logger("trend_agent.db")});
}

void Platform::advanceTo(Timestamp time)
{
    while (m_time < time)
        step(std::min(time - m_time, longestStep));
}

void Platform::step(std::chrono::milliseconds span)
{
    m_time += span;
    const Seconds seconds = span;
    const double load = dailyRhythm(m_time) * std::exp(m_load.advance(m_random, seconds.count()));
    const Moment moment{m_time, seconds, load, m_incidents, m_random, m_loggers.get()};
    m_api.advance(moment);
    m_business.advance(moment);
    m_celery.advance(moment);
    m_database.advance(moment);
    m_host.advance(moment);
    logApiOutage();
}

void Platform::logApiOutage()
{
    const bool isUp = isApiUp();
    if (m_loggers && !isUp && m_wasApiUp)
        m_loggers->api.critical("worker process died, the service is not listening any more",
                                {{"signal", "SIGSEGV"}, {"address", "api-1:8000"}});
    else if (m_loggers && !isUp && m_random.uniform(0, 1) < 0.3)
        m_loggers->collector.error(
            "POST /api/v1/items: connection refused",
            {{"address", "api-1:8000"}, {"request_id", requestId(m_random)}});
    if (m_loggers && isUp && !m_wasApiUp)
        m_loggers->api.info("service restarted", {{"address", "api-1:8000"}});
    m_wasApiUp = isUp;
}

} // namespace trendscope::demo
