#include "ui/alerts/outage_strip.h"

#include "ui/alerts/compact_button.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/severity_color.h"
#include "ui/theme/contrast.h"

#include <QHBoxLayout>
#include <QPainter>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

OutageStrip::OutageStrip(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_retry(new CompactButton(u"Try now"_s, CompactButton::Look::Framed, theme, this))
{
    setFixedHeight(34);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 14, 1);
    row->addStretch();
    row->addWidget(m_retry);
    connect(m_retry, &CompactButton::clicked, this, &OutageStrip::retryRequested);
}

void OutageStrip::showMessage(const QString &message)
{
    m_message = message.simplified();
    setToolTip(plainToolTip(message));
    setAccessibleName(m_message);
    show();
    update();
}

void OutageStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), blended(m_theme.orange, m_theme.canvas, 0.08));
    painter.fillRect(0, height() - 1, width(), 1, m_theme.border);
    const QPointF center(22, (height() - 1) / 2.0);
    painter.setPen(QPen(m_theme.orange, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.drawEllipse(center, 7, 7);
    painter.drawLine(center + QPointF(0, -3.5), center + QPointF(0, 0.5));
    painter.drawPoint(center + QPointF(0, 3.5));

    const QRect room(38, 0, m_retry->x() - 50, height() - 1);
    painter.setFont(textFont(13));
    painter.setPen(m_theme.text);
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(m_message, Qt::ElideRight, room.width()));
}

} // namespace trendscope::ui
