#include "ui/logs/log_list.h"

#include "ui/logs/log_delegate.h"
#include "ui/logs/log_model.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollBar>

#include <algorithm>

namespace trendscope::ui {

LogList::LogList(const Theme &theme, LogModel &model, QWidget *parent)
    : QTableView(parent)
    , m_model(model)
    , m_delegate(new LogDelegate(theme, model, this))
    , m_newRecords(new QPushButton(this))
{
    setAccessibleName(tr("Log records"));
    setItemDelegate(m_delegate);
    setModel(&model);
    setupLook();
    setupScrolling();

    m_newRecords->setProperty("primary", true);
    m_newRecords->setCursor(Qt::PointingHandCursor);
    m_newRecords->hide();
    connect(m_newRecords, &QPushButton::clicked, this, [this] { setLive(true); });
}

void LogList::setupLook()
{
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setEditTriggers(NoEditTriggers);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(LogDelegate::rowHeight);
    verticalHeader()->setDefaultSectionSize(LogDelegate::rowHeight);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->hide();
    horizontalHeader()->setMinimumSectionSize(1);
    horizontalHeader()->setStretchLastSection(true);
    for (int column = 0; column < LogModel::MessageColumn; ++column)
        setColumnWidth(column, m_delegate->widthOf(column));
    connect(&m_model, &LogModel::sourceLabelsChanged, this, &LogList::showSources);
    showSources();
}

/// Of one file, its name would be the same in every row.
void LogList::showSources()
{
    setColumnHidden(LogModel::SourceColumn, m_model.sourceLabels().size() < 2);
    setColumnWidth(LogModel::SourceColumn, m_delegate->widthOf(LogModel::SourceColumn));
}

void LogList::setupScrolling()
{
    setVerticalScrollMode(ScrollPerPixel);
    setAutoScroll(false);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &LogList::followScrollBar);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &LogList::stayAtEnd);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex &, int first, int last) { noteInserted(first, last); });
    connect(&m_model, &LogModel::rowsCame, this, &LogList::noteCame);
    connect(&m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this, [this] { hover(-1); });
    connect(&m_model, &QAbstractItemModel::rowsRemoved, this,
            [this](const QModelIndex &, int first, int last) { noteRemoved(first, last); });
    connect(&m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        hover(-1);
        m_newCount = 0;
        updateNewRecords();
    });
}

void LogList::setLive(bool live)
{
    if (m_isLive == live) {
        stayAtEnd();
        return;
    }
    m_isLive = live;
    m_newCount = 0;
    updateNewRecords();
    stayAtEnd();
    Q_EMIT liveChanged(live);
}

void LogList::goTo(int row)
{
    if (row < 0 || row >= m_model.rowCount())
        return;
    setLive(false);
    setCurrentIndex(m_model.index(row, 0));
    scrollTo(currentIndex(), PositionAtCenter);
}

void LogList::stayAtEnd()
{
    if (!m_isLive)
        return;
    const QScopedValueRollback adjusting(m_isAdjusting, true);
    verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void LogList::followScrollBar(int value)
{
    if (m_isAdjusting)
        return;
    setLive(value >= verticalScrollBar()->maximum());
}

/// Keeps the same records on the screen when rows before them come or go.
void LogList::shiftBy(int rows)
{
    const QScopedValueRollback adjusting(m_isAdjusting, true);
    const int value = verticalScrollBar()->value() + rows * LogDelegate::rowHeight;
    updateGeometries(); // the range is otherwise brought up to date only with the next paint
    verticalScrollBar()->setValue(value);
}

void LogList::noteInserted(int first, int last)
{
    const bool isAtFront = first == 0 && last + 1 < m_model.rowCount();
    if (!m_isLive && isAtFront)
        shiftBy(last - first + 1);
}

void LogList::noteCame(int rows)
{
    if (m_isLive)
        return;
    m_newCount += rows;
    updateNewRecords();
}

void LogList::noteRemoved(int first, int last)
{
    if (!m_isLive)
        shiftBy(-(last - first + 1));
}

void LogList::updateNewRecords()
{
    m_newRecords->setVisible(!m_isLive && m_newCount > 0);
    if (m_newRecords->isHidden())
        return;
    m_newRecords->setText(
        m_newCount == 1
            ? tr("1 new record ↓")
            : tr("%1 new records ↓").arg(QLocale(QLocale::English).toString(m_newCount)));
    m_newRecords->adjustSize();
    m_newRecords->move((viewport()->width() - m_newRecords->width()) / 2,
                       height() - m_newRecords->height() - 12);
    m_newRecords->raise();
}

void LogList::focusInEvent(QFocusEvent *event)
{
    // Not the base class': it would make the first record current, and that ends the live view.
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void LogList::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    if (!current.isValid() || current.row() == previous.row())
        return;
    // A record that is being read must not run away.
    setLive(false);
    Q_EMIT recordChosen(current.row());
}

void LogList::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_End)
        setLive(true);
    else if (const auto row = rowFor(*event))
        choose(*row);
    else
        QTableView::keyPressEvent(event);
}

