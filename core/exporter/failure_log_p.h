#pragma once

#include "core/observability/logging.h"
#include "core/result.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace trendscope::exporter {

/// Says in the log what begins to fail and what works again, each once. For one thread.
class FailureLog {
public:
    FailureLog(observability::Logger logger, std::string source)
        : m_logger(std::move(logger))
        , m_source(std::move(source))
    {
    }

    /// `part` is of the source, e.g. a query; empty: all of it.
    void report(const std::string &part, const std::optional<Error> &error)
    {
        if (error && m_failing.insert(part).second)
            m_logger.error("Collector failed",
                           {{"collector", m_source}, {"part", part}, {"reason", error->message}});
        else if (!error && m_failing.erase(part) > 0)
            m_logger.info("Collector works again", {{"collector", m_source}, {"part", part}});
    }

private:
    observability::Logger m_logger;
    const std::string m_source;
    std::set<std::string> m_failing;
};

} // namespace trendscope::exporter
