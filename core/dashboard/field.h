#pragma once

#include "core/dashboard/display.h"
#include "core/dashboard/field_config.h"
#include "core/dashboard/time_range.h"
#include "core/prom/series.h"

#include <vector>

namespace trendscope::dashboard {

/// One series of a panel with everything that decides how it looks.
struct Field {
    QString name; ///< what legend and tooltip show
    QString refId;
    prom::Labels labels;
    FieldConfig config;
    std::vector<std::int64_t> times; ///< ms since the epoch, ascending
    std::vector<double> values;      ///< NaN is a gap; missing steps are filled with it
    ValueRange range;                ///< extremes of the values that are numbers
};

/// What the queries of a panel gave.
struct PanelData {
    std::vector<Field> fields; ///< in query order
    AbsoluteRange range{};     ///< that was asked for; not that of the data
    QStringList warnings;      ///< of the server
};

/// The answer to one of a panel's queries.
struct QueryAnswer {
    QString refId;
    QString expr;                     ///< as sent
    QString legendFormat;             ///< with its variables replaced
    std::chrono::milliseconds step{}; ///< 0: an instant query
    prom::Answer answer;
};

/// The name of a series: `{{label}}` replaced in `format`; without a format the labels, or `expr`
/// where there are none.
QString legendName(const QString &format, const prom::Labels &labels, const QString &expr);

/// Names, configures and fills the gaps of every series. Infinite values become gaps.
std::vector<Field> fieldsOf(std::vector<QueryAnswer> answers, const FieldConfigSource &config);

} // namespace trendscope::dashboard