/// The last one that is whole.
int LogList::lastRowInSight() const
{
    const int row = rowAt(viewport()->height() - LogDelegate::rowHeight);
    return m_isLive || row < 0 ? m_model.rowCount() - 1 : row;
}

/// The row that a key goes to. Where none is chosen, or the chosen one was left for the live end,
/// moving begins at what is in sight.
std::optional<int> LogList::rowFor(const QKeyEvent &event) const
{
    if ((event.modifiers() & ~Qt::KeypadModifier) != 0)
        return {};
    const bool hasChosen = currentIndex().isValid() && !m_isLive;
    const int from = hasChosen ? currentIndex().row() : lastRowInSight();
    const int step = hasChosen ? 1 : 0;
    const int page = std::max(1, viewport()->height() / LogDelegate::rowHeight - 1);
    switch (event.key()) {
    case Qt::Key_J:
    case Qt::Key_Down:
        return from + step;
    case Qt::Key_K:
    case Qt::Key_Up:
        return from - step;
    case Qt::Key_PageDown:
        return from + page;
    case Qt::Key_PageUp:
        return from - page;
    case Qt::Key_Home:
        return 0;
    default:
        return {};
    }
}

void LogList::choose(int row)
{
    const int last = m_model.rowCount() - 1;
    if (last < 0)
        return;
    const QScopedValueRollback adjusting(m_isAdjusting, true); // reaching the end is not going live
    const QModelIndex chosen = m_model.index(std::clamp(row, 0, last), 0);
    setLive(false);
    const bool wasChosen = chosen == currentIndex();
    setCurrentIndex(chosen);
    if (wasChosen)
        Q_EMIT recordChosen(chosen.row());
    scrollTo(chosen, EnsureVisible);
}

void LogList::mousePressEvent(QMouseEvent *event)
{
    QTableView::mousePressEvent(event);
    // A second click on the record that is chosen already shows it again.
    if (currentIndex().isValid() && indexAt(event->pos()).row() == currentIndex().row())
        Q_EMIT recordChosen(currentIndex().row());
}

void LogList::mouseMoveEvent(QMouseEvent *event)
{
    QTableView::mouseMoveEvent(event);
    hover(rowAt(event->pos().y()));
}

void LogList::leaveEvent(QEvent *event)
{
    QTableView::leaveEvent(event);
    hover(-1);
}

void LogList::hover(int row)
{
    if (row == m_hoveredRow)
        return;
    m_hoveredRow = row;
    m_delegate->setHoveredRow(row);
    viewport()->update();
}

void LogList::resizeEvent(QResizeEvent *event)
{
    // Where the view's height changes the end moves; that is not the user leaving it.
    const QScopedValueRollback adjusting(m_isAdjusting, true);
    const QModelIndex chosen = currentIndex();
    const QRect place = visualRect(chosen);
    const bool wasInSight =
        chosen.isValid() && place.bottom() >= 0 && place.top() < event->oldSize().height();
    QTableView::resizeEvent(event);
    updateNewRecords();
    stayAtEnd();
    // The record's own pane takes its room from the list, and must not hide its row.
    if (wasInSight && !m_isLive)
        scrollTo(chosen, EnsureVisible);
}

void LogList::setStale(bool isStale)
{
    m_delegate->setStale(isStale);
    viewport()->update();
}

} // namespace trendscope::ui
