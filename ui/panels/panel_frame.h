#pragma once

#include "core/dashboard/panel_feed.h"
#include "ui/panels/panel_view.h"

#include <QTimer>
#include <QWidget>

namespace trendscope::ui {

/// A panel on a dashboard: its title, its view, and what state its data is in.
///
/// Empty, loading, stale and failed look different from each other and from fresh data, each with
/// words. Old data after a failure stays, faded, with the time it is from.
class PanelFrame final : public QWidget {
    Q_OBJECT

public:
    /// `feed` and `theme` must outlive the frame.
    PanelFrame(dashboard::PanelFeed &feed, const QString &title, const Theme &theme,
               const QTimeZone &zone, QWidget *parent = nullptr);

    PanelView &view() { return *m_view; }
    dashboard::PanelFeed &feed() { return m_feed; }
    const QString &title() const { return m_title; }

    /// The sentence that the state of the data deserves; empty for fresh data.
    QString stateText() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool event(QEvent *event) override;

private:
    enum class Message { None, Loading, Empty, Failed };

    void showFeed();
    Message message() const;
    bool isOld() const; ///< the data shown is not the newest that was asked for
    void paintTitle(QPainter &painter) const;
    void paintBadge(QPainter &painter, const QString &icon, const QColor &color,
                    const QString &text) const;
    void paintMessage(QPainter &painter, Message message) const;

    dashboard::PanelFeed &m_feed;
    QString m_title;
    const Theme &m_theme;
    QTimeZone m_zone;
    PanelView *m_view;
};

} // namespace trendscope::ui
