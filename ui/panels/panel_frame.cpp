#include "ui/panels/panel_frame.h"

#include "ui/panels/error_text.h"
#include "ui/theme/icons.h"

#include <QDateTime>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using State = dashboard::PanelFeed::State;

constexpr int titleHeight = 30;
constexpr int padding = 10;
constexpr int iconSize = 14;
constexpr int longestMessage = 240; ///< characters on the panel; the tool tip has the rest

QString clockText(prom::Timestamp time, const QTimeZone &zone)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), zone)
        .toString(u"HH:mm:ss");
}

} // namespace

PanelFrame::PanelFrame(dashboard::PanelFeed &feed, const QString &title, const Theme &theme,
                       const QTimeZone &zone, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_title(title)
    , m_theme(theme)
    , m_zone(zone)
    , m_view(createPanelView(feed.panel(), theme, zone).release())
{
    m_view->setParent(this);
    setAccessibleName(title);
    setFocusPolicy(Qt::TabFocus);
    connect(&m_feed, &dashboard::PanelFeed::changed, this, &PanelFrame::showFeed);
    connect(&m_feed, &dashboard::PanelFeed::loadingChanged, this, [this] {
        if (m_feed.state() == State::Loading)
            showFeed();
    });
    showFeed();
}

void PanelFrame::showFeed()
{
    const bool hasData = m_feed.dataTime().has_value();
    if (hasData)
        m_view->setData(m_feed.data());
    m_view->setStale(isOld());
    m_view->setVisible(message() == Message::None);
    setAccessibleDescription(stateText().isEmpty() ? m_view->accessibleDescription() : stateText());
    update();
}

PanelFrame::Message PanelFrame::message() const
{
    if (!m_feed.dataTime()) {
        const bool isShown = m_feed.state() == State::Idle && m_view->showsEmptyData();
        return isShown                         ? Message::None
            : m_feed.state() == State::Failed  ? Message::Failed
            : m_feed.state() == State::Loading ? Message::Loading
                                               : Message::Empty;
    }
    return m_feed.data().fields.empty() && !m_view->showsEmptyData() ? Message::Empty
                                                                     : Message::None;
}

bool PanelFrame::isOld() const
{
    return m_feed.dataTime() && (m_feed.state() == State::Failed || m_feed.isOverdue());
}

QString PanelFrame::stateText() const
{
    constexpr auto silence = "The server does not answer."_L1;
    if (m_feed.isOverdue() && m_feed.state() != State::Failed)
        return m_feed.dataTime()
            ? u"Data of %1. %2"_s.arg(clockText(*m_feed.dataTime(), m_zone), silence)
            : u"Loading. "_s + silence;
    if (m_feed.state() == State::Failed && m_feed.error()) {
        const QString reason = QString::fromStdString(m_feed.error()->message);
        if (!m_feed.dataTime())
            return reason;
        return u"Data of %1. %2"_s.arg(clockText(*m_feed.dataTime(), m_zone), reason);
    }
    if (m_feed.state() == State::Ready && !m_feed.data().warnings.isEmpty())
        return m_feed.data().warnings.join(u' ');
    return m_feed.state() == State::Loading ? u"Loading"_s : QString();
}

void PanelFrame::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    const bool isTransparent = m_feed.panel().isTransparent;
    painter.fillRect(event->rect(), m_theme.canvas);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!isTransparent) {
        painter.setPen(hasFocus() ? m_theme.accent : m_theme.border);
        painter.setBrush(m_theme.panel);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    }
    if (event->rect().top() < titleHeight)
        paintTitle(painter);
    if (message() != Message::None)
        paintMessage(painter, message());
}

void PanelFrame::paintTitle(QPainter &painter) const
{
    painter.setFont(textFont(13, QFont::Medium));
    const QFontMetrics metrics(painter.font());
    int room = width() - 2 * padding;
    const bool hasWarning = m_feed.state() == State::Ready && !m_feed.data().warnings.isEmpty();
    if (isOld() || hasWarning) {
        const QString text =
            isOld() ? u"of "_s + clockText(*m_feed.dataTime(), m_zone) : u"Warning"_s;
        paintBadge(painter, u"warning"_s, m_theme.orange, text);
        room -= QFontMetrics(textFont(12)).horizontalAdvance(text) + iconSize + 16;
    }
    painter.setFont(textFont(13, QFont::Medium));
    painter.setPen(m_theme.text);
    painter.drawText(QRect(padding, 0, room, titleHeight), Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(m_title, Qt::ElideRight, room));
}

