#pragma once

#include "ui/logs/log_reader.h"

#include <QStringList>
#include <QTimeZone>
#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>

class QLabel;
class QStackedWidget;

namespace trendscope::ui {

struct Theme;
class FacetList;
class FilterEdit;
class HistogramView;
class LiveButton;
class LogList;
class LogModel;
class Notice;
class RecordDetail;
class StateNotice;

/// The Logs page: follows files, and streams of agents, and shows their records, filtered.
///
/// Keys: `/` goes to the filter, Esc clears it (in the list: closes the record), j, k and the
/// arrows move, End goes live.
class LogsView final : public QWidget {
    Q_OBJECT

public:
    /// `theme` must outlive the view.
    explicit LogsView(const Theme &theme, QWidget *parent = nullptr);
    ~LogsView() override;

    /// Follows these files, and http or https addresses of streams, instead of what was followed
    /// before; none: shows how to follow some.
    void follow(const QStringList &locations, const LogReader::Headers &headers = {});
    /// The zone that times are shown in; the system's unless told otherwise.
    void setTimeZone(const QTimeZone &zone);

    /// Over the last ten seconds, all files together.
    double recordsPerSecond() const { return m_counters.recordsPerSecond; }
    const LogSources &sources() const { return m_sources; }
    /// One line for each file that cannot be read or is not there, and each stream that fails.
    QStringList problems() const;

Q_SIGNALS:
    void rateChanged();
    void problemsChanged();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *createBar();
    QWidget *createBody();
    void connectParts();
    void consume();
    void refreshCounts();
    void refreshState();
    void showState();
    void takeFiles(const QList<LogFile> &files);
    bool isStale() const;
    QStringList warnings() const;
    void showRecord(int row);

    const Theme &m_theme;
    std::unique_ptr<LogModel> m_model;
    std::unique_ptr<LogReader> m_reader;
    LogSources m_sources;
    QList<LogFile> m_files;                  // that records come from
    std::optional<logs::Timestamp> m_latest; // of all records that came
    logs::Follower::Counters m_counters;
    QTimer m_refresh; // the counts are shown a few times a second, however fast records come

    QLabel *m_sourceCount = nullptr;
    LiveButton *m_live = nullptr;
    Notice *m_filterProblem = nullptr;
    Notice *m_fileProblems = nullptr;
    StateNotice *m_state = nullptr; // instead of a list that is empty
    QStackedWidget *m_stack = nullptr;
    FilterEdit *m_filter = nullptr;
    HistogramView *m_histogram = nullptr;
    LogList *m_list = nullptr;
    RecordDetail *m_detail = nullptr;
    FacetList *m_facets = nullptr;
};

} // namespace trendscope::ui
