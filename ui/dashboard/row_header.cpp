#include "ui/dashboard/row_header.h"

#include "ui/theme/icons.h"

#include <QPainter>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

RowHeader::RowHeader(const QString &title, bool isExpanded, const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setText(title);
    setAccessibleName(u"Row %1"_s.arg(title));
    setCheckable(true);
    setChecked(isExpanded);
    setCursor(Qt::PointingHandCursor);
}

void RowHeader::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    if (underMouse() || hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(hasFocus() ? QPen(m_theme.accent) : QPen(Qt::NoPen));
        painter.setBrush(m_theme.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    }
    constexpr int icon = 16;
    painter.drawPixmap(6, (height() - icon) / 2,
                       iconPixmap(isChecked() ? u"chevron-down"_s : u"chevron-right"_s,
                                  m_theme.secondary, icon, devicePixelRatioF()));
    painter.setFont(textFont(14, QFont::Medium));
    painter.setPen(m_theme.text);
    const QRect text = rect().adjusted(30, 0, -8, 0);
    painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(this->text(), Qt::ElideRight, text.width()));
}

} // namespace trendscope::ui
