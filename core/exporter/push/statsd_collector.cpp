#include "core/exporter/push/statsd_collector.h"

#include "core/exporter/http/listen_address.h"
#include "core/exporter/push/statsd_aggregator_p.h"
#include "core/exporter/push/statsd_receiver_p.h"

#include <algorithm>
#include <array>
#include <string>

namespace trendscope::exporter {

namespace {

using observability::Family;
using Type = observability::MetricDescription::Type;

Family &addCounter(observability::Registry &registry, std::string name, std::string help,
                   std::vector<std::string> labels = {})
{
    return registry.add({.name = std::move(name),
                         .type = Type::Counter,
                         .help = std::move(help),
                         .labels = std::move(labels)});
}

/// What it counts, as metrics.
struct Exposed {
    explicit Exposed(observability::Registry &registry);

    Family &packets;
    Family &dropped;
    Family &lines;
    Family &samples;
    Family &errors;
    Family &ignored;
    Family &ignoredTags;
    Family &bufferBytes;
};

Exposed::Exposed(observability::Registry &registry)
    : packets(addCounter(registry, "trendscope_statsd_packets_total", "StatsD packets received.",
                         {"transport"}))
    , dropped(addCounter(registry, "trendscope_statsd_dropped_packets_total",
                         "StatsD packets that the kernel dropped because the agent was too slow."))
    , lines(addCounter(registry, "trendscope_statsd_lines_total",
                       "Lines in the StatsD packets received."))
    , samples(addCounter(registry, "trendscope_statsd_samples_total",
                         "StatsD samples that went into a series, by type.", {"type"}))
    , errors(addCounter(registry, "trendscope_statsd_errors_total",
                        "StatsD lines or samples that were not taken, by what is wrong with them.",
                        {"kind"}))
    , ignored(addCounter(registry, "trendscope_statsd_ignored_total",
                         "What came over StatsD and makes no series: events, service checks, and "
                         "samples that a mapping drops.",
                         {"kind"}))
    , ignoredTags(addCounter(registry, "trendscope_statsd_ignored_tags_total",
                             "Tags without a value on StatsD samples."))
    , bufferBytes(registry.add({.name = "trendscope_statsd_receive_buffer_bytes",
                                .help = "The kernel's room for StatsD packets not yet read, the "
                                        "smallest of all sockets."}))
{
}

Result<std::vector<StatsdSocket>> bindAll(const config::StatsdSettings &settings)
{
    std::vector<StatsdSocket> sockets;
    for (const std::string &text : settings.udp) {
        const auto address = ListenAddress::parse(text);
        if (!address)
            return tl::unexpected(address.error());
        auto socket = StatsdSocket::bindUdp(*address, settings.receiveBuffer);
        if (!socket)
            return tl::unexpected(socket.error());
        sockets.push_back(std::move(*socket));
    }
    for (const auto &path : settings.unixDatagram) {
        auto socket = StatsdSocket::bindUnix(path, settings.unixMode, settings.receiveBuffer);
        if (!socket)
            return tl::unexpected(socket.error());
        sockets.push_back(std::move(*socket));
    }
    return sockets;
}

} // namespace

struct StatsdCollector::Private {
    Private(const config::StatsdSettings &settings, StatsdMappings mappings,
            PushedMetrics &pushedMetrics, observability::Registry &registry,
            observability::Logger logger)
        : metrics(pushedMetrics)
        , log(std::move(logger))
        , aggregator(pushedMetrics, settings, std::move(mappings))
        , exposed(registry)
    {
    }

    void exposePackets();
    void exposeCounts(const StatsdCounts &now);

