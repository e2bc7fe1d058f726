#include "core/exporter/celery/celery_event.h"

#include <simdjson.h>

#include <array>
#include <cmath>

namespace trendscope::exporter {

namespace {

namespace ondemand = simdjson::ondemand;
using Type = CeleryEvent::Type;

constexpr std::size_t maxNameBytes = 255;
constexpr std::size_t maxExceptionBytes = 64 << 10;

Type typeNamed(std::string_view name)
{
    using Pair = std::pair<std::string_view, Type>;
    constexpr std::array<Pair, 11> types = {
        Pair{"task-sent", Type::TaskSent},      {"task-received", Type::TaskReceived},
        {"task-started", Type::TaskStarted},    {"task-succeeded", Type::TaskSucceeded},
        {"task-failed", Type::TaskFailed},      {"task-rejected", Type::TaskRejected},
        {"task-revoked", Type::TaskRevoked},    {"task-retried", Type::TaskRetried},
        {"worker-online", Type::WorkerOnline},  {"worker-heartbeat", Type::WorkerHeartbeat},
        {"worker-offline", Type::WorkerOffline}};
    for (const auto &[text, type] : types) {
        if (text == name)
            return type;
    }
    return Type::Other;
}

/// A message is read as far as it is needed: `Broken` is JSON's fault and ends the whole message,
/// `Wrong` is a value of another type and ends one event.
enum class Outcome : std::uint8_t { Fine, Wrong, Broken };

/// The text of a value; null is the empty text.
Outcome read(ondemand::value &value, std::string_view &text, std::size_t most = maxNameBytes)
{
    ondemand::json_type type{};
    if (value.type().get(type))
        return Outcome::Broken;
    if (type == ondemand::json_type::null)
        return Outcome::Fine;
    if (type != ondemand::json_type::string)
        return Outcome::Wrong;
    if (value.get_string().get(text))
        return Outcome::Broken;
    return text.size() > most ? Outcome::Wrong : Outcome::Fine;
}

Outcome read(ondemand::value &value, double &number)
{
    ondemand::json_type type{};
    if (value.type().get(type))
        return Outcome::Broken;
    if (type != ondemand::json_type::number)
        return Outcome::Wrong;
    if (value.get_double().get(number))
        return Outcome::Broken;
    return std::isfinite(number) && number >= 0 ? Outcome::Fine : Outcome::Wrong;
}

Outcome read(ondemand::value &value, std::uint64_t &number)
{
    double real = 0;
    const Outcome outcome = read(value, real);
    if (outcome != Outcome::Fine)
        return outcome;
    if (real > 9e15) // more than a double counts exactly
        return Outcome::Wrong;
    number = static_cast<std::uint64_t>(real);
    return Outcome::Fine;
}

Outcome readField(std::string_view key, ondemand::value &value, CeleryEvent &event)
{
    if (key == "type") {
        std::string_view name;
        const Outcome outcome = read(value, name);
        event.type = typeNamed(name);
        return name.empty() && outcome == Outcome::Fine ? Outcome::Wrong : outcome;
    }
    if (key == "hostname")
        return read(value, event.node);
    if (key == "timestamp")
        return read(value, event.timestamp);
    if (key == "clock")
        return read(value, event.clock);
    if (key == "pid")
        return read(value, event.pid);
    if (key == "uuid")
        return read(value, event.uuid);
    if (key == "name")
        return read(value, event.name);
    if (key == "queue")
        return read(value, event.queue);
    if (key == "eta")
        return read(value, event.eta);
    if (key == "exception")
        return read(value, event.exception, maxExceptionBytes);
    if (key == "runtime")
        return read(value, event.runtime.emplace());
    if (key == "active")
        return read(value, event.active);
    if (key == "processed")
        return read(value, event.processed);
    if (key == "freq")
        return read(value, event.interval);
    return Outcome::Fine;
}

Outcome readEvent(ondemand::value &value, CeleryEvent &event)
{
    ondemand::json_type type{};
    if (value.type().get(type))
        return Outcome::Broken;
    if (type != ondemand::json_type::object)
        return Outcome::Wrong;
    ondemand::object object;
    if (value.get_object().get(object))
        return Outcome::Broken;
    Outcome outcome = Outcome::Fine;
    bool hasType = false;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (std::move(item).get(field) || field.unescaped_key().get(key))
            return Outcome::Broken;
        hasType = hasType || key == "type";
        const Outcome ofField = readField(key, field.value(), event);
        if (ofField == Outcome::Broken)
            return ofField;
        if (ofField == Outcome::Wrong)
            outcome = Outcome::Wrong;
    }
    const bool isIncomplete = !hasType || event.node.empty() || event.timestamp <= 0
        || (event.isTask() && event.uuid.empty());
    return isIncomplete ? Outcome::Wrong : outcome;
}

struct Envelope {
    std::string_view body;
    std::string_view contentType;
    std::string_view bodyEncoding;
};

Outcome readProperties(ondemand::value &value, Envelope &envelope)
{
    ondemand::object object;
    if (value.get_object().get(object))
        return Outcome::Wrong;
    ondemand::value encoding;
    if (object["body_encoding"].get(encoding)) // sent as it is
        return Outcome::Fine;
    return read(encoding, envelope.bodyEncoding);
}

Outcome readEnvelope(ondemand::document &document, Envelope &envelope)
{
    ondemand::json_type type{};
    if (document.type().get(type))
        return Outcome::Broken;
    if (type != ondemand::json_type::object)
        return Outcome::Wrong;
    ondemand::object object;
    if (document.get_object().get(object))
        return Outcome::Broken;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (std::move(item).get(field) || field.unescaped_key().get(key))
            return Outcome::Broken;
        Outcome outcome = Outcome::Fine;
        if (key == "body")
            outcome = read(field.value(), envelope.body, CeleryEventDecoder::maxMessageBytes);
        else if (key == "content-type")
            outcome = read(field.value(), envelope.contentType);
        else if (key == "properties")
            outcome = readProperties(field.value(), envelope);
        if (outcome != Outcome::Fine)
            return outcome;
    }
    return Outcome::Fine;
}

} // namespace

