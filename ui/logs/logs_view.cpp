#include "ui/logs/logs_view.h"

#include "ui/logs/facet_list.h"
#include "ui/logs/filter_edit.h"
#include "ui/logs/histogram_view.h"
#include "ui/logs/log_list.h"
#include "ui/logs/log_model.h"
#include "ui/logs/notice.h"
#include "ui/logs/record_detail.h"
#include "ui/logs/stream_source.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

using namespace std::chrono_literals;

constexpr std::size_t recordsPerSlice = 2000; // some milliseconds of the window's time
constexpr auto refreshInterval = 250ms;
constexpr std::size_t valuesPerFacet = 6;

/// A dot that says "live"; a ring when paused.
QIcon dot(const QColor &color, bool isFilled, qreal ratio)
{
    QPixmap pixmap(QSize(10, 10) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.5));
    painter.setBrush(isFilled ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawEllipse(QRectF(1.5, 1.5, 7, 7));
    return pixmap;
}

} // namespace

LogsView::LogsView(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_model(std::make_unique<LogModel>())
{
    auto *const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(createBar());
    m_filterProblem = new Notice(theme, Notice::Kind::Error, this);
    layout->addWidget(m_filterProblem);
    m_fileProblems = new Notice(theme, Notice::Kind::Warning, this);
    layout->addWidget(m_fileProblems);
    m_histogram = new HistogramView(theme, *m_model, this);
    layout->addWidget(m_histogram);
    layout->addWidget(createBody(), 1);
    connectParts();
    refreshLiveButton();
    refreshState();
}

LogsView::~LogsView()
{
    m_list->setModel(nullptr); // the model goes before the list, which is Qt's child
}

QWidget *LogsView::createBar()
{
    auto *const bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setFixedHeight(48);
    auto *const title = new QLabel(tr("Logs"), bar);
    title->setProperty("role", u"title"_s);
    m_sourceCount = new QLabel(bar);
    m_sourceCount->setProperty("role", u"secondary"_s);
    m_sourceCount->setTextFormat(Qt::PlainText);
    m_filter = new FilterEdit(m_theme, bar);
    m_live = new QToolButton(bar);
    m_live->setProperty("control", true);
    m_live->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_live->setCheckable(true);
    m_live->setIconSize({10, 10});
    m_live->setFixedWidth(92); // as wide for either word, so that the bar does not jump

    auto *const layout = new QHBoxLayout(bar);
    layout->setContentsMargins(14, 0, 14, 0);
    layout->setSpacing(10);
    layout->addWidget(title);
    layout->addWidget(m_sourceCount);
    layout->addWidget(m_filter, 1);
    layout->addWidget(m_live);
    return bar;
}

QWidget *LogsView::createBody()
{
    m_list = new LogList(m_theme, *m_model, this);
    m_detail = new RecordDetail(m_theme, this);
    m_detail->hide();
    m_facets = new FacetList(m_theme, this);

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_list);
    m_stack->addWidget(createEmptyState());

    auto *const records = new QSplitter(Qt::Vertical, this);
    records->setHandleWidth(1);
    records->setChildrenCollapsible(false);
    records->addWidget(m_stack);
    records->addWidget(m_detail);
    records->setStretchFactor(0, 1);
    records->setSizes({500, 210});

    auto *const columns = new QSplitter(this);
    columns->setHandleWidth(1);
    columns->addWidget(records);
    columns->addWidget(m_facets);
    columns->setStretchFactor(0, 1);
    columns->setCollapsible(0, false);
    columns->setSizes({1000, 270});
    return columns;
}

