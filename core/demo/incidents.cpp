#include "core/demo/incidents.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace trendscope::demo {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr auto rampSpan = 4min;

// The alert needs its minute, a scrape and an evaluation after the outage began, and must fire
// within three minutes of the start; a start without a display must have drawn its pictures before
// (45 s).
constexpr auto firstApiOutage = 45s;
constexpr auto apiOutageSpan = 150s;
constexpr auto firstPostgresOutage = 10min;
constexpr auto postgresOutageSpan = 180s;
constexpr auto outageInterval = 15min;

double rampedIntensity(const Incident &incident, Timestamp time)
{
    if (time < incident.start || time >= incident.end)
        return 0;
    const Seconds toNearestEnd = std::min(time - incident.start, incident.end - time);
    return std::clamp(toNearestEnd / Seconds(rampSpan), 0.02, 1.0);
}

} // namespace

double dailyRhythm(Timestamp time)
{
    const Seconds sinceMidnight = time - std::chrono::floor<std::chrono::days>(time);
    const double hour = sinceMidnight / Seconds(1h);
    const double day = 0.5 + 0.5 * std::cos((hour - 14.5) / 12.0 * std::numbers::pi);
    const double evening = std::exp(-std::pow((hour - 20.5) / 1.6, 2));
    return std::min(1.0, 0.3 + 0.68 * std::pow(day, 1.3) + 0.1 * evening);
}

Incidents::Incidents(Timestamp demoStart)
    : m_demoStart(demoStart)
    , m_past{
          {Incident::Kind::HighCpu, demoStart - 17h, demoStart - 16h},
          {Incident::Kind::QueueBacklog, demoStart - 9h, demoStart - 8h},
          {Incident::Kind::ApiErrors, demoStart - 4h, demoStart - 200min},
          {Incident::Kind::QueueBacklog, demoStart - 150min, demoStart - 110min},
          {Incident::Kind::HighCpu, demoStart - 130min, demoStart - 70min},
      }
{
}

double Incidents::intensity(Incident::Kind kind, Timestamp time) const
{
    if (time >= m_demoStart)
        return isLiveOutage(kind, time) ? 1 : 0;
    double strongest = 0;
    for (const Incident &incident : m_past) {
        if (incident.kind == kind)
            strongest = std::max(strongest, rampedIntensity(incident, time));
    }
    return strongest;
}

bool Incidents::isLiveOutage(Incident::Kind kind, Timestamp time) const
{
    const auto running = time - m_demoStart;
    if (running < firstPostgresOutage)
        return kind == Incident::Kind::ApiDown && running >= firstApiOutage
            && running < firstApiOutage + apiOutageSpan;

    const auto sinceFirst = running - firstPostgresOutage;
    const bool isPostgresTurn = sinceFirst / outageInterval % 2 == 0;
    const auto intoOutage = sinceFirst % outageInterval;
    if (kind == Incident::Kind::PostgresDown)
        return isPostgresTurn && intoOutage < postgresOutageSpan;
    return kind == Incident::Kind::ApiDown && !isPostgresTurn && intoOutage < apiOutageSpan;
}

} // namespace trendscope::demo
