#include "ui/logs/facet_list.h"

#include "core/logs/filter.h"
#include "ui/logs/log_text.h"
#include "ui/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <QStyledItemDelegate>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

enum Role { TermRole = Qt::UserRole, CountRole, ShareRole };

/// A key as a heading; a value with its count and a bar below it.
class FacetDelegate final : public QStyledItemDelegate {
public:
    FacetDelegate(const Theme &theme, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {
    }

    QSize sizeHint(const QStyleOptionViewItem & /*option*/, const QModelIndex &index) const override
    {
        return {100, isHeading(index) ? 34 : 28};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        const QRect rect = option.rect.adjusted(14, 0, -14, 0);
        if (isHeading(index)) {
            painter->setFont(textFont(12, QFont::DemiBold));
            painter->setPen(m_theme.text);
            painter->drawText(rect.adjusted(0, 0, 0, -4), Qt::AlignLeft | Qt::AlignBottom,
                              index.data().toString());
            return;
        }
        if (option.state & (QStyle::State_MouseOver | QStyle::State_Selected))
            painter->fillRect(option.rect, m_theme.hover);
        paintValue(*painter, rect, index);
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(m_theme.accent);
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
    }

private:
    static bool isHeading(const QModelIndex &index) { return !index.data(TermRole).isValid(); }

    void paintValue(QPainter &painter, const QRect &rect, const QModelIndex &index) const
    {
        painter.setFont(textFont(12));
        const QString count = index.data(CountRole).toString();
        const int countWidth = painter.fontMetrics().horizontalAdvance(count);
        const QRect line = rect.adjusted(0, 2, 0, -6);
        const QString value = painter.fontMetrics().elidedText(
            index.data().toString(), Qt::ElideMiddle, line.width() - countWidth - 10);
        painter.setPen(m_theme.text);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, value);
        painter.setPen(m_theme.secondary);
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, count);

        QColor bar = m_theme.accent;
        bar.setAlphaF(0.6F);
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 4, rect.width(), 3), m_theme.border);
        const double share = index.data(ShareRole).toDouble();
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 4, std::max(2.0, rect.width() * share), 3), bar);
    }

    const Theme &m_theme;
};

} // namespace

FacetList::FacetList(const Theme &theme, QWidget *parent)
    : QListWidget(parent)
{
    setAccessibleName(tr("Frequent values"));
    setFrameShape(QFrame::NoFrame);
    setItemDelegate(new FacetDelegate(theme, this));
    setMouseTracking(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(this, &QListWidget::itemClicked, this, &FacetList::requestFilter);
    connect(this, &QListWidget::itemActivated, this, &FacetList::requestFilter);
}

void FacetList::setFacets(const std::vector<logs::FacetCounts::Facet> &facets)
{
    // Items are used again, so that the place in the list and the focus stay while counts change.
    int row = 0;
    for (const auto &facet : facets)
        addFacet(facet, row);
    while (count() > row)
        delete takeItem(count() - 1);
}

void FacetList::addFacet(const logs::FacetCounts::Facet &facet, int &row)
{
    QListWidgetItem *const heading = itemAt(row++);
    heading->setText(oneLine(facet.key)
                     + (facet.isPartial ? tr(" (more than 1,000 values)") : QString()));
    heading->setData(TermRole, {});
    heading->setFlags(Qt::NoItemFlags);
    std::uint64_t total = 0;
    for (const auto &value : facet.top)
        total += value.count;
    for (const auto &value : facet.top) {
        QListWidgetItem *const item = itemAt(row++);
        const QString number =
            QLocale(QLocale::English).toString(static_cast<qulonglong>(value.count));
        item->setText(oneLine(value.text, 200));
        item->setData(TermRole, QString::fromStdString(logs::filterTerm(facet.key, value.text)));
        item->setData(CountRole, number);
        item->setData(ShareRole, static_cast<double>(value.count) / static_cast<double>(total));
        item->setData(Qt::AccessibleTextRole, item->text() + u", "_s + number);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    }
}

QListWidgetItem *FacetList::itemAt(int row)
{
    if (row == count())
        addItem(QString());
    return item(row);
}

void FacetList::requestFilter(const QListWidgetItem *item)
{
    const QString term = item->data(TermRole).toString();
    if (!term.isEmpty())
        Q_EMIT filterRequested(term);
}

} // namespace trendscope::ui
