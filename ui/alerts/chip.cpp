#include "ui/alerts/chip.h"

#include "ui/alerts/duration_text.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace trendscope::ui {
namespace {

constexpr int padding = 6;
constexpr int gap = 6;
constexpr int fontPixels = 12;
constexpr qsizetype longestMeasured =
    400; // measuring a hostile label of megabytes would take seconds

QString measured(const QString &text)
{
    return text.left(longestMeasured).simplified();
}

} // namespace

int chipWidth(const QString &text, int limit)
{
    const int wanted =
        QFontMetrics(monoFont(fontPixels)).horizontalAdvance(measured(text)) + 2 * padding + 2;
    return std::min(wanted, limit);
}

void paintChip(QPainter &painter, const QRect &box, const QString &text, const Theme &theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(theme.border);
    painter.setBrush(theme.hover);
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.setFont(monoFont(fontPixels));
    painter.setPen(theme.secondary);
    const QRect inner = box.adjusted(padding, 0, -padding, 0);
    painter.drawText(
        inner, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
        painter.fontMetrics().elidedText(measured(text), Qt::ElideRight, inner.width() + 1));
    painter.restore();
}

ChipFlow::ChipFlow(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ChipFlow::setChips(const QStringList &chips)
{
    if (m_chips == chips)
        return;
    m_chips = chips;
    setAccessibleName(m_chips.join(u", "));
    updateGeometry();
    update();
}

int ChipFlow::heightForWidth(int width) const
{
    const std::vector<QRect> all = boxes(width);
    return all.empty() ? 0 : all.back().bottom() + 1;
}

QSize ChipFlow::sizeHint() const
{
    return {160, heightForWidth(std::max(width(), 160))};
}

QSize ChipFlow::minimumSizeHint() const
{
    return {80, chipHeight};
}

bool ChipFlow::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const std::vector<QRect> all = boxes(width());
    for (size_t i = 0; i < all.size(); ++i) {
        if (all[i].contains(help->pos()))
            QToolTip::showText(help->globalPos(), plainToolTip(m_chips[static_cast<qsizetype>(i)]),
                               this, all[i]);
    }
    return true;
}

void ChipFlow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const std::vector<QRect> all = boxes(width());
    for (size_t i = 0; i < all.size(); ++i)
        paintChip(painter, all[i], m_chips[static_cast<qsizetype>(i)], m_theme);
}

std::vector<QRect> ChipFlow::boxes(int width) const
{
    std::vector<QRect> all;
    QPoint at(0, 0);
    for (const QString &chip : m_chips) {
        const int wanted = chipWidth(chip, width);
        if (at.x() > 0 && at.x() + wanted > width)
            at = {0, at.y() + chipHeight + gap};
        all.emplace_back(at, QSize(wanted, chipHeight));
        at.rx() += wanted + gap;
    }
    return all;
}

} // namespace trendscope::ui
