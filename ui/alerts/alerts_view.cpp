#include "ui/alerts/alerts_view.h"

#include "ui/alerts/alert_delegate.h"
#include "ui/alerts/alert_detail.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/outage_strip.h"
#include "ui/alerts/state_notice.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using alert::AlertModel;
using alert::Monitor;

AlertsView::AlertsView(Monitor &monitor, const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_monitor(monitor)
    , m_theme(theme)
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(AlertModel::UrgencyRole);
    m_sorted.setFilterRole(AlertModel::SearchTextRole);
    m_sorted.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_sorted.sort(0);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    setupBar(*column);
    setupFilter(*column);
    setupList(*column);
    m_clock.setInterval(1s);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        if (!isVisible())
            return;
        m_list->viewport()->update();
        showDetail();
    });
    m_clock.start();
    connect(&m_monitor, &Monitor::changed, this, &AlertsView::showWhatIsKnown);
    showWhatIsKnown();
}

void AlertsView::setupBar(QVBoxLayout &column)
{
    auto *bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setFixedHeight(48);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(12);
    auto *title = new QLabel(u"Alerts"_s, bar);
    title->setProperty("role", u"title"_s);
    m_counts = new QLabel(bar);
    m_asOf = new QLabel(bar);
    for (QLabel *label : {m_counts, m_asOf}) {
        label->setTextFormat(Qt::PlainText);
        label->setProperty("role", u"secondary"_s);
    }
    row->addWidget(title);
    row->addWidget(m_counts);
    row->addStretch();
    row->addWidget(m_asOf);
    column.addWidget(bar);
}

void AlertsView::setupFilter(QVBoxLayout &column)
{
    auto *bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(14, 8, 14, 8);
    m_filter = new QLineEdit(bar);
    m_filter->setObjectName(u"alertFilter"_s);
    m_filter->setPlaceholderText(u"Filter by name, label or summary   /"_s);
    m_filter->setAccessibleName(u"Filter alerts"_s);
    m_filter->setClearButtonEnabled(true);
    row->addWidget(m_filter);
    column.addWidget(bar);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_sorted.setFilterFixedString(text.trimmed());
        showPage();
    });
    auto *find =
        new QShortcut(QKeySequence(u"/"_s), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_filter,
            [this] { m_filter->setFocus(Qt::ShortcutFocusReason); });
    auto *leave =
        new QShortcut(QKeySequence(Qt::Key_Escape), m_filter, nullptr, nullptr, Qt::WidgetShortcut);
    connect(leave, &QShortcut::activated, m_filter, &QLineEdit::clear);
}

void AlertsView::setupList(QVBoxLayout &column)
{
    m_outage = new OutageStrip(m_theme, this);
    column.addWidget(m_outage);
    connect(m_outage, &OutageStrip::retryRequested, &m_monitor, &Monitor::refresh);

    m_list = new QListView(this);
    m_list->setObjectName(u"alertList"_s);
    m_list->setAccessibleName(u"Alerts"_s);
    m_list->setModel(&m_sorted);
    m_list->setItemDelegate(new AlertDelegate(m_theme, m_list));
    m_list->setMouseTracking(true);
    m_list->setUniformItemSizes(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &AlertsView::showDetail);

    m_detail = new AlertDetail(m_theme, this);
    connect(m_detail, &AlertDetail::snoozeRequested, this,
            [this](const prom::Labels &labels) { m_monitor.snooze(labels, 15min); });
    m_split = new QSplitter(Qt::Horizontal, this);
    m_split->setHandleWidth(1);
    m_split->setChildrenCollapsible(false);
    m_split->addWidget(m_list);
    m_split->addWidget(m_detail);
    m_split->setStretchFactor(0, 2);
    m_split->setStretchFactor(1, 1);
    setFocusProxy(m_list);
    m_detail->setMinimumWidth(280);
    m_split->setSizes({860, 420});

    m_notice = new StateNotice(m_theme, this);
    connect(m_notice, &StateNotice::actionRequested, this, [this] {
        if (m_filter->text().isEmpty())
            m_monitor.refresh();
        else
            m_filter->clear();
    });
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_split);
    m_pages->addWidget(m_notice);
    column.addWidget(m_pages, 1);
}