QWidget *LogsView::createEmptyState()
{
    auto *const page = new QWidget(this);
    m_emptyTitle = new QLabel(page);
    m_emptyTitle->setFont(textFont(16, QFont::DemiBold));
    m_emptyText = new QLabel(page);
    m_emptyText->setProperty("role", u"secondary"_s);
    for (QLabel *const label : {m_emptyTitle, m_emptyText}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_emptyCommand = new QLabel(u"trendscope console --log FILE …"_s, page);
    m_emptyCommand->setFont(monoFont(13));
    m_emptyCommand->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *const clear = new QPushButton(tr("Clear the filter"), page);
    connect(clear, &QPushButton::clicked, this, [this] { m_filter->clear(); });
    m_clearFilter = clear;

    auto *const layout = new QVBoxLayout(page);
    layout->setContentsMargins(40, 0, 40, 0);
    layout->setSpacing(8);
    layout->addStretch(2);
    layout->addWidget(m_emptyTitle);
    layout->addWidget(m_emptyText);
    layout->addWidget(m_emptyCommand, 0, Qt::AlignHCenter);
    layout->addWidget(m_clearFilter, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    return page;
}

void LogsView::connectParts()
{
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(refreshInterval);
    connect(&m_refresh, &QTimer::timeout, this, &LogsView::refreshCounts);
    connect(m_model.get(), &LogModel::countsChanged, this, [this] {
        if (!m_refresh.isActive())
            m_refresh.start();
    });

    connect(m_filter, &FilterEdit::filterChanged, this, [this](const logs::Filter &filter) {
        m_model->setFilter(filter);
        refreshCounts();
    });
    connect(m_filter, &FilterEdit::problemChanged, this, [this](const QString &problem) {
        m_filterProblem->setText(
            problem.isEmpty() ? QString() : tr("The filter is not applied: %1").arg(problem));
    });
    connect(m_live, &QToolButton::clicked, this,
            [this](bool checked) { m_list->setLive(checked); });
    connect(m_list, &LogList::liveChanged, this, &LogsView::refreshLiveButton);
    connect(m_list, &LogList::recordChosen, this, &LogsView::showRecord);
    connect(m_histogram, &HistogramView::timeChosen, this,
            [this](logs::Timestamp time) { m_list->goTo(m_model->rowAt(time)); });
    connect(m_detail, &RecordDetail::filterRequested, m_filter, &FilterEdit::addTerm);
    connect(m_detail, &RecordDetail::closeRequested, m_detail, &QWidget::hide);
    connect(m_facets, &FacetList::filterRequested, m_filter, &FilterEdit::addTerm);

    auto *const slash = new QShortcut(Qt::Key_Slash, this);
    slash->setContext(Qt::WidgetWithChildrenShortcut);
    connect(slash, &QShortcut::activated, this, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });
    setFocusProxy(m_list);
}

void LogsView::follow(const QStringList &locations, const LogReader::Headers &headers)
{
    m_reader.reset();
    m_model->clear();
    m_sources.clear();
    m_files.clear();
    m_counters = {};
    for (const QString &location : locations)
        m_sources.push_back({.path = location,
                             .name = location.section(u'/', -1),
                             .isStream = StreamSource::isStream(location)});
    if (!locations.isEmpty()) {
        m_reader = std::make_unique<LogReader>(locations, headers);
        connect(m_reader.get(), &LogReader::batchReady, this, &LogsView::consume);
        m_reader->start();
    }
    refreshState();
    Q_EMIT rateChanged();
    Q_EMIT problemsChanged();
}

void LogsView::setTimeZone(const QTimeZone &zone)
{
    m_model->setTimeZone(zone);
}

QStringList LogsView::problems() const
{
    QStringList problems;
    for (const LogSource &source : m_sources) {
        if (source.until)
            problems.append(tr("%1. What was written after %2 is not shown yet.")
                                .arg(source.problem, m_model->timeText(*source.until)));
        else if (!source.problem.isEmpty())
            problems.append(source.problem);
        else if (source.state == logs::Tail::State::Waiting && !source.isStream)
            problems.append(tr("%1 is not there").arg(source.path));
    }
    return problems;
}

void LogsView::consume()
{
    LogBatch batch = m_reader->take(recordsPerSlice);
    const bool hasOtherRate = batch.counters.recordsPerSecond != m_counters.recordsPerSecond;
    const bool hasOtherSources = batch.sources != m_sources;
    m_counters = batch.counters;
    m_sources = std::move(batch.sources);
    m_files = std::move(batch.files);
    const bool wasEmpty = m_model->recordCount() == 0;
    m_model->append(std::move(batch.records));
    if (hasOtherSources || wasEmpty)
        refreshState();
    if (hasOtherRate)
        Q_EMIT rateChanged();
    if (hasOtherSources)
        Q_EMIT problemsChanged();
    if (batch.hasMore)
        QMetaObject::invokeMethod(this, &LogsView::consume, Qt::QueuedConnection);
}

void LogsView::refreshCounts()
{
    m_histogram->refresh();
    m_facets->setFacets(m_model->facets().top(valuesPerFacet));
    refreshState();
}

void LogsView::refreshState()
{
    const QStringList problems = this->problems();
    const bool isEmpty = m_model->matchCount() == 0 && !m_model->isFiltering();
    m_sourceCount->setText(sourcesText());
    m_histogram->setVisible(m_model->recordCount() > 0);
    m_facets->setVisible(m_model->recordCount() > 0);
    m_fileProblems->setText(m_model->recordCount() > 0 ? problems.join(u'\n') : QString());
    m_stack->setCurrentIndex(isEmpty ? 1 : 0);
    m_clearFilter->setVisible(m_model->recordCount() > 0);
    m_emptyCommand->setVisible(m_sources.empty());
    m_filter->setEnabled(!m_sources.empty());
    m_live->setEnabled(!m_sources.empty());
    if (!isEmpty)
        return;

    if (m_model->recordCount() > 0)
        showEmptyState(
            tr("No record matches the filter"),
            tr("None of the records that are kept does. New ones show up here when they match."));
    else if (m_sources.empty())
        showEmptyState(tr("No log file is followed"),
                       tr("Name the files to follow, with one JSON record a line:"));
    else if (!problems.isEmpty())
        showEmptyState(hasStreams() ? tr("Waiting for logs") : tr("Waiting for log files"),
                       problems.join(u'\n') + u"\n\n"_s
                           + (hasStreams() ? tr("Tried again until it works.")
                                           : tr("Looked for again ten times a second.")));
    else
        showEmptyState(tr("No records yet"), tr("They show up here as they are written."));
}

void LogsView::showEmptyState(const QString &title, const QString &text)
{
    m_emptyTitle->setText(title);
    m_emptyText->setText(text);
}

QString LogsView::sourcesText() const
{
    if (m_sources.size() == 1)
        return tr("from %1").arg(m_sources.front().name);
    if (m_sources.empty())
        return {};
    return hasStreams() ? tr("from %1 sources").arg(m_sources.size())
                        : tr("from %1 files").arg(m_sources.size());
}

bool LogsView::hasStreams() const
{
    return std::ranges::any_of(m_sources, &LogSource::isStream);
}

void LogsView::refreshLiveButton()
{
    const bool isLive = m_list->isLive();
    m_live->setChecked(isLive);
    m_live->setText(isLive ? tr("Live") : tr("Paused"));
    m_live->setIcon(dot(isLive ? m_theme.green : m_theme.secondary, isLive, devicePixelRatioF()));
    m_live->setToolTip(isLive ? tr("The list follows the newest record; scroll up to pause")
                              : tr("Go to the newest record and follow (End)"));
}

void LogsView::showRecord(int row)
{
    const logs::Record &record = m_model->record(row);
    m_detail->setRecord(record, m_model->timeText(record), m_files.value(record.source()));
    if (m_detail->isVisible())
        return;
    m_detail->show();
    m_list->scrollTo(m_list->currentIndex());
}

void LogsView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() != Qt::Key_Escape) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (m_detail->isVisible())
        m_detail->hide();
    else
        m_filter->clear();
    m_list->setFocus(Qt::OtherFocusReason);
}

void LogsView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_live)
        refreshLiveButton();
}

} // namespace trendscope::ui
