#pragma once

#include "core/dashboard/field.h"
#include "core/dashboard/model.h"
#include "ui/theme/theme.h"

#include <QTimeZone>

#include <cstdint>
#include <optional>
#include <vector>

class QPainter;

namespace trendscope::ui {

/// One number of a stat or gauge: a field reduced by one calculation.
struct ReducedValue {
    QString name;
    dashboard::DisplayValue display;
    double value;                  ///< NaN: no value
    const dashboard::Field *field; ///< null where there is no series at all
    std::size_t index;             ///< of the field in the panel
    std::optional<std::int64_t>
        endedAt; ///< ms since the epoch; set where the series ends before the range does
};

/// One for each field and calculation of `options.reduceOptions`; a single "No data" where there is
/// no field. The fields of `data` are pointed to.
///
/// "The last value" of a series that has ended is an old one: it does not get the colour of its
/// threshold, so that nothing stays green because its source has gone.
std::vector<ReducedValue> reducedValues(const dashboard::PanelData &data,
                                        const dashboard::Panel &panel);

/// " until 13:42:10" for a series that has ended, else nothing; with the day where it is not that
/// of now.
QString endText(const ReducedValue &value, const QTimeZone &zone);

/// Paints that below a number, with a clock, centred at the bottom of `rect`; returns the height it
/// took.
double paintEndText(QPainter &painter, const QRectF &rect, const ReducedValue &value,
                    const QTimeZone &zone, const Theme &theme);

} // namespace trendscope::ui
