#include "ui/logs/log_delegate.h"

#include "ui/logs/log_model.h"
#include "ui/logs/log_text.h"
#include "ui/theme/contrast.h"
#include "ui/theme/theme.h"

#include <QPainter>

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int barWidth = 4;
constexpr int indent = 14; // the page's left edge
constexpr int gap = 10;
constexpr qsizetype sourceLetters = 18; // a longer name loses its middle

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
    case LogModel::SourceColumn: {
        const QStringList &labels = m_model.sourceLabels();
        const auto longest = std::ranges::max_element(labels, {}, &QString::size);
        return longest == labels.end()
            ? 0
            : m_metrics.horizontalAdvance(longest->left(sourceLetters)) + gap + gap;
    }
    case LogModel::LoggerColumn:
        return m_metrics.horizontalAdvance(u"trend_agent.collectors"_s) + gap + gap;
    default:
        return 0;
    }
}

QColor LogDelegate::groundOf(const QStyleOptionViewItem &option, int row) const
{
    if (option.state.testFlag(QStyle::State_Selected)) {
        const QColor &tint = m_theme.accentBackground;
        return blended(tint, m_theme.canvas, tint.alphaF());
    }
    return row == m_hoveredRow ? m_theme.hover : m_theme.canvas;
}

void LogDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const
{
    const logs::Record &record = m_model.record(index.row());
    Cell cell{*painter, option.rect.adjusted(0, 0, -gap, 0), groundOf(option, index.row())};
    if (cell.ground != m_theme.canvas)
        painter->fillRect(option.rect, cell.ground);

    painter->setFont(m_font);
    const QColor level = m_isStale ? m_theme.secondary : levelColor(m_theme, record.level());
    switch (index.column()) {
    case LogModel::TimeColumn:
        painter->fillRect(QRect(option.rect.topLeft(), QSize(barWidth, option.rect.height())),
                          m_isStale ? m_theme.strong : level);
        cell.rect.setLeft(cell.rect.left() + indent);
        paintText(cell, m_model.timeText(record), m_theme.secondary);
        break;
    case LogModel::LevelColumn:
        if (record.level() == logs::Level::Critical)
            painter->setFont(m_boldFont);
        paintText(cell, index.data().toString(), level);
        break;
    case LogModel::SourceColumn:
        paintText(cell, index.data().toString(), m_theme.secondary, Qt::ElideMiddle);
        break;
    case LogModel::LoggerColumn:
        paintText(cell, index.data().toString(), m_theme.secondary);
        break;
    case LogModel::MessageColumn:
        paintMessage(cell, record);
        break;
    default:
        break;
    }
}

void LogDelegate::paintText(const Cell &cell, const QString &text, const QColor &color,
                            Qt::TextElideMode elision) const
{
    cell.painter.setPen(cell.ground == m_theme.canvas ? color
                                                      : readable(color, cell.ground, m_theme.text));
    const QString shown =
        QFontMetrics(cell.painter.font()).elidedText(text, elision, cell.rect.width());
    cell.painter.drawText(cell.rect, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, shown);
}

void LogDelegate::paintMessage(const Cell &cell, const logs::Record &record) const
{
    const QString message =
        oneLine(record.message(), 600) + (record.isCut() ? tr("  (line cut)") : QString());
    paintText(cell, message, m_isStale ? m_theme.secondary : m_theme.text);
    const int used = message.isEmpty() ? 0 : m_metrics.horizontalAdvance(message) + 2 * gap;
    if (used + 60 < cell.rect.width())
        paintText({cell.painter, cell.rect.adjusted(used, 0, 0, 0), cell.ground},
                  fieldsText(record), m_theme.secondary);
}

QSize LogDelegate::sizeHint(const QStyleOptionViewItem & /*option*/, const QModelIndex &index) const
{
    return {widthOf(index.column()), rowHeight};
}

} // namespace trendscope::ui
