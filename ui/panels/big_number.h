#pragma once

#include "core/dashboard/value_format.h"

#include <QColor>
#include <QRectF>

class QPainter;

namespace trendscope::ui {

/// Paints a value as large as `rect` allows (at most `largest` pixels high), its unit smaller,
/// centred.
void paintBigNumber(QPainter &painter, const QRectF &rect, const dashboard::FormattedValue &value,
                    const QColor &color, int largest);

} // namespace trendscope::ui
