#include "core/exporter/exporter.h"

#include "core/exporter/log_stream/log_stream.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;
using observability::Seconds;

constexpr Seconds usualBudget = 5s;
constexpr Seconds largestBudget = 60s;
constexpr Seconds roundTrip = 500ms; ///< for all but collecting

Seconds budgetOf(const Request &request)
{
    const std::string_view text = request.header("x-prometheus-scrape-timeout-seconds");
    double timeout = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), timeout);
    if (parsed.ec != std::errc() || !(timeout > 0)) // also what is not a number
        return usualBudget;
    const Seconds given(std::min(timeout, largestBudget.count() * 2));
    return std::min(std::max(given - roundTrip, given / 2), largestBudget);
}

/// Goes through an exposition's lines: each has the name of its family.
template <class Visit>
void forEachLine(std::string_view exposition, Visit visit)
{
    std::string_view family;
    while (!exposition.empty()) {
        const std::size_t end = std::min(exposition.find('\n'), exposition.size() - 1);
        const std::string_view line = exposition.substr(0, end + 1);
        exposition.remove_prefix(line.size());
        if (line.starts_with("# ")) { // HELP, TYPE or UNIT, and the name; or EOF
            const std::string_view rest = line.substr(std::min(line.find(' ', 2) + 1, line.size()));
            family = rest.substr(0, rest.find_first_of(" \n"));
        }
        visit(family, line);
    }
}

/// Whether a line of trendscope_collector_* is of one of those.
bool isOfCollectors(std::string_view line, const std::vector<std::string_view> &names)
{
    return line.starts_with('#') || std::ranges::any_of(names, [&](std::string_view name) {
               return line.find("{collector=\"" + std::string(name) + "\"}") != line.npos;
           });
}

std::string joined(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        (text += text.empty() ? "" : ", ") += name;
    return text;
}

} // namespace

Exporter::Exporter(Collectors collectors, observability::Metrics &metrics,
                   const observability::Logging &logging, std::string version)
    : m_version(std::move(version))
    , m_metrics(metrics)
    , m_logging(logging)
    , m_scrapeDuration(m_metrics.registry().add({
          .name = "trendscope_scrape_duration_seconds",
          .help = "Time that the previous scrape took; in the first, its own collection.",
      }))
    , m_runner(std::move(collectors), metrics, logging)
{
    observability::Family &buildInfo =
        m_metrics.registry().add({.name = "trendscope_build_info",
                                  .help = "Always 1; the labels say what runs.",
                                  .labels = {"version"}});
    buildInfo.set({m_version}, 1);
}

Response Exporter::scrape(const Request &request)
{
    const auto begin = Clock::now();
    const auto selected = request.parameters("collect[]");
    if (const auto unknown = m_runner.unknown(selected); !unknown.empty()) {
        std::vector<std::string> known;
        for (const CollectorRunner::State &state : m_runner.states())
            known.push_back(state.name);
        return {.status = 400,
                .body = "There is no collector " + joined(unknown) + "; there are: " + joined(known)
                    + "\n"};
    }
    m_runner.collect(begin + std::chrono::duration_cast<Clock::duration>(budgetOf(request)),
                     selected);
    {
        const std::lock_guard lock(m_mutex);
        m_scrapeDuration.set({}, m_previousScrape.value_or(Seconds(Clock::now() - begin).count()));
    }
    m_logging.droppedRecords(); // also those of which no record has told the metric yet
    Response response = exposition(request, selected);

    const std::lock_guard lock(m_mutex);
    m_previousScrape = Seconds(Clock::now() - begin).count();
    return response;
}

Response Exporter::exposition(const Request &request,
                              const std::vector<std::string_view> &selected) const
{
    auto answer =
        m_metrics.answer(request.header("accept"),
                         selected.empty() ? request.header("accept-encoding") : std::string_view());
    if (!selected.empty())
        answer.body = only(selected, answer.body);
    return {.contentType = std::string(answer.contentType),
            .body = std::move(answer.body),
            .contentEncoding = std::string(answer.contentEncoding)};
}

/// What those collectors bring, how they are, and what serves it.
std::string Exporter::only(const std::vector<std::string_view> &selected,
                           std::string_view all) const
{
    std::string kept;
    std::string_view known = "none yet";
    bool isBrought = false;
    forEachLine(all, [&](std::string_view family, std::string_view line) {
        if (family != std::exchange(known, family))
            isBrought = family == "trendscope_build_info"
                || m_runner.isBrought(family, selected)
                // OpenMetrics' families of counters are called so without it.
                || m_runner.isBrought(std::string(family) + "_total", selected);
        const bool isState = family.starts_with("trendscope_collector_");
        if (line == "# EOF\n" || (isState ? isOfCollectors(line, selected) : isBrought))
            kept += line;
    });
    return kept;
}

Handler Exporter::handler(Reload whenAsked, Routes others)
{
    Routes routes{{"/metrics", [this](const Request &request) { return scrape(request); }},
                  {"/-/ready", [](const Request &) { return Response{.body = "Ready\n"}; }},
                  {"/-/healthy", [](const Request &) { return Response{.body = "Healthy\n"}; }},
                  {"/-/reload",
                   [this, whenAsked = std::move(whenAsked)](const Request &request) {
                       return reload(request, whenAsked);
                   }},
                  {"/", [this](const Request &) {
                       return Response{
                           .contentType = "text/html; charset=utf-8",
                           .body = page(),
                           .headers = {{"Content-Security-Policy",
                                        "default-src 'none'; style-src 'unsafe-inline'"}}};
                   }}};
    routes.add(others);
    return routes;
}

Response Exporter::reload(const Request &request, const Reload &reload)
{
    if (request.method != "POST")
        return {
            .status = 405, .body = "Only POST is answered here.\n", .headers = {{"Allow", "POST"}}};
    if (!reload)
        return {.status = 501, .body = "There is nothing to reload.\n"};
    if (const auto done = reload(); !done)
        return {.status = 500,
                .body = "The old configuration stays: " + done.error().message + "\n"};
    return {.body = "Reloaded\n"};
}

std::string Exporter::page()
{
    Status status{.version = m_version,
                  .collectors = m_runner.states(),
                  .addresses = {},
                  .paths = {},
                  .problems = {}};
    const std::lock_guard lock(m_mutex);
    status.addresses = m_addresses;
    status.paths = m_paths;
    if (m_problem)
        status.problems.push_back(*m_problem);
    return statusPage(status);
}

void Exporter::setAddresses(std::vector<std::string> addresses)
{
    const std::lock_guard lock(m_mutex);
    m_addresses = std::move(addresses);
}

void Exporter::setPaths(std::vector<StatusPath> paths)
{
    const std::lock_guard lock(m_mutex);
    m_paths = std::move(paths);
}

void Exporter::setProblem(std::optional<std::string> problem)
{
    const std::lock_guard lock(m_mutex);
    m_problem = std::move(problem);
}

bool Exporter::stop(Clock::time_point deadline)
{
    return m_runner.stop(deadline);
}

} // namespace trendscope::exporter
