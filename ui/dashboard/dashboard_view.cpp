#include "ui/dashboard/dashboard_view.h"

#include "ui/dashboard/row_header.h"
#include "ui/panels/panel_frame.h"

#include <QDateTime>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;
using State = dashboard::PanelFeed::State;

constexpr int columns = 24;
constexpr int cellHeight = 30;
constexpr int gap = 8;

int rowTop(int row)
{
    return gap + row * (cellHeight + gap);
}

/// Edges are rounded one by one, so that neighbours stay exactly one gap apart at any width.
QRect cellRect(const dashboard::GridPos &pos, int width)
{
    const double column = (width - gap) / double(columns);
    const int left = gap + static_cast<int>(std::round(pos.x * column));
    const int right = static_cast<int>(std::round((pos.x + pos.w) * column));
    return {left, rowTop(pos.y), right - left, pos.h * (cellHeight + gap) - gap};
}

} // namespace

DashboardView::DashboardView(prom::Client &client, const dashboard::Dashboard &dashboard,
                             const Theme &theme, const QTimeZone &zone, QWidget *parent)
    : QScrollArea(parent)
    , m_client(client)
    , m_dashboard(dashboard)
    , m_theme(theme)
    , m_zone(zone)
{
    auto *canvas = new QWidget(this);
    canvas->setObjectName(u"canvas"_s);
    canvas->setAttribute(Qt::WA_StyledBackground);
    setWidget(canvas);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(u"Dashboard %1"_s.arg(dashboard.title));
    verticalScrollBar()->setSingleStep(cellHeight);
    setFocusPolicy(Qt::StrongFocus);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] {
        for (PanelFrame *frame : m_frames)
            frame->view().forgetPointer();
    });
    addPanels();
    layoutPanels();
}

DashboardView::~DashboardView()
{
    // Frames refer to feeds, so they go first.
    qDeleteAll(m_frames);
}

void DashboardView::addPanels()
{
    std::vector<dashboard::Panel> panels = m_dashboard.panels;
    std::ranges::stable_sort(
        panels, {}, [](const dashboard::Panel &p) { return std::pair(p.gridPos.y, p.gridPos.x); });
    m_sections.push_back({});
    for (const dashboard::Panel &panel : panels) {
        if (panel.type == "row"_L1)
            addRow(panel);
        else
            addPanel(panel);
    }
}

void DashboardView::addRow(const dashboard::Panel &row)
{
    const QString title =
        dashboard::interpolate(row.title, {m_dashboard.variables, {}}, dashboard::Syntax::Text);
    auto *header = new RowHeader(title, !row.isCollapsed, m_theme, widget());
    connect(header, &RowHeader::toggled, this, [this] {
        layoutPanels();
        for (PanelFrame *frame : m_frames) {
            if (frame->isVisible() && frame->feed().state() == State::Idle)
                refreshFrame(*frame, false);
        }
    });
    m_sections.push_back({header, row.gridPos.y + 1, {}});
    for (const dashboard::Panel &child : row.children)
        addPanel(child);
}

void DashboardView::addPanel(const dashboard::Panel &panel)
{
    const dashboard::Scope scope{m_dashboard.variables, {}};
    m_feeds.push_back(std::make_unique<dashboard::PanelFeed>(m_client, panel, scope));
    auto *frame = new PanelFrame(
        *m_feeds.back(), dashboard::interpolate(panel.title, scope, dashboard::Syntax::Text),
        m_theme, m_zone, widget());
    m_frames.push_back(frame);
    m_sections.back().frames.push_back(frame);
    connect(&frame->view(), &PanelView::crosshairMoved, this,
            [this, frame](auto time) { showCrosshair(frame, time); });
    connect(&frame->view(), &PanelView::rangeSelected, this, &DashboardView::rangeSelected);
    connect(&frame->view(), &PanelView::zoomOutRequested, this, &DashboardView::zoomOutRequested);
    connect(m_feeds.back().get(), &dashboard::PanelFeed::changed, this,
            &DashboardView::dataChanged);
}

void DashboardView::layoutPanels()
{
    const int width = viewport()->width();
    int top = 0;
    for (const Section &section : m_sections) {
        if (section.header)
            section.header->setGeometry(cellRect({0, top++, columns, 1}, width));
        const bool isShown = !section.header || section.header->isChecked();
        int bottom = top;
        for (PanelFrame *frame : section.frames) {
            dashboard::GridPos pos = frame->feed().panel().gridPos;
            pos.y = top + std::max(0, pos.y - section.savedTop);
            frame->setGeometry(cellRect(pos, width));
            frame->setVisible(isShown);
            bottom = std::max(bottom, pos.y + pos.h);
        }
        top = isShown ? bottom : top;
    }
    m_contentHeight = rowTop(top);
    widget()->resize(width, std::max(m_contentHeight, viewport()->height()));
}

void DashboardView::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    layoutPanels();
}

void DashboardView::refresh(const dashboard::AbsoluteRange &range, bool isAutomatic)
{
    m_range = range;
    for (PanelFrame *frame : m_frames) {
        if (!frame->isHidden())
            refreshFrame(*frame, isAutomatic);
    }
}

void DashboardView::refreshFrame(PanelFrame &frame, bool isAutomatic)
{
    if (!m_range)
        return;
    const auto start =
        QDateTime::fromMSecsSinceEpoch(m_range->start.time_since_epoch().count(), Qt::UTC);
    frame.feed().refresh(
        {*m_range, std::chrono::seconds(m_zone.offsetFromUtc(start)), frame.width(), isAutomatic});
}

PanelFrame *DashboardView::frame(const QString &title) const
{
    const auto it = std::ranges::find_if(m_frames, [&](PanelFrame *f) {
        return f->title().compare(title, Qt::CaseInsensitive) == 0;
    });
    return it == m_frames.end() ? nullptr : *it;
}

bool DashboardView::isSettled() const
{
    return std::ranges::none_of(
        m_frames, [](PanelFrame *f) { return !f->isHidden() && f->feed().isLoading(); });
}

std::optional<prom::Timestamp> DashboardView::oldestData() const
{
    std::optional<prom::Timestamp> oldest;
    for (const auto &feed : m_feeds) {
        if (feed->dataTime() && (!oldest || *feed->dataTime() < *oldest))
            oldest = feed->dataTime();
    }
    return oldest;
}

void DashboardView::showCrosshair(const PanelFrame *source, std::optional<std::int64_t> time)
{
    if (m_dashboard.crosshair == dashboard::Crosshair::Off)
        return;
    for (PanelFrame *frame : m_frames) {
        if (frame != source && frame->isVisible())
            frame->view().setCrosshair(time);
    }
}

} // namespace trendscope::ui
