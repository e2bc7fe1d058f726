#pragma once

#include "core/demo/moment.h"

#include <string_view>

namespace trendscope::demo {

/// The simulated FastAPI service: requests, their durations and status codes, requests under way.
class ApiSimulation {
public:
    explicit ApiSimulation(observability::Metrics &metrics);

    void advance(const Moment &moment);

    struct Route {
        std::string_view method;
        std::string_view endpoint;
        std::string_view handler;
        double share;         ///< of all requests
        double medianSeconds; ///< of its duration
        double notFoundShare;
        int okStatus;
    };

private:
    void serve(const Route &route, const Moment &moment, double errorShare, double slowdown);
    void updateActive(const Moment &moment, double slowdown);
    void record(const Route &route, int status, std::int64_t count, const Moment &moment,
                double slowdown);

    observability::Metrics &m_metrics;
};

} // namespace trendscope::demo
