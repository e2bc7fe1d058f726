#include "ui/alerts/alert_delegate.h"

#include "core/alert/alert_model.h"
#include "ui/alerts/chip.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/severity_color.h"
#include "ui/theme/contrast.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using alert::AlertModel;
using alert::AlertRow;

namespace {

constexpr int rowHeight = 44;
constexpr int margin = 14;
constexpr int gap = 12;
constexpr int stateWidth = 92;
constexpr int ageWidth = 64;
constexpr int leastSummary = 160;
constexpr int widestChip = 220;
constexpr int flags = Qt::AlignVCenter | Qt::TextSingleLine;

void paintElided(QPainter &painter, const QRect &room, const QString &text,
                 int alignment = Qt::AlignLeft)
{
    painter.drawText(
        room, flags | alignment,
        painter.fontMetrics().elidedText(text.simplified(), Qt::ElideRight, room.width()));
}

AlertRow::Status statusOf(const QModelIndex &index)
{
    return static_cast<AlertRow::Status>(index.data(AlertModel::StatusRole).toInt());
}

alert::Severity severityOf(const QModelIndex &index)
{
    return static_cast<alert::Severity>(index.data(AlertModel::SeverityRole).toInt());
}

prom::Timestamp sinceOf(const QModelIndex &index)
{
    return prom::Timestamp(
        std::chrono::milliseconds(index.data(AlertModel::SinceRole).toLongLong()));
}

} // namespace

AlertDelegate::AlertDelegate(const Theme &theme, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
{
}

void AlertDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    const QColor color = statusColor(statusOf(index), severityOf(index), m_theme);
    painter->save();
    painter->setClipRect(option.rect);
    paintGround(*painter, option, color);

    QRect room = option.rect.adjusted(margin, 0, -margin, -1);
    paintState(*painter, QRect(room.topLeft(), QSize(stateWidth, room.height())), index);
    room.setLeft(room.left() + stateWidth + gap);

    painter->setFont(textFont(13));
    painter->setPen(m_theme.secondary);
    const QRect age(room.right() - ageWidth, room.top(), ageWidth, room.height());
    paintElided(*painter, age, ageText(ageOf(sinceOf(index))), Qt::AlignRight);
    room.setRight(age.left() - gap);

    const int nameWidth = std::clamp(room.width() / 4, 120, 220);
    painter->setFont(textFont(13, QFont::DemiBold));
    painter->setPen(statusOf(index) == AlertRow::Status::Firing ? m_theme.text : m_theme.secondary);
    paintElided(*painter, QRect(room.topLeft(), QSize(nameWidth, room.height())),
                index.data(AlertModel::NameRole).toString());
    room.setLeft(room.left() + nameWidth + gap);
    paintSummary(*painter, room, index);
    painter->restore();
}

void AlertDelegate::paintGround(QPainter &painter, const QStyleOptionViewItem &option,
                                const QColor &color) const
{
    const QRect row = option.rect;
    if (option.state & QStyle::State_Selected) {
        painter.fillRect(row, m_theme.hover);
        painter.fillRect(row.left(), row.top(), 3, row.height(), color);
    } else if (option.state & QStyle::State_MouseOver) {
        painter.fillRect(row, blended(m_theme.hover, m_theme.canvas, 0.6));
    }
    painter.fillRect(row.left(), row.bottom(), row.width(), 1, m_theme.border);
    if ((option.state & QStyle::State_HasFocus) && (option.state & QStyle::State_Selected)) {
        painter.setPen(m_theme.accent);
        painter.drawRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -1.5));
    }
}

/// Two words above each other: what it does, and how bad it is.
void AlertDelegate::paintState(QPainter &painter, const QRect &room, const QModelIndex &index) const
{
    painter.setFont(wordFont());
    painter.setPen(statusColor(statusOf(index), severityOf(index), m_theme));
    const QRect upper = room.adjusted(0, 6, 0, -room.height() / 2 + 1);
    paintElided(painter, upper, alert::statusWord(statusOf(index)));
    painter.setFont(textFont(11));
    painter.setPen(m_theme.secondary);
    const QRect lower = room.adjusted(0, room.height() / 2, 0, -6);
    paintElided(painter, lower, index.data(AlertModel::SeverityWordRole).toString().toLower());
}

void AlertDelegate::paintSummary(QPainter &painter, QRect room, const QModelIndex &index) const
{
    const QStringList chips = index.data(AlertModel::LabelsRole).toStringList();
    painter.setFont(textFont(13));
    painter.setPen(m_theme.text);
    const QString summary = index.data(AlertModel::SummaryRole).toString();
    const int wanted = painter.fontMetrics().horizontalAdvance(summary);
    // The sentence comes first, but it leaves room for one label where it can.
    const int chipRoom = chips.isEmpty() ? 0 : chipWidth(chips.first(), widestChip) + 12;
    const int widest =
        room.width() - chipRoom < leastSummary ? room.width() : room.width() - chipRoom;
    const QRect text(room.topLeft(), QSize(std::min(wanted + 1, widest), room.height()));
    paintElided(painter, text, summary);
    room.setLeft(text.right() + (summary.isEmpty() ? 0 : 10));
    for (const QString &chip : chips) {
        const int width = chipWidth(chip, widestChip);
        if (width > room.width())
            break;
        paintChip(painter,
                  QRect(room.left(), room.center().y() - chipHeight / 2, width, chipHeight), chip,
                  m_theme);
        room.setLeft(room.left() + width + 5);
    }
}

QSize AlertDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {320, rowHeight};
}

bool AlertDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *,
                              const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return false;
    const QString text = index.data(AlertModel::NameRole).toString() + u'\n'
        + index.data(AlertModel::SummaryRole).toString() + u'\n'
        + index.data(AlertModel::LabelsRole).toStringList().join(u'\n') + u"\nsince "_s
        + clockText(sinceOf(index));
    QToolTip::showText(event->globalPos(), plainToolTip(text), const_cast<QWidget *>(option.widget),
                       option.rect);
    return true;
}

} // namespace trendscope::ui
