#include "ui/logs/log_delegate.h"

#include "ui/logs/log_model.h"
#include "ui/logs/log_text.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int barWidth = 4;
constexpr int indent = 14; // the page's left edge
constexpr int gap = 10;

/// "key=value" of each field, as far as a line has room for.
QString fieldsText(const logs::Record &record)
{
    QString text;
    for (std::size_t i = 0; i < record.fieldCount() && text.size() < 500; ++i) {
        const auto [key, value] = record.field(i);
        text += oneLine(key, 60) + u'=' + oneLine(value, 100) + u"  "_s;
    }
    return text;
}

} // namespace

QColor levelColor(const Theme &theme, logs::Level level)
{
    switch (level) {
    case logs::Level::Critical:
    case logs::Level::Error:
        return theme.red;
    case logs::Level::Warning:
        return theme.orange;
    case logs::Level::Info:
        return theme.blue;
    case logs::Level::Debug:
    case logs::Level::Unknown:
        return theme.secondary;
    }
    return theme.secondary;
}

LogDelegate::LogDelegate(const Theme &theme, const LogModel &model, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_theme(theme)
    , m_model(model)
    , m_font(monoFont(12))
    , m_boldFont(m_font)
    , m_metrics(m_font)
{
    m_boldFont.setBold(true);
}

int LogDelegate::widthOf(int column) const
{
    switch (column) {
    case LogModel::TimeColumn:
        return indent + m_metrics.horizontalAdvance(u"2024-01-15 10:30:45.123"_s) + 2 * gap;
    case LogModel::LevelColumn:
        return QFontMetrics(m_boldFont).horizontalAdvance(u"CRITICAL"_s) + gap + gap;
    case LogModel::LoggerColumn:
        return m_metrics.horizontalAdvance(u"trend_agent.collectors"_s) + gap + gap;
    default:
        return 0;
    }
}

void LogDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const
{
    const logs::Record &record = m_model.record(index.row());
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected)
        painter->fillRect(option.rect, m_theme.accentBackground);
    else if (index.row() == m_hoveredRow)
        painter->fillRect(option.rect, m_theme.hover);

    painter->setFont(m_font);
    const QRect rect = option.rect.adjusted(0, 0, -gap, 0);
    switch (index.column()) {
    case LogModel::TimeColumn:
        painter->fillRect(QRect(option.rect.topLeft(), QSize(barWidth, option.rect.height())),
                          levelColor(m_theme, record.level()));
        paintText(*painter, rect.adjusted(indent, 0, 0, 0), m_model.timeText(record),
                  m_theme.secondary);
        break;
    case LogModel::LevelColumn:
        if (record.level() == logs::Level::Critical)
            painter->setFont(m_boldFont);
        paintText(*painter, rect, index.data().toString(), levelColor(m_theme, record.level()));
        break;
    case LogModel::LoggerColumn:
        paintText(*painter, rect, index.data().toString(), m_theme.secondary);
        break;
    case LogModel::MessageColumn:
        paintMessage(*painter, rect, record);
        break;
    default:
        break;
    }
}

void LogDelegate::paintText(QPainter &painter, const QRect &rect, const QString &text,
                            const QColor &color) const
{
    painter.setPen(color);
    const QString shown =
        QFontMetrics(painter.font()).elidedText(text, Qt::ElideRight, rect.width());
    painter.drawText(rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
}

void LogDelegate::paintMessage(QPainter &painter, const QRect &rect,
                               const logs::Record &record) const
{
    const QString message =
        oneLine(record.message(), 600) + (record.isCut() ? tr("  (line cut)") : QString());
    paintText(painter, rect, message, m_theme.text);
    const int used = message.isEmpty() ? 0 : m_metrics.horizontalAdvance(message) + 2 * gap;
    if (used + 60 < rect.width())
        paintText(painter, rect.adjusted(used, 0, 0, 0), fieldsText(record), m_theme.secondary);
}

QSize LogDelegate::sizeHint(const QStyleOptionViewItem & /*option*/, const QModelIndex &index) const
{
    return {widthOf(index.column()), rowHeight};
}

} // namespace trendscope::ui
