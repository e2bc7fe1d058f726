#pragma once

#include "core/alert/alert_model.h"
#include "core/alert/monitor.h"
#include "ui/theme/theme.h"

#include <QSortFilterProxyModel>
#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace trendscope::ui {

class AlertDetail;
class OutageStrip;
class StateNotice;

/// The page of all alerts: firing, pending, silenced; one of them in detail.
class AlertsView final : public QWidget {
    Q_OBJECT

public:
    /// Both must outlive the widget.
    AlertsView(alert::Monitor &monitor, const Theme &theme, QWidget *parent = nullptr);

    /// Selects the alert with these labels and clears the filter if that hides it; nothing where it
    /// is gone.
    void select(const prom::Labels &labels);

private:
    void setupBar(QVBoxLayout &column);
    void setupFilter(QVBoxLayout &column);
    void setupList(QVBoxLayout &column);
    void showWhatIsKnown();
    void showCounts();
    void showPage();
    void showNotice();
    void showDetail();

    alert::Monitor &m_monitor;
    const Theme &m_theme;
    alert::AlertModel m_model;
    QSortFilterProxyModel m_sorted;
    QLabel *m_counts = nullptr;
    QLabel *m_asOf = nullptr;
    QLineEdit *m_filter = nullptr;
    OutageStrip *m_outage = nullptr;
    QStackedWidget *m_pages = nullptr;
    StateNotice *m_notice = nullptr;
    QSplitter *m_split = nullptr;
    QListView *m_list = nullptr;
    AlertDetail *m_detail = nullptr;
    QTimer m_clock; ///< ages grow while the page is seen
};

} // namespace trendscope::ui