void AlertsView::select(const prom::Labels &labels)
{
    for (int row = 0; row < m_model.rowCount(); ++row) {
        if (m_model.rowAt(row).alert.labels != labels)
            continue;
        const QModelIndex source = m_model.index(row, 0);
        if (!m_sorted.mapFromSource(source).isValid())
            m_filter->clear();
        m_list->setCurrentIndex(m_sorted.mapFromSource(source));
        m_list->setFocus();
        return;
    }
}

void AlertsView::showWhatIsKnown()
{
    m_model.update(m_monitor);
    showCounts();
    const bool hasOldAlerts = m_monitor.state() == Monitor::State::Failed && m_model.rowCount() > 0;
    if (hasOldAlerts) {
        m_outage->showMessage(u"As of %1. %2. Asking again."_s.arg(
            clockText(*m_monitor.lastSuccess()),
            QString::fromStdString(m_monitor.error().message)));
    } else {
        m_outage->hide();
    }
    showPage();
    showDetail();
}

void AlertsView::showCounts()
{
    const Monitor::Counts counts = m_monitor.counts();
    QStringList words;
    if (m_monitor.lastSuccess()) {
        words.append(u"%1 firing"_s.arg(counts.firing));
        words.append(u"%1 pending"_s.arg(counts.pending));
        words.append(u"%1 silenced"_s.arg(counts.silenced));
    }
    m_counts->setText(words.join(u"   "_s));
    QString asOf =
        m_monitor.lastSuccess() ? u"as of "_s + clockText(*m_monitor.lastSuccess()) : QString();
    if (m_monitor.alertmanagerState() == Monitor::AlertmanagerState::Failed)
        asOf = u"Alertmanager does not answer, silences are not known   "_s + asOf;
    m_asOf->setText(asOf);
    m_asOf->setToolTip(plainToolTip(QString::fromStdString(m_monitor.alertmanagerError().message)));
}

void AlertsView::showPage()
{
    const bool isEmpty = m_sorted.rowCount() == 0;
    if (isEmpty)
        showNotice();
    m_pages->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_notice) : m_split);
    if (!isEmpty && !m_list->currentIndex().isValid())
        m_list->setCurrentIndex(m_sorted.index(0, 0));
}

void AlertsView::showNotice()
{
    using Kind = StateNotice::Kind;
    const QString failure = QString::fromStdString(m_monitor.error().message);
    if (m_model.rowCount() > 0) {
        m_notice->show(Kind::Empty, u"No alert matches the filter"_s,
                       u"%1 alerts are hidden by it."_s.arg(m_model.rowCount()),
                       u"Clear the filter"_s);
    } else if (m_monitor.state() == Monitor::State::Ready) {
        m_notice->show(Kind::Good, u"No alert is firing"_s,
                       u"Prometheus answered at %1."_s.arg(clockText(*m_monitor.lastSuccess())));
    } else if (m_monitor.state() == Monitor::State::Loading) {
        m_notice->show(Kind::Loading, u"Asking Prometheus"_s, {});
    } else if (m_monitor.lastSuccess()) {
        m_notice->show(Kind::Failed, u"Nobody knows what is firing"_s,
                       u"No alert was firing at %1. Since then: %2."_s.arg(
                           clockText(*m_monitor.lastSuccess()), failure),
                       u"Try again"_s);
    } else {
        m_notice->show(Kind::Failed, u"The alerts could not be read"_s,
                       failure
                           + u". Check that the server runs and that its address is right; this "
                             u"page asks again"
                             " by itself."_s,
                       u"Try again"_s);
    }
}

void AlertsView::showDetail()
{
    const QModelIndex source = m_sorted.mapToSource(m_list->currentIndex());
    m_detail->setRow(source.isValid() ? std::optional(m_model.rowAt(source.row())) : std::nullopt);
}

} // namespace trendscope::ui
