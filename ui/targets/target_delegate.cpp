#include "ui/targets/target_delegate.h"

#include "core/prom/target_model.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/severity_color.h"
#include "ui/theme/contrast.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using prom::ScrapeTarget;
using prom::TargetModel;

namespace {

constexpr int rowHeight = 36;
constexpr int flags = Qt::AlignVCenter | Qt::TextSingleLine;

bool startsPool(const QModelIndex &index)
{
    const QModelIndex above = index.sibling(index.row() - 1, index.column());
    return !above.isValid()
        || above.data(TargetModel::PoolRole) != index.data(TargetModel::PoolRole);
}

ScrapeTarget::Health healthOf(const QModelIndex &index)
{
    return static_cast<ScrapeTarget::Health>(index.data(TargetModel::HealthRole).toInt());
}

bool wasScraped(const QModelIndex &index)
{
    return index.data(TargetModel::LastScrapeRole).toLongLong() > 0;
}

QString lastScrapeText(const QModelIndex &index)
{
    if (!wasScraped(index))
        return u"never"_s;
    const qint64 millis = index.data(TargetModel::LastScrapeRole).toLongLong();
    return durationText(ageOf(prom::Timestamp(std::chrono::milliseconds(millis)))) + u" ago"_s;
}

QString tookText(qint64 millis)
{
    if (millis == 0) // what is shorter is rounded away
        return u"< 1 ms"_s;
    if (millis < 1000)
        return QString::number(millis) + u" ms"_s;
    return QString::number(static_cast<double>(millis) / 1000.0, 'f', 2) + u" s"_s;
}

} // namespace

TargetDelegate::TargetDelegate(const Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{
}

void TargetDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const
{
    painter->save();
    painter->setClipRect(option.rect);
    painter->setRenderHint(QPainter::Antialiasing);
    paintGround(*painter, option, index);
    const QRect room = option.rect.adjusted(index.column() == 0 ? 14 : 8, 0, -8, -1);
    painter->setFont(textFont(13));
    painter->setPen(m_theme.text);
    if (index.column() == TargetModel::HealthColumn)
        paintHealth(*painter, room, index);
    else
        paintCell(*painter, room, index);
    painter->restore();
}

void TargetDelegate::paintGround(QPainter &painter, const QStyleOptionViewItem &option,
                                 const QModelIndex &index) const
{
    if (option.state & QStyle::State_Selected)
        painter.fillRect(option.rect, m_theme.hover);
    else if (option.state & QStyle::State_MouseOver)
        painter.fillRect(option.rect, blended(m_theme.hover, m_theme.canvas, 0.6));
    if (index.row() > 0 && startsPool(index))
        painter.fillRect(option.rect.left(), option.rect.top(), option.rect.width(), 1,
                         m_theme.border);
}

/// Each state has its own shape, colour and word.
void TargetDelegate::paintHealth(QPainter &painter, const QRect &room,
                                 const QModelIndex &index) const
{
    const QPointF center(room.left() + 5, room.center().y() + 0.5);
    QColor color = m_theme.secondary;
    switch (healthOf(index)) {
    case ScrapeTarget::Health::Up:
        color = m_theme.green;
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(center, 4, 4);
        break;
    case ScrapeTarget::Health::Down:
        color = m_theme.red;
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(center + QPointF(-3.5, -3.5), center + QPointF(3.5, 3.5));
        painter.drawLine(center + QPointF(-3.5, 3.5), center + QPointF(3.5, -3.5));
        break;
    case ScrapeTarget::Health::Unknown:
        painter.setPen(QPen(color, 1.5));
        painter.drawEllipse(center, 3.5, 3.5);
        break;
    }
    painter.setFont(wordFont());
    painter.setPen(color);
    painter.drawText(room.adjusted(16, 0, 0, 0), flags | Qt::AlignLeft,
                     prom::healthWord(healthOf(index)));
}

void TargetDelegate::paintCell(QPainter &painter, const QRect &room, const QModelIndex &index) const
{
    QString text = index.data().toString();
    switch (index.column()) {
    case TargetModel::PoolColumn:
        painter.setFont(textFont(13, QFont::DemiBold));
        if (!startsPool(index))
            return;
        break;
    case TargetModel::InstanceColumn:
        painter.setFont(monoFont(12));
        break;
    case TargetModel::LastScrapeColumn:
        text = lastScrapeText(index);
        painter.setPen(m_theme.secondary);
        break;
    case TargetModel::DurationColumn:
        text = wasScraped(index) ? tookText(index.data(TargetModel::DurationRole).toLongLong())
                                 : QString();
        painter.setPen(m_theme.secondary);
        break;
    default:
        painter.setPen(healthOf(index) == ScrapeTarget::Health::Down ? m_theme.red
                                                                     : m_theme.secondary);
        break;
    }
    const QString shown =
        painter.fontMetrics().elidedText(text.simplified(), Qt::ElideRight, room.width());
    painter.drawText(room, flags | Qt::AlignLeft, shown);
}

QSize TargetDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {80, rowHeight};
}

bool TargetDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *,
                               const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return false;
    QToolTip::showText(event->globalPos(),
                       plainToolTip(index.data(Qt::AccessibleDescriptionRole).toString()),
                       const_cast<QWidget *>(option.widget), option.rect);
    return true;
}

} // namespace trendscope::ui
