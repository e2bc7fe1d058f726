#pragma once

#include <array>
#include <string>
#include <string_view>

namespace trendscope::demo {

/// What Prometheus scrapes on the simulated platform, by the labels that history and live series
/// share.
struct Service {
    std::string_view job;
    std::string_view instance;

    /// `job="…",instance="…"`.
    std::string labels() const
    {
        return "job=\"" + std::string(job) + "\",instance=\"" + std::string(instance) + '"';
    }
};

inline constexpr Service prometheusService{"prometheus", "monitor-1:9090"};
inline constexpr Service alertmanagerService{"alertmanager", "monitor-1:9093"};
inline constexpr Service apiService{"api", "api-1:8000"};
inline constexpr Service celeryService{"celery", "celery-1:8001"};
inline constexpr Service postgresService{"postgres", "db-1:9187"};
inline constexpr Service exporterService{"trendscope", "host-1:9787"};

inline constexpr std::array services{prometheusService, alertmanagerService, apiService,
                                     celeryService,     postgresService,     exporterService};

} // namespace trendscope::demo
