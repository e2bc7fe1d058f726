#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace trendscope::config {

/// Which Redis Celery's messages go through, and what is measured there.
struct CelerySettings {
    /// redis://[user[:password]@]host[:port][/db] or unix:///path[?db=n], as Celery's broker_url.
    /// A password in it is better given by one of the three below.
    std::string url = "redis://127.0.0.1:6379/0";
    std::filesystem::path urlFile;      ///< holds the URL; wins over `url`
    std::filesystem::path passwordFile; ///< holds the password; wins over the URL's
    std::string passwordEnvironment;    ///< the variable that holds the password; wins over both

    std::string keyPrefix;                  ///< the broker's transport option global_keyprefix
    std::string eventExchange = "celeryev"; ///< Celery's event_exchange
    std::string unackedKey = "unacked";     ///< the broker's transport option unacked_key
    std::vector<int> prioritySteps = {0, 3, 6, 9}; ///< the broker's transport option of that name

    std::vector<std::string> queues; ///< measured always; the others as they become known
    /// Looks for queues among the broker's bindings, a thousand keys a scrape.
    bool isFindingQueues = true;
    /// What events of tasks whose queue nobody told are labelled; celery-exporter does the same.
    std::string defaultQueue = "celery";

    bool isReadingEvents = true; ///< celery_*; else only queues
    bool isReadingInfo = true;   ///< redis_*, by the names of redis_exporter

    /// A worker that is silent for this long, and for three of its own intervals, is offline.
    std::chrono::milliseconds workerTimeout = std::chrono::seconds(30);
    /// After this much longer its series end.
    std::chrono::milliseconds workerPurge = std::chrono::minutes(10);
    /// How long the name of a task is known past its end.
    std::chrono::milliseconds taskMemory = std::chrono::minutes(5);
    std::size_t maxTasks = 200'000; ///< known at a time, some 250 bytes each

    std::chrono::milliseconds connectTimeout = std::chrono::seconds(5);
    /// The longest pause between two attempts to connect; the first is 100 ms.
    std::chrono::milliseconds maxBackoff = std::chrono::seconds(10);

    bool operator==(const CelerySettings &) const = default;
};

} // namespace trendscope::config
