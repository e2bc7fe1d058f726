#include "ui/targets/targets_view.h"

#include "ui/alerts/duration_text.h"
#include "ui/alerts/outage_strip.h"
#include "ui/alerts/state_notice.h"
#include "ui/targets/target_delegate.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using prom::TargetFeed;
using prom::TargetModel;

TargetsView::TargetsView(TargetFeed &feed, const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_feed(feed)
    , m_theme(theme)
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(TargetModel::OrderRole);
    m_sorted.setFilterRole(TargetModel::SearchTextRole);
    m_sorted.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_sorted.sort(0);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    setupBar(*column);
    setupTable(*column);
    m_clock.setInterval(1s);
    connect(&m_clock, &QTimer::timeout, m_table->viewport(), qOverload<>(&QWidget::update));
    connect(&m_feed, &TargetFeed::changed, this, &TargetsView::showWhatIsKnown);
    showWhatIsKnown();
}

void TargetsView::setupBar(QVBoxLayout &column)
{
    auto *bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setFixedHeight(48);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(12);
    auto *title = new QLabel(u"Targets"_s, bar);
    title->setProperty("role", u"title"_s);
    m_counts = new QLabel(bar);
    m_asOf = new QLabel(bar);
    for (QLabel *label : {m_counts, m_asOf}) {
        label->setTextFormat(Qt::PlainText);
        label->setProperty("role", u"secondary"_s);
    }
    m_filter = new QLineEdit(bar);
    m_filter->setPlaceholderText(u"Filter by pool, address, label or error   /"_s);
    m_filter->setAccessibleName(u"Filter targets"_s);
    m_filter->setClearButtonEnabled(true);
    m_filter->setMaximumWidth(420);
    row->addWidget(title);
    row->addWidget(m_counts);
    row->addStretch();
    row->addWidget(m_asOf);
    row->addWidget(m_filter, 2);
    column.addWidget(bar);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_sorted.setFilterFixedString(text.trimmed());
        showPage();
    });
    auto *find =
        new QShortcut(QKeySequence(u"/"_s), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, m_filter,
            [this] { m_filter->setFocus(Qt::ShortcutFocusReason); });
}

void TargetsView::setupTable(QVBoxLayout &column)
{
    m_outage = new OutageStrip(m_theme, this);
    column.addWidget(m_outage);
    connect(m_outage, &OutageStrip::retryRequested, &m_feed, &TargetFeed::refresh);

    m_table = new QTreeView(this);
    m_table->setObjectName(u"targetTable"_s);
    m_table->setAccessibleName(u"Scrape targets"_s);
    m_table->setModel(&m_sorted);
    m_table->setItemDelegate(new TargetDelegate(m_theme, m_table));
    m_table->setRootIsDecorated(false);
    setFocusProxy(m_table);
    m_table->setUniformRowHeights(true);
    m_table->setMouseTracking(true);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setStyleSheet(u"QHeaderView::section:first { padding-left: 14px; }"_s);
    QHeaderView &header = *m_table->header();
    header.setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header.setSectionsMovable(false);
    const std::pair<int, int> widths[] = {{TargetModel::PoolColumn, 160},
                                          {TargetModel::HealthColumn, 104},
                                          {TargetModel::InstanceColumn, 240},
                                          {TargetModel::LastScrapeColumn, 132},
                                          {TargetModel::DurationColumn, 88}};
    for (const auto &[section, width] : widths)
        header.resizeSection(section, width);
    header.setStretchLastSection(true);

    m_notice = new StateNotice(m_theme, this);
    connect(m_notice, &StateNotice::actionRequested, this, [this] {
        if (m_filter->text().isEmpty())
            m_feed.refresh();
        else
            m_filter->clear();
    });
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_table);
    m_pages->addWidget(m_notice);
    column.addWidget(m_pages, 1);
}

void TargetsView::showEvent(QShowEvent *event)
{
    m_feed.start();
    m_clock.start();
    QWidget::showEvent(event);
}

void TargetsView::hideEvent(QHideEvent *event)
{
    m_feed.stop();
    m_clock.stop();
    QWidget::hideEvent(event);
}

void TargetsView::showWhatIsKnown()
{
    m_model.setTargets(m_feed.targets());
    showCounts();
    const bool hasOldTargets =
        m_feed.state() == TargetFeed::State::Failed && m_model.rowCount() > 0;
    if (hasOldTargets) {
        m_outage->showMessage(u"As of %1. %2. Asking again."_s.arg(
            clockText(*m_feed.lastSuccess()), QString::fromStdString(m_feed.error().message)));
    } else {
        m_outage->hide();
    }
    showPage();
}

void TargetsView::showCounts()
{
    using Health = prom::ScrapeTarget::Health;
    QStringList words;
    if (m_feed.lastSuccess()) {
        words.append(u"%1 up"_s.arg(m_model.count(Health::Up)));
        words.append(u"%1 down"_s.arg(m_model.count(Health::Down)));
        if (const int unknown = m_model.count(Health::Unknown); unknown > 0)
            words.append(u"%1 unknown"_s.arg(unknown));
        m_asOf->setText(u"as of "_s + clockText(*m_feed.lastSuccess()));
    }
    m_counts->setText(words.join(u"   "_s));
}

void TargetsView::showPage()
{
    const bool isEmpty = m_sorted.rowCount() == 0;
    if (isEmpty)
        showNotice();
    m_pages->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_notice) : m_table);
}

void TargetsView::showNotice()
{
    using Kind = StateNotice::Kind;
    if (m_model.rowCount() > 0) {
        m_notice->show(Kind::Empty, u"No target matches the filter"_s,
                       u"%1 targets are hidden by it."_s.arg(m_model.rowCount()),
                       u"Clear the filter"_s);
    } else if (m_feed.state() == TargetFeed::State::Ready) {
        m_notice->show(Kind::Empty, u"Prometheus scrapes nothing"_s,
                       u"Its configuration has no scrape target. Add one to scrape_configs in "
                       u"prometheus.yml and"
                       " reload it."_s);
    } else if (m_feed.state() == TargetFeed::State::Loading) {
        m_notice->show(Kind::Loading, u"Asking Prometheus"_s, {});
    } else {
        m_notice->show(Kind::Failed, u"The targets could not be read"_s,
                       QString::fromStdString(m_feed.error().message)
                           + u". Check that the server runs and that its address is right; this "
                             u"page asks again"
                             " by itself."_s,
                       u"Try again"_s);
    }
}

} // namespace trendscope::ui
