#pragma once

#include "core/prom/series.h"
#include "ui/theme/theme.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace trendscope::ui {

/// One part of the status line.
struct StatusItem {
    enum class Health { None, Good, Bad, Unknown };

    Health health = Health::None; ///< drawn as a dot, and always said in words too
    QString name;
    QString text;
    QString tip; ///< the whole story, as plain text; may be empty
};

/// The line at the bottom that tells the truth: which servers answer, how old the data is, how fast
/// logs come.
class StatusLine final : public QWidget {
    Q_OBJECT

public:
    /// `items` is asked once a second and at refresh(): ages grow also when nothing happens.
    StatusLine(std::function<std::vector<StatusItem>()> items, const Theme &theme,
               QWidget *parent = nullptr);

    void refresh();
    QString text() const; ///< all items in words

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    std::function<std::vector<StatusItem>()> m_source;
    const Theme &m_theme;
    std::vector<StatusItem> m_items;
    std::vector<QRect> m_rects; ///< of the items, as painted last
    QTimer m_timer;
};

} // namespace trendscope::ui
