#include "ui/dashboard/time_range_control.h"

#include "core/prom/now.h"
#include "ui/theme/icons.h"

#include <QEvent>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QWidgetAction>

#include <array>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using dashboard::TimeRange;

constexpr std::array quickRanges{"now-5m"_L1, "now-15m"_L1, "now-30m"_L1, "now-1h"_L1,
                                 "now-3h"_L1, "now-6h"_L1,  "now-12h"_L1, "now-24h"_L1,
                                 "now-2d"_L1, "now-7d"_L1,  "now-30d"_L1};

/// Milliseconds since the epoch as a date that a person can change; other text as it is.
QString editableTime(const QString &text, const QTimeZone &zone)
{
    bool isNumber = false;
    const qint64 ms = text.toLongLong(&isNumber);
    return isNumber ? QDateTime::fromMSecsSinceEpoch(ms, zone).toString(u"yyyy-MM-dd HH:mm:ss")
                    : text;
}

QToolButton *button(const char *joined, const QString &name, const QString &tip, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setProperty("control", true);
    button->setProperty("joined", QString::fromLatin1(joined));
    button->setAccessibleName(name);
    button->setToolTip(tip);
    button->setCursor(Qt::PointingHandCursor);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

} // namespace

TimeRangeControl::TimeRangeControl(const Theme &theme, const QTimeZone &zone, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_zone(zone)
{
    setupButtons();
    setupMenu();
    setIcons();
    updateText();
}

void TimeRangeControl::setupButtons()
{
    m_back = button("left", u"Earlier"_s, u"Half a range back (Alt+Left)"_s, this);
    m_text = button("middle", u"Time range"_s, u"Choose a time range (T)"_s, this);
    m_forward = button("middle", u"Later"_s, u"Half a range forward (Alt+Right)"_s, this);
    m_zoomOut = button("right", u"Zoom out"_s,
                       u"Twice the range (Ctrl+Z, or a double click on a plot)"_s, this);
    m_text->setObjectName(u"timeRange"_s);
    m_text->setPopupMode(QToolButton::InstantPopup);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    for (QToolButton *each : {m_back, m_text, m_forward, m_zoomOut}) {
        each->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        layout->addWidget(each);
    }
    connect(m_back, &QToolButton::clicked, this, &TimeRangeControl::moveBack);
    connect(m_forward, &QToolButton::clicked, this, &TimeRangeControl::moveForward);
    connect(m_zoomOut, &QToolButton::clicked, this, &TimeRangeControl::zoomOut);
}

void TimeRangeControl::setupMenu()
{
    m_menu = new QMenu(this);
    auto *form = new QWidget(m_menu);
    auto *layout = new QFormLayout(form);
    m_from = new QLineEdit(form);
    m_to = new QLineEdit(form);
    for (QLineEdit *edit : {m_from, m_to})
        edit->setMinimumWidth(edit->fontMetrics().horizontalAdvance(u"0000-00-00 00:00:00"_s) + 32);
    m_problem = new QLabel(form);
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_problem->setTextFormat(Qt::PlainText);
    auto *apply = new QPushButton(u"Apply"_s, form);
    apply->setProperty("primary", true);
    layout->addRow(u"From"_s, m_from);
    layout->addRow(u"To"_s, m_to);
    layout->addRow(m_problem);
    layout->addRow(apply);
    auto *custom = new QWidgetAction(m_menu);
    custom->setDefaultWidget(form);

    for (const QLatin1StringView from : quickRanges) {
        const TimeRange range{from, u"now"_s};
        auto *action = m_menu->addAction(dashboard::rangeText(range, m_zone));
        connect(action, &QAction::triggered, this, [this, range] { choose(range); });
    }
    for (const auto &[from, to] :
         {std::pair(u"now/d"_s, u"now"_s), std::pair(u"now-1d/d"_s, u"now-1d/d"_s)}) {
        auto *action = m_menu->addAction(dashboard::rangeText({from, to}, m_zone));
        connect(action, &QAction::triggered, this,
                [this, range = TimeRange{from, to}] { choose(range); });
    }
    m_menu->addSeparator();
    m_menu->addAction(custom);
    m_text->setMenu(m_menu);
    connect(apply, &QPushButton::clicked, this, &TimeRangeControl::applyText);
    connect(m_from, &QLineEdit::returnPressed, this, &TimeRangeControl::applyText);
    connect(m_to, &QLineEdit::returnPressed, this, &TimeRangeControl::applyText);
    connect(m_menu, &QMenu::aboutToShow, this, [this] {
        m_from->setText(editableTime(m_range.from, m_zone));
        m_to->setText(editableTime(m_range.to, m_zone));
        m_problem->hide();
    });
}

void TimeRangeControl::setZone(const QTimeZone &zone)
{
    m_zone = zone;
    updateText();
}

void TimeRangeControl::setRange(const TimeRange &range)
{
    m_range = range;
    updateText();
}

void TimeRangeControl::choose(const TimeRange &range)
{
    setRange(range);
    Q_EMIT rangeChanged(range);
}

void TimeRangeControl::applyText()
{
    const TimeRange range{m_from->text().trimmed(), m_to->text().trimmed()};
    const auto resolved = dashboard::resolve(range, prom::now(), m_zone);
    if (!resolved) {
        m_problem->setText(QString::fromStdString(resolved.error().message));
        m_problem->show();
        return;
    }
    m_menu->close();
    choose(range);
}

void TimeRangeControl::shift(double spans)
{
    const auto resolved = dashboard::resolve(m_range, prom::now(), m_zone);
    if (!resolved)
        return;
    auto by = std::chrono::milliseconds(
        static_cast<qint64>(static_cast<double>(resolved->span().count()) * spans));
    by = std::min(by, std::max(prom::now() - resolved->end, std::chrono::milliseconds(0)));
    if (by != std::chrono::milliseconds(0))
        choose(dashboard::fixedRange(resolved->start + by, resolved->end + by));
}

void TimeRangeControl::moveBack()
{
    shift(-0.5);
}

void TimeRangeControl::moveForward()
{
    shift(0.5);
}

void TimeRangeControl::zoomOut()
{
    const auto resolved = dashboard::resolve(m_range, prom::now(), m_zone);
    if (!resolved)
        return;
    const auto end =
        std::min(resolved->end + resolved->span() / 2, std::max(prom::now(), resolved->end));
    // Nothing was measured before the epoch.
    choose(dashboard::fixedRange(std::max(end - resolved->span() * 2, prom::Timestamp()), end));
}

void TimeRangeControl::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        setIcons();
    QWidget::changeEvent(event);
}

void TimeRangeControl::setIcons()
{
    m_back->setIcon(lineIcon(u"chevron-left"_s, m_theme.secondary));
    m_forward->setIcon(lineIcon(u"chevron-right"_s, m_theme.secondary));
    m_zoomOut->setIcon(lineIcon(u"zoom-out"_s, m_theme.secondary));
}

void TimeRangeControl::updateText()
{
    const QString zone =
        m_zone == QTimeZone::utc() ? u"UTC"_s : m_zone.abbreviation(QDateTime::currentDateTime());
    m_text->setText(u"%1   %2 ▾"_s.arg(dashboard::rangeText(m_range, m_zone), zone));
}

} // namespace trendscope::ui
