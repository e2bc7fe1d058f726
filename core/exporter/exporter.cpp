#include "core/exporter/exporter.h"

namespace trendscope::exporter {

namespace {

using Type = observability::MetricDescription::Type;
using observability::Family;
using observability::Seconds;

/// `version` is our own text, not a client's: nothing to escape.
std::string statusPage(const std::string &version)
{
    return R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Trendscope exporter</title></head>
<body style="font: 16px/1.5 system-ui, sans-serif; margin: 3em auto; max-width: 40em; padding: 0 1em">
<h1>Trendscope exporter )"
        + version + R"(</h1>
<p>Collects this machine's metrics for Prometheus.</p>
<ul>
<li><a href="/metrics">/metrics</a>: the metrics, in Prometheus' text format</li>
<li><a href="/-/ready">/-/ready</a>: whether it can be scraped</li>
<li><a href="/-/healthy">/-/healthy</a>: whether it runs</li>
</ul>
</body>
</html>
)";
}

} // namespace

Exporter::Exporter(observability::SystemCollector system, const observability::Logging &logging,
                   std::string version)
    : m_version(std::move(version))
    , m_system(std::move(system))
    , m_logging(logging)
    , m_log(logging.logger("trendscope.exporter"))
    , m_scrapeDuration(m_metrics.registry().add({
          .name = "trendscope_scrape_duration_seconds",
          .help = "Time that the previous scrape took; in the first, its own collection.",
      }))
    , m_collectorSuccess(
          m_metrics.registry().add({.name = "trendscope_collector_success",
                                    .help = "Whether a collector could measure: 1 or 0.",
                                    .labels = {"collector"}}))
    , m_collectorDuration(
          m_metrics.registry().add({.name = "trendscope_collector_duration_seconds",
                                    .help = "Time that a collector took in this scrape.",
                                    .labels = {"collector"}}))
    , m_droppedRecords(m_metrics.registry().add({.name = "trendscope_log_records_dropped_total",
                                                 .type = Type::Counter,
                                                 .help = "Log records that could not be written."}))
{
    Family &buildInfo = m_metrics.registry().add({.name = "trendscope_build_info",
                                                  .help = "Always 1; the labels say what runs.",
                                                  .labels = {"version"}});
    buildInfo.set({m_version}, 1);
}

std::string Exporter::scrape()
{
    const auto begin = Clock::now();
    collect();
    m_scrapeDuration.set({}, m_previousScrape.value_or(Seconds(Clock::now() - begin).count()));
    const auto drops = static_cast<double>(m_logging.droppedRecords());
    m_droppedRecords.increment({}, drops - m_reportedDrops);
    m_reportedDrops = drops;

    std::string exposition = m_metrics.expose();
    m_previousScrape = Seconds(Clock::now() - begin).count();
    return exposition;
}

void Exporter::collect()
{
    const auto cpu = measure("cpu", [this] { return m_system.cpuPercent(Clock::now()); });
    const auto memory = measure("memory", [this] { return m_system.memoryPercent(); });
    const auto disk = measure("disk", [this] { return m_system.diskPercent(); });
    m_metrics.setSystemUsage(cpu, memory, disk);
}

/// What was measured, or nothing: a stale value would look like a good one.
std::optional<double> Exporter::measure(const std::string &collector,
                                        const std::function<observability::Measured()> &measurement)
{
    const auto begin = Clock::now();
    const observability::Measured outcome = measurement();
    m_collectorDuration.set({collector}, Seconds(Clock::now() - begin).count());
    m_collectorSuccess.set({collector}, outcome.error ? 0 : 1);
    report(collector, outcome.error);
    return outcome.value;
}

void Exporter::report(const std::string &collector, const std::optional<Error> &error)
{
    bool &isFailing = m_isFailing[collector];
    if (error.has_value() == isFailing)
        return;
    isFailing = error.has_value();
    if (error)
        m_log.error("Collector failed", {{"collector", collector}, {"reason", error->message}});
    else
        m_log.info("Collector works again", {{"collector", collector}});
}

Handler Exporter::handler()
{
    return Routes{{"/metrics",
                   [this] {
                       return Response{.contentType = "text/plain; version=0.0.4; charset=utf-8",
                                       .body = scrape()};
                   }},
                  {"/-/ready", [] { return Response{.body = "Ready\n"}; }},
                  {"/-/healthy", [] { return Response{.body = "Healthy\n"}; }},
                  {"/", [this] {
                       return Response{.contentType = "text/html; charset=utf-8",
                                       .body = statusPage(m_version)};
                   }}};
}

} // namespace trendscope::exporter
