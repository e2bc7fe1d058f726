#include "ui/explore/explore_page.h"

#include "core/prom/client.h"
#include "core/prom/now.h"
#include "ui/dashboard/refresh_control.h"
#include "ui/dashboard/time_range_control.h"
#include "ui/panels/panel_frame.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStringListModel>
#include <QVBoxLayout>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

constexpr int barHeight = 48;
constexpr int margin = 8;

/// A time series panel with the numbers of every series in its legend.
dashboard::Panel panelFor(const QString &expr)
{
    dashboard::Panel panel;
    panel.type = u"timeseries"_s;
    panel.title = expr;
    panel.queries.push_back({.refId = u"A"_s, .expr = expr, .legendFormat = {}, .interval = {}});
    panel.fieldConfig.defaults = {{u"custom"_s, QJsonObject{{u"fillOpacity"_s, 8}}}};
    panel.options = {
        {u"legend"_s,
         QJsonObject{{u"displayMode"_s, u"table"_s},
                     {u"calcs"_s, QJsonArray{u"lastNotNull"_s, u"min"_s, u"max"_s, u"mean"_s}}}}};
    return panel;
}

} // namespace

ExplorePage::ExplorePage(prom::Client &client, const Theme &theme, const QTimeZone &zone,
                         QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_theme(theme)
    , m_zone(zone)
    , m_expr(new QLineEdit(this))
    , m_suggestions(new QStringListModel(this))
    , m_time(new TimeRangeControl(theme, zone, this))
    , m_refresh(new RefreshControl(theme, this))
    , m_hint(new QLabel(
          u"Write a PromQL expression and press Enter, such as\n\nrate(api_requests_total[5m])"_s,
          this))
    , m_body(new QVBoxLayout)
{
    setFocusPolicy(Qt::StrongFocus);
    setFocusProxy(m_expr);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    setupBar(*layout);
    setupCompleter();
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setProperty("role", u"secondary"_s);
    m_body->setContentsMargins(margin, margin, margin, margin);
    m_body->addWidget(m_hint);
    layout->addLayout(m_body, 1);
    m_time->setRange({u"now-1h"_s, u"now"_s});
    connect(m_time, &TimeRangeControl::rangeChanged, this, [this] { refresh(false); });
    connect(m_refresh, &RefreshControl::refreshRequested, this, &ExplorePage::refresh);
}

ExplorePage::~ExplorePage()
{
    delete m_frame; // it refers to the feed
}

void ExplorePage::setupBar(QVBoxLayout &layout)
{
    m_expr->setFont(monoFont(13));
    m_expr->setObjectName(u"expression"_s);
    m_expr->setAccessibleName(u"PromQL expression"_s);
    m_expr->setPlaceholderText(u"rate(api_requests_total[5m])"_s);
    m_expr->setClearButtonEnabled(true);
    auto *title = new QLabel(u"Explore"_s, this);
    title->setProperty("role", u"title"_s);
    auto *run = new QPushButton(u"Run"_s, this);
    run->setProperty("primary", true);
    auto *bar = new QWidget(this);
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setFixedHeight(barHeight);
    auto *barLayout = new QHBoxLayout(bar);
    barLayout->setContentsMargins(14, 0, 8, 0);
    barLayout->setSpacing(8);
    barLayout->addWidget(title);
    barLayout->addWidget(m_expr, 1);
    barLayout->addWidget(run);
    barLayout->addWidget(m_time);
    barLayout->addWidget(m_refresh);
    layout.addWidget(bar);
    connect(m_expr, &QLineEdit::returnPressed, this, [this] { this->run(m_expr->text()); });
    connect(run, &QPushButton::clicked, this, [this] { this->run(m_expr->text()); });
}

void ExplorePage::setupCompleter()
{
    auto *completer = new QCompleter(m_suggestions, this);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->popup()->setFont(monoFont(12));
    m_expr->setCompleter(completer);
}

void ExplorePage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_names.isRunning() && m_suggestions->rowCount() == 0)
        loadNames();
}

void ExplorePage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Slash)
        m_expr->setFocus();
    else
        QWidget::keyPressEvent(event);
}

void ExplorePage::loadNames()
{
    m_names = m_client.labelValues(
        u"__name__"_s, {}, prom::now() - 1h, prom::now(), [this](const Result<QStringList> &names) {
            // Suggestions are a convenience: a server that fails says so where the answer would be.
            if (names)
                m_suggestions->setStringList(m_suggestions->stringList() + *names);
        });
}

void ExplorePage::run(const QString &expr)
{
    const QString trimmed = expr.trimmed();
    if (trimmed.isEmpty())
        return;
    m_expr->setText(trimmed);
    if (!m_suggestions->stringList().contains(trimmed))
        m_suggestions->setStringList(QStringList{trimmed} + m_suggestions->stringList());
    delete m_frame;
    m_feed =
        std::make_unique<dashboard::PanelFeed>(m_client, panelFor(trimmed), dashboard::Scope());
    m_frame = new PanelFrame(*m_feed, trimmed, m_theme, m_zone, this);
    connect(&m_frame->view(), &PanelView::rangeSelected, this,
            [this](std::int64_t start, std::int64_t end) {
                m_time->setRange({QString::number(start), QString::number(end)});
                refresh(false);
            });
    connect(&m_frame->view(), &PanelView::zoomOutRequested, m_time, &TimeRangeControl::zoomOut);
    m_hint->hide();
    m_body->addWidget(m_frame, 1);
    m_frame->show();
    refresh(false);
}

void ExplorePage::refresh(bool isAutomatic)
{
    const auto range = dashboard::resolve(m_time->range(), prom::now(), m_zone);
    if (!m_feed || !range)
        return;
    const auto offset = m_zone.offsetFromUtc(
        QDateTime::fromMSecsSinceEpoch(range->start.time_since_epoch().count(), Qt::UTC));
    m_feed->refresh({*range, std::chrono::seconds(offset), width(), isAutomatic});
}

} // namespace trendscope::ui
