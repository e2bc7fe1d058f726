#pragma once

#include <QMap>
#include <QString>
#include <QStringList>

#include <chrono>
#include <cstdint>
#include <vector>

/// Results of a PromQL query, as plain values in columns.
/// https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
namespace trendscope::prom {

using Labels = QMap<QString, QString>; ///< name to value, sorted by name
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>; ///< UTC

/// The samples of one label set: `times[i]` belongs to `values[i]`.
struct Series {
    Labels labels;
    std::vector<std::int64_t> times; ///< milliseconds since the epoch, ascending
    std::vector<double> values;      ///< in the metric's own unit; may be NaN or infinite
};

/// What a query gave: a matrix, or a vector or scalar as series of one sample each.
struct Answer {
    enum class Type { Matrix, Vector, Scalar, String };

    Type type = Type::Matrix;
    std::vector<Series> series; ///< one for each label set, in the server's order; empty for String
    QString string;             ///< the value of a String
    QStringList warnings;       ///< the server's own, to be shown beside the result
};

/// A PromQL expression evaluated at start, start + step, … up to and including end.
struct RangeQuery {
    QString expr;
    Timestamp start;
    Timestamp end;
    std::chrono::milliseconds step; ///< > 0; the server refuses more than 11,000 steps
};

/// A PromQL expression evaluated at one time.
struct InstantQuery {
    QString expr;
    Timestamp time;
};

} // namespace trendscope::prom
