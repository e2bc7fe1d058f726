#include "ui/panels/unsupported_view.h"

#include <QPainter>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

UnsupportedView::UnsupportedView(QString type, const Theme &theme, QWidget *parent)
    : PanelView(theme, parent)
    , m_type(std::move(type))
{
    setAccessibleDescription(u"Panels of type \"%1\" are not drawn"_s.arg(m_type));
}

void UnsupportedView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setFont(textFont(13));
    painter.setPen(theme().secondary);
    painter.drawText(rect().adjusted(12, 0, -12, -12), Qt::AlignCenter | Qt::TextWordWrap,
                     accessibleDescription());
}

} // namespace trendscope::ui
