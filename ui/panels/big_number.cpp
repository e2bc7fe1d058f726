#include "ui/panels/big_number.h"

#include "ui/theme/tabular.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>

namespace trendscope::ui {
namespace {

constexpr double unitShare = 0.55; ///< size of the unit relative to the number
constexpr int smallest = 10;

struct Fonts {
    QFont number;
    QFont unit;

    explicit Fonts(int size)
        : number(textFont(size, QFont::Medium))
        , unit(textFont(std::max(smallest, static_cast<int>(size * unitShare)), QFont::Medium))
    {
    }

    double widthOf(const dashboard::FormattedValue &value) const
    {
        const QFontMetricsF unitMetrics(unit);
        return unitMetrics.horizontalAdvance(value.prefix)
            + tabularWidth(QFontMetricsF(number), value.text)
            + unitMetrics.horizontalAdvance(value.suffix);
    }
};

} // namespace

void paintBigNumber(QPainter &painter, const QRectF &rect, const dashboard::FormattedValue &value,
                    const QColor &color, int largest)
{
    int size = std::clamp(static_cast<int>(rect.height() * 0.75), smallest, largest);
    // The unit does not get smaller than can be read, so the width is not in proportion to the
    // size.
    for (double width = 0; size > smallest && (width = Fonts(size).widthOf(value)) > rect.width();)
        size =
            std::max(smallest, std::min(size - 1, static_cast<int>(size * rect.width() / width)));
    const Fonts fonts(size);
    const QFontMetricsF numberMetrics(fonts.number);
    const QFontMetricsF unitMetrics(fonts.unit);
    const double baseline = rect.center().y() + numberMetrics.capHeight() / 2;
    double x = std::max(rect.left(), rect.center().x() - fonts.widthOf(value) / 2);
    painter.setPen(color);
    painter.setFont(fonts.unit);
    painter.drawText(QPointF(x, baseline), value.prefix);
    x += unitMetrics.horizontalAdvance(value.prefix);
    painter.setFont(fonts.number);
    drawTabular(painter, x, baseline, value.text);
    x += tabularWidth(numberMetrics, value.text);
    painter.setFont(fonts.unit);
    painter.drawText(QPointF(x, baseline),
                     unitMetrics.elidedText(value.suffix, Qt::ElideRight, rect.right() - x + 1));
}

} // namespace trendscope::ui
