#pragma once

#include <QFontMetricsF>
#include <QString>

class QPainter;

namespace trendscope::ui {

/// Width of `text` with every digit as wide as the widest, so that a number which changes in place
/// does not move.
double tabularWidth(const QFontMetricsF &metrics, const QString &text);

/// Paints `text` like that from `left`, its baseline at `baseline`, with the painter's font and
/// pen.
void drawTabular(QPainter &painter, double left, double baseline, const QString &text);

} // namespace trendscope::ui
