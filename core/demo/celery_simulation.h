#pragma once

#include "core/demo/moment.h"

#include <array>
#include <string_view>

namespace trendscope::demo {

/// The simulated Celery workers and their broker: tasks and how they end, queues, workers.
class CelerySimulation {
public:
    explicit CelerySimulation(observability::Metrics &metrics);

    void advance(const Moment &moment);

    struct Task {
        std::string_view name;
        double perMinute;     ///< at full load
        double medianSeconds; ///< of its duration
        double failureShare;
        double retryShare;
    };
    struct Queue {
        std::string_view name;
        double usualLength; ///< at full load
        double backlog;     ///< what an incident adds
    };

private:
    void run(const Task &task, const Moment &moment);
    void end(const Task &task, observability::TaskStatus status, const Moment &moment);
    void updateRunning(const Task &task, const Moment &moment);
    void updateQueues(const Moment &moment);

    observability::Metrics &m_metrics;
    std::array<double, 3> m_queueLengths{};
    std::array<double, 5> m_oldestAges{}; ///< seconds, of each task's oldest running one
    Wander m_failures{0.35, 1200};        ///< relative
};

} // namespace trendscope::demo