    PushedMetrics &metrics;
    observability::Logger log;
    StatsdAggregator aggregator;
    Exposed exposed;
    StatsdCounts previous; ///< what is exposed
    std::uint64_t udpPackets = 0;
    std::uint64_t unixPackets = 0;
    std::uint64_t cutPackets = 0;
    std::vector<std::uint32_t> drops; ///< of each socket
    bool isDropping = false;
    std::unique_ptr<StatsdReceiver> receiver; ///< last: its thread uses the others
};

void StatsdCollector::Private::exposePackets()
{
    const auto add = [](Family &family, Family::LabelValues labels, std::uint64_t &before,
                        std::uint64_t now) {
        family.increment(labels, static_cast<double>(now - before));
        before = now;
    };
    add(exposed.packets, {"udp"}, udpPackets, receiver->udpPackets());
    add(exposed.packets, {"unix"}, unixPackets, receiver->unixPackets());
    add(exposed.errors, {"too_long"}, cutPackets, receiver->cutPackets());

    std::uint64_t dropped = 0;
    for (std::size_t i = 0; i < drops.size(); ++i) {
        const std::uint32_t now = receiver->sockets()[i].drops().value_or(drops[i]);
        dropped += now - drops[i]; // also where it began anew at 2^32
        drops[i] = now;
    }
    exposed.dropped.increment({}, static_cast<double>(dropped));
    if ((dropped > 0) != isDropping) {
        isDropping = dropped > 0;
        if (isDropping)
            log.warning("StatsD packets are lost: they come faster than they are read",
                        {{"dropped", dropped}});
        else
            log.info("StatsD packets are not lost any more");
    }
}

void StatsdCollector::Private::exposeCounts(const StatsdCounts &now)
{
    const auto add = [](Family &family, Family::LabelValues labels, std::uint64_t after,
                        std::uint64_t before) {
        family.increment(labels, static_cast<double>(after - before));
    };
    add(exposed.lines, {}, now.lines, previous.lines);
    for (std::size_t i = 0; i < now.samples.size(); ++i)
        add(exposed.samples, {statsdTypeNames[i]}, now.samples[i], previous.samples[i]);
    for (std::size_t i = 0; i < now.faults.size(); ++i)
        add(exposed.errors, {statsdFaultNames[i]}, now.faults[i], previous.faults[i]);
    for (std::size_t i = 1; i < now.refusals.size(); ++i) // the first is none
        add(exposed.errors, {nameOf(static_cast<Refusal>(i))}, now.refusals[i],
            previous.refusals[i]);
    add(exposed.errors, {"invalid_text"}, now.invalidText, previous.invalidText);
    add(exposed.ignored, {"event"}, now.events, previous.events);
    add(exposed.ignored, {"service_check"}, now.serviceChecks, previous.serviceChecks);
    add(exposed.ignored, {"dropped_by_mapping"}, now.mappedAway, previous.mappedAway);
    add(exposed.ignoredTags, {}, now.ignoredTags, previous.ignoredTags);
    previous = now;
}

StatsdCollector::StatsdCollector(std::unique_ptr<Private> parts)
    : d(std::move(parts))
{
}

StatsdCollector::~StatsdCollector() = default;

std::span<const std::string_view> StatsdCollector::metricPrefixes() const
{
    static constexpr std::array<std::string_view, 1> prefixes{"trendscope_statsd_"};
    return prefixes;
}

bool StatsdCollector::brings(std::string_view metric) const
{
    return isOwn(metric) || isAboutPushed(metric) || d->metrics.has(metric, PushedSource::Statsd);
}

Result<std::unique_ptr<StatsdCollector>>
StatsdCollector::start(const config::StatsdSettings &settings, PushedMetrics &metrics,
                       observability::Registry &registry, observability::Logger log)
{
    auto mappings = StatsdMappings::compile(settings.mappings);
    if (!mappings)
        return tl::unexpected(mappings.error());
    auto sockets = bindAll(settings);
    if (!sockets)
        return tl::unexpected(sockets.error());

    auto parts = std::make_unique<Private>(settings, std::move(*mappings), metrics, registry,
                                           std::move(log));
    parts->drops.resize(sockets->size());
    auto receiver = StatsdReceiver::start(
        std::move(*sockets),
        [&aggregator = parts->aggregator](std::span<const std::string_view> packets) {
            aggregator.take(packets, PushedMetrics::Clock::now());
        });
    if (!receiver)
        return tl::unexpected(receiver.error());
    parts->receiver = std::move(*receiver);
    const std::vector<StatsdSocket> &bound = parts->receiver->sockets();
    const auto smallest = std::ranges::min_element(bound, {}, &StatsdSocket::receiveBuffer);
    if (smallest != bound.end())
        parts->exposed.bufferBytes.set({}, static_cast<double>(smallest->receiveBuffer()));
    return std::unique_ptr<StatsdCollector>(new StatsdCollector(std::move(parts)));
}

Result<void> StatsdCollector::collect(Clock::time_point /*deadline*/)
{
    d->metrics.expire(PushedMetrics::Clock::now());
    d->exposePackets();
    d->exposeCounts(d->aggregator.counts());
    return {};
}

std::vector<std::uint16_t> StatsdCollector::udpPorts() const
{
    std::vector<std::uint16_t> ports;
    for (const StatsdSocket &socket : d->receiver->sockets()) {
        if (socket.isUdp())
            ports.push_back(socket.port());
    }
    return ports;
}

} // namespace trendscope::exporter
