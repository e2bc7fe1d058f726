#include "core/exporter/celery/celery_queues_p.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>

namespace trendscope::exporter {

namespace {

using observability::Family;

/// Between the parts of a binding, and between a queue's name and a priority
/// (kombu/transport/redis.py: sep).
constexpr std::string_view separator = "\x06\x16";
constexpr std::string_view bindingPrefix = "_kombu.binding.";
constexpr std::size_t maxQueues = 500;

std::optional<std::size_t> countOf(const redisReply &reply)
{
    if (reply.type != REDIS_REPLY_INTEGER || reply.integer < 0)
        return {};
    return static_cast<std::size_t>(reply.integer);
}

std::span<redisReply *const> elementsOf(const redisReply &reply)
{
    if (reply.type != REDIS_REPLY_ARRAY)
        return {};
    return {reply.element, reply.elements};
}

/// Celery's own: of remote control and of events.
bool isInternal(std::string_view queue)
{
    return queue.empty() || queue.ends_with(".pidbox") || queue.starts_with("celeryev");
}

} // namespace

CeleryQueues::CeleryQueues(CeleryMetrics &metrics, const config::CelerySettings &settings)
    : m_metrics(metrics)
    , m_settings(settings)
    , m_queues(settings.queues.begin(), settings.queues.end())
{
}

Result<Refusal> CeleryQueues::measure(RedisConnection &redis, const std::vector<std::string> &known,
                                      const SentAt &sentAt, Clock::time_point deadline)
{
    m_refusal.reset();
    for (const std::string &queue : known) {
        if (m_queues.size() < maxQueues && !isInternal(queue))
            m_queues.insert(queue);
    }
    if (m_settings.isFindingQueues) {
        if (const auto found = find(redis, deadline); !found)
            return tl::unexpected(found.error());
    }
    std::vector<List> all = lists();
    if (const auto measured = measureLengths(redis, all, deadline); !measured)
        return tl::unexpected(measured.error());

    std::map<std::string, Oldest> oldest;
    for (const List &list : all) {
        Oldest &ofQueue = oldest[list.queue];
        if (list.length == 0) {
            m_markers.erase(list.key);
            continue;
        }
        const auto ofList = oldestOf(redis, list, sentAt, deadline);
        if (!ofList)
            return tl::unexpected(ofList.error());
        if (ofList->age > ofQueue.age)
            ofQueue = *ofList;
    }
    for (const auto &[queue, of] : oldest)
        publishOldest(queue, of);
    return m_refusal;
}

void CeleryQueues::setUnknown()
{
    for (const std::string &queue : m_queues) {
        publishLength(queue, {});
        publishOldest(queue, {});
    }
    m_metrics.unacked.remove(Family::LabelValues{});
    // What was last seen may have gone and come back.
    m_markers.clear();
}

/// One step through the keys: a broker has few, but its Redis may serve others as well.
Result<void> CeleryQueues::find(RedisConnection &redis, Clock::time_point deadline)
{
    const std::string prefix = m_settings.keyPrefix + std::string(bindingPrefix);
    const auto scanned =
        redis.ask({{"SCAN", m_cursor, "MATCH", prefix + '*', "COUNT", "1000"}}, deadline);
    if (!scanned)
        return tl::unexpected(scanned.error());
    const auto parts = elementsOf(*scanned->front());
    if (parts.size() != 2) {
        refuse("scan", *scanned->front());
        return {};
    }
    m_cursor = textOf(*parts[0]);
    if (m_cursor.empty())
        m_cursor = "0";
    std::vector<RedisCommand> commands;
    for (const redisReply *key : elementsOf(*parts[1])) {
        const std::string_view exchange =
            textOf(*key).substr(std::min(prefix.size(), textOf(*key).size()));
        if (!isInternal(exchange) && commands.size() < maxQueues)
            commands.push_back({"SSCAN", std::string(textOf(*key)), "0", "COUNT", "500"});
    }
    const auto bindings = redis.ask(commands, deadline);
    if (!bindings)
        return tl::unexpected(bindings.error());
    for (const RedisReply &reply : *bindings) {
        const auto page = elementsOf(*reply);
        if (page.size() != 2) {
            refuse("binding", *reply);
            continue;
        }
        for (const redisReply *binding : elementsOf(*page[1]))
            learn(textOf(*binding));
    }
    return {};
}

/// A binding is the routing key, the pattern and the queue.
void CeleryQueues::learn(std::string_view binding)
{
    const auto at = binding.rfind(separator);
    if (at == std::string_view::npos)
        return refuse("binding");
    const std::string_view queue = binding.substr(at + separator.size());
    if (m_queues.size() < maxQueues && queue.size() <= 255 && !isInternal(queue))
        m_queues.emplace(queue);
}

std::vector<CeleryQueues::List> CeleryQueues::lists() const
{
    std::vector<List> all;
    for (const std::string &queue : m_queues) {
        for (const int step : m_settings.prioritySteps) {
            std::string key = m_settings.keyPrefix + queue;
            if (step != 0)
                key += std::string(separator) + std::to_string(step);
            all.push_back({.queue = queue, .key = std::move(key)});
        }
    }
    return all;
}

Result<void> CeleryQueues::measureLengths(RedisConnection &redis, std::vector<List> &lists,
                                          Clock::time_point deadline)
{
    std::vector<RedisCommand> commands;
    commands.reserve(lists.size() + 1);
    for (const List &list : lists)
        commands.push_back({"LLEN", list.key});
    commands.push_back({"HLEN", m_settings.keyPrefix + m_settings.unackedKey});
    const auto replies = redis.ask(commands, deadline);
    if (!replies)
        return tl::unexpected(replies.error());

    std::map<std::string, std::optional<double>> lengths;
    for (std::size_t i = 0; i < lists.size(); ++i) {
        auto &length = lengths.try_emplace(lists[i].queue, 0).first->second;
        const auto count = countOf(*(*replies)[i]);
        if (!count)
            refuse("queue", *(*replies)[i]);
        if (!count || !length) { // a part that is not known makes the sum unknown
            length.reset();
            continue;
        }
        lists[i].length = *count;
        *length += static_cast<double>(*count);
    }
    for (const auto &[queue, length] : lengths)
        publishLength(queue, length);
    if (const auto unacked = countOf(*replies->back())) {
        m_metrics.unacked.set({}, static_cast<double>(*unacked));
    } else {
        m_metrics.unacked.remove(Family::LabelValues{});
        refuse("unacked", *replies->back());
    }
    return {};
}

/// Messages are pushed at the left and popped at the right. None carries a time, but each carries
/// its task's id.
Result<CeleryQueues::Oldest> CeleryQueues::oldestOf(RedisConnection &redis, const List &list,
                                                    const SentAt &sentAt,
                                                    Clock::time_point deadline)
{
    const auto ends = redis.ask({{"LINDEX", list.key, "-1"}, {"LINDEX", list.key, "0"}}, deadline);
    if (!ends)
        return tl::unexpected(ends.error());
    const std::string_view old = textOf(*(*ends)[0]);
    const std::string_view young = textOf(*(*ends)[1]);
    const auto now = Clock::now();
    if (old.empty()) // taken meanwhile
        return Oldest{};
    MessageMarkers &markers = m_markers[list.key];
    const std::string id = taskIdOf(old);
    if (id.empty())
        refuse("message");
    if (const auto sent = id.empty() ? std::nullopt : sentAt(id)) {
        markers.clear();
        return Oldest{.age = std::max(Clock::duration(0), now - *sent), .source = "sent"};
    }
    while (const std::string *marker = markers.oldest()) {
        // From the old end; a marker deeper than that is given up, which still leaves a bound.
        const auto place =
            redis.ask({{"LPOS", list.key, *marker, "RANK", "-1", "MAXLEN", "100000"}}, deadline);
        if (!place)
            return tl::unexpected(place.error());
        if (countOf(*place->front()))
            break;
        markers.dropOldest();
    }
    markers.add(young, now);
    const bool isMarked = markers.oldest() != nullptr;
    return Oldest{.age = isMarked ? now - markers.oldestSeen() : Clock::duration(0),
                  .source = "seen"};
}

void CeleryQueues::publishLength(const std::string &queue, std::optional<double> length)
{
    if (length)
        m_metrics.queueLength.set({queue}, *length);
    else
        m_metrics.queueLength.remove(Family::LabelValues{queue});
}

void CeleryQueues::publishOldest(const std::string &queue, const Oldest &oldest)
{
    for (const std::string_view source : {"sent", "seen"}) {
        if (oldest.source == source)
            m_metrics.oldestMessage.set({queue, source}, oldest.age.count());
        else
            m_metrics.oldestMessage.remove(Family::LabelValues{queue, source});
    }
}

/// A key of another type is somebody's mistake with that key; other errors are about us.
void CeleryQueues::refuse(std::string_view kind, const redisReply &reply)
{
    refuse(kind);
    Error error = refusal(reply);
    if (!m_refusal && !error.detail.starts_with("WRONGTYPE"))
        m_refusal = std::move(error);
}

void CeleryQueues::refuse(std::string_view kind)
{
    m_metrics.errors.increment({kind}, 1);
}

} // namespace trendscope::exporter
