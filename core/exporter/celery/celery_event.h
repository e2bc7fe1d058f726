#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// What a worker or a sender of tasks tells
/// (https://docs.celeryq.dev/en/stable/userguide/monitoring.html#event-reference).
///
/// All texts are views into the decoder, empty where the event does not have them.
struct CeleryEvent {
    enum class Type : std::uint8_t {
        TaskSent,
        TaskReceived,
        TaskStarted,
        TaskSucceeded,
        TaskFailed,
        TaskRejected,
        TaskRevoked,
        TaskRetried,
        WorkerOnline,
        WorkerHeartbeat,
        WorkerOffline,
        Other, ///< task-cancelled, and whatever an application invents
    };

    Type type = Type::Other;
    std::string_view node = {}; ///< who tells: celery@host
    double timestamp = 0;       ///< seconds since 1970, by that host's clock
    std::uint64_t clock = 0;    ///< grows with each event of a worker process
    std::uint64_t pid = 0;

    std::string_view uuid = {};
    std::string_view name = {};         ///< only sent and received have it
    std::string_view queue = {};        ///< only sent has it
    std::string_view eta = {};          ///< ISO 8601; sent and received
    std::string_view exception = {};    ///< Python's repr; failed and retried
    std::optional<double> runtime = {}; ///< seconds; succeeded

    std::uint64_t active = 0;    ///< tasks that run; heartbeats, as the two below
    std::uint64_t processed = 0; ///< tasks that were started since the process began
    double interval = 2;         ///< seconds between heartbeats

    bool isTask() const { return type <= Type::TaskRetried; }
};

/// Reads the messages of Celery's event exchange: a JSON envelope with a body in base64, which is
/// one event or a list of them. One thread.
class CeleryEventDecoder {
public:
    static constexpr std::size_t maxMessageBytes = 4 << 20;

    /// `refused` hears of each message or event that is not taken, by kind: too_long, json,
    /// envelope, serializer, base64, event (a field is absent or of a wrong type).
    explicit CeleryEventDecoder(std::function<void(std::string_view kind)> refused);
    ~CeleryEventDecoder();

    /// The events in a message, which may be any bytes. They are valid until the next call.
    const std::vector<CeleryEvent> &decode(std::string_view message);

private:
    struct Private;
    const std::unique_ptr<Private> d;
};

/// The bytes of standard base64, with or without padding; nothing when it is none. Appends to
/// `out`.
bool decodeBase64(std::string_view text, std::string &out);

/// The class in Python's repr of an exception: ValueError of "ValueError('boom')".
std::string_view exceptionClass(std::string_view repr);

} // namespace trendscope::exporter
