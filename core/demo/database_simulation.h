#pragma once

#include "core/demo/moment.h"

#include <string_view>

namespace trendscope::demo {

/// The simulated PostgreSQL as the API sees it (queries, connection pool), and whether it is up as
/// its own exporter sees it.
class DatabaseSimulation {
public:
    DatabaseSimulation(observability::Metrics &client, observability::Metrics &server);

    void advance(const Moment &moment);

    struct Query {
        std::string_view operation;
        std::string_view table;
        double perSecond;     ///< at full load
        double medianSeconds; ///< of its duration
    };

private:
    void run(const Query &query, const Moment &moment);
    void updatePool(const Moment &moment, bool isUp);
    void logOutage(const Moment &moment, bool isUp);

    observability::Metrics &m_client;
    observability::Metrics &m_server;
    bool m_wasUp = true;
};

} // namespace trendscope::demo
