#include "ui/logs/notice.h"

#include "ui/alerts/duration_text.h"
#include "ui/logs/logs_state.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace trendscope::ui {
namespace {

constexpr qsizetype mostLines = 3;

} // namespace

Notice::Notice(const Theme &theme, Kind kind, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_kind(kind)
    , m_text(new QLabel(this))
{
    m_text->setTextFormat(Qt::PlainText);
    m_text->setFont(textFont(12));
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *const layout = new QHBoxLayout(this);
    layout->setContentsMargins(36, 6, 14, 6);
    layout->addWidget(m_text);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // lines are cut to fit
    hide();
}

void Notice::setText(const QString &text)
{
    setLines(text.isEmpty() ? QStringList() : QStringList{text});
}

void Notice::setLines(const QStringList &lines)
{
    m_lines = lines.size() > 1 ? shortened(lines, mostLines) : QStringList();
    m_text->setWordWrap(m_lines.isEmpty());
    m_text->setText(lines.join(u'\n'));
    fitLines();
    setToolTip(plainToolTip(lines.join(u'\n')));
    setAccessibleName(lines.join(u'\n'));
    setVisible(!lines.isEmpty());
}

void Notice::fitLines()
{
    if (m_lines.isEmpty())
        return;
    const QMargins margins = layout()->contentsMargins();
    const int room = width() - margins.left() - margins.right();
    QStringList fitted;
    for (const QString &line : m_lines)
        fitted.append(m_text->fontMetrics().elidedText(line, Qt::ElideRight, room));
    m_text->setText(fitted.join(u'\n'));
}

void Notice::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitLines();
}

void Notice::paintEvent(QPaintEvent * /*event*/)
{
    const QColor color = m_kind == Kind::Error ? m_theme.red : m_theme.orange;
    QColor tint = color;
    tint.setAlphaF(0.11F);
    QPainter painter(this);
    painter.fillRect(rect(), tint);
    painter.fillRect(QRect(0, 0, 3, height()), color);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme.border);

    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF middle(21, 6 + QFontMetricsF(m_text->font()).height() / 2);
    if (m_kind == Kind::Error) {
        painter.drawEllipse(middle, 6, 6);
        painter.drawLine(middle + QPointF(-2.2, -2.2), middle + QPointF(2.2, 2.2));
        painter.drawLine(middle + QPointF(2.2, -2.2), middle + QPointF(-2.2, 2.2));
        return;
    }
    painter.drawPolygon(QPolygonF{
        {middle + QPointF(0, -6), middle + QPointF(6.5, 5.5), middle + QPointF(-6.5, 5.5)}});
    painter.drawLine(middle + QPointF(0, -1.5), middle + QPointF(0, 1.5));
    painter.drawPoint(middle + QPointF(0, 3.6));
}

} // namespace trendscope::ui
