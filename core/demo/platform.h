#pragma once

#include "core/demo/api_simulation.h"
#include "core/demo/business_simulation.h"
#include "core/demo/celery_simulation.h"
#include "core/demo/database_simulation.h"
#include "core/demo/host_simulation.h"

#include <memory>

namespace trendscope::demo {

/// A simulated Trend Intelligence Platform: what its services would record and log, under a clock
/// that its owner moves.
///
/// Everything goes through the public recording functions and loggers. The same seed, start and
/// steps give the same metrics. advance() and logTo() belong to one thread at a time; the Metrics
/// may be read from any.
class Platform {
public:
    /// The clock begins at `begin`. `demoStart` is where history ends and the live incidents are
    /// counted from.
    Platform(std::uint64_t seed, Timestamp begin, Timestamp demoStart, HostUsage today = {});

    /// Moves the clock to `time`; a long way is gone in steps of at most 15 s. Does nothing when it
    /// is not later.
    void advanceTo(Timestamp time);

    /// From now on the services log.
    void logTo(const observability::Logging &logging);

    Timestamp time() const { return m_time; }
    const Incidents &incidents() const { return m_incidents; }
    bool isApiUp() const { return !m_incidents.isUnderWay(Incident::Kind::ApiDown, m_time); }

    const observability::Metrics &api() const { return m_apiMetrics; }
    const observability::Metrics &celery() const { return m_celeryMetrics; }
    const observability::Metrics &postgres() const { return m_postgresMetrics; }
    const observability::Metrics &host() const { return m_hostMetrics; }

private:
    void step(std::chrono::milliseconds span);
    void logApiOutage();

    Incidents m_incidents;
    Random m_random;
    Timestamp m_time;
    std::unique_ptr<Loggers> m_loggers;
    Wander m_load{0.06, 600}; ///< relative
    bool m_wasApiUp = true;

    observability::Metrics m_apiMetrics;
    observability::Metrics m_celeryMetrics;
    observability::Metrics m_postgresMetrics;
    observability::Metrics m_hostMetrics;

    ApiSimulation m_api{m_apiMetrics};
    BusinessSimulation m_business{m_apiMetrics};
    CelerySimulation m_celery{m_celeryMetrics};
    DatabaseSimulation m_database{m_apiMetrics, m_postgresMetrics};
    HostSimulation m_host;
};

} // namespace trendscope::demo
