#include "ui/alerts/banner_line.h"

#include "ui/alerts/compact_button.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/severity_color.h"
#include "ui/theme/contrast.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int lineHeight = 34;
constexpr int barWidth = 3;
constexpr int gap = 10;
constexpr double tintShare = 0.11;
constexpr double staleTintShare = 0.04;

/// Paints `text` elided into what is left of `room`, and takes its width and a gap off it.
void paintPiece(QPainter &painter, QRect &room, const QString &text, int widest)
{
    if (text.isEmpty() || room.width() <= 0)
        return;
    const QFontMetrics metrics = painter.fontMetrics();
    const QString shown = metrics.elidedText(text, Qt::ElideRight, std::min(widest, room.width()));
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    room.setLeft(room.left() + metrics.horizontalAdvance(shown) + gap);
}

/// The width of `text` whatever its digits are: a running clock must not shift what is around it.
int steadyWidth(const QFontMetrics &metrics, QString text)
{
    for (QChar &c : text)
        c = c.isDigit() ? QChar(u'8') : c;
    return metrics.horizontalAdvance(text);
}

} // namespace

BannerLine::BannerLine(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setFixedHeight(lineHeight);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 14, 1);
    row->setSpacing(8);
    row->addStretch();
    m_runbook = new CompactButton(u"Runbook"_s, CompactButton::Look::Framed, m_theme, this);
    m_runbook->setToolTip(u"Open what to do about this alert in the browser"_s);
    m_action = new CompactButton({}, CompactButton::Look::Quiet, m_theme, this);
    row->addWidget(m_runbook);
    row->addWidget(m_action);
    connect(m_runbook, &CompactButton::clicked, this,
            [this] { Q_EMIT runbookRequested(m_content.runbook); });
    connect(m_action, &CompactButton::clicked, this, &BannerLine::actionRequested);
}

void BannerLine::setContent(Content content)
{
    m_content = std::move(content);
    m_runbook->setVisible(!m_content.runbook.isEmpty());
    m_action->setVisible(!m_content.action.isEmpty());
    m_action->setText(m_content.action);
    m_action->setToolTip(m_content.actionTip);
    m_action->setAccessibleName(m_content.action + u' ' + m_content.name);
    m_runbook->setAccessibleName(u"Runbook of "_s + m_content.name);
    setToolTip(plainToolTip(m_content.name + u'\n' + m_content.summary));
    setAccessibleName(m_content.word + u' ' + m_content.name);
    setAccessibleDescription(m_content.summary);
    update();
}

QString BannerLine::tail() const
{
    if (!m_content.note.isEmpty())
        return m_content.note;
    return m_content.since ? u"for "_s + durationText(ageOf(*m_content.since)) : QString();
}

QSize BannerLine::sizeHint() const
{
    return {400, lineHeight};
}

void BannerLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintGround(painter);
    paintText(painter);
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void BannerLine::paintGround(QPainter &painter) const
{
    const QColor color = severityColor(m_content.severity, m_theme);
    const bool isStale = !m_content.note.isEmpty();
    painter.fillRect(rect(), blended(color, m_theme.canvas, isStale ? staleTintShare : tintShare));
    painter.fillRect(0, height() - 1, width(), 1, m_theme.border);
    // A broken bar: what it stands for may no longer be so.
    if (isStale)
        painter.fillRect(0, 0, barWidth, height(), QBrush(color, Qt::Dense5Pattern));
    else
        painter.fillRect(0, 0, barWidth, height(), color);
}

void BannerLine::paintText(QPainter &painter) const
{
    const CompactButton *first = m_content.runbook.isEmpty() ? m_action : m_runbook;
    const int end = first->isVisibleTo(this) ? first->x() - 12 : width() - 14;
    QRect room(barWidth + 12, 0, end - barWidth - 12, height() - 1);
    painter.setFont(wordFont());
    painter.setPen(severityColor(m_content.severity, m_theme));
    paintPiece(painter, room, m_content.word, room.width());

    painter.setFont(textFont(13, QFont::DemiBold));
    painter.setPen(m_theme.text);
    paintPiece(painter, room, m_content.name, room.width() * 2 / 5);

    painter.setFont(textFont(13));
    const QString last = tail();
    const int lastWidth = steadyWidth(painter.fontMetrics(), last);
    paintPiece(painter, room, m_content.summary, room.width() - lastWidth - gap);
    painter.setPen(m_theme.secondary);
    paintPiece(painter, room, last, room.width());
}

void BannerLine::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && rect().contains(event->pos()))
        Q_EMIT activated();
}

void BannerLine::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter
        || event->key() == Qt::Key_Space)
        Q_EMIT activated();
    else
        QWidget::keyPressEvent(event);
}

} // namespace trendscope::ui
