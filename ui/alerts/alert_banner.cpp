#include "ui/alerts/alert_banner.h"

#include "ui/alerts/duration_text.h"

#include <QDesktopServices>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

namespace trendscope::ui {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto snoozeSpan = 15min;

QString staleNote(const alert::Monitor &monitor)
{
    const auto last = monitor.lastSuccess();
    return last ? u"as of %1, Prometheus does not answer"_s.arg(clockText(*last)) : QString();
}

BannerLine::Content contentOf(const prom::Alert &alert, const alert::Monitor &monitor)
{
    BannerLine::Content content;
    content.severity = alert::severityOf(alert);
    content.word = alert::severityWord(alert);
    content.name = alert::nameOf(alert).simplified();
    content.summary = alert::summaryOf(alert);
    content.since = alert.activeAt;
    content.note = monitor.isStale() ? staleNote(monitor) : QString();
    content.runbook = alert::runbookOf(alert);
    content.action = u"Snooze"_s;
    content.actionTip = u"Hide this banner for 15 minutes, on this screen only"_s;
    return content;
}

} // namespace

AlertBanners::AlertBanners(alert::Monitor &monitor, const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_monitor(monitor)
    , m_theme(theme)
{
    setObjectName(u"alertBanners"_s);
    setAccessibleName(u"Firing alerts"_s);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setupLines();
    m_clock.setInterval(1s);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        for (BannerLine *line : m_lines)
            line->update();
    });
    connect(&m_monitor, &alert::Monitor::changed, this, &AlertBanners::showWhatFires);
    showWhatFires();
}

void AlertBanners::setupLines()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    for (size_t i = 0; i < m_lines.size(); ++i) {
        auto *line = new BannerLine(m_theme, this);
        column->addWidget(line);
        m_lines[i] = line;
        connect(line, &BannerLine::activated, this, [this, i] {
            if (m_labels[i].isEmpty())
                Q_EMIT showAllRequested();
            else
                Q_EMIT alertActivated(m_labels[i]);
        });
        connect(line, &BannerLine::runbookRequested, this,
                [](const QString &url) { QDesktopServices::openUrl(QUrl(url, QUrl::StrictMode)); });
        connect(line, &BannerLine::actionRequested, this, [this, i] { runAction(i); });
    }
    m_more = new QPushButton(this);
    m_more->setObjectName(u"moreAlerts"_s);
    m_more->setStyleSheet(
        u"QPushButton { min-height: 26px; max-height: 26px; border-radius: 0; text-align: left;"
        " padding: 0 13px; border-width: 0 0 1px 0; }"_s);
    column->addWidget(m_more);
    connect(m_more, &QPushButton::clicked, this, &AlertBanners::showAllRequested);
}

void AlertBanners::showWhatFires()
{
    const std::vector<prom::Alert> alerts = m_monitor.bannerAlerts();
    for (BannerLine *line : m_lines)
        line->hide();
    m_more->hide();
    if (!alerts.empty())
        showAlerts(alerts);
    else if (m_monitor.isStale())
        showOutage();
    const bool isEmpty = alerts.empty() && !m_monitor.isStale();
    setVisible(!isEmpty);
    if (isEmpty)
        m_clock.stop();
    else
        m_clock.start();
}

void AlertBanners::showAlerts(const std::vector<prom::Alert> &alerts)
{
    for (size_t i = 0; i < std::min(alerts.size(), m_lines.size()); ++i) {
        m_labels[i] = alerts[i].labels;
        m_lines[i]->setContent(contentOf(alerts[i], m_monitor));
        m_lines[i]->show();
    }
    if (alerts.size() > m_lines.size())
        showMore(alerts);
}

void AlertBanners::showOutage()
{
    const auto last = m_monitor.lastSuccess();
    BannerLine::Content content;
    content.word = u"UNKNOWN"_s;
    content.severity = alert::Severity::Warning;
    content.name = u"Alerts are not known"_s;
    content.summary = QString::fromStdString(m_monitor.error().message).simplified();
    content.note = last ? u"no alert was firing at "_s + clockText(*last) : u"no alert is known"_s;
    content.action = u"Try again"_s;
    content.actionTip = u"Ask Prometheus now"_s;
    m_labels[0].clear();
    m_lines[0]->setContent(std::move(content));
    m_lines[0]->show();
}

void AlertBanners::showMore(const std::vector<prom::Alert> &alerts)
{
    const size_t hidden = alerts.size() - m_lines.size();
    const auto critical =
        std::count_if(alerts.begin() + mostLines, alerts.end(), [](const prom::Alert &alert) {
            return alert::severityOf(alert) == alert::Severity::Critical;
        });
    QString text = u"+ %1 more"_s.arg(hidden);
    if (critical > 0)
        text += u", %1 of them critical"_s.arg(critical);
    m_more->setText(text);
    m_more->setToolTip(u"Show all alerts"_s);
    m_more->show();
}

void AlertBanners::runAction(size_t line)
{
    if (m_labels[line].isEmpty())
        m_monitor.refresh();
    else
        m_monitor.snooze(m_labels[line], snoozeSpan);
}

} // namespace trendscope::ui
