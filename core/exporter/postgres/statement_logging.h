#pragma once

#include <mutex>
#include <string>

namespace trendscope::exporter {

/// Which statements PostgreSQL logs with their duration, by its own settings. Those of single
/// users, databases and sessions are not known here.
/// https://www.postgresql.org/docs/15/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-WHEN
struct StatementLogging {
    bool isKnown = false;
    double minDuration = -1;     ///< log_min_duration_statement in seconds; below 0: off
    double minSample = -1;       ///< log_min_duration_sample in seconds; below 0: off
    double statementRate = 1;    ///< log_statement_sample_rate, 0 to 1
    double transactionRate = 0;  ///< log_transaction_sample_rate, 0 to 1
    bool isEachDuration = false; ///< log_duration
    std::string language = {};   ///< lc_messages

    /// Whether every statement is logged, some of all, or only slow ones (of which some may be
    /// missing, too).
    enum class Coverage { None, All, Sampled, Slow };
    Coverage coverage() const;

    /// How likely a statement that took `seconds` is logged: 0 to 1.
    double probability(double seconds) const;
};

/// Where whoever asks the server leaves its settings for whoever reads its log. Thread safe.
class StatementLoggingNote {
public:
    void set(StatementLogging logging)
    {
        const std::lock_guard lock(m_mutex);
        m_logging = std::move(logging);
    }
    StatementLogging get() const
    {
        const std::lock_guard lock(m_mutex);
        return m_logging;
    }

private:
    mutable std::mutex m_mutex;
    StatementLogging m_logging;
};

} // namespace trendscope::exporter