void PanelFrame::paintBadge(QPainter &painter, const QString &icon, const QColor &color,
                            const QString &text) const
{
    painter.setFont(textFont(12));
    painter.setPen(color);
    const int textWidth = QFontMetrics(painter.font()).horizontalAdvance(text) + 2;
    const int textLeft = width() - padding - textWidth;
    painter.drawText(QRect(textLeft, 0, textWidth, titleHeight), Qt::AlignVCenter | Qt::AlignRight,
                     text);
    painter.drawPixmap(textLeft - iconSize - 4, (titleHeight - iconSize) / 2,
                       iconPixmap(icon, color, iconSize, devicePixelRatioF()));
}

void PanelFrame::paintMessage(QPainter &painter, Message message) const
{
    QString icon = u"pending"_s;
    QString headline = u"Loading…"_s;
    QString hint;
    QColor color = m_theme.secondary;
    if (message == Message::Empty) {
        icon = u"info"_s;
        headline = u"No data"_s;
        hint = u"The query has no result in this time range."_s;
    } else if (message == Message::Failed) {
        icon = u"error"_s;
        headline = QString::fromStdString(m_feed.error()->message);
        if (headline.size() > longestMessage)
            headline = headline.first(longestMessage) + u'…';
        hint = remedyFor(m_feed.error()->kind);
        color = m_theme.red;
    }
    const int textWidth = std::min(width() - 4 * padding, 420);
    const QFont headFont = textFont(13, QFont::Medium);
    const QFont hintFont = textFont(12);
    const auto heightOf = [&](const QFont &font, const QString &text) {
        return text.isEmpty() ? 0
                              : QFontMetrics(font)
                                    .boundingRect(0, 0, textWidth, 1000, Qt::TextWordWrap, text)
                                    .height();
    };
    const int room = height() - titleHeight - padding;
    const int headHeight = std::min(heightOf(headFont, headline), room);
    int hintHeight = heightOf(hintFont, hint);
    if (headHeight + hintHeight + 6 > room)
        hintHeight = 0;
    const bool hasIcon = headHeight + hintHeight + 34 <= room;
    const int total = headHeight + (hintHeight > 0 ? hintHeight + 4 : 0) + (hasIcon ? 28 : 0);
    int y = titleHeight + std::max(0, (room - total) / 2);
    if (hasIcon) {
        painter.drawPixmap((width() - 20) / 2, y, iconPixmap(icon, color, 20, devicePixelRatioF()));
        y += 28;
    }
    painter.setFont(headFont);
    painter.setPen(message == Message::Failed ? m_theme.text : m_theme.secondary);
    painter.drawText(QRect((width() - textWidth) / 2, y, textWidth, headHeight),
                     Qt::AlignHCenter | Qt::TextWordWrap, headline);
    y += headHeight + 4;
    if (hintHeight > 0) {
        painter.setFont(hintFont);
        painter.setPen(m_theme.secondary);
        painter.drawText(QRect((width() - textWidth) / 2, y, textWidth, hintHeight),
                         Qt::AlignHCenter | Qt::TextWordWrap, hint);
    }
}

void PanelFrame::resizeEvent(QResizeEvent *)
{
    m_view->setGeometry(1, titleHeight, width() - 2, height() - titleHeight - 1);
}

bool PanelFrame::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const bool isAboveTitle = help->pos().y() < titleHeight;
    const QString text = !stateText().isEmpty() ? stateText()
        : isAboveTitle                          ? m_feed.panel().description
                                                : QString();
    // Server texts and descriptions are not ours: shown as plain text whatever they hold.
    QToolTip::showText(help->globalPos(),
                       text.isEmpty() ? QString() : u"<p>"_s + text.toHtmlEscaped() + u"</p>"_s,
                       this);
    return true;
}

} // namespace trendscope::ui
