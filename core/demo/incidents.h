#pragma once

#include <chrono>
#include <vector>

namespace trendscope::demo {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>; ///< UTC

/// How busy the platform is at this time of the day (UTC): 0.3 deep in the night to 1 in the
/// afternoon.
double dailyRhythm(Timestamp time);

/// Something that goes wrong in the platform for a while.
struct Incident {
    enum class Kind {
        ApiErrors,    ///< the API answers many requests with 5xx, slowly
        QueueBacklog, ///< tasks arrive faster than the workers take them
        HighCpu,      ///< something else wants the machine's processors
        ApiDown,      ///< the API accepts no connection at all
        PostgresDown, ///< the database does not answer
    };

    Kind kind;
    Timestamp start;
    Timestamp end; ///< exclusive
};

/// Which incident happens when, relative to the start of the demo: a few lie in the history, the
/// first live one comes soon enough for its alert to fire within three minutes, and they go on for
/// as long as the demo runs.
class Incidents {
public:
    explicit Incidents(Timestamp demoStart);

    /// 0 where no incident of the kind is under way, else up to 1: rises and falls within a few
    /// minutes. ApiDown and PostgresDown are 0 or 1.
    double intensity(Incident::Kind kind, Timestamp time) const;
    bool isUnderWay(Incident::Kind kind, Timestamp time) const { return intensity(kind, time) > 0; }

    /// Those that lie in the past of `demoStart`.
    const std::vector<Incident> &past() const { return m_past; }

private:
    bool isLiveOutage(Incident::Kind kind, Timestamp time) const;

    Timestamp m_demoStart;
    std::vector<Incident> m_past;
};

} // namespace trendscope::demo
