#include "core/exporter/push/pushed_names_p.h"
#include "core/exporter/push/statsd_aggregator_p.h"

#include <simdjson.h>

#include <cmath>

namespace trendscope::exporter {

namespace {

constexpr std::size_t maxMeanings = 20'000;
constexpr std::size_t maxKeySize = 4 << 20; // bytes; hostile names and tags may be long

config::StatsdMapping::Kind kindOf(StatsdType type)
{
    switch (type) {
    case StatsdType::Counter:
        return config::StatsdMapping::Kind::Counter;
    case StatsdType::Gauge:
        return config::StatsdMapping::Kind::Gauge;
    case StatsdType::Set:
        return config::StatsdMapping::Kind::Set;
    case StatsdType::Timer:
    case StatsdType::Histogram:
    case StatsdType::Distribution:
        break;
    }
    return config::StatsdMapping::Kind::Observer;
}

/// Appends those of "key:value,key:value", and answers how many have no value.
std::uint64_t appendTags(PushedLabels &labels, std::string_view tags, char separator)
{
    std::uint64_t ignored = 0;
    while (!tags.empty()) {
        const std::string_view tag = tags.substr(0, tags.find(','));
        tags.remove_prefix(std::min(tag.size() + 1, tags.size()));
        const std::size_t end = tag.find(separator);
        if (end != tag.npos && end > 0 && end + 1 < tag.size())
            labels.emplace_back(mangledLabelName(tag.substr(0, end)), tag.substr(end + 1));
        else if (!tag.empty())
            ++ignored;
    }
    return ignored;
}

/// A later label wins over an earlier one of the same name.
void append(PushedLabels &labels, PushedLabels &&others, bool wins)
{
    labels.insert(wins ? labels.end() : labels.begin(), std::make_move_iterator(others.begin()),
                  std::make_move_iterator(others.end()));
}

} // namespace

std::size_t StatsdAggregator::Hash::operator()(const Sender &sender) const
{
    const std::hash<std::string_view> hash;
    const std::size_t type = static_cast<std::size_t>(sender.type) + 1;
    return hash(sender.name) ^ (hash(sender.tags) * 0x9e3779b97f4a7c15 * type);
}

StatsdAggregator::StatsdAggregator(PushedMetrics &metrics, const config::StatsdSettings &settings,
                                   StatsdMappings mappings)
    : m_metrics(metrics)
    , m_mappings(std::move(mappings))
    , m_observer(settings.observer)
    , m_buckets(settings.buckets)
    , m_timeToLive(settings.timeToLive)
{
}

void StatsdAggregator::take(std::span<const std::string_view> packets, Clock::time_point now)
{
    const std::lock_guard lock(m_mutex);
    PushedMetrics::Writer writer(m_metrics, PushedSource::Statsd, now);
    m_writer = &writer;
    for (const std::string_view packet : packets)
        parseStatsd(packet, *this);
    m_writer = nullptr;
}

StatsdCounts StatsdAggregator::counts() const
{
    const std::lock_guard lock(m_mutex);
    return m_counts;
}

void StatsdAggregator::onFault(StatsdFault fault)
{
    ++m_counts.faults[static_cast<std::size_t>(fault)];
}

void StatsdAggregator::onSample(const StatsdSample &sample)
{
    const Meaning meaning = meaningOf({sample.name, sample.tags, sample.type});
    if (!meaning.series) {
        ++*meaning.otherwise;
        return;
    }
    PushedValue value{.value = sample.value * meaning.factor};
    switch (sample.type) {
    case StatsdType::Counter:
        value.value /= sample.rate;
        break;
    case StatsdType::Gauge:
        value.isRelative = sample.isRelative;
        break;
    case StatsdType::Set:
        value.member = sample.text;
        break;
    case StatsdType::Timer:
    case StatsdType::Histogram:
    case StatsdType::Distribution:
        value.count = std::round(1 / sample.rate);
        break;
    }
    const Refusal refusal = m_writer->apply(*meaning.series, value);
    if (refusal != Refusal::None) {
        ++m_counts.refusals[static_cast<std::size_t>(refusal)];
        return;
    }
    ++m_counts.samples[static_cast<std::size_t>(sample.type)];
    m_counts.ignoredTags += meaning.ignoredTags;
}

StatsdAggregator::Meaning StatsdAggregator::meaningOf(const Sender &sender)
{
    if (m_generation != m_writer->generation()) {
        m_meanings.clear(); // some of their series are no more
        m_keySize = 0;
        m_generation = m_writer->generation();
    }
    if (const auto known = m_meanings.find(sender); known != m_meanings.end())
        return known->second;

    const Meaning meaning = findOut(sender);
    const bool isLasting = meaning.series || meaning.otherwise == &m_counts.mappedAway;
    if (!isLasting || m_generation != m_writer->generation())
        return meaning;
    m_keySize += sender.name.size() + sender.tags.size();
    if (m_meanings.size() >= maxMeanings || m_keySize > maxKeySize) {
        m_meanings.clear();
        m_keySize = sender.name.size() + sender.tags.size();
    }
    m_meanings.emplace(Key{std::string(sender.name), std::string(sender.tags), sender.type},
                       meaning);
    return meaning;
}

StatsdAggregator::Meaning StatsdAggregator::findOut(const Sender &sender)
{
    const auto isText = [](std::string_view text) {
        return simdjson::validate_utf8(text) && text.find('\0') == text.npos;
    };
    if (!isText(sender.name) || !isText(sender.tags))
        return {.otherwise = &m_counts.invalidText};

    const std::string_view name = sender.name.substr(0, sender.name.find_first_of(",#"));
    PushedLabels labels;
    std::uint64_t ignored =
        appendTags(labels, sender.name.substr(std::min(name.size() + 1, sender.name.size())), '=');
    ignored += appendTags(labels, sender.tags, ':');

    StatsdMappings::Match match = m_mappings.find(name, kindOf(sender.type));
    if (match.rule && match.rule->isDropped)
        return {.otherwise = &m_counts.mappedAway};
    append(labels, std::move(match.labels), !match.rule || !match.rule->honorLabels);
    const std::string exposedName =
        name.empty() ? std::string() : mangledName(match.rule ? match.name : name);
    PushedIdentity identity{.name = exposedName,
                            .type = typeOf(sender.type, match.rule),
                            .labels = std::move(labels),
                            .buckets = m_buckets,
                            .timeToLive = m_timeToLive};
    double factor = sender.type == StatsdType::Timer ? 0.001 : 1; // Prometheus' unit is the second
    if (match.rule) {
        identity.help = match.rule->help;
        if (!match.rule->buckets.empty())
            identity.buckets = match.rule->buckets;
        if (match.rule->timeToLive.count() > 0)
            identity.timeToLive = match.rule->timeToLive;
        factor *= match.rule->scale;
    }
    const auto [series, refusal] = m_writer->find(std::move(identity));
    return {.series = series,
            .otherwise = &m_counts.refusals[static_cast<std::size_t>(refusal)],
            .ignoredTags = ignored,
            .factor = factor};
}

PushedType StatsdAggregator::typeOf(StatsdType type, const config::StatsdMapping *rule) const
{
    switch (type) {
    case StatsdType::Counter:
        return PushedType::Counter;
    case StatsdType::Gauge:
        return PushedType::Gauge;
    case StatsdType::Set:
        return PushedType::Set;
    case StatsdType::Timer:
    case StatsdType::Histogram:
    case StatsdType::Distribution:
        break;
    }
    const config::StatsdObserver observer = rule && rule->observer ? *rule->observer : m_observer;
    return observer == config::StatsdObserver::Summary ? PushedType::Summary
                                                       : PushedType::Histogram;
}

} // namespace trendscope::exporter
