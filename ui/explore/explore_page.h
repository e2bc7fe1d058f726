#pragma once

#include "core/dashboard/panel_feed.h"
#include "core/net/request.h"
#include "ui/theme/theme.h"

#include <QTimeZone>
#include <QWidget>

#include <memory>

class QLabel;
class QLineEdit;
class QStringListModel;
class QVBoxLayout;

namespace trendscope::prom {
class Client;
}

namespace trendscope::ui {

class PanelFrame;
class RefreshControl;
class TimeRangeControl;

/// The Explore page: any PromQL expression, drawn over any time range, with the values of each
/// series below it.
///
/// Metric names and earlier expressions are offered while a person types. Keys: `/` goes to the
/// expression, Enter runs it.
class ExplorePage final : public QWidget {
    Q_OBJECT

public:
    /// `client` and `theme` must outlive the page.
    ExplorePage(prom::Client &client, const Theme &theme, const QTimeZone &zone,
                QWidget *parent = nullptr);
    ~ExplorePage() override;

    void run(const QString &expr);
    PanelFrame *frame() const { return m_frame; } ///< null before the first expression was run

protected:
    void showEvent(QShowEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void setupBar(QVBoxLayout &layout);
    void setupCompleter();
    void loadNames();
    void refresh(bool isAutomatic);

    prom::Client &m_client;
    const Theme &m_theme;
    QTimeZone m_zone;
    QLineEdit *m_expr;
    QStringListModel *m_suggestions;
    TimeRangeControl *m_time;
    RefreshControl *m_refresh;
    QLabel *m_hint;
    QVBoxLayout *m_body;
    net::Request m_names;
    std::unique_ptr<dashboard::PanelFeed> m_feed;
    PanelFrame *m_frame = nullptr;
};

} // namespace trendscope::ui