struct CeleryEventDecoder::Private {
    explicit Private(std::function<void(std::string_view)> heard)
        : refused(std::move(heard))
    {
    }

    std::string_view decodeEnvelope(std::string_view message);
    Outcome decodeBody(ondemand::document &document);
    Outcome take(ondemand::value &value);

    static simdjson::padded_string_view pad(std::string &text)
    {
        text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
        return simdjson::padded_string_view(text.data(), text.size(), text.capacity());
    }

    std::function<void(std::string_view)> refused;
    ondemand::parser envelopes;
    ondemand::parser bodies;
    std::string envelopeText;
    std::string bodyText;
    std::vector<CeleryEvent> events;
};

/// Leaves the body in bodyText; the kind of what is wrong, or the empty text.
std::string_view CeleryEventDecoder::Private::decodeEnvelope(std::string_view message)
{
    if (message.size() > maxMessageBytes)
        return "too_long";
    envelopeText = message;
    ondemand::document document;
    if (envelopes.iterate(pad(envelopeText)).get(document))
        return "json";
    Envelope envelope;
    if (const Outcome outcome = readEnvelope(document, envelope); outcome != Outcome::Fine)
        return outcome == Outcome::Broken ? "json" : "envelope";
    if (envelope.contentType != "application/json")
        return "serializer";
    bodyText.clear();
    if (envelope.bodyEncoding != "base64")
        bodyText = envelope.body;
    else if (!decodeBase64(envelope.body, bodyText))
        return "base64";
    return {};
}

Outcome CeleryEventDecoder::Private::take(ondemand::value &value)
{
    CeleryEvent event;
    const Outcome outcome = readEvent(value, event);
    if (outcome == Outcome::Fine)
        events.push_back(event);
    else if (outcome == Outcome::Wrong)
        refused("event");
    return outcome;
}

Outcome CeleryEventDecoder::Private::decodeBody(ondemand::document &document)
{
    ondemand::json_type type{};
    if (document.type().get(type))
        return Outcome::Broken;
    if (type == ondemand::json_type::array) {
        ondemand::array list;
        if (document.get_array().get(list))
            return Outcome::Broken;
        for (auto &&item : list) {
            ondemand::value value;
            if (std::forward<decltype(item)>(item).get(value) || take(value) == Outcome::Broken)
                return Outcome::Broken;
        }
    } else if (type != ondemand::json_type::object) {
        refused("event");
        return Outcome::Fine;
    } else {
        ondemand::value value;
        if (document.get_value().get(value) || take(value) == Outcome::Broken)
            return Outcome::Broken;
    }
    const bool isAtEnd = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return isAtEnd ? Outcome::Fine : Outcome::Broken;
}

CeleryEventDecoder::CeleryEventDecoder(std::function<void(std::string_view)> refused)
    : d(std::make_unique<Private>(std::move(refused)))
{
}

CeleryEventDecoder::~CeleryEventDecoder() = default;

const std::vector<CeleryEvent> &CeleryEventDecoder::decode(std::string_view message)
{
    d->events.clear();
    if (const std::string_view problem = d->decodeEnvelope(message); !problem.empty()) {
        d->refused(problem);
        return d->events;
    }
    ondemand::document document;
    if (d->bodies.iterate(Private::pad(d->bodyText)).get(document)
        || d->decodeBody(document) == Outcome::Broken) {
        d->events.clear(); // what came before the fault may be as little true
        d->refused("json");
    }
    return d->events;
}

} // namespace trendscope::exporter
