#include "ui/logs/logs_view.h"

#include "ui/alerts/state_notice.h"
#include "ui/logs/facet_list.h"
#include "ui/logs/filter_edit.h"
#include "ui/logs/histogram_view.h"
#include "ui/logs/live_button.h"
#include "ui/logs/log_list.h"
#include "ui/logs/log_model.h"
#include "ui/logs/logs_state.h"
#include "ui/logs/notice.h"
#include "ui/logs/record_detail.h"
#include "ui/logs/stream_source.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

using namespace std::chrono_literals;

constexpr std::size_t recordsPerSlice = 2000; // some milliseconds of the window's time
constexpr auto refreshInterval = 250ms;
constexpr std::size_t valuesPerFacet = 6;

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
    m_live = new LiveButton(m_theme, bar);

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
    m_state = new StateNotice(m_theme, m_stack);
    connect(m_state, &StateNotice::actionRequested, this, [this] { m_filter->clear(); });
    m_stack->addWidget(m_state);

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
    connect(m_live, &LiveButton::clicked, this, [this](bool checked) { m_list->setLive(checked); });
    connect(m_list, &LogList::liveChanged, m_live, &LiveButton::setLive);
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
    m_latest.reset();
    takeFiles({});
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
        const QString problem = problemOf(source);
        if (source.until)
            problems.append(sentence(problem)
                            + tr(" What was written after %1 is not shown yet.")
                                  .arg(m_model->timeText(*source.until)));
        else if (!problem.isEmpty())
            problems.append(problem);
    }
    return problems;
}

bool LogsView::isStale() const
{
    return m_model->recordCount() > 0 && !followsAny(m_sources)
        && std::ranges::none_of(m_sources, &LogSource::isConnecting);
}

/// The problems, and how old the records are where no problem says that.
QStringList LogsView::warnings() const
{
    QStringList lines = problems();
    const bool isDated = std::ranges::any_of(
        m_sources, [](const LogSource &source) { return source.until.has_value(); });
    if (isStale() && !isDated && m_latest)
        lines.append(tr("Nothing newer than %1 is shown.").arg(m_model->timeText(*m_latest)));
    return lines;
}

void LogsView::takeFiles(const QList<LogFile> &files)
{
    if (files.size() == m_files.size()) // they only become more
        return;
    m_files = files;
    m_model->setSourceLabels(labelsOf(files));
}

void LogsView::consume()
{
    LogBatch batch = m_reader->take(recordsPerSlice);
    const bool hasOtherRate = batch.counters.recordsPerSecond != m_counters.recordsPerSecond;
    const bool hasOtherSources = batch.sources != m_sources;
    m_counters = batch.counters;
    m_sources = std::move(batch.sources);
    takeFiles(batch.files);
    for (const logs::Record &record : batch.records)
        m_latest = std::max(m_latest, record.time());
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
    const bool hasRecords = m_model->recordCount() > 0;
    const bool isEmpty = m_model->matchCount() == 0 && !m_model->isFiltering();
    m_sourceCount->setText(sourcesText(m_sources));
    m_histogram->setVisible(hasRecords);
    m_facets->setVisible(hasRecords);
    m_fileProblems->setLines(hasRecords ? warnings() : QStringList());
    m_list->setStale(isStale());
    m_stack->setCurrentIndex(isEmpty ? 1 : 0);
    m_filter->setEnabled(!m_sources.empty());
    m_live->setEnabled(!m_sources.empty());
    m_live->setFollowing(followsAny(m_sources));
    if (isEmpty)
        showState();
}

void LogsView::showState()
{
    const LogsState state = stateOf(m_sources, m_model->recordCount() > 0, problems());
    m_state->setCommands(state.commands);
    m_state->show(state.kind, state.title, state.text, state.action);
}

void LogsView::showRecord(int row)
{
    const logs::Record &record = m_model->record(row);
    m_detail->setRecord(record, m_model->timeText(record), textOf(m_files.value(record.source())));
    m_detail->show();
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

} // namespace trendscope::ui
