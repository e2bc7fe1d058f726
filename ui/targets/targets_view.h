#pragma once

#include "core/prom/target_feed.h"
#include "core/prom/target_model.h"
#include "ui/theme/theme.h"

#include <QSortFilterProxyModel>
#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QStackedWidget;
class QTreeView;
class QVBoxLayout;

namespace trendscope::ui {

class OutageStrip;
class StateNotice;

/// The page of scrape targets: which answer Prometheus, which do not and why. It asks only while it
/// is seen.
class TargetsView final : public QWidget {
    Q_OBJECT

public:
    /// Both must outlive the widget.
    TargetsView(prom::TargetFeed &feed, const Theme &theme, QWidget *parent = nullptr);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void setupBar(QVBoxLayout &column);
    void setupTable(QVBoxLayout &column);
    void showWhatIsKnown();
    void showCounts();
    void showPage();
    void showNotice();

    prom::TargetFeed &m_feed;
    const Theme &m_theme;
    prom::TargetModel m_model;
    QSortFilterProxyModel m_sorted;
    QLabel *m_counts = nullptr;
    QLabel *m_asOf = nullptr;
    QLineEdit *m_filter = nullptr;
    OutageStrip *m_outage = nullptr;
    QStackedWidget *m_pages = nullptr;
    QTreeView *m_table = nullptr;
    StateNotice *m_notice = nullptr;
    QTimer m_clock; ///< ages grow while the page is seen
};

} // namespace trendscope::ui
