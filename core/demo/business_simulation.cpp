#include "core/demo/business_simulation.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace trendscope::demo {
namespace {

struct Source {
    std::string_view name;
    double itemsPerSecond; // at full load
};

struct Category {
    std::string_view name;
    double trendsPerMinute; // at full load
    double topicsPerMinute;
};

struct State {
    std::string_view name;
    double usual;
    double share; // of it that follows the daily rhythm
};

constexpr std::array<Source, 4> sources{
    {{"reddit", 3.4}, {"hackernews", 1.3}, {"rss", 1.7}, {"github", 0.7}}};
constexpr std::array<Category, 4> categories{{{"technology", 2.6, 6.1},
                                              {"business", 1.4, 3.9},
                                              {"science", 1.0, 2.7},
                                              {"culture", 1.8, 4.5}}};
constexpr std::array<State, 4> states{
    {{"emerging", 34, 0.5}, {"viral", 9, 0.7}, {"sustained", 52, 0.2}, {"declining", 23, 0.3}}};

void logFinding(const Moment &moment, std::string_view event, std::string_view category,
                std::int64_t count)
{
    if (!moment.log || count == 0)
        return;
    moment.log->tasks.info(event == "trend_created" ? "Trend created" : "Topic created",
                           {{"event", std::string(event)},
                            {"category", std::string(category)},
                            {"count", count},
                            {"request_id", requestId(moment.random)}});
}

} // namespace

BusinessSimulation::BusinessSimulation(observability::Metrics &metrics)
    : m_metrics(metrics)
    , m_activeTrends{Wander(0.18, 3600), Wander(0.35, 1800), Wander(0.08, 7200), Wander(0.12, 5400)}
{
    for (const Source &source : sources)
        m_metrics.recordItemCollected(source.name, 0);
    for (const Category &category : categories) {
        m_metrics.recordTrendCreated(category.name, 0);
        m_metrics.recordTopicCreated(category.name, 0);
    }
}

void BusinessSimulation::advance(const Moment &moment)
{
    collect(moment);
    discover(moment);
    updateActiveTrends(moment);
}

void BusinessSimulation::collect(const Moment &moment)
{
    for (const Source &source : sources) {
        const double expected = source.itemsPerSecond * moment.load * moment.span.count();
        const auto count = moment.random.poisson(expected);
        m_metrics.recordItemCollected(source.name, static_cast<double>(count));
        if (moment.log && count > 0)
            moment.log->collector.info("Collected " + std::to_string(count) + " items from "
                                           + std::string(source.name),
                                       {{"event", "item_collected"},
                                        {"source", std::string(source.name)},
                                        {"count", count},
                                        {"request_id", requestId(moment.random)}});
    }
}

void BusinessSimulation::discover(const Moment &moment)
{
    const double minutes = moment.span.count() / 60 * moment.load;
    for (const Category &category : categories) {
        const auto trends = moment.random.poisson(category.trendsPerMinute * minutes);
        const auto topics = moment.random.poisson(category.topicsPerMinute * minutes);
        m_metrics.recordTrendCreated(category.name, static_cast<double>(trends));
        m_metrics.recordTopicCreated(category.name, static_cast<double>(topics));
        logFinding(moment, "trend_created", category.name, trends);
        logFinding(moment, "topic_created", category.name, topics);
    }
}

void BusinessSimulation::updateActiveTrends(const Moment &moment)
{
    for (std::size_t i = 0; i < states.size(); ++i) {
        const double rhythm = 1 - states[i].share + states[i].share * moment.load;
        const double drift =
            std::exp(m_activeTrends[i].advance(moment.random, moment.span.count()));
        m_metrics.updateActiveTrends(states[i].name, std::round(states[i].usual * rhythm * drift));
    }
}

} // namespace trendscope::demo
