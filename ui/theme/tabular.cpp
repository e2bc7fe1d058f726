#include "ui/theme/tabular.h"

#include <QPainter>

namespace trendscope::ui {
namespace {

// Qt 6.4 can not switch a font's tabular figures on; Inter's own figures are proportional.
double digitWidth(const QFontMetricsF &metrics)
{
    double width = 0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit)
        width = std::max(width, metrics.horizontalAdvance(QChar(digit)));
    return width;
}

/// Calls `visit(piece, width, isDigit)` for every digit and for every run of other characters.
template <class Visit>
void forEachPiece(const QFontMetricsF &metrics, const QString &text, Visit visit)
{
    const double cell = digitWidth(metrics);
    for (qsizetype from = 0; from < text.size();) {
        qsizetype to = from + 1;
        const bool isDigit = text[from] >= u'0' && text[from] <= u'9';
        while (!isDigit && to < text.size() && !(text[to] >= u'0' && text[to] <= u'9'))
            ++to;
        const QString piece = text.sliced(from, to - from);
        visit(piece, isDigit ? cell : metrics.horizontalAdvance(piece), isDigit);
        from = to;
    }
}

} // namespace

double tabularWidth(const QFontMetricsF &metrics, const QString &text)
{
    double total = 0;
    forEachPiece(metrics, text, [&](const QString &, double width, bool) { total += width; });
    return total;
}

void drawTabular(QPainter &painter, double left, double baseline, const QString &text)
{
    const QFontMetricsF metrics(painter.font());
    forEachPiece(metrics, text, [&](const QString &piece, double width, bool isDigit) {
        const double inset = isDigit ? (width - metrics.horizontalAdvance(piece)) / 2 : 0;
        painter.drawText(QPointF(left + inset, baseline), piece);
        left += width;
    });
}

} // namespace trendscope::ui
