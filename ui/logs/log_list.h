#pragma once

#include <QTableView>

#include <optional>

class QPushButton;

namespace trendscope::ui {

struct Theme;
class LogDelegate;
class LogModel;

/// The list of records. Live, it stays at the newest; scrolling up or choosing a record pauses it,
/// and what is on the screen then stays where it is while records come and go.
///
/// Keys: j and k or the arrows, PageUp and PageDown move, Home goes to the oldest, End goes live.
class LogList final : public QTableView {
    Q_OBJECT

public:
    /// `model` must outlive the list.
    LogList(const Theme &theme, LogModel &model, QWidget *parent = nullptr);

    bool isLive() const { return m_isLive; }
    void setLive(bool live);
    /// Nothing newer comes: what is shown is faint.
    void setStale(bool isStale);
    /// Shows that row in the middle, chosen.
    void goTo(int row);

    /// Does nothing: letters are not searched for among 200,000 rows; the filter is for that.
    void keyboardSearch(const QString & /*text*/) override { }

Q_SIGNALS:
    void liveChanged(bool live);
    void recordChosen(int row);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void focusInEvent(QFocusEvent *event) override;

private:
    void setupLook();
    void setupScrolling();
    void hover(int row);
    int lastRowInSight() const;
    std::optional<int> rowFor(const QKeyEvent &event) const;
    void choose(int row);
    void shiftBy(int rows);
    void followScrollBar(int value);
    void noteInserted(int first, int last);
    void noteCame(int rows);
    void showSources();
    void noteRemoved(int first, int last);
    void stayAtEnd();
    void updateNewRecords();

    LogModel &m_model;
    LogDelegate *m_delegate;
    QPushButton *m_newRecords;
    int m_newCount = 0; // came since the list was paused
    int m_hoveredRow = -1;
    bool m_isLive = true;
    bool m_isAdjusting = false; // the scroll bar moves because of the rows, not because of the user
};

} // namespace trendscope::ui
